"""Papers as PDF: Typst templates from ``forms_templates/``, which know no language and do no arithmetic."""

import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import segno
import typst

FOLDER = Path(__file__).resolve().parent.parent.parent / "forms_templates"
# What the fonts of the papers can show (forms_templates/fonts/README.md); a missing letter would break the archive's standard.
NOT_IN_THE_FONTS = re.compile(
    "[^\n\u0020-\u007e\u00a0-\u017f\u018f\u0218-\u021b\u0259\u0400-\u045f\u2010-\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022"
    "\u2026\u202f\u2030\u2039\u203a\u20ac\u20ba\u20bc\u2116\u2122\u2212]"
)


def print_paper(template: str, data: Mapping[str, object], *, at: datetime) -> bytes:
    """
    The same data and time give the same bytes.

    :param template: name of a file in ``forms_templates/`` without its ending
    :param data: sentences and values as the reader sees them, in strings, lists and dictionaries; ``language`` among them
    :param at: the paper's own time, shown in its properties
    :returns: a PDF/A-2a that is PDF/UA-1 too: tagged, and with its fonts inside
    """
    return press(template).print(json.dumps(printable(data)), at=at)


class Press:
    """One template, compiled again and again: 2 ms a page, once it is warm."""

    def __init__(self, template: str) -> None:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER / "fonts")])
        self.compiler = typst.Compiler(str(FOLDER / f"{template}.typ"), root=str(FOLDER), font_paths=fonts, ignore_system_fonts=True)
        self.lock = threading.Lock()  # a compiler in use refuses every other thread

    def print(self, data: str, *, at: datetime) -> bytes:
        with self.lock:
            pdf = self.compiler.compile(
                format="pdf",
                sys_inputs={"data": data},
                pdf_standards=["a-2a", "ua-1"],  # for the archive, and for those who cannot see
                timestamp=at.astimezone(UTC).replace(microsecond=0),
            )
        assert isinstance(pdf, bytes)
        return pdf


@cache
def press(template: str) -> Press:
    return Press(template)


def printable(value: object) -> object:
    """Every text composed, without control characters and without letters that the fonts lack."""
    match value:
        case str():
            return NOT_IN_THE_FONTS.sub(_instead, unicodedata.normalize("NFC", value))
        case Mapping():
            return {key: printable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [printable(inner) for inner in value]
        case _:
            return value


def _instead(letter: re.Match[str]) -> str:
    """Invisible ones (direction marks, joiners) vanish; a letter that cannot be shown leaves a mark."""
    if letter[0].isspace():
        return " "
    return "" if unicodedata.category(letter[0])[0] in "CM" else "?"


def qr(content: str, *, error: str = "m") -> str:
    """
    As SVG text, without a border: the templates leave white around it.

    :param error: ``q`` for what is photographed later: a quarter of it may be unreadable; more if it costs no room
    """
    image = BytesIO()
    segno.make(content, error=error, micro=False).save(image, kind="svg", border=0, omitsize=True, xmldecl=False)
    return image.getvalue().decode()

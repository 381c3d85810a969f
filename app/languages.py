"""
Sentences in the reader's language. The source is English; ``app/translations/<language>.po`` holds the others
and is read at start, so that there is nothing to compile and nothing to go stale.

Pages, papers, SMS and mails translate through here: the worker has no request.
"""

from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import dates
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "translations"
SOURCE = "en"
DEFAULT = "tr"
NAMES = {"tr": "Türkçe", "en": "English", "az": "Azərbaycanca", "hu": "Magyar", "es": "Español", "eu": "Euskara"}


@cache
def catalog(language: str) -> NullTranslations:
    file = FOLDER / f"{language}.po"
    if language == SOURCE or not file.exists():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language, charset="utf-8"))
    compiled.seek(0)
    return Translations(compiled)


def translate(sentence: str, language: str) -> str:
    return str(catalog(language).ugettext(sentence)) if sentence else ""


def say(sentence: str, language: str, /, **facts: object) -> str:
    """A sentence with its facts filled in."""
    return translate(sentence, language).format_map(facts)


def day(on: date, language: str) -> str:
    """``23 Kas 2026``"""
    return dates.format_date(on, "d MMM y", locale=language)


def supported(language: str) -> str:
    """The language itself, or English for one whose sentences are not there yet."""
    return language if language in NAMES else SOURCE

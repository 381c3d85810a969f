"""
The term base: what carriers print on bills, in six languages. One row of ``terms.csv`` is one thing; a text that stands in no
row, a tariff's name for instance, stays as its carrier wrote it.

A ``{}`` in a row is a place for what changes, a bill's number or a plan's name: the rest has to match letter by letter, and what
stands in the place is looked up itself. ``section`` says where on a bill the term stands; ``unit …`` are units, by the machine's
word.
"""

import csv
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("terms.csv")
LANGUAGES = ("tr", "en", "az", "hu", "es", "eu")
HOLE = "{}"

Row = dict[str, str]


def in_language(text: str, *, of: str, to: str) -> str:
    """
    :param of: the language it is written in, one of :data:`LANGUAGES`
    :param to: the reader's language
    """
    if of == to or not text:
        return text
    found = find(text, of)
    if found is None or to not in found[0]:
        return text
    row, fillings = found
    own = plain_rows(of)
    return filled(row[to], [own[filling][to] if filling in own else filling for filling in fillings])


def is_known(text: str, *, of: str) -> bool:
    """Whether every language has it."""
    found = find(text, of)
    return found is not None and all(found[0].get(language) for language in LANGUAGES)


def unit(word: str, language: str) -> str:
    """``dk``, ``min``, ``perc`` for ``minute``; an unknown word stays."""
    return units().get(word, {}).get(language) or word


def find(text: str, language: str) -> tuple[Row, Sequence[str]] | None:
    """The row, and what stands in its places; a row without places comes first, then the one with the longest own text."""
    if row := plain_rows(language).get(text):
        return row, ()
    for shape, row in shaped_rows(language):
        if match := shape.fullmatch(text):
            return row, match.groups()
    return None


def filled(pattern: str, fillings: Sequence[str]) -> str:
    """In order; never ``format``: a carrier may print braces."""
    first, *rest = pattern.split(HOLE)
    return first + "".join(filling + piece for filling, piece in zip(fillings, rest, strict=True))


@cache
def all_rows() -> tuple[Row, ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def units() -> dict[str, Row]:
    return {row["section"].removeprefix("unit "): row for row in all_rows() if row["section"].startswith("unit ")}


@cache
def plain_rows(language: str) -> dict[str, Row]:
    """The text in that language -> its row; of two rows with one text the first."""
    rows: dict[str, Row] = {}
    for row in all_rows():
        if row[language] and HOLE not in row[language] and not row["section"].startswith("unit "):
            rows.setdefault(row[language], row)
    return rows


@cache
def shaped_rows(language: str) -> list[tuple[re.Pattern[str], Row]]:
    rows = [row for row in all_rows() if HOLE in row[language]]
    rows.sort(key=lambda row: -len(row[language].replace(HOLE, "")))
    return [(re.compile("(.+)".join(map(re.escape, row[language].split(HOLE)))), row) for row in rows]

"""
The term base: what carriers print on bills, in six languages. One row of ``terms.csv`` is one thing; a text that stands in no
row, a tariff's name for instance, stays as its carrier wrote it.
"""

import csv
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("terms.csv")
LANGUAGES = ("tr", "en", "az", "hu", "es", "eu")


def in_language(text: str, *, of: str, to: str) -> str:
    """
    :param of: the language it is written in, one of :data:`LANGUAGES`
    :param to: the reader's language
    """
    if of == to:
        return text
    row = rows_of(of).get(text)
    return row[to] if row and to in row else text


@cache
def rows_of(language: str) -> dict[str, dict[str, str]]:
    """The text in that language -> its row."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row[language]: row for row in csv.DictReader(file) if row.get(language)}

"""Text as people search and compare it: one rule everywhere, in every language."""

import re
import unicodedata

_ONE_I = str.maketrans({"İ": "i", "I": "i", "ı": "i", "ə": "e", "Ə": "e"})


def search_key(text: str) -> str:
    """
    Folded for searching: no case, no accents, dotted and dotless i are one, single spaces.

    ``İSTANBUL``, ``istanbul``, ``ISTANBUL`` and ``ıstanbul`` are the same key. Computed here and stored,
    because databases fold Turkish letters in different ways.
    """
    if text.isascii():  # nothing to take apart: most of what banks write
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text.translate(_ONE_I)).casefold()
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


LINK = re.compile(r"\S*(?::/|www\.|@|\.[^\W\d])\S*")


def without_links(text: str) -> str:
    """Of a stranger, in what we send: whatever a mail program would make something to click of is left out."""
    return " ".join(LINK.sub(" ", text).split())


def one_line(text: str, *, longest: int = 200) -> str:
    """Without control characters and line breaks, trimmed: safe in headers, file names and lists."""
    return " ".join("".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in text).split())[:longest]

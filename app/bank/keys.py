"""By what bookings are compared, so that one booking is the same in every format."""

import hashlib
import re
from datetime import date

from app.text import search_key

CUT_REFERENCE = 16  # MT940 has no room for more

# Letters that do not fall apart into a plain one and a mark, and signs: as banks write them in SWIFT's small alphabet.
_PLAIN = str.maketrans({"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "æ": "ae", "Æ": "ae", "₺": "tl", "₼": "azn", "€": "e"})

# The same rules for plain texts, which most are: one table instead of four steps.
_ASCII = [chr(number) for number in range(128)]
_TEXT_KEY = str.maketrans({letter: letter.lower() if letter.isalnum() else None for letter in _ASCII})
_REFERENCE_KEY = str.maketrans({letter: letter.upper() if letter.isalnum() else "-" for letter in _ASCII})


def text_key(text: str) -> str:
    """Only plain letters and digits: what is left of ``Şəhla*0532`` and ``Sehla.0532`` is the same."""
    if text.isascii():
        return text.translate(_TEXT_KEY)
    return re.sub(r"[^0-9a-z]", "", search_key(text.translate(_PLAIN)))


def reference_key(reference: str) -> str:
    """As long as the reference itself, so that one can be seen to be cut."""
    if reference.isascii():
        return reference.translate(_REFERENCE_KEY)
    return re.sub(r"[^0-9A-Z]", "-", reference.upper())


def same_reference(one: str, other: str) -> bool:
    """Of two keys; MT940 cuts what is longer than its field."""
    shorter, longer = sorted((one, other), key=len)
    return bool(shorter) and (shorter == longer or (len(shorter) >= CUT_REFERENCE and longer.startswith(shorter)))


def compatible(one: str, other: str) -> bool:
    """Of two text keys of different formats, which cut the text or put a frame around it."""
    return one in other or other in one


def fingerprint(*, day: date, side: str, amount: int, currency: str, reference: str, text: str) -> bytes:
    """E13: twins have the same one and are counted. ``reference`` and ``text`` are keys."""
    return hashlib.sha256("\x1f".join((day.isoformat(), side, str(amount), currency, reference, text)).encode()).digest()[:16]

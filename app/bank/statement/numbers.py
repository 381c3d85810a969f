"""Amounts and dates as bank files write them: read exactly, or not at all."""

import calendar
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache

from app.errors import N_
from app.remarks import Remark

NO_NUMBER = N_("Line {line}: the amount “{text}” is no number.")
TOO_FINE = N_("Line {line}: the amount “{text}” has more than two decimals.")
TOO_LARGE = N_("Line {line}: the amount “{text}” is larger than any account.")
AMBIGUOUS = N_("Line {line}: the amount “{text}” can be read in two ways.")
NO_DATE = N_("Line {line}: “{text}” is no date.")

LONGEST = 14  # digits of an amount in hundredths
_XML = re.compile(r"[0-9]+(?:\.([0-9]*))?|\.([0-9]+)")
_SWIFT = re.compile(r"([0-9]+)(?:([.,])([0-9]*))?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*")


class Bad(Exception):
    """What cannot be read. Whoever knows the line adds it: see :func:`at_line`."""

    def __init__(self, say: str, **facts: object) -> None:
        self.say, self.facts = say, facts
        super().__init__(say)

    @property
    def why(self) -> Remark:
        """For whoever looks at the quarantine."""
        return Remark.of(self.say, **self.facts)

    def at(self, line: int) -> "Bad":
        self.facts.setdefault("line", line)
        return self


@contextmanager
def at_line(line: int) -> Iterator[None]:
    try:
        yield
    except Bad as bad:
        bad.at(line)
        raise


@contextmanager
def noting(troubles: list[Remark]) -> Iterator[None]:
    """What is bad is written down; what comes after it is read all the same."""
    try:
        yield
    except Bad as bad:
        troubles.append(bad.why)


def xml_amount(text: str) -> int:
    """``8.850`` is 885 hundredths; never a sign, an exponent or a comma."""
    text = text.strip(" \t\r\n")
    if text[-3:-2] == "." and len(text) <= LONGEST and (digits := text[:-3] + text[-2:]).isdigit() and text.isascii():
        return int(digits)  # nearly all of them
    if not text.isascii() or not _XML.fullmatch(text):
        raise Bad(NO_NUMBER, text=text[:40])
    whole, _, decimals = text.partition(".")
    return hundredths(text, whole, decimals)


def swift_amount(text: str) -> int:
    """
    ``672,`` or ``500,01``; banks also write ``500.01`` and ``1.234,56``.

    A point with three digits behind it may be a decimal or a thousand: nobody guesses.
    """
    if text[-3:-2] == "," and len(text) <= LONGEST and (digits := text[:-3] + text[-2:]).isdigit() and len(digits) > 2 and text.isascii():
        return int(digits)  # nearly all of them
    if not text.isascii():
        raise Bad(NO_NUMBER, text=text[:40])
    if _GROUPED.fullmatch(text):
        mark = max(text.rfind("."), text.rfind(","))
        return hundredths(text, re.sub("[.,]", "", text[:mark]), text[mark + 1 :])
    match = _SWIFT.fullmatch(text)
    if not match:
        raise Bad(NO_NUMBER, text=text[:40])
    whole, mark_used, decimals = match.groups()
    if mark_used == "." and len(decimals) == 3:
        raise Bad(AMBIGUOUS, text=text[:40])
    return hundredths(text, whole, decimals or "")


def hundredths(text: str, whole: str, decimals: str) -> int:
    decimals = decimals.rstrip("0").ljust(2, "0")
    if len(decimals) > 2:
        raise Bad(TOO_FINE, text=text[:40])
    digits = (whole + decimals).lstrip("0") or "0"
    if len(digits) > LONGEST:
        raise Bad(TOO_LARGE, text=text[:40])
    return int(digits)


def possible_date(year: int, month: int, day: int, *, text: str) -> tuple[date, Remark | None]:
    """Banks that count thirty days a month write 30 February: it is read as the month's last day, with a note."""
    if not 1 <= month <= 12 or not 1 <= day <= 31 or not 1900 <= year <= 2999:
        raise Bad(NO_DATE, text=text[:40])
    last = calendar.monthrange(year, month)[1]
    if day <= last:
        return date(year, month, day), None
    read = date(year, month, last)
    return read, Remark.of(N_("There is no day {text}; it is read as {read}."), text=text, read=read)


@lru_cache(4096)
def swift_date(text: str) -> tuple[date, Remark | None]:
    """``YYMMDD``; years from 80 on are of the last century, as SWIFT says."""
    year = int(text[:2])
    return possible_date(year + (1900 if year >= 80 else 2000), int(text[2:4]), int(text[4:6]), text=text)


@lru_cache(4096)
def xml_date(text: str) -> tuple[date, Remark | None]:
    """The day of ``2026-11-22`` or ``2026-11-22T10:15:00+03:00``, as written."""
    match = re.match(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])", text.strip())
    if not match:
        raise Bad(NO_DATE, text=text.strip()[:40])
    return possible_date(int(match[1]), int(match[2]), int(match[3]), text=match[0])

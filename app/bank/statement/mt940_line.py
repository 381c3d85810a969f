"""One booking of MT940 or MT942: field 61 and what belongs to it."""

import re
from datetime import date
from functools import lru_cache

from app.bank.statement.details import Details, read_details, read_named_lines
from app.bank.statement.numbers import Bad, possible_date, swift_amount, swift_date
from app.bank.statement.source import Source, place
from app.bank.statement.statement import LONGEST_TEXT, Booking, Side, Status, shared
from app.bank.statement.swift import Field
from app.errors import N_
from app.remarks import Remark

NO_LINE = N_("Line {line}: “{text}” is no booking.")
SIGNED_TWICE = N_("Line {line}: the amount in “{text}” carries a sign of its own.")

LINE = re.compile(  # value date, entry date, mark, sign, amount, what is behind the kind of booking
    r"([0-9]{6})([0-9]{4})?(R[CD]|E[CD]|C|D)[A-Z]?\s*(-)?([0-9][0-9.,]*)\s*(?:[NSF][A-Z0-9 ]{3})?(.*)"
)
DIGIT = re.compile("[0-9]")
LONGEST_REFERENCE = 16

# RC takes a credit back: money out. RD takes a debit back: money in. EC and ED are only expected.
MARKS = {
    "C": (Side.CREDIT, False, Status.BOOKED),
    "D": (Side.DEBIT, False, Status.BOOKED),
    "RC": (Side.DEBIT, True, Status.BOOKED),
    "RD": (Side.CREDIT, True, Status.BOOKED),
    "EC": (Side.CREDIT, False, Status.PENDING),
    "ED": (Side.DEBIT, False, Status.PENDING),
}


def read_booking(entry: list[Field], *, source: Source, currency: str) -> Booking:
    """
    :param entry: field 61, and the fields 86 or NS behind it
    :raises Bad: …
    """
    head = entry[0]
    match = LINE.fullmatch(head.text)
    if not match:
        raise Bad(NO_LINE, text=head.text[:60])
    value, written_day, mark, sign, written_amount, rest = match.groups()
    if sign:
        raise Bad(SIGNED_TWICE, text=head.text[:60])
    amount = swift_amount(written_amount)
    side, reversal, status = MARKS[mark]
    day, value_date, notes = days(value, written_day)
    supplement = "".join([line.strip() for line in head.lines[1:]]) if len(head.lines) > 1 else ""
    own, reference = references(rest, supplement)
    details = details_of(entry, supplement)
    text = details.text[:LONGEST_TEXT]
    return Booking(
        head.line,
        side,
        amount,
        currency,
        day,
        value_date,
        text,
        reference,
        shared(details.name[:200]),
        details.iban[:60],
        bool(written_day),
        None,
        reversal,
        status,
        (own,) if own else (),
        notes,
        None,
        (),
        source,
        place(head.start, entry[-1].stop),
    )


@lru_cache(4096)
def days(value: str, entry: str | None) -> tuple[date, date, tuple[Remark, ...]]:
    """Of the booking and its value, with notes about them."""
    value_date, value_note = swift_date(value)
    day, day_note = entry_date(entry, value_date) if entry else (value_date, None)
    return day, value_date, tuple(note for note in (value_note, day_note) if note)


def entry_date(text: str, value_date: date) -> tuple[date, Remark | None]:
    """``MMDD`` without a year: the one that is nearest to the value date."""
    days = [possible_date(year, int(text[:2]), int(text[2:]), text=text) for year in range(value_date.year - 1, value_date.year + 2)]
    return min(days, key=lambda found: abs(found[0] - value_date))


def references(rest: str, supplement: str) -> tuple[str, str]:
    """The customer's and the bank's own. One that was cut at 16 characters stands whole in the supplement."""
    own, _, bank = rest.partition("//")
    if supplement and len(bank.strip()) >= LONGEST_REFERENCE and (whole := supplement.lstrip("/")).startswith(bank.strip()):
        bank = whole
    return named(own), named(bank)


def named(text: str) -> str:
    """``NONREF`` and other words without a digit name nothing."""
    return "" if text.isalpha() or not DIGIT.search(text) else text.strip()


def details_of(entry: list[Field], supplement: str) -> Details:
    if len(entry) == 2 and entry[1].tag == "86":
        return read_details(entry[1].lines)
    for tag, read in (("86", read_details), ("NS", read_named_lines)):
        lines = [line for part in entry[1:] if part.tag == tag for line in part.lines]
        if lines:
            return read(lines)
    return Details(supplement)

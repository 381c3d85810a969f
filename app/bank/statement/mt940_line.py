"""One booking of MT940 or MT942: field 61 and what belongs to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from app.bank.statement.details import Details, read_details, read_named_lines
from app.bank.statement.numbers import Bad, possible_date, swift_amount, swift_date
from app.bank.statement.statement import LONGEST_RAW, LONGEST_TEXT, Booking, Detail, Side, Status
from app.bank.statement.swift import Field, Message
from app.errors import N_
from app.remarks import Remark

NO_LINE = N_("Line {line}: “{text}” is no booking.")
SIGNED_TWICE = N_("Line {line}: the amount in “{text}” carries a sign of its own.")

LINE = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?(?P<mark>R[CD]|E[CD]|C|D)[A-Z]?\s*(?P<sign>-)?(?P<amount>[0-9][0-9.,]*)(?P<rest>.*)"
)
KIND = re.compile(r"^\s*([NSF][A-Z0-9 ]{3})?")
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


@dataclass(slots=True)
class Entry:
    """Field 61 and the fields 86 or NS behind it."""

    head: Field
    details: list[Field] = field(default_factory=list)


def entries(message: Message) -> Iterator[Entry]:
    current: Entry | None = None
    for part in message.fields:
        if part.tag == "61":
            if current:
                yield current
            current = Entry(part)
        elif part.tag in ("86", "NS") and current:
            current.details.append(part)
        elif current:
            yield current
            current = None
    if current:
        yield current


def read_booking(entry: Entry, *, currency: str) -> Booking:
    """:raises Bad: …"""
    match = LINE.fullmatch(entry.head.text)
    if not match:
        raise Bad(NO_LINE, text=entry.head.text[:60])
    if match["sign"]:
        raise Bad(SIGNED_TWICE, text=entry.head.text[:60])
    amount = swift_amount(match["amount"])
    side, reversal, status = MARKS[match["mark"]]
    value_date, value_note = swift_date(match["value"])
    day, day_note = entry_date(match["entry"], value_date) if match["entry"] else (value_date, None)
    supplement = "".join(line.strip() for line in entry.head.lines[1:])
    own, reference = references(match["rest"], supplement)
    details = details_of(entry, supplement)
    text = details.text[:LONGEST_TEXT]
    return Booking(
        line=entry.head.line,
        side=side,
        amount=amount,
        currency=currency,
        day=day,
        day_is_sure=bool(match["entry"]),
        value_date=value_date,
        reversal=reversal,
        status=status,
        reference=reference,
        hints=tuple(filter(None, (own,))),
        text=text,
        details=(Detail(amount=amount, text=text, sender_name=details.name[:200], sender_iban=details.iban[:60], reference=reference),),
        notes=tuple(note for note in (value_note, day_note) if note),
        raw=raw(entry),
    )


@lru_cache(4096)
def entry_date(text: str, value_date: date) -> tuple[date, Remark | None]:
    """``MMDD`` without a year: the one that is nearest to the value date."""
    days = [possible_date(year, int(text[:2]), int(text[2:]), text=text) for year in range(value_date.year - 1, value_date.year + 2)]
    return min(days, key=lambda found: abs(found[0] - value_date))


def references(rest: str, supplement: str) -> tuple[str, str]:
    """The customer's and the bank's own. One that was cut at 16 characters stands whole in the supplement."""
    own, _, bank = KIND.sub("", rest, count=1).partition("//")
    whole = supplement.lstrip("/")
    return named(own), named(whole if len(bank.strip()) >= LONGEST_REFERENCE and whole.startswith(bank.strip()) else bank)


def named(text: str) -> str:
    """``NONREF`` and other words without a digit name nothing."""
    return text.strip() if re.search("[0-9]", text) else ""


def details_of(entry: Entry, supplement: str) -> Details:
    for tag, read in (("86", read_details), ("NS", read_named_lines)):
        lines = [line for part in entry.details if part.tag == tag for line in part.lines]
        if lines:
            return read(lines)
    return Details(supplement)


def raw(entry: Entry) -> str:
    return "\n".join(f":{part.tag}:" + "\n".join(part.lines) for part in (entry.head, *entry.details))[:LONGEST_RAW]

"""MT940 (a day with its balances) and MT942 (what was booked since)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.bank.statement.mt940_line import read_booking
from app.bank.statement.numbers import Bad, at_line, noting, swift_amount, swift_date
from app.bank.statement.source import Source
from app.bank.statement.statement import Booking, Side, Statement, account_name, prove, shown
from app.bank.statement.swift import Field, fields
from app.errors import N_
from app.remarks import Remark

NO_ACCOUNT = N_("Line {line}: the statement names no account.")
NO_BALANCE = N_("Line {line}: “{text}” is no balance.")
CUT_OFF = N_("Line {line}: the statement that begins here has no opening or no closing balance; it was cut off.")
NO_END = N_("Line {line}: the statement that begins here has neither totals nor an end; it may have been cut off.")
TWO_CURRENCIES = N_("Line {line}: the statement opens in {opening} and closes in {closing}.")
OTHER_TOTAL = N_("Line {line}: the file says {count} bookings of {sum}, but it holds {found} of {found_sum}.")

BALANCE = re.compile(r"(?P<mark>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})(?P<amount>[0-9.,]+)")
TOTAL = re.compile(r"(?P<count>[0-9]{1,6})(?P<currency>[A-Z]{3})(?P<sum>[0-9.,]+)")
CURRENCY = re.compile(r"(?:[CD][0-9]{6}|[0-9]{1,6})?([A-Z]{3})(?=[CD]?[0-9])")
INTRADAY, OPENING, CLOSING = ("34F", "13D", "13", "90C", "90D"), ("60F", "60M"), ("62F", "62M")
CURRENCIES, DETAILS = (*OPENING, *CLOSING, "34F", "90C", "90D"), ("86", "NS")
END = 1000  # bytes, in which a file ends with its dash and blanks


@dataclass(frozen=True, slots=True)
class Balance:
    amount: int
    currency: str
    day: date
    note: Remark | None


@dataclass(slots=True)
class Message:
    """
    :ivar header: its block headers, which name the kind of message
    :ivar line: where it begins; 0 while it has no field
    :ivar fields: all but those of its bookings, which are read at once
    :ivar unread: how many bookings could not be
    :ivar ended: more stands behind it, or the dash that ends it
    """

    header: str = ""
    line: int = 0
    currency: str = ""
    fields: list[Field] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    troubles: list[Remark] = field(default_factory=list)
    unread: int = 0
    ended: bool = True

    def all(self, *tags: str) -> list[Field]:
        return [part for part in self.fields if part.tag in tags]


def read_mt940(source: Source) -> list[Statement]:
    """What is wrong with a message stays its own trouble: its neighbours in the file are read all the same."""
    found = list(messages(source))
    if found:
        found[-1].ended = source.raw[-END:].rstrip().endswith((b"-", b"-}"))  # all of it would be a second copy of a large file
    return [statement_of(message) for message in found]


def messages(source: Source) -> Iterator[Message]:
    """A field that stands outside any message begins one of its own: nothing is skipped silently."""
    message, entry = Message(), list[Field]()
    for part in fields(source):
        if entry and part.tag in DETAILS:
            entry.append(part)
            continue
        if entry:
            add_booking(message, entry, source)
        if part.tag == "61":
            entry = [part]
        else:
            entry = []
            if part.header is not None:
                if message.line:
                    yield message
                message = Message(part.header)
            message.fields.append(part)
            message.currency = message.currency or currency_in(part)
        message.line = message.line or part.line
    if entry:
        add_booking(message, entry, source)
    if message.line:
        yield message


def add_booking(message: Message, entry: list[Field], source: Source) -> None:
    try:
        message.bookings.append(read_booking(entry, source=source, currency=message.currency))
    except Bad as bad:
        message.unread += 1
        message.troubles.append(bad.at(entry[0].line).why)


def currency_in(part: Field) -> str:
    """An MT940 names its currency in its balances, an MT942 in its floor limit and totals."""
    if part.tag in CURRENCIES and (match := CURRENCY.match(part.text)):
        return match[1]
    return ""


def statement_of(message: Message) -> Statement:
    bookings, troubles, currency = message.bookings, message.troubles, message.currency
    for booking in bookings:
        if booking.currency == currency:
            break  # those before it were read when no field had named it yet
        booking.currency = currency
    balances = read_balances(message, troubles)
    days = [booking.day for booking in bookings] + [balance.day for balance in balances[-1:]]
    number, page = numbers(message)
    closing = message.all(*CLOSING)
    return prove(
        Statement(
            format="mt942" if is_intraday(message) else "mt940",
            account=account_of(message, troubles),
            line=closing[-1].line if closing else message.line,
            currency=currency,
            number=number,
            page=page,
            first_day=min(days, default=None),
            last_day=max(days, default=None),
            opening=balances[0].amount if balances else None,
            closing=balances[1].amount if balances else None,
            bookings=tuple(bookings),
            notes=(*(note for booking in bookings for note in booking.notes), *(balance.note for balance in balances if balance.note)),
            trouble=troubles[0] if troubles else None,
            whole=not message.unread and (is_intraday(message) or bool(closing)),
        )
    )


def is_intraday(message: Message) -> bool:
    if message.all(*OPENING, *CLOSING):
        return False
    return "942" in message.header or bool(message.all(*INTRADAY))


def account_of(message: Message, troubles: list[Remark]) -> str:
    """Some banks write the currency behind the number: ``1017.490.554EUR``."""
    currency = message.currency
    for part in message.all("25", "25P"):
        if name := account_name(part.text):
            return name.removesuffix(currency) if currency and len(name) > len(currency) + 5 else name
    troubles.append(Remark.of(NO_ACCOUNT, line=message.line))
    return ""


def numbers(message: Message) -> tuple[int | None, int | None]:
    """``:28C:00147/001``: statement and page."""
    for part in message.all("28", "28C"):
        found = [int(digits[:9]) for digits in re.findall(r"[0-9]+", part.text)]
        return (found[0] if found else None, found[1] if len(found) > 1 else None)
    return None, None


def read_balances(message: Message, troubles: list[Remark]) -> tuple[Balance, Balance] | tuple[()]:
    """Opening and closing; an MT942 has totals instead."""
    with noting(troubles):
        if is_intraday(message):
            check_totals(message, message.bookings)
            if not message.ended and not message.all("90C", "90D"):
                raise Bad(NO_END, line=message.line)
            return ()
        opening, closing = message.all(*OPENING), message.all(*CLOSING)
        if not opening or not closing:
            raise Bad(CUT_OFF, line=message.line)
        balances = read_balance(opening[0]), read_balance(closing[-1])
        if balances[0].currency != balances[1].currency:
            raise Bad(TWO_CURRENCIES, line=closing[-1].line, opening=balances[0].currency, closing=balances[1].currency)
        return balances
    return ()


def read_balance(part: Field) -> Balance:
    with at_line(part.line):
        match = BALANCE.fullmatch(part.text)
        if not match:
            raise Bad(NO_BALANCE, text=part.text[:60])
        amount, (day, note) = swift_amount(match["amount"]), swift_date(match["day"])
        return Balance(amount if match["mark"] == "C" else -amount, match["currency"], day, note)


def check_totals(message: Message, bookings: Sequence[Booking]) -> None:
    for part, side in [(part, Side.CREDIT) for part in message.all("90C")] + [(part, Side.DEBIT) for part in message.all("90D")]:
        with at_line(part.line):
            match = TOTAL.fullmatch(part.text)
            if not match:
                raise Bad(NO_BALANCE, text=part.text[:60])
            amounts, said = [booking.amount for booking in bookings if booking.side is side], swift_amount(match["sum"])
            if len(amounts) != int(match["count"]) or sum(amounts) != said:
                raise Bad(OTHER_TOTAL, count=int(match["count"]), sum=shown(said), found=len(amounts), found_sum=shown(sum(amounts)))

"""MT940 (a day with its balances) and MT942 (what was booked since)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.bank.statement.mt940_line import entries, read_booking
from app.bank.statement.numbers import Bad, at_line, noting, swift_amount, swift_date
from app.bank.statement.statement import Booking, Side, Statement, account_name, prove, shown
from app.bank.statement.swift import Field, Message, messages
from app.errors import N_
from app.remarks import Remark

NO_ACCOUNT = N_("Line {line}: the statement names no account.")
NO_BALANCE = N_("Line {line}: “{text}” is no balance.")
CUT_OFF = N_("Line {line}: the statement that begins here has no opening or no closing balance; it was cut off.")
TWO_CURRENCIES = N_("Line {line}: the statement opens in {opening} and closes in {closing}.")
OTHER_TOTAL = N_("Line {line}: the file says {count} bookings of {sum}, but it holds {found} of {found_sum}.")

BALANCE = re.compile(r"(?P<mark>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})(?P<amount>[0-9.,]+)")
TOTAL = re.compile(r"(?P<count>[0-9]{1,6})(?P<currency>[A-Z]{3})(?P<sum>[0-9.,]+)")
CURRENCY = re.compile(r"(?:[CD][0-9]{6}|[0-9]{1,6})?([A-Z]{3})(?=[CD]?[0-9])")
INTRADAY, OPENING, CLOSING = ("34F", "13D", "13", "90C", "90D"), ("60F", "60M"), ("62F", "62M")


@dataclass(frozen=True, slots=True)
class Balance:
    amount: int
    currency: str
    day: date
    note: Remark | None


def read_mt940(text: str) -> list[Statement]:
    return [read_message(message) for message in messages(text)]


def read_message(message: Message) -> Statement:
    """What is wrong with it stays its own trouble: its neighbours in the file are read all the same."""
    currency, troubles = currency_of(message), list[Remark]()
    bookings = read_bookings(message, currency, troubles)
    balances = read_balances(message, bookings, troubles)
    days = [booking.day for booking in bookings] + [balance.day for balance in balances[-1:]]
    number, page = numbers(message)
    return prove(
        Statement(
            format="mt942" if is_intraday(message) else "mt940",
            account=account_of(message, currency, troubles),
            line=(message.all(*CLOSING)[-1:] or message.fields)[0].line,
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
            whole=len(bookings) == len(message.all("61")) and (is_intraday(message) or bool(message.all(*CLOSING))),
        )
    )


def is_intraday(message: Message) -> bool:
    if message.all(*OPENING, *CLOSING):
        return False
    return "942" in message.header or bool(message.all(*INTRADAY))


def currency_of(message: Message) -> str:
    """An MT940 names its currency in its balances, an MT942 in its floor limit and totals."""
    for field in message.all(*OPENING, *CLOSING, "34F", "90C", "90D"):
        if match := CURRENCY.match(field.text):
            return match[1]
    return ""


def account_of(message: Message, currency: str, troubles: list[Remark]) -> str:
    """Some banks write the currency behind the number: ``1017.490.554EUR``."""
    for field in message.all("25", "25P"):
        if name := account_name(field.text):
            return name.removesuffix(currency) if currency and len(name) > len(currency) + 5 else name
    troubles.append(Remark.of(NO_ACCOUNT, line=message.fields[0].line))
    return ""


def numbers(message: Message) -> tuple[int | None, int | None]:
    """``:28C:00147/001``: statement and page."""
    for field in message.all("28", "28C"):
        found = [int(digits[:9]) for digits in re.findall(r"[0-9]+", field.text)]
        return (found[0] if found else None, found[1] if len(found) > 1 else None)
    return None, None


def read_bookings(message: Message, currency: str, troubles: list[Remark]) -> list[Booking]:
    bookings = []
    for entry in entries(message):
        with noting(troubles), at_line(entry.head.line):
            bookings.append(read_booking(entry, currency=currency))
    return bookings


def read_balances(message: Message, bookings: Sequence[Booking], troubles: list[Remark]) -> tuple[Balance, Balance] | tuple[()]:
    """Opening and closing; an MT942 has totals instead."""
    with noting(troubles):
        if is_intraday(message):
            check_totals(message, bookings)
            return ()
        opening, closing = message.all(*OPENING), message.all(*CLOSING)
        if not opening or not closing:
            raise Bad(CUT_OFF, line=message.fields[0].line)
        balances = read_balance(opening[0]), read_balance(closing[-1])
        if balances[0].currency != balances[1].currency:
            raise Bad(TWO_CURRENCIES, line=closing[-1].line, opening=balances[0].currency, closing=balances[1].currency)
        return balances
    return ()


def read_balance(field: Field) -> Balance:
    with at_line(field.line):
        match = BALANCE.fullmatch(field.text)
        if not match:
            raise Bad(NO_BALANCE, text=field.text[:60])
        amount, (day, note) = swift_amount(match["amount"]), swift_date(match["day"])
        return Balance(amount if match["mark"] == "C" else -amount, match["currency"], day, note)


def check_totals(message: Message, bookings: Sequence[Booking]) -> None:
    for field, side in [(field, Side.CREDIT) for field in message.all("90C")] + [(field, Side.DEBIT) for field in message.all("90D")]:
        with at_line(field.line):
            match = TOTAL.fullmatch(field.text)
            if not match:
                raise Bad(NO_BALANCE, text=field.text[:60])
            amounts, said = [booking.amount for booking in bookings if booking.side is side], swift_amount(match["sum"])
            if len(amounts) != int(match["count"]) or sum(amounts) != said:
                raise Bad(OTHER_TOTAL, count=int(match["count"]), sum=shown(said), found=len(amounts), found_sum=shown(sum(amounts)))

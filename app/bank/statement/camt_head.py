"""What stands around the entries of a camt statement: account, balances, totals."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from app.bank.statement.camt_fields import Element, amount_of, side_of, text_of
from app.bank.statement.camt_steps import ACCOUNTS
from app.bank.statement.numbers import Bad, at_line, noting, xml_amount, xml_date
from app.bank.statement.statement import Booking, Side, Statement, Status, account_name, prove, shown
from app.errors import N_
from app.remarks import Remark

NO_ACCOUNT = N_("Line {line}: the statement names no account.")
ONE_BALANCE = N_("Line {line}: the statement has an opening or a closing balance, but not both.")
TWO_CURRENCIES = N_("Line {line}: the statement opens in {opening} and closes in {closing}.")
OTHER_TOTAL = N_("Line {line}: the file says {count} bookings of {sum}, but it holds {found} of {found_sum}.")

CODES = ("Tp/CdOrPrtry/Cd", "Tp/Cd")
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)

Amount = tuple[int, str]


def finished(element: Element, message: str, bookings: Sequence[Booking], troubles: list[Remark]) -> Statement:
    """:param troubles: of its entries; what is wrong around them comes behind"""
    line, whole = element.line, not troubles
    account = account_name(text_of(element, *ACCOUNTS))
    opening = closing = None
    with noting(troubles), at_line(line):
        if not account:
            raise Bad(NO_ACCOUNT)
        opening, closing = balances(element, message)
    notes = [note for booking in bookings for note in booking.notes]
    if whole:
        with noting(notes if opening else troubles), at_line(line):
            check_totals(element, bookings)
    days = [booking.day for booking in bookings]
    first, last = first_day(element), last_day(element)
    return prove(
        Statement(
            format=message,
            account=account,
            line=line,
            currency=closing[1] if closing else currency_of(element, bookings),
            number=number(text_of(element, "ElctrncSeqNb", "LglSeqNb")),
            page=number(text_of(element, "StmtPgntn/PgNb", "RptPgntn/PgNb", "NtfctnPgntn/PgNb")),
            first_day=min([*days, *([first] if first else [])], default=None),
            last_day=max([*days, *([last] if last else [])], default=None),
            opening=opening[0] if opening else None,
            closing=closing[0] if closing else None,
            bookings=tuple(bookings),
            notes=tuple(notes),
            trouble=troubles[0] if troubles else None,
            whole=whole and bool(account),
        )
    )


def balances(element: Element, message: str) -> tuple[Amount, Amount] | tuple[None, None]:
    """
    Opening and closing of what was booked; an intraday report that closes with an interim balance has none.

    :raises Bad: if a day's statement has only one of them, or they are in two currencies
    """
    found: dict[str, list[Element]] = {}
    for balance in element.all("Bal"):
        found.setdefault(text_of(balance, *CODES), []).append(balance)
    opening = next((found[code][0] for code in OPENING if code in found), None)
    closing = next((found[code][-1] for code in CLOSING if code in found), None)
    if opening is None or closing is None:
        if message == "camt053" and (opening is not None or closing is not None):
            raise Bad(ONE_BALANCE)
        return None, None
    amounts = signed(opening), signed(closing)
    if amounts[0][1] != amounts[1][1]:
        raise Bad(TWO_CURRENCIES, line=closing.line, opening=amounts[0][1], closing=amounts[1][1])
    return amounts


def signed(balance: Element) -> Amount:
    with at_line(balance.line):
        amount, currency = amount_of(balance)
        return (amount if side_of(balance, otherwise=Side.CREDIT) is Side.CREDIT else -amount), currency


def check_totals(element: Element, bookings: Sequence[Booking]) -> None:
    """:raises Bad: if the file itself counts another number of entries or another sum; reversals are counted in many ways"""
    if any(booking.reversal for booking in bookings):
        return
    for path, side in (("TxsSummry/TtlCdtNtries", Side.CREDIT), ("TxsSummry/TtlDbtNtries", Side.DEBIT)):
        for total in element.all(path):
            everything = [booking for booking in bookings if booking.side is side]
            booked = [booking for booking in everything if booking.status is Status.BOOKED]
            if not any(agrees(total, counted) for counted in (everything, booked)):
                found_sum = sum(booking.amount for booking in booked)
                said = {"count": text_of(total, "NbOfNtries"), "sum": text_of(total, "Sum")}
                raise Bad(OTHER_TOTAL, line=total.line, **said, found=len(booked), found_sum=shown(found_sum))


def agrees(total: Element, counted: Sequence[Booking]) -> bool:
    count, said = text_of(total, "NbOfNtries"), text_of(total, "Sum")
    return (not count or count == str(len(counted))) and (not said or xml_amount(said) == sum(booking.amount for booking in counted))


def currency_of(element: Element, bookings: Sequence[Booking]) -> str:
    currencies = {booking.currency for booking in bookings}
    return text_of(element, "Acct/Ccy")[:3] or (currencies.pop() if len(currencies) == 1 else "")


def number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def first_day(element: Element) -> date | None:
    return min(days(element.texts.get("FrToDt/FrDtTm")), default=None)


def last_day(element: Element) -> date | None:
    """Of the period or the balances; else the day the file was made."""
    balances = [text for balance in element.all("Bal") for text in (balance.texts.get("Dt/Dt"), balance.texts.get("Dt/DtTm"))]
    framed = days(element.texts.get("FrToDt/ToDtTm"), *balances)
    return max(framed, default=None) or max(days(element.texts.get("CreDtTm")), default=None)


def days(*texts: str | None) -> Iterator[date]:
    for text in filter(None, texts):
        with noting([]):  # a date that only frames the statement
            yield xml_date(text)[0]

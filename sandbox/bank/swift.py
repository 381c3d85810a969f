"""
SWIFT: MT940 (a day with its balances) and MT942 (what was booked since).

``RC`` takes a credit back: money out. ``RD`` takes a debit back: money in.
"""

from collections.abc import Iterable
from datetime import datetime

from app.money import Money, total
from sandbox.bank.accounts import BankAccount
from sandbox.bank.statement import Booking, DayStatement
from sandbox.bank.swift_text import to_swift, wrap

LONGEST_REFERENCE = 16
LINE, DETAILS = 65, 6  # field 86: six lines of 65
SUPPLEMENT = 34


def mt940(statements: list[DayStatement]) -> bytes:
    return written(line for statement in statements for line in day(statement))


def day(statement: DayStatement) -> Iterable[str]:
    date = f"{statement.day:%y%m%d}"
    yield f":20:{statement.currency}{date}"
    yield f":25:{statement.account.iban}"
    yield f":28C:{statement.day:%y%j}/1"
    yield f":60F:{balance(statement.opening, date)}"
    for booking in statement.bookings:
        yield from booked(booking)
    yield f":62F:{balance(statement.closing, date)}"
    yield "-"


def mt942(account: BankAccount, bookings: list[Booking], *, now: datetime) -> bytes:
    """A message for each currency, the account's own in any case; the floor limit is zero, so that it holds everything."""
    others = {booking.amount.currency for booking in bookings} - {account.currency}
    return written(line for currency in (account.currency, *sorted(others)) for line in interim(account, currency, bookings, now))


def interim(account: BankAccount, currency: str, bookings: list[Booking], now: datetime) -> Iterable[str]:
    local = now.astimezone(account.zone)
    chosen = [booking for booking in bookings if booking.amount.currency == currency]
    yield f":20:{currency}{local:%y%m%d%H%M%S}"
    yield f":25:{account.iban}"
    yield f":28C:{local:%y%j}/1"
    yield f":34F:{currency}0,"
    yield f":13D:{local:%y%m%d%H%M%z}"
    for booking in chosen:
        yield from booked(booking)
    for field, side in (("90D", "debit"), ("90C", "credit")):
        amounts = [booking.amount for booking in chosen if booking.side == side]
        yield f":{field}:{len(amounts)}{currency}{number(total(amounts, currency))}"
    yield "-"


def booked(booking: Booking) -> Iterable[str]:
    """Fields 61 and 86. A reference longer than 16 characters is cut there and stands whole in the supplement."""
    mark = {"credit": "RD", "debit": "RC"}[booking.side] if booking.is_reversal else {"credit": "C", "debit": "D"}[booking.side]
    kind = "NRTI" if booking.is_reversal else "NTRF"
    reference = to_swift(booking.reference)
    ours = f"//{reference[:LONGEST_REFERENCE]}" if reference else ""
    yield f":61:{booking.value_date:%y%m%d}{booking.day:%m%d}{mark}{number(booking.amount)}{kind}NONREF{ours}"
    if len(reference) > LONGEST_REFERENCE:
        yield f"/{reference[: SUPPLEMENT - 1]}"
    first, *rest = details(booking)
    yield f":86:{first}"
    yield from rest


def details(booking: Booking) -> list[str]:
    """Ordering party of money in, beneficiary of money out; then, on a line of its own, the remittance text."""
    party = "ORDP" if booking.came_in else "BENM"
    account = f"/ACCT/{to_swift(booking.sender_iban)}" if booking.sender_iban else ""
    name = to_swift(booking.sender_name).replace("/", " ")
    lines = wrap(f"/{party}//NAME/{name}{account}", width=LINE, most=DETAILS // 2)
    return lines + wrap(f"/REMI/{to_swift(booking.description)}", width=LINE, most=DETAILS - len(lines))


def balance(amount: Money, date: str) -> str:
    return f"{'D' if amount.minor < 0 else 'C'}{date}{amount.currency}{number(amount)}"


def number(amount: Money) -> str:
    return str(abs(amount.decimal)).replace(".", ",")


def written(lines: Iterable[str]) -> bytes:
    return "".join(line + "\r\n" for line in lines).encode("ascii")

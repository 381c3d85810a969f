"""What happened on an account: all bookings since a moment, or day by day with balances that follow each other."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.money import Money, total
from sandbox.bank.accounts import BankAccount
from sandbox.bank.transfers import as_text


@dataclass(frozen=True, slots=True)
class Booking:
    """:ivar is_reversal: it takes an earlier booking back; ``side`` is already the reversal's own"""

    reference: str
    amount: Money
    side: str
    is_reversal: bool
    booked_at: datetime
    day: date
    value_date: date
    sender_name: str
    sender_iban: str
    description: str

    @property
    def signed(self) -> Money:
        return self.amount if self.side == "credit" else -self.amount

    @property
    def came_in(self) -> bool:
        """Whether the money first came in, whatever has been taken back since."""
        return (self.side == "credit") != self.is_reversal


@dataclass(frozen=True, slots=True)
class DayStatement:
    """One business day of an account in one currency: ``opening`` + bookings = ``closing`` = the next day's ``opening``."""

    account: BankAccount
    currency: str
    day: date
    opening: Money
    bookings: tuple[Booking, ...]

    @property
    def closing(self) -> Money:
        return self.opening + total((booking.signed for booking in self.bookings), self.currency)


def bookings_since(connection: sqlite3.Connection, account: BankAccount, since: datetime) -> list[Booking]:
    """Everything the bank entered at or after ``since``, whatever moment it is booked for; oldest first."""
    rows = connection.execute("SELECT * FROM bookings WHERE iban = ? AND entered_at >= ? ORDER BY id", (account.iban, as_text(since)))
    return [booking_of(row, account) for row in rows]


def days_since(connection: sqlite3.Connection, account: BankAccount, since: datetime, *, now: datetime) -> list[DayStatement]:
    """
    A statement for every day from ``since`` to today in the account's zone: this bank books every day, Sundays too.

    It begins with the account's first day. Money in another currency than the account's has statements of its
    own, beside the account's: two currencies have no common balance.
    """
    today = now.astimezone(account.zone).date()
    first = min(max(since.astimezone(account.zone).date(), first_day(connection, account)), today)
    rows = connection.execute("SELECT * FROM bookings WHERE iban = ? AND day >= ? ORDER BY day, id", (account.iban, first.isoformat()))
    by_day: dict[tuple[str, date], list[Booking]] = defaultdict(list)
    for row in rows:
        booking = booking_of(row, account)
        by_day[booking.amount.currency, booking.day].append(booking)
    statements: list[DayStatement] = []
    for currency in [account.currency, *sorted({currency for currency, _ in by_day} - {account.currency})]:
        balance = balance_before(connection, account, currency, first)
        for day in days(first, today):
            statement = DayStatement(account, currency, day, balance, tuple(by_day[currency, day]))
            statements.append(statement)
            balance = statement.closing
    return statements


def first_day(connection: sqlite3.Connection, account: BankAccount) -> date:
    """The day the store was made, or of the earliest booking if one was entered for before."""
    made = datetime.fromisoformat(connection.execute("SELECT at FROM made").fetchone()["at"]).astimezone(account.zone).date()
    (earliest,) = connection.execute("SELECT min(day) FROM bookings WHERE iban = ?", (account.iban,)).fetchone()
    return min(made, date.fromisoformat(earliest)) if earliest else made


def balance_before(connection: sqlite3.Connection, account: BankAccount, currency: str, day: date) -> Money:
    (moved,) = connection.execute(
        "SELECT coalesce(sum(CASE side WHEN 'credit' THEN amount ELSE -amount END), 0) FROM bookings"
        " WHERE iban = ? AND currency = ? AND day < ?",
        (account.iban, currency, day.isoformat()),
    ).fetchone()
    return Money((account.opening if currency == account.currency else 0) + moved, currency)


def days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def booking_of(row: sqlite3.Row, account: BankAccount) -> Booking:
    return Booking(
        reference=row["reference"],
        amount=Money(row["amount"], row["currency"]),
        side=row["side"],
        is_reversal=row["reversal_of"] is not None,
        booked_at=datetime.fromisoformat(row["booked_at"]).astimezone(account.zone),
        day=date.fromisoformat(row["day"]),
        value_date=date.fromisoformat(row["value_date"]),
        sender_name=row["sender_name"],
        sender_iban=row["sender_iban"],
        description=row["description"],
    )

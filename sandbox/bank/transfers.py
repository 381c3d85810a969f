"""A transfer reaches one of the accounts, leaves it, or is taken back."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sandbox.bank.accounts import BankAccount


@dataclass(frozen=True, slots=True)
class Transfer:
    """
    :ivar amount: minor units; zero is booked as zero
    :ivar side: ``credit`` (money in) or ``debit``; a reversal goes the other way than what it reverses
    :ivar reference: the bank's own; ``None``: the bank makes one; empty: this bank gives none (E13)
    :ivar booked_at: ``None`` is now
    :ivar value_date: ``None`` is the day of booking
    :ivar reversal_of: the reference of the booking that is taken back
    """

    currency: str
    amount: int
    side: str
    sender_name: str
    sender_iban: str
    description: str
    reference: str | None = None
    booked_at: datetime | None = None
    value_date: date | None = None
    reversal_of: str | None = None


class NothingToReverse(Exception):
    """No booking of this reference, amount and currency is left that could be taken back."""


def book(connection: sqlite3.Connection, account: BankAccount, transfer: Transfer, *, now: datetime) -> str:
    """
    A reference that comes twice is booked twice: banks do that, and a reference alone is no key.

    :param now: read after the writer's lock, so that whoever asks *since* never misses a booking
    :returns: the bank's reference
    :raises NothingToReverse:
    """
    booked_at = transfer.booked_at or now
    reversed_id, side = what_is_reversed(connection, account, transfer) if transfer.reversal_of is not None else (None, transfer.side)
    day = booked_at.astimezone(account.zone).date()
    (position,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM bookings").fetchone()
    reference = f"F{day:%y%m%d}{position:08d}" if transfer.reference is None else transfer.reference
    connection.execute(
        "INSERT INTO bookings (iban, reference, currency, amount, side, reversal_of, entered_at, booked_at, day, value_date,"
        " sender_name, sender_iban, description) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account.iban,
            reference,
            transfer.currency,
            transfer.amount,
            side,
            reversed_id,
            as_text(now),
            as_text(booked_at),
            day.isoformat(),
            (transfer.value_date or day).isoformat(),
            transfer.sender_name,
            transfer.sender_iban,
            transfer.description,
        ),
    )
    return reference


def what_is_reversed(connection: sqlite3.Connection, account: BankAccount, transfer: Transfer) -> tuple[int, str]:
    """The latest booking of that reference that still stands, and the side its reversal is on."""
    row = connection.execute(
        "SELECT id, side FROM bookings WHERE iban = ? AND reference = ? AND currency = ? AND amount = ? AND reversal_of IS NULL"
        " AND id NOT IN (SELECT reversal_of FROM bookings WHERE reversal_of IS NOT NULL) ORDER BY id DESC",
        (account.iban, transfer.reversal_of, transfer.currency, transfer.amount),
    ).fetchone()
    if row is None:
        raise NothingToReverse
    return row["id"], "debit" if row["side"] == "credit" else "credit"


def as_text(moment: datetime) -> str:
    """UTC with six decimals: texts of one width, so that they sort as times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

"""The T+1 file: every payment of one business day, once the day is over."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from app.money import Money
from sandbox.billers.answer import biller_reference
from sandbox.carriers.carrier import Carrier


@dataclass(frozen=True, slots=True)
class DayLine:
    reference: str
    biller_reference: str
    subscriber: str
    bill: str
    amount: Money
    state: str
    at: str


def is_over(carrier: Carrier, day: date, *, now: datetime) -> bool:
    return day < now.astimezone(carrier.zone).date()


def day_file(connection: sqlite3.Connection, carrier: Carrier, day: date) -> Iterator[DayLine]:
    """In the order of booking; a reversed payment stands there as ``reversed``."""
    for row in connection.execute("SELECT * FROM effects WHERE biller = ? AND day = ? ORDER BY id", (carrier.code, day.isoformat())):
        yield DayLine(
            reference=row["reference"],
            biller_reference=biller_reference(carrier, row["id"]),
            subscriber=row["subscriber"],
            bill=row["bill"],
            amount=Money(row["amount"], carrier.currency),
            state=row["state"],
            at=row["at"],
        )

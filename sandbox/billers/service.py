"""What a subscriber may ask for besides paying: a dispute, the e-bill, a charged inquiry."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.carriers.carrier import Carrier


@dataclass(frozen=True, slots=True)
class Refused:
    """:ivar code: ``unknown_subscriber``, ``account_closed`` or ``unknown_bill``"""

    code: str


def dispute(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, bill: str, reason: str, *, now: datetime) -> str | Refused:
    """
    The bill carries the flag from now on (P-29), and so another version.

    :returns: the dispute's reference
    """
    if no := why_not(connection, carrier, subscriber):
        return no
    key = (carrier.code, bill, subscriber)
    disputed = connection.execute("UPDATE bills SET disputed = 1 WHERE biller = ? AND ref = ? AND subscriber = ?", key)
    if not disputed.rowcount:
        return Refused("unknown_bill")
    values = (carrier.code, subscriber, bill, reason, now.isoformat())
    number = connection.execute("INSERT INTO disputes (biller, subscriber, bill, reason, at) VALUES (?, ?, ?, ?, ?)", values).lastrowid
    return f"D{number:08d}"


def switch_e_bill(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, email: str) -> Refused | None:
    """:param email: empty switches it off"""
    if no := why_not(connection, carrier, subscriber):
        return no
    connection.execute("UPDATE subscribers SET e_bill = ? WHERE biller = ? AND number = ?", (email, carrier.code, subscriber))
    return None


def charge(
    connection: sqlite3.Connection, carrier: Carrier, subscriber: str, *, reference: str, text: str, amount: Decimal, now: datetime
) -> str | Refused:
    """
    To the line's running month, under our reference: the same reference is charged once.

    :param amount: major units, up to four decimals; rounded only when it reaches a bill
    """
    if no := why_not(connection, carrier, subscriber):
        return no
    connection.execute(
        "INSERT INTO charges (biller, subscriber, reference, text, amount, day, at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (carrier.code, subscriber, reference, text, str(amount), f"{now.astimezone(carrier.zone):%Y-%m-%d}", now.isoformat()),
    )
    return reference


def why_not(connection: sqlite3.Connection, carrier: Carrier, subscriber: str) -> Refused | None:
    row = connection.execute("SELECT state FROM subscribers WHERE biller = ? AND number = ?", (carrier.code, subscriber)).fetchone()
    if row is None:
        return Refused("unknown_subscriber")
    return Refused("account_closed") if row["state"] == "closed" else None

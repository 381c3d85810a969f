"""What the lines of a carrier carry into a bill: charges of others, and advances."""

import sqlite3
from collections import Counter, defaultdict
from decimal import Decimal

from app.billing.period import Period
from app.billing.usage import Charged
from sandbox.carriers.carrier import Carrier

CHARGES = "SELECT subscriber, text, amount FROM charges WHERE biller = ? AND day BETWEEN ? AND ?"


def charged_to_all(connection: sqlite3.Connection, carrier: Carrier, days: Period) -> dict[str, list[Charged]]:
    """Subscriber -> what was charged in these days."""
    asked = (carrier.code, days.first.isoformat(), days.last.isoformat())
    found = defaultdict[str, list[sqlite3.Row]](list)
    for row in connection.execute(f"{CHARGES} ORDER BY id", asked):
        found[row["subscriber"]].append(row)
    return {subscriber: counted(rows) for subscriber, rows in found.items()}


def charged_to(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, days: Period) -> list[Charged]:
    asked = (carrier.code, days.first.isoformat(), days.last.isoformat(), subscriber)
    return counted(connection.execute(f"{CHARGES} AND subscriber = ? ORDER BY id", asked).fetchall())


def counted(rows: list[sqlite3.Row]) -> list[Charged]:
    """Of each text and price how often: nothing is rounded before it stands on a bill."""
    times = Counter((row["text"], row["amount"]) for row in rows)
    return [Charged(text, Decimal(amount), count) for (text, amount), count in times.items()]


def advances_of_all(connection: sqlite3.Connection, carrier: Carrier) -> dict[str, int]:
    """Subscriber -> minor units, where there are any."""
    rows = connection.execute("SELECT number, advance FROM subscribers WHERE biller = ? AND advance > 0", (carrier.code,))
    return {row["number"]: row["advance"] for row in rows}

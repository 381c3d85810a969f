"""Where bills lie: put one there, take it as it stands now."""

import hashlib
import json
import sqlite3
from dataclasses import replace

from app.billing.bill import Bill
from app.billing.codec import bill_from_json, bill_to_json
from app.money import Money
from sandbox.carriers.carrier import Carrier


def put(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, bill: Bill, *, kind: str = "bill") -> None:
    """The newest bill of this subscriber from now on. A ref that is there already stays as it is."""
    connection.execute(
        "INSERT INTO bills (biller, ref, subscriber, kind, month, due_on, amount, open, state, flags, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?) ON CONFLICT DO NOTHING",
        (
            carrier.code,
            bill.ref,
            subscriber,
            kind,
            f"{bill.last_day:%Y-%m}",
            bill.due_on.isoformat(),
            bill.amount.minor,
            bill.open.minor,
            " ".join(bill.flags),
            json.dumps(bill_to_json(bill), ensure_ascii=False),
        ),
    )


def taken(row: sqlite3.Row, carrier: Carrier) -> Bill:
    """The bill as issued, with what has happened to it since."""
    return replace(
        bill_from_json(json.loads(row["content"])),
        open=Money(row["open"], carrier.currency),
        state=row["state"],
        flags=tuple(row["flags"].split()),
        version=version(row),
    )


def version(row: sqlite3.Row) -> str:
    """Changes whenever amount, open amount, due date, state or flags change, and only then (P-22)."""
    facts = f"{row['ref']}|{row['amount']}|{row['open']}|{row['due_on']}|{row['state']}|{row['flags']}"
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def with_flag(flags: str, flag: str) -> str:
    return " ".join(sorted({*flags.split(), flag}))


def account_ref(carrier: Carrier, subscriber: str, *, position: int) -> str:
    """Account bills are numbered: each takes one payment, then the next one stands there."""
    return f"{carrier.initial}-{subscriber}-K{position}"

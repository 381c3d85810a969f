"""Where bills lie: put one there, take it as it stands now."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.billing.bill import DISPUTED, NEAR_CHARGE_DATE, STANDING_ORDER, Bill
from app.billing.codec import bill_from_json, bill_to_json
from app.money import Money
from sandbox.carriers.carrier import Carrier

NEAR = timedelta(days=3)
MOST_REMEMBERED = 20_000
CONTENT = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
LIGHT = (
    "id, ref, subscriber, kind, month, due_on, charged_on, amount, late_fee, current, late_since, state, disputed, way, paid_by, paid_at"
)


@dataclass(frozen=True, slots=True)
class Asks:
    """
    What a new bill asks for of its own, and who pays it away from the counter.

    :ivar late_fee: minor units, as is ``current``
    :ivar way: empty, ``web``, ``debit`` or ``order``; on ``acts_on``, with ``acts_with`` or with what is open then
    """

    late_fee: int
    current: int
    disputed: bool = False
    way: str = ""
    acts_on: date | None = None
    acts_with: int | None = None


class Shelf:
    """
    Bills as they stand, the same object as long as nothing changes; shared by all threads.

    What is printed on a bill never changes, so the store is read once for each.
    """

    def __init__(self) -> None:
        self._bills: dict[int, Bill] = {}

    def bill(self, connection: sqlite3.Connection, row: sqlite3.Row, *, open_now: Money, today: date) -> Bill:
        """:param row: with :data:`LIGHT`"""
        flags = flags_of(row, today=today)
        facts = (open_now, row["state"], flags, version(row, open_now=open_now, flags=flags))
        known = self._bills.get(row["id"]) or self._read(connection, row["id"])
        if (known.open, known.state, known.flags, known.version) != facts:
            known = replace(known, open=facts[0], state=facts[1], flags=facts[2], version=facts[3])
            self._bills[row["id"]] = known
        return known

    def _read(self, connection: sqlite3.Connection, identity: int) -> Bill:
        (content,) = connection.execute("SELECT content FROM bills WHERE id = ?", (identity,)).fetchone()
        if len(self._bills) >= MOST_REMEMBERED:
            self._bills.clear()
        return bill_from_json(json.loads(content))


def put(
    connection: sqlite3.Connection,
    carrier: Carrier,
    subscriber: str,
    bill: Bill,
    asks: Asks,
    *,
    kind: str = "bill",
    identity: int | None = None,
) -> int:
    """
    The newest bill of this subscriber from now on; a ref is there only once.

    :param identity: of an old bill, below all others
    :returns: its id
    """
    identity = connection.execute(
        "INSERT INTO bills (id, biller, ref, subscriber, kind, month, due_on, charged_on, amount, late_fee, current, late_since,"
        " state, disputed, way, acts_on, acts_with, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            identity,
            carrier.code,
            bill.ref,
            subscriber,
            kind,
            f"{bill.last_day:%Y-%m}",
            bill.due_on.isoformat(),
            bill.charged_on.isoformat() if bill.charged_on else None,
            bill.amount.minor,
            asks.late_fee,
            asks.current,
            bill.due_on.isoformat(),
            "credit" if bill.amount.minor < 0 else "open",
            asks.disputed,
            asks.way,
            asks.acts_on.isoformat() if asks.acts_on else None,
            asks.acts_with,
            CONTENT.encode(bill_to_json(bill)),
        ),
    ).lastrowid
    assert identity is not None
    return identity


def flags_of(row: sqlite3.Row, *, today: date) -> tuple[str, ...]:
    """What has to be confirmed before paying: how it will be charged, as long as it will, and a dispute for ever (P-26, P-29)."""
    flags = [DISPUTED] if row["disputed"] else []
    if row["state"] == "open" and row["way"] in ("debit", "order"):
        charged_on = date.fromisoformat(row["charged_on"])
        flags += [NEAR_CHARGE_DATE] if today <= charged_on <= today + NEAR else []
        flags += [STANDING_ORDER] if row["way"] == "order" else []
    return tuple(flags)


def version(row: sqlite3.Row, *, open_now: Money, flags: tuple[str, ...]) -> str:
    """Changes whenever amount, open amount, due date, state or flags change, and only then (P-22)."""
    facts = f"{row['ref']}|{row['amount']}|{open_now.minor}|{row['due_on']}|{row['state']}|{' '.join(flags)}"
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def account_ref(carrier: Carrier, subscriber: str, *, position: int) -> str:
    """Account bills are numbered: each takes one payment, then the next one stands there."""
    return f"{carrier.initial}-{subscriber}-K{position}"

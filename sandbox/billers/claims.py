"""What is still owed of a subscriber's bills, and how money is put on them (app/billing/debt.py)."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from app.billing.debt import Claim, allocate, payable
from app.money import Money
from sandbox.carriers.carrier import Carrier

Taken = list[list[int]]  # bill id, late fee, current


def claims_up_to(connection: sqlite3.Connection, carrier: Carrier, bill: sqlite3.Row) -> list[sqlite3.Row]:
    """
    The bills that paying this one pays, oldest first: where debt is carried the older open ones too.

    A practice bill stands alone: it is carried nowhere and carries nothing.
    """
    if not carrier.carries_debt or bill["kind"] != "bill":
        return [bill]
    older = connection.execute(
        "SELECT id, ref, late_fee, current FROM bills"
        " WHERE biller = ? AND subscriber = ? AND state = 'open' AND kind = 'bill' AND id < ? ORDER BY id",
        (carrier.code, bill["subscriber"], bill["id"]),
    ).fetchall()
    return [*older, bill]


def as_claims(rows: Iterable[sqlite3.Row], carrier: Carrier) -> list[Claim]:
    currency = carrier.currency
    return [Claim(row["ref"], Money(row["late_fee"], currency), Money(row["current"], currency)) for row in rows]


def open_of(connection: sqlite3.Connection, carrier: Carrier, bill: sqlite3.Row) -> Money:
    """What is payable now (P-25)."""
    if bill["state"] != "open":
        return Money(0, carrier.currency)
    return payable(as_claims(claims_up_to(connection, carrier, bill), carrier), bill["ref"])


@dataclass(frozen=True, slots=True)
class Put:
    """:ivar taken: of which bill how much; :ivar advance: minor units that were left"""

    taken: Taken
    advance: int


def put_on_bills(connection: sqlite3.Connection, carrier: Carrier, bill: sqlite3.Row, amount: Money, *, by: str, at: str) -> Put:
    """The bills are lowered, and closed when nothing of them is left; what is beyond becomes the subscriber's advance (P-27)."""
    rows = claims_up_to(connection, carrier, bill)
    before = as_claims(rows, carrier)
    after, left = allocate(amount, before, bill["ref"])
    taken: Taken = []
    for row, old, new in zip(rows, before, after, strict=True):
        late_fee, current = (old.late_fee - new.late_fee).minor, (old.current - new.current).minor
        if late_fee or current:
            taken.append([row["id"], late_fee, current])
        if not new.own:
            close(connection, row["id"], by=by, at=at)
        elif late_fee or current:
            lowered = (new.late_fee.minor, new.current.minor, row["id"])
            connection.execute("UPDATE bills SET late_fee = ?, current = ? WHERE id = ?", lowered)
    if left:
        add_advance(connection, carrier, bill["subscriber"], left.minor)
    return Put(taken, left.minor)


def close(connection: sqlite3.Connection, bill: int, *, by: str, at: str) -> None:
    connection.execute("UPDATE bills SET late_fee = 0, current = 0, state = 'paid', paid_by = ?, paid_at = ? WHERE id = ?", (by, at, bill))


def give_back(connection: sqlite3.Connection, carrier: Carrier, effect: sqlite3.Row) -> None:
    """Every claim as it was before this payment, and an advance is taken back."""
    taken: Taken = json.loads(effect["taken"])
    for bill, late_fee, current in taken or [account_bill(connection, carrier, effect)]:
        connection.execute(
            "UPDATE bills SET late_fee = late_fee + ?, current = current + ?, state = 'open', paid_by = NULL, paid_at = NULL WHERE id = ?",
            (late_fee, current, bill),
        )
    if effect["advance"]:
        add_advance(connection, carrier, effect["subscriber"], -effect["advance"])


def account_bill(connection: sqlite3.Connection, carrier: Carrier, effect: sqlite3.Row) -> list[int]:
    """It asked for nothing, so nothing was taken from it; it takes payments again."""
    (bill,) = connection.execute("SELECT id FROM bills WHERE biller = ? AND ref = ?", (carrier.code, effect["bill"])).fetchone()
    return [bill, 0, 0]


def add_advance(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, amount: int) -> None:
    connection.execute("UPDATE subscribers SET advance = advance + ? WHERE biller = ? AND number = ?", (amount, carrier.code, subscriber))

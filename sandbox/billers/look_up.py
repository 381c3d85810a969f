"""Look-up: a subscriber and the bills worth showing."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.billing.bill import Account, Bill, Subscriber
from app.money import Money
from sandbox.billers.shelf import LIGHT, Shelf
from sandbox.billing_runs.people import as_person, made
from sandbox.billing_runs.unbilled import unbilled
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.names import mask


@dataclass(frozen=True, slots=True)
class NoAccount:
    """:ivar code: ``unknown_subscriber`` or ``account_closed``"""

    code: str


def look_up(
    connection: sqlite3.Connection, carrier: Carrier, number: str, shelf: Shelf, *, last: int, period: str | None, today: date
) -> Account | NoAccount:
    """
    The newest ``last`` bills and every older one that is still open; newest first.

    Where more than is owed may be paid and nothing is owed, the account bill stands at the end.

    :param period: ``2026-10``: only bills whose period ends in that month, however old
    """
    key = (carrier.code, number)
    row = connection.execute("SELECT * FROM subscribers WHERE biller = ? AND number = ?", key).fetchone()
    if row is None:
        return NoAccount("unknown_subscriber")
    if row["state"] == "closed":
        return NoAccount("account_closed")
    rows = connection.execute(f"SELECT {LIGHT} FROM bills WHERE biller = ? AND subscriber = ? ORDER BY id DESC", key).fetchall()
    ordinary = [bill for bill in rows if bill["kind"] != "account"]
    shown = [bill for place, bill in enumerate(ordinary) if (bill["month"] == period if period else place < last or asks(bill))]
    if not period and not any(asks(bill) for bill in ordinary):
        shown += [bill for bill in rows if bill["kind"] == "account" and bill["state"] == "open"][-1:]
    bills = tuple(as_shown(connection, carrier, shown, ordinary, shelf, today=today))
    return Account(subscriber_of(connection, carrier, row, today=today), bills)


def as_shown(
    connection: sqlite3.Connection,
    carrier: Carrier,
    shown: Sequence[sqlite3.Row],
    ordinary: Sequence[sqlite3.Row],
    shelf: Shelf,
    *,
    today: date,
) -> Iterator[Bill]:
    """Each with what is payable now: where debt is carried, with what is open of the older ones (P-25)."""
    carried = [bill for bill in ordinary if bill["kind"] == "bill"] if carrier.carries_debt else []
    for bill in shown:
        older = [one for one in carried if one["id"] < bill["id"]] if bill["kind"] == "bill" and bill["state"] == "open" else []
        open_now = Money(asks(bill) + sum(asks(one) for one in older), carrier.currency)
        yield shelf.bill(connection, bill, open_now=open_now, today=today)


def asks(bill: sqlite3.Row) -> int:
    """For itself, minor units."""
    own: int = bill["late_fee"] + bill["current"]
    return own


def subscriber_of(connection: sqlite3.Connection, carrier: Carrier, row: sqlite3.Row, *, today: date) -> Subscriber:
    """The name masked."""
    person = as_person(row, *made(connection, carrier))
    return Subscriber(
        number=row["number"],
        name=mask(row["name"]),
        state=row["state"],
        unbilled=unbilled(connection, carrier, person, today=today),
        advance=Money(row["advance"], carrier.currency),
        e_bill=row["e_bill"],
    )

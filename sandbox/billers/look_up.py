"""Look-up: a subscriber and the bills worth showing."""

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from app.billing.bill import Account, Subscriber
from app.money import Money, round_to_money
from sandbox.billers.shelf import taken
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.names import mask


@dataclass(frozen=True, slots=True)
class NoAccount:
    """:ivar code: ``unknown_subscriber`` or ``account_closed``"""

    code: str


def look_up(connection: sqlite3.Connection, carrier: Carrier, number: str, *, last: int, period: str | None) -> Account | NoAccount:
    """
    The newest ``last`` bills and every older one that is still open; newest first.

    Where any amount may be paid and nothing is owed, the account bill stands at the end.

    :param period: ``2026-10``: only bills whose period ends in that month, however old
    """
    key = (carrier.code, number)
    row = connection.execute("SELECT * FROM subscribers WHERE biller = ? AND number = ?", key).fetchone()
    if row is None:
        return NoAccount("unknown_subscriber")
    if row["state"] == "closed":
        return NoAccount("account_closed")
    bills = connection.execute("SELECT * FROM bills WHERE biller = ? AND subscriber = ? ORDER BY id DESC", key).fetchall()
    ordinary = [bill for bill in bills if bill["kind"] == "bill"]
    shown = [bill for place, bill in enumerate(ordinary) if (bill["month"] == period if period else place < last or bill["open"])]
    if not period and not any(bill["open"] for bill in ordinary):
        shown += [bill for bill in bills if bill["kind"] == "account" and bill["state"] == "open"][-1:]
    return Account(subscriber_of(connection, carrier, row), tuple(taken(bill, carrier) for bill in shown))


def subscriber_of(connection: sqlite3.Connection, carrier: Carrier, row: sqlite3.Row) -> Subscriber:
    """The name masked; charges of the running month in the unbilled amount, rounded once over their sum."""
    charges = connection.execute("SELECT amount FROM charges WHERE biller = ? AND subscriber = ?", (carrier.code, row["number"]))
    charged = round_to_money(sum((Decimal(charge["amount"]) for charge in charges), start=Decimal(0)), carrier.currency)
    return Subscriber(
        number=row["number"],
        name=mask(row["name"]),
        state=row["state"],
        unbilled=Money(row["unbilled"], carrier.currency) + charged,
        advance=Money(row["advance"], carrier.currency),
        e_bill=row["e_bill"],
    )

"""Payment: accepted once, or refused with a reason that stays the same."""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime

from app.money import Money
from sandbox.billers.answer import Answer, biller_reference, keep_refusal, known
from sandbox.billers.shelf import account_ref, put, version
from sandbox.carriers.carrier import Carrier

ELSEWHERE = "WEB-00000001"  # the other channel's reference when a fault claims that the bill was paid there


@dataclass(frozen=True, slots=True)
class Order:
    reference: str
    subscriber: str
    bill: str
    amount: Money
    version: str


def collect(connection: sqlite3.Connection, carrier: Carrier, order: Order, *, now: datetime, claim: str = "") -> Answer:
    """
    Everything inside the caller's one transaction: an effect and its closed bill are there together or not at all.

    :param claim: a fault's word, ``already_paid`` or ``not_allowed``: refuse with it whatever the books say
    """
    if said := known(connection, carrier, order.reference):
        return said
    at = now.astimezone(carrier.zone).isoformat(timespec="milliseconds")
    bill = connection.execute(
        "SELECT id, ref, subscriber, kind, due_on, amount, open, bills.state, flags, paid_by, paid_at, subscribers.state AS account"
        " FROM bills JOIN subscribers ON subscribers.biller = bills.biller AND number = subscriber WHERE bills.biller = ? AND ref = ?",
        (carrier.code, order.bill),
    ).fetchone()
    code, by_reference, by_at = why_not(connection, carrier, order, bill)
    if claim:
        code, by_reference, by_at = claim, ELSEWHERE if claim == "already_paid" else "", at
    if code:
        return keep_refusal(connection, carrier, Answer("rejected", order.reference, code=code, by_reference=by_reference, at=by_at or at))
    return book(connection, carrier, order, bill, at=at)


def why_not(connection: sqlite3.Connection, carrier: Carrier, order: Order, bill: sqlite3.Row | None) -> tuple[str, str, str]:
    """Code, and for a paid bill by whom and when; three empty texts if nothing is in the way."""
    if bill is None or bill["subscriber"] != order.subscriber:
        asked = (carrier.code, order.subscriber)
        is_known = connection.execute("SELECT 1 FROM subscribers WHERE biller = ? AND number = ?", asked).fetchone()
        return "withdrawn" if is_known else "unknown_subscriber", "", ""
    if bill["account"] == "closed":
        return "closed", "", ""
    if bill["state"] == "paid":
        return "already_paid", bill["paid_by"], bill["paid_at"]
    exact = carrier.takes_any_amount or order.amount.minor == bill["open"]
    if not exact or order.version != version(bill):
        return "amount_changed", "", ""
    return "", "", ""


def book(connection: sqlite3.Connection, carrier: Carrier, order: Order, bill: sqlite3.Row, *, at: str) -> Answer:
    """The effect, and the bill closed by as much as it was open; what is beyond becomes the subscriber's advance."""
    to_bill = min(order.amount.minor, bill["open"])
    effect = connection.execute(
        "INSERT INTO effects (biller, reference, bill, subscriber, amount, to_bill, day, at, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'accepted')",
        (carrier.code, order.reference, order.bill, order.subscriber, order.amount.minor, to_bill, at[:10], at),
    ).lastrowid
    assert effect is not None
    if to_bill == bill["open"]:
        paid = (order.reference, at, bill["id"])
        connection.execute("UPDATE bills SET open = 0, state = 'paid', paid_by = ?, paid_at = ? WHERE id = ?", paid)
    else:
        connection.execute("UPDATE bills SET open = open - ? WHERE id = ?", (to_bill, bill["id"]))
    if advance := order.amount.minor - to_bill:
        add_advance(connection, carrier, order.subscriber, advance)
    if bill["kind"] == "account":
        next_account_bill(connection, carrier, order, today=date.fromisoformat(at[:10]))
    return Answer("accepted", order.reference, order.amount, biller_reference(carrier, effect), at=at)


def add_advance(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, amount: int) -> None:
    connection.execute("UPDATE subscribers SET advance = advance + ? WHERE biller = ? AND number = ?", (amount, carrier.code, subscriber))


def next_account_bill(connection: sqlite3.Connection, carrier: Carrier, order: Order, *, today: date) -> None:
    ref = account_ref(carrier, order.subscriber, position=int(order.bill.rpartition("K")[2]) + 1)
    put(connection, carrier, order.subscriber, carrier.account_bill(ref, today=today), kind="account")

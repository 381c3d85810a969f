"""Payment: accepted once, or refused with a reason that stays the same."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime

from app.money import Money
from sandbox.billers.answer import Answer, biller_reference, keep_refusal, known
from sandbox.billers.claims import open_of, put_on_bills
from sandbox.billers.shelf import LIGHT, Asks, account_ref, flags_of, version
from sandbox.billers.shelf import put as put_on_shelf
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
        f"SELECT {LIGHT}, (SELECT state FROM subscribers WHERE biller = bills.biller AND number = subscriber) AS account"
        " FROM bills WHERE biller = ? AND ref = ?",
        (carrier.code, order.bill),
    ).fetchone()
    code, by_reference, by_at = why_not(connection, carrier, order, bill, today=date.fromisoformat(at[:10]))
    if claim:
        code, by_reference, by_at = claim, ELSEWHERE if claim == "already_paid" else "", at
    if code:
        return keep_refusal(connection, carrier, Answer("rejected", order.reference, code=code, by_reference=by_reference, at=by_at or at))
    return book(connection, carrier, order, bill, at=at)


def why_not(
    connection: sqlite3.Connection, carrier: Carrier, order: Order, bill: sqlite3.Row | None, *, today: date
) -> tuple[str, str, str]:
    """Code, and for a paid bill by whom and when; three empty texts if nothing is in the way."""
    if bill is None or bill["subscriber"] != order.subscriber:
        asked = (carrier.code, order.subscriber)
        is_known = connection.execute("SELECT 1 FROM subscribers WHERE biller = ? AND number = ?", asked).fetchone()
        return "withdrawn" if is_known else "unknown_subscriber", "", ""
    if bill["account"] == "closed":
        return "closed", "", ""
    if bill["state"] == "paid":
        return "already_paid", bill["paid_by"], bill["paid_at"]
    if not may_pay(connection, carrier, order, bill, today=today):
        return "amount_changed", "", ""
    return "", "", ""


def may_pay(connection: sqlite3.Connection, carrier: Carrier, order: Order, bill: sqlite3.Row, *, today: date) -> bool:
    """The bill is as it was shown, and this carrier takes this much of it."""
    open_now = open_of(connection, carrier, bill)
    if order.version != version(bill, open_now=open_now, flags=flags_of(bill, today=today)):
        return False
    return order.amount == open_now or (carrier.accepts_less if order.amount < open_now else carrier.accepts_more)


def book(connection: sqlite3.Connection, carrier: Carrier, order: Order, bill: sqlite3.Row, *, at: str) -> Answer:
    """The effect with what it took from which bill, so that a reversal can give back exactly that."""
    put = put_on_bills(connection, carrier, bill, order.amount, by=order.reference, at=at)
    effect = connection.execute(
        "INSERT INTO effects (biller, reference, bill, subscriber, amount, taken, advance, day, at, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'accepted')",
        (carrier.code, order.reference, order.bill, order.subscriber, order.amount.minor, json.dumps(put.taken), put.advance, at[:10], at),
    ).lastrowid
    assert effect is not None
    if bill["kind"] == "account":
        next_account_bill(connection, carrier, order, today=date.fromisoformat(at[:10]))
    return Answer("accepted", order.reference, order.amount, biller_reference(carrier, effect), at=at)


def next_account_bill(connection: sqlite3.Connection, carrier: Carrier, order: Order, *, today: date) -> None:
    ref = account_ref(carrier, order.subscriber, position=int(order.bill.rpartition("K")[2]) + 1)
    put_on_shelf(connection, carrier, order.subscriber, carrier.account_bill(ref, today=today), Asks(0, 0), kind="account")

"""Who lives in a new store. The same seed and clock make the same people and bills."""

import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from app.billing.bill import DISPUTED, NEAR_CHARGE_DATE, STANDING_ORDER, Bill
from app.money import Money
from sandbox.billers.shelf import account_ref, put
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.carriers.names import invent

# The last subscribers by number are the odd ones, in turn; everybody before them is plain.
ODD = ("nothing-owed", "closed", STANDING_ORDER, NEAR_CHARGE_DATE, DISPUTED, "several-open")
MOST_ODD, ONE_IN = 30, 8
MOST_BILLS = 3
PAID_ELSEWHERE = "WEB-{ref}"


def populate(connection: sqlite3.Connection, *, seed: int, subscribers: int, now: datetime) -> None:
    connection.execute("INSERT INTO made VALUES (?, ?, ?)", (now.isoformat(), seed, subscribers))
    odd = min(MOST_ODD, max(len(ODD), subscribers // ONE_IN))
    for carrier in CARRIERS.values():
        luck = Random(f"{seed} {carrier.code}")
        today = now.astimezone(carrier.zone).date()
        for place, number in enumerate(numbers(carrier, luck, subscribers)):
            kind = ODD[(subscribers - 1 - place) % len(ODD)] if place >= subscribers - odd else "plain"
            settle(connection, carrier, number, kind, luck, today=today)


def numbers(carrier: Carrier, luck: Random, count: int) -> list[str]:
    chosen = {carrier.example}
    while len(chosen) < count:
        chosen.add(carrier.new_number(luck))
    return sorted(chosen)


def settle(connection: sqlite3.Connection, carrier: Carrier, number: str, kind: str, luck: Random, *, today: date) -> None:
    """One subscriber with the bills that go with ``kind``."""
    state = "closed" if kind == "closed" else "active"
    row = (carrier.code, number, invent(carrier.country, luck), state, luck.randrange(0, 2000), 0, "")
    connection.execute("INSERT INTO subscribers VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    count = MOST_BILLS if kind == "several-open" else luck.randint(1, MOST_BILLS)
    bills = carrier.issue(number, luck, today=today, count=count)
    if carrier.takes_any_amount:
        put(connection, carrier, number, carrier.account_bill(account_ref(carrier, number, position=1), today=today), kind="account")
    for bill in bills:
        is_newest = bill is bills[-1]
        put(connection, carrier, number, marked(bill, kind, today=today) if is_newest else bill)
        still_open = kind == "several-open" or (kind not in ("nothing-owed", "closed") and (is_newest or luck.random() < 0.25))
        if not still_open:
            pay_elsewhere(connection, carrier, bill)


def marked(bill: Bill, kind: str, *, today: date) -> Bill:
    if kind == NEAR_CHARGE_DATE:
        return replace(bill, flags=(kind,), charged_on=today + timedelta(days=2))
    return replace(bill, flags=(kind,)) if kind in (STANDING_ORDER, DISPUTED) else bill


def pay_elsewhere(connection: sqlite3.Connection, carrier: Carrier, bill: Bill) -> None:
    """Paid long ago, on the carrier's own site."""
    connection.execute(
        "UPDATE bills SET open = 0, state = 'paid', paid_by = ?, paid_at = ? WHERE biller = ? AND ref = ?",
        (PAID_ELSEWHERE.format(ref=bill.number), f"{bill.issued_on + timedelta(days=1)}T10:00:00+00:00", carrier.code, bill.ref),
    )


def practice_bill(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, amount: int, *, today: date) -> str:
    """A bill of exactly this amount, on top of the others; returns its ref."""
    (position,) = connection.execute("SELECT max(id) + 1 FROM bills").fetchone()
    ref = f"{carrier.initial}-{subscriber}-X{position}"
    put(connection, carrier, subscriber, carrier.practice_bill(ref, Money(amount, carrier.currency), today=today))
    return ref

"""Controls of the carriers: who is there, a bill more, what was really booked."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date

from app.money import Money
from sandbox import clock
from sandbox.billers.look_up import asks
from sandbox.billers.shelf import LIGHT, Asks, flags_of, put
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS, CODES
from sandbox.web.fields import Fields, Invalid
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World

MOST_OF_A_BILL = 10**12  # minor units


def subscribers(world: World, request: Request) -> Reply:
    """In the order of their numbers, with the flags of their open bills and what they owe."""
    carrier = asked(request)
    with world.store.reading() as connection:
        owed = what_they_owe(connection, carrier)
        rows = connection.execute("SELECT * FROM subscribers WHERE biller = ? ORDER BY number", (carrier.code,)).fetchall()
    return json_reply(200, {"items": [shown(row, owed.get(row["number"], Owed()), carrier) for row in rows]})


@dataclass(slots=True)
class Owed:
    """:ivar amount: minor units, nothing twice where debt is carried"""

    amount: int = 0
    bills: int = 0
    flags: set[str] = field(default_factory=set)


def what_they_owe(connection: sqlite3.Connection, carrier: Carrier) -> dict[str, Owed]:
    everybody: dict[str, Owed] = {}
    today = clock.today(carrier.zone)
    for bill in connection.execute(f"SELECT {LIGHT} FROM bills WHERE biller = ? AND state = 'open'", (carrier.code,)):
        owed = everybody.setdefault(bill["subscriber"], Owed())
        owed.amount += asks(bill)
        owed.bills += asks(bill) > 0
        owed.flags |= set(flags_of(bill, today=today))
    return everybody


def shown(row: sqlite3.Row, owed: Owed, carrier: Carrier) -> dict[str, object]:
    return {
        "number": row["number"],
        "name": row["name"],
        "state": row["state"],
        "flags": sorted(owed.flags),
        "currency": carrier.currency,
        "owed": owed.amount,
        "open_bills": owed.bills,
        "advance": row["advance"],
        "e_bill": row["e_bill"],
    }


def new_bill(world: World, request: Request) -> Reply:
    fields = Fields.of_body(request)
    carrier, number = CARRIERS[fields.one_of("biller", CODES)], fields.text("subscriber")
    amount = fields.whole("amount", least=1, most=MOST_OF_A_BILL)
    fields.done()
    with world.store.writing() as connection:
        row = connection.execute("SELECT state FROM subscribers WHERE biller = ? AND number = ?", (carrier.code, number)).fetchone()
        if row is None or row["state"] == "closed":
            raise Invalid("subscriber", f"{carrier.name} has no {'open account' if row else 'subscriber'} {number}.")
        ref = practice_bill(connection, carrier, number, amount, today=clock.today(carrier.zone))
    return json_reply(201, {"ref": ref})


def practice_bill(connection: sqlite3.Connection, carrier: Carrier, subscriber: str, amount: int, *, today: date) -> str:
    """Exactly this amount, on top of the others, carried to no other and charged to nobody's account; returns its ref."""
    (position,) = connection.execute("SELECT max(id) + 1 FROM bills").fetchone()
    ref = f"{carrier.initial}-{subscriber}-X{position}"
    bill = carrier.practice_bill(ref, Money(amount, carrier.currency), today=today)
    put(connection, carrier, subscriber, bill, Asks(0, amount), kind="practice")
    return ref


def effects(world: World, request: Request) -> Reply:
    """The truth: one item for each payment that was booked, in that order."""
    carrier = asked(request)
    columns = ("reference", "bill", "subscriber", "amount", "state", "at")
    with world.store.reading() as connection:
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM effects WHERE biller = ? ORDER BY id", (carrier.code,)).fetchall()
    return json_reply(200, {"items": [dict(zip(columns, row, strict=True)) for row in rows]})


def charges(world: World, request: Request) -> Reply:
    """What was charged to lines beside their bills, in that order; amounts are decimal strings in major units."""
    carrier = asked(request)
    columns = ("reference", "subscriber", "text", "amount", "at")
    with world.store.reading() as connection:
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM charges WHERE biller = ? ORDER BY id", (carrier.code,)).fetchall()
    return json_reply(200, {"items": [dict(zip(columns, row, strict=True)) for row in rows]})


def asked(request: Request) -> Carrier:
    query = Fields.of_query(request)
    code = query.one_of("biller", CODES)
    query.done()
    return CARRIERS[code]

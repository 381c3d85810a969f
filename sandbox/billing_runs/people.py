"""Who lives in a new store. The same seed and clock make the same people."""

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from sandbox.billers.shelf import Asks, account_ref, put
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.carriers.names import invent
from sandbox.carriers.person import CAST, CLOSED, ODD, PLAIN, Person
from sandbox.cast.directory import roles_of

# The last of the ordinary subscribers by number are the odd ones, in turn; everybody before them is plain.
MOST_ODD, ONE_IN = 30, 8
JOINED_LATELY, JOINED_AGO = 0.1, (75, 150)  # share; days before the store's first day
CLOSED_AGO = timedelta(days=40)
SMS_INQUIRY, SMS_TEXT = "0.0236", "650-yə SMS sorğusu"


def move_in(connection: sqlite3.Connection, *, seed: int, subscribers: int, now: datetime) -> None:
    """Everybody, without bills."""
    connection.execute("INSERT INTO made VALUES (?, ?, ?)", (now.isoformat(), seed, subscribers))
    for carrier in CARRIERS.values():
        world_began = now.astimezone(carrier.zone).date()
        luck = Random(f"{seed} {carrier.code}")
        for person in people(carrier, luck, seed=seed, count=subscribers, world_began=world_began):
            settle(connection, carrier, person, luck)


def people(carrier: Carrier, luck: Random, *, seed: int, count: int, world_began: date) -> Iterator[Person]:
    """The ordinary ones by number, then the cast, whose numbers are higher."""
    odd = min(MOST_ODD, max(len(ODD), count // ONE_IN))
    for place, number in enumerate(numbers(carrier, luck, count)):
        kind = ODD[(count - 1 - place) % len(ODD)] if place >= count - odd else PLAIN
        first_day = last_day = None
        if kind == CLOSED:
            last_day = world_began - CLOSED_AGO
        elif number != carrier.example and luck.random() < JOINED_LATELY:
            first_day = world_began - timedelta(days=luck.randint(*JOINED_AGO))
        yield Person(seed, carrier.code, number, kind, world_began, first_day, last_day)
    for number, role in sorted(roles_of(carrier.code).items()):
        yield Person(seed, carrier.code, number, CAST, world_began, role.first_day, role.last_day)


def numbers(carrier: Carrier, luck: Random, count: int) -> list[str]:
    chosen = {carrier.example}
    while len(chosen) < count:
        chosen.add(carrier.new_number(luck))
    return sorted(chosen)


def settle(connection: sqlite3.Connection, carrier: Carrier, person: Person, luck: Random) -> None:
    name, state = invent(carrier.country, luck), "closed" if person.kind == CLOSED else "active"
    days = (text(person.first_day), text(person.last_day))
    row = (carrier.code, person.number, name, person.kind, *days, state, 0, "", person.kind == CAST)
    connection.execute("INSERT INTO subscribers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    if carrier.accepts_more:
        ref = account_ref(carrier, person.number, position=1)
        bill = carrier.account_bill(ref, today=person.world_began)
        put(connection, carrier, person.number, bill, Asks(0, 0), kind="account")
    if person.kind == CAST:
        charge_inquiries(connection, carrier, person)


def charge_inquiries(connection: sqlite3.Connection, carrier: Carrier, person: Person) -> None:
    """Those of a worked example, each on its day: before it nobody sees them."""
    for count, day in enumerate(roles_of(carrier.code)[person.number].inquiries):
        values = (carrier.code, person.number, f"CAST-{person.number}-{count}", SMS_TEXT, SMS_INQUIRY, text(day), f"{day}T12:00:00+00:00")
        connection.execute(
            "INSERT INTO charges (biller, subscriber, reference, text, amount, day, at) VALUES (?, ?, ?, ?, ?, ?, ?)", values
        )


def text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def known_people(connection: sqlite3.Connection, carrier: Carrier) -> list[Person]:
    seed, world_began = made(connection, carrier)
    rows = connection.execute("SELECT * FROM subscribers WHERE biller = ? ORDER BY number", (carrier.code,))
    return [as_person(row, seed, world_began) for row in rows]


def made(connection: sqlite3.Connection, carrier: Carrier) -> tuple[int, date]:
    """The seed, and the store's first day at this carrier."""
    row = connection.execute("SELECT at, seed FROM made").fetchone()
    return row["seed"], datetime.fromisoformat(row["at"]).astimezone(carrier.zone).date()


def as_person(row: sqlite3.Row, seed: int, world_began: date) -> Person:
    first_day, last_day = (date.fromisoformat(row[name]) if row[name] else None for name in ("first_day", "last_day"))
    return Person(seed, row["biller"], row["number"], row["kind"], world_began, first_day, last_day)

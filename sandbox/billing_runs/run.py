"""
A carrier's days, one after the other: who is charged or pays away from the counter, then the bills of the day.

The whole run of a carrier is one transaction of the caller's: after a kill it begins again where it began, and each bill is
issued once.
"""

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta

from app.billing.period import Period
from app.money import Money
from sandbox.billers.claims import open_of, put_on_bills
from sandbox.billers.shelf import LIGHT
from sandbox.billing_runs.issue import issue
from sandbox.billing_runs.lines import advances_of_all, charged_to_all
from sandbox.billing_runs.people import known_people
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import CAST, Person

HISTORY = timedelta(days=183)  # before the store's first day; older bills do not exist
KNOWN = timedelta(days=100)  # three or four bills: everything that may be open; older ones are history.py's
LAST_BILLS = timedelta(days=70)  # after a contract's end nothing more is billed
REFERENCE = {"web": "WEB", "debit": "DEBIT", "order": "ORDER"}


def begin(connection: sqlite3.Connection, carrier: Carrier, *, today: date) -> None:
    """Bills of the time before the store, and those of the cast from their own beginning."""
    people = known_people(connection, carrier)
    history_began, known_from = (carrier.cycles.of(today - ago).first for ago in (HISTORY, KNOWN))
    began = min([known_from, *(person.first_day for person in people if person.kind == CAST and person.first_day)])
    values = (carrier.code, *(day.isoformat() for day in (history_began, known_from, began, began)))
    connection.execute("INSERT INTO billing_runs (biller, history_began_on, known_from, ran_on, billed_on) VALUES (?, ?, ?, ?, ?)", values)
    run(connection, carrier, today=today)


def run(connection: sqlite3.Connection, carrier: Carrier, *, today: date) -> None:
    """Everything that is due up to ``today``; nothing for a day that was done."""
    state = state_of(connection, carrier)
    if not state["paused"]:
        people: list[Person] = []
        for cycle in cycles_issued(carrier, after=date.fromisoformat(state["billed_on"]), until=today):
            people = people or known_people(connection, carrier)
            on = carrier.issue_day(cycle)
            pay_away_from_counter(connection, carrier, until=on)
            issue_to_all(connection, carrier, people, cycle, on=on, known_from=date.fromisoformat(state["known_from"]))
    pay_away_from_counter(connection, carrier, until=today)
    keep(connection, carrier, "ran_on", today)
    if not state["paused"]:
        keep(connection, carrier, "billed_on", today)


def pause(connection: sqlite3.Connection, carrier: Carrier, *, paused: bool, today: date) -> None:
    """When it goes on, the missed bills come out at once: their own periods, today's date."""
    state = state_of(connection, carrier)
    connection.execute("UPDATE billing_runs SET paused = ? WHERE biller = ?", (paused, carrier.code))
    if state["paused"] and not paused:
        people = known_people(connection, carrier)
        for cycle in cycles_issued(carrier, after=date.fromisoformat(state["billed_on"]), until=today):
            issue_to_all(connection, carrier, people, cycle, on=today, known_from=date.fromisoformat(state["known_from"]))
        keep(connection, carrier, "billed_on", today)
        pay_away_from_counter(connection, carrier, until=today)


def state_of(connection: sqlite3.Connection, carrier: Carrier) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute("SELECT * FROM billing_runs WHERE biller = ?", (carrier.code,)).fetchone()
    return row


def keep(connection: sqlite3.Connection, carrier: Carrier, column: str, today: date) -> None:
    """Never backwards: a clock that was set back finds its days done."""
    day = today.isoformat()
    connection.execute(f"UPDATE billing_runs SET {column} = max({column}, ?) WHERE biller = ?", (day, carrier.code))


def cycles_issued(carrier: Carrier, *, after: date, until: date) -> Iterator[Period]:
    """The cycles whose planned day of issue is later than ``after`` and not later than ``until``, oldest first."""
    cycle = carrier.cycles.before(carrier.cycles.of(after))
    while carrier.issue_day(cycle) <= until:
        if carrier.issue_day(cycle) > after:
            yield cycle
        cycle = carrier.cycles.after(cycle)


def issue_to_all(
    connection: sqlite3.Connection, carrier: Carrier, people: list[Person], cycle: Period, *, on: date, known_from: date
) -> None:
    charged, advances = charged_to_all(connection, carrier, cycle), advances_of_all(connection, carrier)
    for person in people:
        begins = person.first_day or known_from
        if person.kind != CAST:
            begins = max(begins, known_from)
        if begins <= cycle.last and (person.last_day is None or cycle.first <= person.last_day + LAST_BILLS):
            issue(
                connection, carrier, person, cycle, on=on, inquiries=charged.get(person.number, ()), advance=advances.get(person.number, 0)
            )


def pay_away_from_counter(connection: sqlite3.Connection, carrier: Carrier, *, until: date) -> None:
    """
    On the carrier's own site, by direct debit, by standing order; in the order of their days.

    Nobody charges what the customer disputes †.
    """
    due = connection.execute(
        "SELECT id FROM bills WHERE biller = ? AND state = 'open' AND acts_on <= ? AND disputed = 0 ORDER BY acts_on, id",
        (carrier.code, until.isoformat()),
    ).fetchall()
    for (identity,) in due:
        bill = connection.execute(f"SELECT {LIGHT}, acts_on, acts_with FROM bills WHERE id = ?", (identity,)).fetchone()
        if bill["state"] == "open":  # not paid meanwhile together with a newer one
            amount = Money(bill["acts_with"], carrier.currency) if bill["acts_with"] else open_of(connection, carrier, bill)
            at = carrier.midnight(date.fromisoformat(bill["acts_on"]))
            put_on_bills(connection, carrier, bill, amount, by=f"{REFERENCE[bill['way']]}-{bill['ref'].replace('-', '')}", at=at)
            if bill["acts_with"]:
                connection.execute("UPDATE bills SET acts_on = NULL WHERE id = ?", (identity,))

"""
Bills from before the last months of a new store's past: all paid long ago, and written only when somebody asks for them, because
hardly anybody does and a new store should open at once. They follow from the stories like every other bill.
"""

import sqlite3
from datetime import date

from sandbox.billers.claims import close
from sandbox.billers.shelf import Asks, put
from sandbox.billing_runs.habits import intent
from sandbox.billing_runs.lines import charged_to
from sandbox.billing_runs.people import as_person, made
from sandbox.billing_runs.run import REFERENCE, cycles_issued, state_of
from sandbox.carriers.carrier import Carrier


def is_written(connection: sqlite3.Connection, carrier: Carrier, subscriber: str) -> bool:
    """True for nobody's too."""
    row = connection.execute(
        "SELECT old_bills_written FROM subscribers WHERE biller = ? AND number = ?", (carrier.code, subscriber)
    ).fetchone()
    return row is None or bool(row["old_bills_written"])


def write_history(connection: sqlite3.Connection, carrier: Carrier, subscriber: str) -> None:
    """Below all other bills: their ids are smaller."""
    if is_written(connection, carrier, subscriber):
        return
    key = (carrier.code, subscriber)
    person = as_person(
        connection.execute("SELECT * FROM subscribers WHERE biller = ? AND number = ?", key).fetchone(), *made(connection, carrier)
    )
    connection.execute("UPDATE subscribers SET old_bills_written = 1 WHERE biller = ? AND number = ?", key)
    state = state_of(connection, carrier)
    history_began, known_from = (date.fromisoformat(state[name]) for name in ("history_began_on", "known_from"))
    begins = max(history_began, person.first_day or history_began)
    cycles = [cycle for cycle in cycles_issued(carrier, after=begins, until=known_from) if cycle.last >= begins]
    (identity,) = connection.execute("SELECT min(id) FROM bills").fetchone()
    for cycle in reversed(cycles):
        draft = carrier.draft(person, cycle, inquiries=charged_to(connection, carrier, subscriber, cycle), older=())
        if draft is not None:
            identity = min(identity, 0) - 1
            wish = intent(carrier, person, draft)
            bill = carrier.bill(wish.draft, subscriber)
            put(connection, carrier, subscriber, bill, Asks(0, max(0, bill.amount.minor)), identity=identity)
            if bill.amount.minor >= 0:
                paid_on = wish.on or bill.due_on
                close(connection, identity, by=f"{REFERENCE[wish.way or 'web']}-{bill.number}", at=carrier.midnight(paid_on))

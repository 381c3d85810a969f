"""A new store: everybody, and the bills they had already got."""

import sqlite3
from datetime import datetime

from sandbox.billing_runs import people, run
from sandbox.carriers.directory import CARRIERS


def populate(connection: sqlite3.Connection, *, seed: int, subscribers: int, now: datetime) -> None:
    people.move_in(connection, seed=seed, subscribers=subscribers, now=now)
    for carrier in CARRIERS.values():
        run.begin(connection, carrier, today=now.astimezone(carrier.zone).date())

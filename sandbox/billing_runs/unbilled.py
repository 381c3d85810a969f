"""What no bill holds yet: cycles a pause holds back, the running one until today, and what others charged."""

import sqlite3
from datetime import date
from functools import lru_cache

from app.billing.period import Period
from app.billing.usage import charge_lines
from app.money import Money, total
from sandbox.billing_runs.lines import charged_to
from sandbox.billing_runs.run import cycles_issued, state_of
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import Person


def unbilled(connection: sqlite3.Connection, carrier: Carrier, person: Person, *, today: date) -> Money:
    """Each line rounded once, as it would stand on a bill issued now, without late fees and instalments."""
    state, running = state_of(connection, carrier), carrier.cycles.of(today)
    so_far = Period(running.first, today)
    charged = charge_lines(charged_to(connection, carrier, person.number, so_far), so_far, carrier.currency)
    amount = cost(carrier, person, running, today) + total((line.amount for line in charged), carrier.currency)
    if state["paused"]:
        for cycle in cycles_issued(carrier, after=date.fromisoformat(state["billed_on"]), until=today):
            inquiries = charged_to(connection, carrier, person.number, cycle)
            held = carrier.draft(person, cycle, inquiries=inquiries, older=())
            amount += held.amount if held else Money(0, carrier.currency)
    return amount


@lru_cache(maxsize=20_000)
def cost(carrier: Carrier, person: Person, running: Period, today: date) -> Money:
    """It follows from who they are and the day alone."""
    return carrier.running(person, running, today)

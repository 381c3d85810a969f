"""One bill: made by the carrier's arithmetic, lowered by an advance, put on the shelf."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.billing.carriers.millenicom import Older
from app.billing.debt import use_advance
from app.billing.draft import Draft, lines_of
from app.billing.period import Period
from app.billing.usage import Charged
from app.money import Money
from sandbox.billers.claims import add_advance, as_claims, close
from sandbox.billers.shelf import Asks, put
from sandbox.billing_runs.habits import intent
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import Person


def issue(
    connection: sqlite3.Connection,
    carrier: Carrier,
    person: Person,
    cycle: Period,
    *,
    on: date,
    inquiries: Sequence[Charged],
    advance: int,
) -> None:
    """
    The bill of one cycle, unless there is nothing to bill.

    :param inquiries: what others charged to the line in this cycle
    :param advance: the subscriber's, minor units
    :param on: the day it is issued; after a pause later than planned, and then its other days move by as much †
    """
    older = older_bills(connection, carrier, person.number) if carrier.carries_debt else []
    draft = carrier.draft(person, cycle, inquiries=inquiries, older=older)
    if draft is None:
        return
    wish = intent(carrier, person, draft)
    delay = on - draft.issued_on
    asked, change = after_advance(draft.amount - draft.of_kind("past-due"), Money(advance, carrier.currency))
    late_fee = min(late_fee_of(draft), asked.minor)
    asks = Asks(late_fee, asked.minor - late_fee, wish.disputed, wish.way, wish.on and wish.on + delay, wish.amount)
    bill = carrier.bill(later(wish.draft, delay), person.number)
    identity = put(connection, carrier, person.number, bill, asks)
    if change:
        add_advance(connection, carrier, person.number, change)
    if not asked and bill.amount.minor >= 0:
        close(connection, identity, by=f"ADVANCE-{bill.number}", at=carrier.midnight(on))
    if late_fee:
        connection.executemany(
            "UPDATE bills SET late_since = ? WHERE biller = ? AND ref = ? AND late_since < ?",
            [(draft.issued_on.isoformat(), carrier.code, one.claim.ref, draft.issued_on.isoformat()) for one in older],
        )


def after_advance(own: Money, advance: Money) -> tuple[Money, int]:
    """
    :returns: what the bill asks for, and by how many minor units the advance changes: a bill below zero is a credit and adds to it
    """
    if own.minor < 0:
        return Money(0, own.currency), -own.minor
    asked, left = use_advance(own, advance)
    return asked, left.minor - advance.minor


def late_fee_of(draft: Draft) -> int:
    """Minor units."""
    return sum(line.amount.minor for line in lines_of(draft.sections) if line.rule == "late-fee")


def later(draft: Draft, delay: timedelta) -> Draft:
    """Its period stays, its days move: what a pause delayed costs nobody a day to pay, and no late fee †."""
    if not delay:
        return draft
    charged_on = draft.charged_on + delay if draft.charged_on else None
    return replace(draft, issued_on=draft.issued_on + delay, due_on=draft.due_on + delay, charged_on=charged_on)


def older_bills(connection: sqlite3.Connection, carrier: Carrier, subscriber: str) -> list[Older]:
    """What is still open of ordinary bills, oldest first."""
    rows = connection.execute(
        "SELECT ref, late_fee, current, late_since FROM bills"
        " WHERE biller = ? AND subscriber = ? AND state = 'open' AND kind = 'bill' ORDER BY id",
        (carrier.code, subscriber),
    ).fetchall()
    claims = as_claims(rows, carrier)
    return [
        Older(claim, claim.ref.replace("-", ""), date.fromisoformat(row["late_since"])) for claim, row in zip(claims, rows, strict=True)
    ]

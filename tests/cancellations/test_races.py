"""C-03, B18, B20, C20, trust.md "approvals": a thousand rounds of twenty, one outcome each, and no money back twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy import select

from app import clock, db
from app.cancellations.decide_cancellation import Decided, decide_cancellation
from app.cancellations.model import Cancellation, State
from app.cancellations.withdraw_cancellation import withdraw_cancellation
from app.collections.queries import cash_to_return
from app.money import Money
from tests.cancellations.conftest import ask, report
from tests.conftest import Database
from tests.crowd import AT_ONCE, rounds
from tests.people import ScriptedBiller, Shop, book_is_right, hire, journal

ROUNDS = 1_000
APPROVERS = 14  # of twenty; the others are the shop, again and again

# As ``request_cancellation`` leaves the first one and its two scans, for the other payments; all at once.
MANY = """
    WITH papers AS (
        INSERT INTO scan (name, kind, about, media_type, pages, size, sealed, wrapped_key, key_id, kept_at, kept_by)
        SELECT md5(name || payment), kind, payment, media_type, pages, size, sealed, wrapped_key, key_id, kept_at, kept_by
        FROM scan, unnest(%(payments)s::text[]) AS payment
    )
    INSERT INTO cancellation (payment, agent, biller, asked_at, asked_by, reason, form, identity, cut_off_at, report_until)
    SELECT other, agent, biller, asked_at, asked_by, reason, md5(form || other), md5(identity || other), cut_off_at, report_until
    FROM cancellation, unnest(%(payments)s::text[]) AS other
"""


@dataclass(frozen=True)
class Crowd:
    """Seven grant, seven deny, and six times the shop takes it back: in an order that nobody knows."""

    approvers: Sequence[str]
    agent: str
    asker: str
    now: datetime

    def act(self, number: int, cancellation: int) -> str:
        try:
            with db.transaction() as session:
                if number >= APPROVERS:
                    return withdraw_cancellation(session, cancellation, agent=self.agent, by=self.asker, now=self.now).state
                by, granted = self.approvers[number], number % 2 == 0
                return decide_cancellation(session, cancellation, granted=granted, reason="because", by=by, now=self.now).state
        except Decided as refusal:
            return refusal.name()


def test_a_thousand_rounds_of_twenty_have_one_outcome_each(shop: Shop, millenicom: ScriptedBiller, database: Database) -> None:
    """What was granted is then reported by two workers at once: its money is back once, of the others none"""
    shop.topped_up("500.00")  # and as much was there
    people = [f"person:{hire('approver', name=f'Admin {number}').id}" for number in range(APPROVERS)]
    payments = [shop.pays(millenicom, millenicom.bill("1.00")) for _ in range(ROUNDS)]
    ask(payments[0], shop)
    with psycopg.connect(database.url) as connection:
        connection.execute(MANY, {"payments": [payment.reference for payment in payments[1:]]})
    with db.reading() as session:
        numbers = session.scalars(select(Cancellation.id)).all()
    paid = journal()

    told = rounds(database, Crowd(people, shop.number, shop.by, clock.now()).act, numbers)

    ended = all_of(numbers)
    for number, words in zip(numbers, told, strict=True):
        outcomes = [word for word in words if word != "decided"]
        assert set(outcomes) == {ended[number].state}, (number, words)
        assert len(outcomes) == 1 or ended[number].state == State.WITHDRAWN, "only withdrawing twice is no second outcome"
        assert len(words) == AT_ONCE
    assert {one.state for one in ended.values()} == {State.GRANTED, State.DENIED, State.WITHDRAWN}
    assert journal() == paid, "a decision alone moves nothing"

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda _worker: report(millenicom), range(2)))

    done = sorted(one.payment for one in all_of(numbers).values() if one.state == State.DONE)
    assert len(done) == sum(one.state == State.GRANTED for one in ended.values())
    assert sorted(word.removeprefix("reverse ") for word in millenicom.asked if word.startswith("reverse ")) == done
    with db.reading() as session:
        assert sorted(owed.reference for owed in cash_to_return(session, shop.number)) == done
    assert shop.balance == Money(len(done) * 1_00, "TRY")
    back = "payment.cancelled   transit -> agent:1000001042 1.00"
    assert sum(line == back for line in journal()) == len(done)
    assert book_is_right()


def all_of(numbers: Sequence[int]) -> dict[int, Cancellation]:
    with db.reading() as session:
        return {one.id: one for one in session.scalars(select(Cancellation).where(Cancellation.id.in_(numbers)))}

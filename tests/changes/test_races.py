"""B18, C20, trust.md "approvals": a thousand rounds of twenty who decide and withdraw at once give one outcome each."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier

import psycopg

from app import clock, db
from app.changes.decide_change import ApprovedByYou, Decided, decide
from app.changes.model import Change, State
from app.changes.references import new_reference
from app.changes.withdraw_change import withdraw_change
from app.people.model import Person
from tests.changes.conftest import ask, name, tomorrow
from tests.changes.conftest import decide as decides
from tests.conftest import Database
from tests.crowd import rounds
from tests.people import Shop, hire

ROUNDS = 1_000
APPROVERS = 12  # of twenty; the other eight are the asker, again and again

# As ``request_change`` leaves them; all at once, each about a matter of its own.
MANY = """
    INSERT INTO change (reference, kind, market, agent, matter, source, opened_at, opened_by, asked_at, asked_by, complete_at,
        complete_by, wanted, before, version, effective_on, reason, weight, persons_needed)
    SELECT r, kind, market, agent, 'round ' || r, source, opened_at, opened_by, asked_at, asked_by, complete_at, complete_by, wanted,
        before, version, effective_on, reason, weight, 1 + mod(n, 2) FROM change, unnest(%s::text[]) WITH ORDINALITY AS u(r, n)
"""


@dataclass(frozen=True)
class Crowd:
    """Six approve, six deny, and eight times its asker withdraws: in an order that nobody knows."""

    approvers: Sequence[str]
    asker: str
    now: datetime

    def act(self, number: int, reference: str) -> str:
        try:
            with db.transaction() as session:
                if number >= APPROVERS:
                    return withdraw_change(session, reference, by=self.asker, now=self.now).state
                return decide(session, reference, granted=number % 2 == 0, reason="because", by=self.approvers[number], now=self.now).state
        except (Decided, ApprovedByYou) as refusal:
            return refusal.name()


def test_a_thousand_rounds_of_twenty_have_one_outcome_each(shop: Shop, operator: Person, database: Database) -> None:
    """Half of them take two approvals; granted is for tomorrow, so that the verb of the kind is no part of it"""
    people = [name(hire("approver", name=f"Admin {number}")) for number in range(APPROVERS)]
    ask("credit-limit", operator, {"credit_limit": 100}, agent=shop.number, reason="x", effective_on=tomorrow())
    references = [new_reference() for _ in range(ROUNDS)]
    with psycopg.connect(database.url) as connection:
        connection.execute(MANY, [references])

    told = rounds(database, Crowd(people, name(operator), clock.now()).act, references)

    with db.reading() as session:
        ended = {change.reference: change for change in session.query(Change).filter(Change.reference.in_(references))}
    for reference, words in zip(references, told, strict=True):
        change = ended[reference]
        outcomes = [word for word in words if word not in ("decided", State.APPROVED_ONCE)]
        assert set(outcomes) == {change.state}, (reference, words)
        assert len(outcomes) == 1 or change.state == State.WITHDRAWN, "only withdrawing twice is no second outcome"
        assert words.count(State.APPROVED_ONCE) <= change.persons_needed - 1
        assert change.approvals == words.count(State.APPROVED_ONCE) + words.count(State.GRANTED)
    assert {change.state for change in ended.values()} == {State.GRANTED, State.DENIED, State.WITHDRAWN}


def test_removals_at_once_leave_an_owner(shop: Shop, admin: Person, second_admin: Person) -> None:
    """B18: the removal of every owner is granted at the same moment; one of them stays"""
    owners = [shop.owner, hire("owner", shop=shop, name="Ortak"), hire("owner", shop=shop, name="Üçüncü")]
    changes = [ask("person-remove", owners[turn - 1], person=owners[turn].id) for turn in range(3)]
    barrier = Barrier(3)

    def grant(turn: int) -> str:
        barrier.wait()
        return decides(changes[turn], (admin, second_admin, admin)[turn]).state

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(grant, range(3))) == [State.APPLIED, State.APPLIED, State.FAILED]

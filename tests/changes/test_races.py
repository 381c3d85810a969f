"""B18, C20, trust.md "approvals": rounds of twenty who decide and withdraw at once give one outcome each."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import psycopg
import pytest

from app import clock, db
from app.changes.decide_change import ApprovedByYou, Decided, decide
from app.changes.model import Change, State
from app.changes.references import new_reference
from app.changes.withdraw_change import withdraw_change
from app.people.model import Person
from tests.changes.conftest import ask, name, tomorrow
from tests.changes.conftest import decide as decides
from tests.conftest import Database
from tests.people import Shop, hire

ROUNDS, AT_ONCE = 200, 20  # the suite stays within minutes; a thousand rounds are the same test with another number

# As ``request_change`` leaves them; all at once, each about a matter of its own.
MANY = """
    INSERT INTO change (reference, kind, market, agent, matter, source, opened_at, opened_by, asked_at, asked_by, complete_at,
        complete_by, wanted, before, version, effective_on, reason, weight, persons_needed)
    SELECT r, kind, market, agent, 'round ' || r, source, opened_at, opened_by, asked_at, asked_by, complete_at, complete_by, wanted,
        before, version, effective_on, reason, weight, 1 + mod(n, 2) FROM change, unnest(%s::text[]) WITH ORDINALITY AS u(r, n)
"""


@pytest.fixture
def crowd(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that stays for each of the twenty: from the usual pool eight would connect anew in every round."""
    monkeypatch.setattr(db, "make_engine", partial(db.make_engine, size=AT_ONCE))
    db.connect(database.config)


@pytest.mark.usefixtures("crowd")
def test_rounds_of_twenty_have_one_outcome_each(shop: Shop, operator: Person, database: Database) -> None:
    """Half of them take two approvals; granted is for tomorrow, so that the verb of the kind is no part of it"""
    people = [name(hire("approver", name=f"Admin {number}")) for number in range(12)]
    ask("credit-limit", operator, {"credit_limit": 100}, agent=shop.number, reason="x", effective_on=tomorrow())
    references = [new_reference() for _ in range(ROUNDS)]
    with psycopg.connect(database.url) as connection:
        connection.execute(MANY, [references])
    now, barrier = clock.now(), Barrier(AT_ONCE)

    def act(number: int, reference: str) -> str:
        """Six approve, six deny, and eight times its asker withdraws: in an order that nobody knows."""
        try:
            with db.transaction() as session:
                if number >= len(people):
                    return withdraw_change(session, reference, by=name(operator), now=now).state
                return decide(session, reference, granted=number % 2 == 0, reason="because", by=people[number], now=now).state
        except (Decided, ApprovedByYou) as refusal:
            return refusal.name()
        except Exception as error:  # else the others would wait for this one for ever
            return repr(error)

    def stand(number: int) -> list[str]:
        words = []
        for reference in references:
            barrier.wait()
            words.append(act(orders[reference][number], reference))
        return words

    orders = {reference: random.sample(range(AT_ONCE), AT_ONCE) for reference in references}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rounds = list(zip(*pool.map(stand, range(AT_ONCE)), strict=True))

    with db.reading() as session:
        ended = {change.reference: change for change in session.query(Change).filter(Change.reference.in_(references))}
    for reference, words in zip(references, rounds, strict=True):
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

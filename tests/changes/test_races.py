"""B18, C20, trust.md "approvals": a thousand rounds of twenty who decide and withdraw at once give one outcome each."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import psycopg
import pytest

from app import clock, db
from app.agents.model import Agent
from app.changes.apply_change import apply_changes
from app.changes.decide_change import ApprovedByYou, Decided, decide
from app.changes.model import Change, State
from app.changes.references import new_reference
from app.changes.revoke_change import revoke_change
from app.changes.withdraw_change import withdraw_change
from app.ledger.chart import agent_account
from app.ledger.model import LimitedAccount
from app.people.model import Person
from tests.changes.conftest import TEN, ask, name, read, tomorrow, trail, withdraw
from tests.changes.conftest import decide as decides
from tests.conftest import Database
from tests.crowd import rounds
from tests.people import Shop, hire

ROUNDS = 1_000
APPROVERS = 12  # of twenty; the other eight are the asker, again and again

# As ``request_change`` leaves the first one, about its shop; for as many other shops, all at once.
MANY_SHOPS = """
    INSERT INTO agent (number, market, name, search_name, added_at, added_by)
    SELECT n, market, name, search_name, added_at, added_by FROM agent, unnest(%s::text[]) AS n
"""
MANY = """
    INSERT INTO change (reference, kind, market, agent, matter, source, on_behalf_of, opened_at, opened_by, asked_at, asked_by,
        complete_at, complete_by, wanted, before, version, reason, weight, persons_needed)
    SELECT r, kind, market, shop, shop, source, on_behalf_of, opened_at, opened_by, asked_at, asked_by, asked_at, asked_by, wanted,
        before, version, reason, weight, 1 + mod(n, 2) FROM change, unnest(%s::text[], %s::text[]) WITH ORDINALITY AS u(r, shop, n)
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
    """Each about a shop of its own, applied at once; half of them take two approvals"""
    people = [name(hire("approver", name=f"Admin {number}")) for number in range(APPROVERS)]
    ask("agent-information", operator, {"address": "Moda"}, agent=shop.number, on_behalf_of=shop.owner.id)
    references, shops = [new_reference() for _ in range(ROUNDS)], [f"2{number:09d}" for number in range(ROUNDS)]
    with psycopg.connect(database.url) as connection:
        connection.execute(MANY_SHOPS, [shops])
        connection.execute(MANY, [references, shops])

    told = rounds(database, Crowd(people, name(operator), clock.now()).act, references)

    with db.reading() as session:
        addresses = {one.number: one.address for one in session.query(Agent)}
        ended = {change.reference: change for change in session.query(Change).filter(Change.reference.in_(references))}
    for reference, words in zip(references, told, strict=True):
        change = ended[reference]
        outcomes = [word for word in words if word not in ("decided", State.APPROVED_ONCE)]
        assert set(outcomes) == {change.state}, (reference, words)
        assert len(outcomes) == 1 or change.state == State.WITHDRAWN, "only withdrawing twice is no second outcome"
        assert words.count(State.APPROVED_ONCE) <= change.persons_needed - 1
        assert change.approvals == words.count(State.APPROVED_ONCE) + words.count(State.APPLIED)
        assert addresses[change.agent or ""] == ("Moda" if change.state == State.APPLIED else "")
    assert {change.state for change in ended.values()} == {State.APPLIED, State.DENIED, State.WITHDRAWN}
    assert len(trail("change.applied")) == sum(change.state == State.APPLIED for change in ended.values())


@pytest.mark.parametrize("turn", range(10))
def test_applied_revoked_and_withdrawn_at_once(
    shop: Shop, operator: Person, admin: Person, monday: Callable[[datetime], None], turn: int
) -> None:
    """B18: its day has come; two workers apply it, two approvers revoke it, its asker takes it back: one of these happens, once"""
    change = ask("credit-limit", operator, {"credit_limit": 100}, agent=shop.number, reason="x", effective_on=tomorrow())
    decides(change, admin)
    monday(TEN + timedelta(days=1))
    now, others = clock.now(), [name(hire("approver")) for _ in range(2)]
    deeds: list[Callable[[], object]] = [
        *(partial(revoke_change, change.reference, reason="because", by=other, now=now) for other in others),
        *[partial(apply_changes, now)] * 2,
        partial(withdraw, change, operator),
    ]
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        barrier.wait()
        with suppress(Decided):
            deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(run, random.sample(deeds, len(deeds))))

    ended = read(change)
    happened = {event: len(trail(event)) for event in ("change.applied", "change.revoked", "change.withdrawn")}
    names = {State.APPLIED: "change.applied", State.DENIED: "change.revoked", State.WITHDRAWN: "change.withdrawn"}
    assert happened == dict.fromkeys(happened, 0) | {names[State(ended.state)]: 1}
    with db.reading() as session:
        limit = session.get_one(LimitedAccount, agent_account(shop.number)).credit_limit
    assert limit == (100 if ended.state == State.APPLIED else 0)


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

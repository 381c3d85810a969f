"""What pages ask about cancellations; a stranger's is not found."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app import clock, db
from app.agents.model import Agent
from app.billers.model import Biller
from app.cancellations.model import State
from app.cancellations.queries import earlier_requests, find_cancellation, list_cancellations, name_of
from app.collections.model import Payment
from app.collections.print_slip import Slips, print_slip
from app.errors import NotFound
from app.people.model import Person
from tests.cancellations.conftest import TEN, ask, decide, report
from tests.cancellations.test_papers import words
from tests.people import ScriptedBiller, Shop, open_shop


def test_a_stranger_finds_nothing(payment: Payment, shop: Shop) -> None:
    """C1: the same answer as for one that does not exist"""
    cancellation = ask(payment, shop)
    with db.reading() as session:
        for agent in (shop.number, None):
            assert find_cancellation(session, cancellation.id, agent=agent).payment == payment.reference
        for number, stranger in ((cancellation.id, "1000002077"), (4711, shop.number)):
            with pytest.raises(NotFound):
                find_cancellation(session, number, agent=stranger)


def test_lists_are_by_agent_and_state_the_newest_first(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    other = open_shop("1000002077")
    other.topped_up("10.00")
    first, second, third = (ask(shop.pays(millenicom, millenicom.bill("1.00")), shop).id for _ in range(3))
    foreign = ask(other.pays(millenicom, millenicom.bill("1.00")), other)
    decide(foreign, admin)
    with db.reading() as session:

        def ids(**wanted: object) -> list[int]:
            return [one.id for one in list_cancellations(session, **wanted)]  # type: ignore[arg-type]

        assert ids() == [foreign.id, third, second, first]
        assert ids(agent=shop.number) == [third, second, first]
        assert ids(state=State.GRANTED) == [foreign.id]
        assert ids(agent=shop.number, limit=2) == [third, second]
        assert ids(agent=shop.number, cursor=second) == [first]


def test_a_decider_sees_what_the_shop_asked_for_before(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    """screens.md"""
    first = decide(ask(shop.pays(millenicom, millenicom.bill("1.00")), shop), admin, granted=False, reason="not signed")
    second = ask(shop.pays(millenicom, millenicom.bill("1.00")), shop)
    with db.reading() as session:
        assert [(one.id, one.state) for one in earlier_requests(session, second)] == [(first.id, State.DENIED)]


def test_names_of_people_and_jobs(shop: Shop) -> None:
    with db.reading() as session:
        assert [name_of(session, by) for by in (shop.by, "job:test", "person:4711", "person:x")] == [
            "Ayşe Yılmaz", "job:test", "person:4711", "person:x",
        ]  # fmt: skip


def test_the_void_slip_says_when_it_was_cancelled(
    payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller, monday: Callable[..., None]
) -> None:
    """P-10"""
    decide(ask(payment, shop), admin)
    monday(TEN + timedelta(minutes=7))
    report(millenicom)
    with db.transaction() as session:
        cancelled = session.get_one(Payment, payment.reference)
        slips = Slips(cancelled, session.get_one(Agent, shop.number), session.get_one(Biller, "millenicom"), "Ayşe Yılmaz", "en", "")
        paper = words(print_slip(session, slips, by=shop.by, now=clock.now()))
    assert "Cancelled at 23 Nov 2026 10:07:00" in paper

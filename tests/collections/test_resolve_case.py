"""What no program may decide, two persons do (P-04, P-05, P-07)."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import clock, db
from app.collections.attention import attention
from app.collections.model import Case, State
from app.collections.resolve_case import Decided, Proposed, TooEarly, decide, open_unknown, propose
from app.collections.settle import settle
from app.errors import Invalid, OwnRequest
from tests.conftest import Database
from tests.people import (
    UNKNOWN,
    UNKNOWN_BUT_APPLIED,
    ScriptedBiller,
    Shop,
    book_is_right,
    hire,
    journal,
    lira,
    no,
    open_biller,
    open_shop,
    read_payment,
    yes,
)

NOTE = "Letter of the biller of today, number 4711"


@pytest.fixture
def millenicom(database: Database) -> ScriptedBiller:
    return open_biller()


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


def by(role: str) -> str:
    return f"person:{hire(role).id}"


def proposed(reference: str, outcome: str, *, by: str) -> int:
    with time_machine.travel(clock.now() + timedelta(minutes=31)), db.transaction() as session:
        case = open_unknown(session, reference, by=by, now=clock.now())
        propose(session, case.id, outcome=outcome, note=NOTE, by=by, now=clock.now())
        return case.id


@pytest.mark.parametrize(("outcome", "balance"), [("paid", "379.50"), ("refused", "500.00")])
def test_two_persons_end_an_unknown_payment(shop: Shop, millenicom: ScriptedBiller, outcome: str, balance: str) -> None:
    """P-04"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 9
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    operator, approver = by("operator"), by("approver")
    number = proposed(payment.reference, outcome, by=operator)

    with pytest.raises(OwnRequest):
        decide(number, millenicom, granted=True, by=operator, now=clock.now())
    assert read_payment(payment.reference).state == State.PENDING
    decide(number, millenicom, granted=True, by=approver, now=clock.now())

    assert read_payment(payment.reference).state == outcome
    assert shop.balance == lira(balance)
    with pytest.raises(Decided, match=approver):
        decide(number, millenicom, granted=True, by=by("approver"), now=clock.now())
    assert book_is_right()


def test_the_biller_is_asked_first_and_its_clear_word_counts(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-05"""
    millenicom.answers = [UNKNOWN_BUT_APPLIED]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    number = proposed(payment.reference, "refused", by=by("operator"))
    decide(number, millenicom, granted=True, by=by("approver"), now=clock.now())
    assert read_payment(payment.reference).state == State.PAID
    assert book_is_right()


def test_people_do_not_decide_within_the_first_half_hour(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    with pytest.raises(TooEarly), db.transaction() as session:
        open_unknown(session, payment.reference, by=by("operator"), now=clock.now())


def test_a_late_yes_charges_the_agent_only_by_two_persons(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-07: agent → biller, even below the limit"""
    millenicom.answers = [no("not_allowed")]
    payment = shop.pays(millenicom, millenicom.bill("500.00"))
    shop.pays(millenicom, millenicom.bill("450.00"))
    settle(payment, yes("MB-1"), by="job:test", now=clock.now())
    with db.transaction() as session:
        case = session.scalars(select(Case)).one()
        propose(session, case.id, outcome="charge-agent", note=NOTE, by=by("operator"), now=clock.now())
    decide(case.id, millenicom, granted=True, by=by("approver"), now=clock.now())
    assert shop.balance == lira("50.00") - lira("500.00")
    assert journal()[-1] == "payment.late-yes   agent:1000001042 -> biller:millenicom 500.00"
    assert book_is_right()


def test_a_refused_proposal_leaves_the_case_open(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 9
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    number = proposed(payment.reference, "paid", by=by("operator"))
    with pytest.raises(Proposed), db.transaction() as session:
        propose(session, number, outcome="paid", note=NOTE, by=by("operator"), now=clock.now())
    decide(number, millenicom, granted=False, by=by("approver"), now=clock.now())
    with db.transaction() as session:
        propose(session, number, outcome="refused", note=NOTE, by=by("operator"), now=clock.now())
    assert read_payment(payment.reference).state == State.PENDING


@pytest.mark.parametrize(("outcome", "note", "field"), [("charge-agent", NOTE, "outcome"), ("paid", "ok", "note")])
def test_a_proposal_fits_and_says_why(shop: Shop, millenicom: ScriptedBiller, outcome: str, note: str, field: str) -> None:
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    with time_machine.travel(clock.now() + timedelta(minutes=31)), db.transaction() as session:
        case = open_unknown(session, payment.reference, by="person:1", now=clock.now())
        with pytest.raises(Invalid) as refusal:
            propose(session, case.id, outcome=outcome, note=note, by="person:1", now=clock.now())
    assert list(refusal.value.errors) == [field]


def test_what_people_must_look_at(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers = [UNKNOWN, no("not_allowed")]
    stuck = shop.pays(millenicom, millenicom.bill("120.50"))
    late = shop.pays(millenicom, millenicom.bill("10.00"))
    settle(late, yes("MB-1"), by="job:test", now=clock.now())
    with db.reading() as session:
        assert [(one.kind, one.ref) for one in attention(session, now=clock.now())] == [("payment.late-yes", late.reference)]
        later = clock.now() + timedelta(minutes=31)
        assert [(one.kind, one.ref) for one in attention(session, now=later)] == [
            ("payment.unknown", stuck.reference),
            ("payment.late-yes", late.reference),
        ]

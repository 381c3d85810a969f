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
from app.people.add_person import add_person
from app.people.model import Person
from app.people.second_person import FirstCountsNoMore, ProposalChanged, mark_of
from tests.conftest import Database
from tests.people import (
    PASSWORD,
    UNKNOWN,
    UNKNOWN_BUT_APPLIED,
    ScriptedBiller,
    Shop,
    book_is_right,
    hire,
    journal,
    leaves,
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


def agree(number: int, millenicom: ScriptedBiller, *, granted: bool, by: str, seen: str | None = None) -> None:
    """:param seen: the proposal on the screen; by default the present one"""
    decide(number, millenicom, granted=granted, seen=on_screen(number) if seen is None else seen, by=by, now=clock.now())


def on_screen(number: int) -> str:
    with db.reading() as session:
        case = session.get_one(Case, number)
        return mark_of(case.outcome, case.proposed_by, case.proposed_at)


@pytest.mark.parametrize(("outcome", "balance"), [("paid", "379.50"), ("refused", "500.00")])
def test_two_persons_end_an_unknown_payment(shop: Shop, millenicom: ScriptedBiller, outcome: str, balance: str) -> None:
    """P-04"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 9
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    operator, approver = by("operator"), by("approver")
    number = proposed(payment.reference, outcome, by=operator)

    with pytest.raises(OwnRequest):
        agree(number, millenicom, granted=True, by=operator)
    assert read_payment(payment.reference).state == State.PENDING
    agree(number, millenicom, granted=True, by=approver)

    assert read_payment(payment.reference).state == outcome
    assert shop.balance == lira(balance)
    with pytest.raises(Decided, match=approver):
        agree(number, millenicom, granted=True, by=by("approver"))
    assert book_is_right()


def test_the_biller_is_asked_first_and_its_clear_word_counts(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-05"""
    millenicom.answers = [UNKNOWN_BUT_APPLIED]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    number = proposed(payment.reference, "refused", by=by("operator"))
    agree(number, millenicom, granted=True, by=by("approver"))
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
    agree(case.id, millenicom, granted=True, by=by("approver"))
    assert shop.balance == lira("50.00") - lira("500.00")
    assert journal()[-1] == "payment.late-yes   agent:1000001042 -> biller:millenicom 500.00"
    assert book_is_right()


def test_a_refused_proposal_leaves_the_case_open(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 9
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    number = proposed(payment.reference, "paid", by=by("operator"))
    with pytest.raises(Proposed), db.transaction() as session:
        propose(session, number, outcome="paid", note=NOTE, by=by("operator"), now=clock.now())
    agree(number, millenicom, granted=False, by=by("approver"))
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


def test_who_agreed_to_one_proposal_has_not_agreed_to_the_next(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-04: it was refused and made anew while the second approver's page was open"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 9
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    number = proposed(payment.reference, "paid", by=by("operator"))
    seen = on_screen(number)
    agree(number, millenicom, granted=False, by=by("approver"))
    with db.transaction() as session:
        propose(session, number, outcome="refused", note=NOTE, by=by("operator"), now=clock.now())
    with pytest.raises(ProposalChanged):
        agree(number, millenicom, granted=True, by=by("approver"), seen=seen)
    assert read_payment(payment.reference).state == State.PENDING


def test_another_login_of_the_same_phone_is_no_second_person(shop: Shop, millenicom: ScriptedBiller) -> None:
    """C18"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 9
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    operator = hire("operator")
    number = proposed(payment.reference, "refused", by=f"person:{operator.id}")
    with db.transaction() as session:
        gone = session.get_one(Person, operator.id)
        gone.removed_at, gone.removed_by = clock.now(), "operator:console"
        session.flush()
        args = {"agent": None, "role": "approver", "name": "Zeynep Demir", "phone": operator.phone, "password": PASSWORD}
        again = add_person(session, **args, by="operator:console", now=clock.now())  # type: ignore[arg-type]
    with pytest.raises(OwnRequest):
        agree(number, millenicom, granted=True, by=f"person:{again.id}")


def test_who_has_left_is_no_first_of_two(shop: Shop, millenicom: ScriptedBiller) -> None:
    """C2, C18: rights count when it is decided; refused, the case waits for another proposal"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 9
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    operator, approver = by("operator"), by("approver")
    number = proposed(payment.reference, "refused", by=operator)
    leaves(operator)
    with pytest.raises(FirstCountsNoMore):
        agree(number, millenicom, granted=True, by=approver)
    assert read_payment(payment.reference).state == State.PENDING
    agree(number, millenicom, granted=False, by=approver)
    assert proposed(payment.reference, "refused", by=by("operator")) == number
    agree(number, millenicom, granted=True, by=approver)
    assert read_payment(payment.reference).state == State.REFUSED

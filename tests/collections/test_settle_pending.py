"""What is unknown stays held and is asked about until it is known (product.md P-03 … P-08, P-12, P-13)."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
import time_machine
from sqlalchemy import select

from app import clock, db, languages
from app.billers.model import Biller
from app.collections.give_cash_back import give_cash_back
from app.collections.model import Case, OpenQuestion, State
from app.collections.queries import cash_to_return
from app.collections.settle import PAID_SMS, outcome_sms, settle
from app.collections.settle_pending import settle_pending
from app.errors import NotFound
from app.markets import MARKETS
from app.notifications.model import Message
from tests.conftest import Database
from tests.people import (
    UNKNOWN,
    UNKNOWN_BUT_APPLIED,
    ScriptedBiller,
    Shop,
    book_is_right,
    journal,
    lira,
    no,
    open_biller,
    open_shop,
    read_payment,
    yes,
)


@pytest.fixture
def millenicom(database: Database) -> ScriptedBiller:
    return open_biller()


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


def seconds_later(biller: ScriptedBiller, seconds: int) -> None:
    """The worker looks once, that much later."""
    gateways = Mock(of=lambda record: biller)
    with time_machine.travel(clock.now() + timedelta(seconds=seconds)):
        settle_pending(gateways, now=clock.now())


def test_an_unknown_payment_that_was_booked_becomes_paid(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-04, P-12: asked, never sent again"""
    millenicom.answers = [UNKNOWN_BUT_APPLIED]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))

    seconds_later(millenicom, 16)

    assert read_payment(payment.reference).state == State.PAID
    assert millenicom.asked == [f"pay {payment.reference}", f"status {payment.reference}"]
    assert journal()[-1] == "payment.paid   transit -> biller:millenicom 120.50"
    assert book_is_right()


def test_an_unknown_payment_that_never_arrived_is_given_back(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))

    seconds_later(millenicom, 16)

    assert read_payment(payment.reference).state == State.REFUSED
    assert shop.balance == lira("500.00")
    assert book_is_right()


def test_nobody_asks_within_fifteen_seconds_of_the_hold(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-04: a live call may still run"""
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    seconds_later(millenicom, 14)
    assert millenicom.asked == [f"pay {payment.reference}"]


def test_a_process_that_died_while_asking_leaves_a_payment_that_settles_itself(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-12: only the hold was committed"""
    bill = millenicom.bill("120.50")
    millenicom.pay = Mock(side_effect=SystemExit)  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        shop.pays(millenicom, bill)
    assert shop.balance == lira("379.50")

    seconds_later(millenicom, 16)

    assert shop.balance == lira("500.00")
    assert book_is_right()


def test_no_timer_ever_releases_the_hold(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-03"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 50
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    for day in range(1, 30):
        seconds_later(millenicom, day * 86_400)
    assert read_payment(payment.reference).state == State.PENDING
    assert shop.balance == lira("379.50")


def test_the_times_of_the_questions(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-04: 15, 30 s, 1, 2, 5, 15 min after the end of our waiting, then hourly; the first 5 s fall into the 15 s of the hold"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 50
    start = clock.now()
    with time_machine.travel(start, tick=False):
        shop.pays(millenicom, millenicom.bill("120.50"))
    asked_at = []
    for second in range(0, 9000, 5):
        before = len(millenicom.asked)
        with time_machine.travel(start + timedelta(seconds=second), tick=False):
            settle_pending(Mock(of=lambda record: millenicom), now=clock.now())
        if len(millenicom.asked) > before:
            asked_at.append(second)
    assert asked_at == [15, 30, 60, 120, 300, 900, 4500, 8100]


def test_after_half_an_hour_people_are_told_once(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-04"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN] * 50
    shop.pays(millenicom, millenicom.bill("120.50"))
    for minutes in (16, 31, 95):
        seconds_later(millenicom, minutes * 60)
    with db.reading() as session:
        question = session.scalars(select(OpenQuestion)).one()
    assert question.alarmed_at is not None


def test_behind_a_bank_what_stays_unclear_is_reversed_until_that_is_final(shop: Shop, database: Database) -> None:
    """P-06: status first; money goes back only after *reversed*"""
    bank_biller = open_biller("behind-bank")
    bank_biller.on_unknown = "reverse"
    bank_biller.answers, bank_biller.reversals = [UNKNOWN], [UNKNOWN]
    payment = shop.pays(bank_biller, bank_biller.bill("120.50"))

    seconds_later(bank_biller, 16)
    assert read_payment(payment.reference).state == State.PENDING
    assert shop.balance == lira("379.50")

    seconds_later(bank_biller, 60)
    assert read_payment(payment.reference).state == State.REFUSED
    assert shop.balance == lira("500.00")
    assert [line.split()[0] for line in bank_biller.asked] == ["pay", "status", "reverse", "status", "reverse"]


def test_once_a_reversal_is_under_way_only_its_own_answer_counts(shop: Shop, database: Database) -> None:
    """P-06: a status that still says yes must not settle what we are taking back"""
    bank_biller = open_biller("behind-bank")
    bank_biller.on_unknown = "reverse"
    bank_biller.answers, bank_biller.truths, bank_biller.reversals = [UNKNOWN_BUT_APPLIED], [UNKNOWN], [UNKNOWN]
    payment = shop.pays(bank_biller, bank_biller.bill("120.50"))
    seconds_later(bank_biller, 16)
    seconds_later(bank_biller, 60)
    assert read_payment(payment.reference).state == State.REFUSED
    assert bank_biller.booked == {}


def test_a_refused_reversal_means_the_payment_stands(shop: Shop, database: Database) -> None:
    """P-06"""
    bank_biller = open_biller("behind-bank")
    bank_biller.on_unknown = "reverse"
    bank_biller.answers, bank_biller.truths, bank_biller.reversals = [UNKNOWN_BUT_APPLIED], [UNKNOWN], [no("settled")]
    payment = shop.pays(bank_biller, bank_biller.bill("120.50"))
    seconds_later(bank_biller, 16)
    assert read_payment(payment.reference).state == State.PAID
    assert book_is_right()


def test_a_late_yes_after_the_money_went_back_opens_a_case(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-07: never silent, nothing moves by itself"""
    millenicom.answers = [no("not_allowed")]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))

    late = settle(payment, yes("MB-1"), by="job:test", now=clock.now())

    assert late.state == State.REFUSED
    assert shop.balance == lira("500.00")
    with db.reading() as session:
        case = session.scalars(select(Case)).one()
    assert (case.payment, case.kind, case.decided_at) == (payment.reference, "late-yes", None)


def test_a_repeated_answer_changes_nothing(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-08"""
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    before = journal()
    settle(payment, yes("MB-1"), by="job:test", now=clock.now())
    assert journal() == before
    with db.reading() as session:
        assert session.scalars(select(Case)).all() == []


def test_cash_of_a_pending_payment_that_failed_stays_on_the_shops_screen(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-13"""
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"), customer_phone="+905321234567")
    seconds_later(millenicom, 16)
    with db.transaction() as session:
        assert [owed.reference for owed in cash_to_return(session, shop.number)] == [payment.reference]
        with pytest.raises(NotFound):
            give_cash_back(session, payment.reference, agent="1000002077", by=shop.by, now=clock.now())
        give_cash_back(session, payment.reference, agent=shop.number, by=shop.by, now=clock.now())
        assert cash_to_return(session, shop.number) == []


def test_the_customer_gets_an_sms_with_the_outcome(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-13: in the same transaction as the outcome, once"""
    millenicom.answers = [UNKNOWN_BUT_APPLIED]
    payment = shop.pays(millenicom, millenicom.bill("120.50"), customer_phone="+905321234567")
    seconds_later(millenicom, 16)
    with db.reading() as session:
        message = session.scalars(select(Message)).one()
    assert message.recipient == "+905321234567"
    assert payment.reference in message.body


def test_a_payment_with_a_clear_answer_sends_no_sms(shop: Shop, millenicom: ScriptedBiller) -> None:
    shop.pays(millenicom, millenicom.bill("120.50"), customer_phone="+905321234567")
    with db.reading() as session:
        assert session.scalars(select(Message)).all() == []


def test_the_sms_speaks_the_language_of_the_market(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-13: a customer of another market is no Turk"""
    payment = read_payment(shop.pays(millenicom, millenicom.bill("120.50")).reference)
    said = {}
    for market in ("TR", "AZ", "HU"):
        with db.transaction() as session:
            session.get_one(Biller, "millenicom").market = market
        said[market] = outcome_sms(payment, State.PAID)
        language = languages.supported(MARKETS[market].languages[0])
        facts = {"number": payment.facts["number"], "amount": "120,50 TRY", "reference": payment.reference}
        assert said[market] == languages.translate(PAID_SMS, language).format(**facts)
    assert "faturanız" in said["TR"]
    assert "faturanız" not in said["AZ"] + said["HU"]

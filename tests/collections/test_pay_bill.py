"""Paying at the counter: reserve, ask, settle (product.md §4)."""

from datetime import date, time, timedelta

import pytest

from app import clock, db
from app.agents.suspend_agent import suspend_agent
from app.billers.model import Tariff
from app.collections.model import State
from app.collections.pay_bill import (
    AlreadyPaid,
    AmountNotAllowed,
    ClosedNow,
    InFlight,
    KeyReused,
    MustConfirm,
    NotPayable,
    QuoteChanged,
    pay_bill,
)
from app.ledger.book import Blocked, OverLimit
from app.markets import MARKETS
from tests.conftest import Database
from tests.people import UNKNOWN, ScriptedBiller, Shop, book_is_right, journal, lira, no, open_biller, open_shop, read_payment


@pytest.fixture
def millenicom(database: Database) -> ScriptedBiller:
    return open_biller()


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


def test_a_paid_bill_moves_the_money_from_the_shop_to_the_biller(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-01"""
    payment = shop.pays(millenicom, millenicom.bill("120.50"))

    assert payment.state == State.PAID
    assert payment.biller_reference == f"MB-{payment.reference}"
    assert shop.balance == lira("379.50")
    assert payment.balance_after == lira("379.50").minor
    assert journal()[-2:] == [
        "payment.reserved   agent:1000001042 -> transit 120.50",
        "payment.paid   transit -> biller:millenicom 120.50",
    ]
    assert book_is_right()


def test_fee_share_and_tax_are_postings_of_their_own(shop: Shop, millenicom: ScriptedBiller) -> None:
    """product.md §8: bill 390.00, fee 5.00, share 3.00 → biller 390.00, commission 3.00, own income 1.90, BSMV 0.10"""
    with db.transaction() as session:
        session.add(
            Tariff(
                biller="millenicom",
                agent_group="standard",
                valid_from=date(2026, 1, 1),
                fee=[{"flat": 500}],
                share=[{"flat": 300}],
                tax=500,
            )
        )

    payment = shop.pays(millenicom, millenicom.bill("390.00"))

    assert payment.state == State.PAID
    assert shop.balance == lira("105.00")
    assert journal()[-5:] == [
        "payment.reserved   agent:1000001042 -> transit 395.00",
        "payment.paid   transit -> biller:millenicom 390.00",
        "payment.paid   transit -> income:fees 5.00",
        "payment.paid   income:fees -> commission:1000001042 3.00",
        "payment.paid   income:fees -> tax:bsmv 0.10",
    ]
    assert book_is_right()


def test_no_answer_holds_the_money(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-02, P-03: unknown is a state, the hold stays"""
    millenicom.answers = [UNKNOWN]

    payment = shop.pays(millenicom, millenicom.bill("120.50"))

    assert payment.state == State.PENDING
    assert shop.balance == lira("379.50")
    assert journal()[-1] == "payment.reserved   agent:1000001042 -> transit 120.50"


def test_a_no_gives_the_money_back(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-02"""
    millenicom.answers = [no("withdrawn")]

    payment = shop.pays(millenicom, millenicom.bill("120.50"))

    assert (payment.state, payment.code) == (State.REFUSED, "withdrawn")
    assert shop.balance == lira("500.00")
    assert payment.balance_after == lira("500.00").minor
    assert journal()[-1] == "payment.refused   transit -> agent:1000001042 120.50"
    assert book_is_right()


def test_the_same_key_answers_with_the_present_truth_and_pays_once(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-08"""
    wish = shop.wish(millenicom, millenicom.bill("120.50"))
    first = pay_bill(wish, millenicom, now=clock.now())
    second = pay_bill(wish, millenicom, now=clock.now())

    assert second.reference == first.reference
    assert second.state == State.PAID
    assert shop.balance == lira("379.50")
    assert millenicom.asked == [f"pay {first.reference}"]


def test_a_key_belongs_to_one_payment(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-08: same key, other body"""
    shop.pays(millenicom, millenicom.bill("120.50"), key="k1")
    with pytest.raises(KeyReused):
        shop.pays(millenicom, millenicom.bill("10.00"), key="k1")
    assert shop.balance == lira("379.50")


def test_a_key_is_an_agents_own(shop: Shop, millenicom: ScriptedBiller) -> None:
    other = open_shop("1000002077")
    other.topped_up("50.00")
    shop.pays(millenicom, millenicom.bill("120.50"), key="k1")
    assert other.pays(millenicom, millenicom.bill("10.00"), key="k1").state == State.PAID


def test_a_refusal_before_the_hold_does_not_use_the_key_up(shop: Shop, millenicom: ScriptedBiller) -> None:
    bill = millenicom.bill("600.00")
    with pytest.raises(OverLimit):
        shop.pays(millenicom, bill, key="k1")
    shop.topped_up("100.00")
    assert shop.pays(millenicom, bill, key="k1").state == State.PAID


def test_one_live_payment_for_a_bill(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-09: a second is refused with a sentence that names the first"""
    bill = millenicom.bill("120.50")
    first = shop.pays(millenicom, bill)
    with pytest.raises(AlreadyPaid, match=first.reference):
        shop.pays(millenicom, bill)
    assert shop.balance == lira("379.50")


def test_another_shop_learns_that_it_is_paid_but_not_by_whom(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-09; nobody sees what is not theirs"""
    bill = millenicom.bill("120.50")
    first = shop.pays(millenicom, bill)
    other = open_shop("1000002077")
    other.topped_up("500.00")
    with pytest.raises(AlreadyPaid) as refusal:
        other.pays(millenicom, bill)
    assert first.reference not in str(refusal.value)
    assert refusal.value.facts == {"where": ""}


def test_one_payment_in_flight_for_a_subscriber(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-09"""
    bill = millenicom.bill("120.50", subscriber="5301112233")
    second = millenicom.bill("10.00", subscriber="5301112233")
    millenicom.answers = [UNKNOWN]
    first = shop.pays(millenicom, bill)
    with pytest.raises(InFlight, match=first.reference):
        shop.pays(millenicom, second)


def test_a_refused_bill_can_be_paid_again(shop: Shop, millenicom: ScriptedBiller) -> None:
    bill = millenicom.bill("120.50")
    millenicom.answers = [no("not_allowed")]
    assert shop.pays(millenicom, bill).state == State.REFUSED
    assert shop.pays(millenicom, bill).state == State.PAID


def test_the_balance_is_the_limit(shop: Shop, millenicom: ScriptedBiller) -> None:
    with pytest.raises(OverLimit) as refusal:
        shop.pays(millenicom, millenicom.bill("500.01"))
    assert refusal.value.facts == {"needed": lira("500.01"), "available": lira("500.00")}
    assert shop.pays(millenicom, millenicom.bill("500.00")).state == State.PAID
    assert shop.balance == lira("0.00")


def test_a_suspended_shop_pays_nothing(shop: Shop, millenicom: ScriptedBiller) -> None:
    with db.transaction() as session:
        suspend_agent(session, shop.number, reason="contract expired", by="test", now=clock.now())
    with pytest.raises(Blocked):
        shop.pays(millenicom, millenicom.bill("1.00"))


def test_only_what_was_shown_is_paid(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-22: another version, or a bill nobody looked up"""
    bill = millenicom.bill("120.50", version="v2")
    with pytest.raises(QuoteChanged):
        shop.pays(millenicom, bill, version="v1")
    assert millenicom.asked == []


def test_a_quote_lasts_ten_minutes(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-22"""
    wish = shop.wish(millenicom, millenicom.bill("120.50"))
    with pytest.raises(QuoteChanged):
        pay_bill(wish, millenicom, now=clock.now() + timedelta(minutes=10, seconds=1))


def test_exact_means_exact(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-20"""
    bill = millenicom.bill("120.50")
    for amount in ("120.49", "120.51"):
        with pytest.raises(AmountNotAllowed) as refusal:
            shop.pays(millenicom, bill, amount=amount)
        assert refusal.value.facts == {"smallest": lira("120.50"), "largest": lira("120.50")}


@pytest.mark.parametrize(
    ("rules", "allowed", "refused"),
    [
        ({"amount_rule": "up"}, "120.51", "120.49"),
        ({"amount_rule": "down"}, "0.01", "120.51"),
        ({"amount_rule": "any"}, "0.01", None),
        ({"amount_rule": "range", "smallest": 1000, "largest": 20000}, "200.00", "200.01"),
        ({"amount_rule": "multiple", "step": 500}, "115.00", "117.00"),
        ({"amount_rule": "options", "options": [1000, 2000]}, "20.00", "15.00"),
    ],
)
def test_each_billers_amount_rule(shop: Shop, rules: dict[str, object], allowed: str, refused: str | None) -> None:
    """P-20"""
    biller = open_biller("any-biller", **rules)
    if refused:
        with pytest.raises(AmountNotAllowed):
            shop.pays(biller, biller.bill("120.50"), amount=refused)
    assert shop.pays(biller, biller.bill("120.50"), amount=allowed).state == State.PAID


def test_the_oldest_bill_first_where_the_biller_says_so(shop: Shop) -> None:
    """P-21"""
    biller = open_biller("strict", bill_order="oldest-first")
    old = biller.bill("10.00", subscriber="5301112233")
    new = biller.bill("20.00", subscriber="5301112233")
    with pytest.raises(NotPayable):
        shop.pays(biller, new)
    assert shop.pays(biller, old).state == State.PAID


def test_a_standing_order_must_be_confirmed_and_is_recorded(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-26"""
    bill = millenicom.bill("120.50", flags=("standing-order",))
    with pytest.raises(MustConfirm, match="standing-order"):
        shop.pays(millenicom, bill)
    payment = shop.pays(millenicom, bill, confirmed=("standing-order",))
    assert read_payment(payment.reference).confirmed == ["standing-order"]


def test_outside_its_hours_a_biller_takes_no_payment(shop: Shop) -> None:
    """P-30: refused before any hold, with the time it opens"""
    local = clock.now().astimezone(MARKETS["TR"].zone)
    biller = open_biller("early", opens_at=time((local.hour + 2) % 24), closes_at=time((local.hour + 3) % 24))
    with pytest.raises(ClosedNow, match=f"{(local.hour + 2) % 24:02d}:00"):
        shop.pays(biller, biller.bill("1.00"))
    assert journal()[-1].startswith("deposit.credited")

"""Several bills of one subscriber: past debt is collected once (P-25), in the biller's order (P-21)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier

import pytest

from app import clock, db
from app.audit import AuditLine
from app.billers.look_up_bills import LookUp, look_up_bills
from app.billers.model import QuotedBill
from app.billing.bill import Bill, covers
from app.collections.choose_bills import Choice, choose_bills
from app.collections.model import Payment, State
from app.collections.pay_bill import AllTogether, AlreadyPaid, InFlight, NewestOnly, OlderFirst, Overdue, QuoteChanged, Wish, pay_bill
from app.collections.pay_cart import pay_cart
from app.errors import Refusal
from tests.conftest import Database
from tests.people import UNKNOWN, ScriptedBiller, Shop, at, book_is_right, lira, no, open_biller, open_shop, read_payment

SUBSCRIBER = "5301112233"


@pytest.fixture
def millenicom(database: Database) -> ScriptedBiller:
    """It answers yes to everything and never closes a bill by itself: what holds here is our own."""
    return open_biller()


@pytest.fixture
def shop(database: Database) -> Shop:
    return rich("1000001042")


@pytest.fixture
def other_shop(database: Database) -> Shop:
    return rich("1000002077")


def rich(number: str) -> Shop:
    shop = open_shop(number)
    shop.topped_up("5000.00")
    return shop


def two_months(biller: ScriptedBiller, **more: object) -> tuple[Bill, Bill]:
    """May 390.00; June 785.85, May in it (carriers.md, carry-over)."""
    may = biller.bill("390.00", subscriber=SUBSCRIBER, **more)  # type: ignore[arg-type]
    june = biller.bill("395.85", subscriber=SUBSCRIBER, contains=[may], **more)  # type: ignore[arg-type]
    return may, june


def look_up(biller: ScriptedBiller, subscriber: str = SUBSCRIBER) -> LookUp:
    return look_up_bills(biller.record, subscriber, biller, asked_by="test", now=clock.now())


def choose(biller: ScriptedBiller, *bills: Bill) -> Choice | None:
    with db.reading() as session:
        return choose_bills(session, biller.record, SUBSCRIBER, [bill.ref for bill in bills], now=clock.now())


def pay(wish: Wish, biller: ScriptedBiller) -> Payment:
    return pay_bill(wish, biller, now=clock.now())


def live_payments(biller: ScriptedBiller) -> int:
    return len(biller.booked)


def test_a_bill_names_the_older_ones_in_it(millenicom: ScriptedBiller) -> None:
    """P-25: and a bill that stands in one of them is in it too"""
    may, june = two_months(millenicom)
    july = millenicom.bill("10.00", subscriber=SUBSCRIBER, contains=[june])
    assert (covers(may), covers(june), covers(july)) == ((), (may.ref,), (june.ref,))
    assert [quote.covers for quote in look_up(millenicom).quotes] == [(june.ref, may.ref), (may.ref,), ()]


def test_what_is_owed_counts_nothing_twice(millenicom: ScriptedBiller) -> None:
    """P-25: and the newest bill, which contains the rest, is the one that is ticked"""
    may, june = two_months(millenicom)
    found = look_up(millenicom)
    assert found.owed == lira("785.85")
    assert {ref: bill.ref for ref, bill in found.contained_in.items()} == {may.ref: june.ref}
    assert found.chosen_first(millenicom.record) == {june.ref}


def test_paying_the_newer_one_closes_the_older(shop: Shop, other_shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-25: whatever the biller shows afterwards, and at any shop; a new look-up does not help"""
    may, june = two_months(millenicom)
    first = shop.pays(millenicom, june)
    assert read_payment(first.reference).covers == [may.ref]
    with pytest.raises(AlreadyPaid, match=first.reference):
        shop.pays(millenicom, may)
    with pytest.raises(AlreadyPaid) as refusal:
        other_shop.pays(millenicom, may)
    assert first.reference not in str(refusal.value)
    assert live_payments(millenicom) == 1
    assert book_is_right()


def test_paying_the_older_one_first_makes_the_newer_quote_old(shop: Shop, other_shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-25: looked up again, June is lower, and then it is payable"""
    may, june = two_months(millenicom)
    ours, theirs = shop.wish(millenicom, may), other_shop.wish(millenicom, june)
    assert pay(ours, millenicom).state == State.PAID
    with pytest.raises(QuoteChanged):
        pay(theirs, millenicom)
    lower = replace(june, open=lira("395.85"), version="v2")
    millenicom.accounts[SUBSCRIBER] = replace(millenicom.accounts[SUBSCRIBER], bills=(lower, replace(may, open=lira("0.00"), state="paid")))
    payment = other_shop.pays(millenicom, lower)
    assert (payment.state, payment.bill_amount) == (State.PAID, lira("395.85"))


def test_a_look_up_that_began_before_the_answer_is_old_too(shop: Shop, other_shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-25: the payment was asked first, but the biller may not have known of it when it showed June"""
    may, june = two_months(millenicom)
    millenicom.answers = [UNKNOWN]
    pending = shop.pays(millenicom, may)
    wish = other_shop.wish(millenicom, june)
    with pytest.raises(InFlight):
        pay(wish, millenicom)
    with db.transaction() as session:  # as if it had been settled between their look-up and their payment
        session.get_one(Payment, pending.reference)
    from app.collections.settle import settle
    from tests.people import yes

    settle(pending, yes("MB-1"), by="test", now=clock.now())
    with pytest.raises(QuoteChanged):
        pay(wish, millenicom)


def test_two_bills_that_contain_the_same_debt_are_related(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-25: neither contains the other"""
    may = millenicom.bill("390.00", subscriber=SUBSCRIBER)
    june, extra = (millenicom.bill("10.00", subscriber=SUBSCRIBER, contains=[may]) for _ in range(2))
    wishes = [shop.wish(millenicom, bill) for bill in (june, extra)]
    assert pay(wishes[0], millenicom).state == State.PAID
    with pytest.raises(QuoteChanged):
        pay(wishes[1], millenicom)


def test_the_same_bill_twice_is_still_named(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-09 before P-25: June shares May with nobody but itself"""
    _, june = two_months(millenicom)
    first = shop.pays(millenicom, june)
    with pytest.raises(AlreadyPaid, match=first.reference):
        shop.pays(millenicom, june)


def test_a_refused_newer_bill_frees_the_older(shop: Shop, millenicom: ScriptedBiller) -> None:
    may, june = two_months(millenicom)
    ours = shop.wish(millenicom, may)
    millenicom.answers = [no("not_allowed")]
    assert shop.pays(millenicom, june).state == State.REFUSED
    assert pay(ours, millenicom).state == State.PAID


def test_a_part_of_the_newer_bill_leaves_the_older_to_the_biller(shop: Shop) -> None:
    """P-25, P-27: an old quote of May is void, and a new one is the biller's word"""
    biller = open_biller("parts", amount_rule="down")
    may, june = two_months(biller)
    old_quote = shop.wish(biller, may)
    assert shop.pays(biller, june, amount="200.00").state == State.PAID
    with pytest.raises(QuoteChanged):
        pay(old_quote, biller)
    rest = replace(may, open=lira("195.85"), version="v2")
    biller.accounts[SUBSCRIBER] = replace(biller.accounts[SUBSCRIBER], bills=(replace(june, open=lira("585.85"), version="v2"), rest))
    assert shop.pays(biller, rest).state == State.PAID


@pytest.mark.parametrize("round_", range(5))
def test_two_shops_at_the_same_moment_collect_the_debt_once(shop: Shop, other_shop: Shop, millenicom: ScriptedBiller, round_: int) -> None:
    """P-25, B9: May here and June there, from quotes of the same minute, in real threads; repeated until both have an end"""
    may, june = two_months(millenicom)
    wishes = [shop.wish(millenicom, may), other_shop.wish(millenicom, june)]
    start = Barrier(8)

    def press(number: int) -> str:
        start.wait()
        wish = replace(wishes[number % 2], key=f"key-{number}")
        while True:
            try:
                return pay(wish, millenicom).state
            except InFlight:
                continue
            except Refusal as refusal:
                return refusal.name()

    with ThreadPoolExecutor(8) as pool:
        ends = sorted(pool.map(press, range(8)))
    assert ends.count("paid") == 1, ends
    assert set(ends) == {"paid", "already-paid", "quote-changed"} or set(ends) == {"paid", "already-paid"}
    assert live_payments(millenicom) == 1
    assert book_is_right()


def test_a_confirmation_drops_what_is_contained(millenicom: ScriptedBiller) -> None:
    """P-25: both ticked, one is paid"""
    may, june = two_months(millenicom)
    look_up(millenicom)
    choice = choose(millenicom, may, june)
    assert choice is not None
    assert [quote.bill for quote in choice.quotes] == [june.ref]
    assert [(old.bill, new.bill) for old, new in choice.dropped] == [(may.ref, june.ref)]


def test_what_was_not_shown_is_looked_up_again(millenicom: ScriptedBiller) -> None:
    """P-22"""
    may, _ = two_months(millenicom)
    look_up(millenicom)
    assert choose(millenicom) is None
    assert choose(millenicom, may, replace(may, ref="another")) is None


def three_months(biller: ScriptedBiller) -> list[Bill]:
    """None contains another; the oldest first."""
    return [
        biller.bill(amount, subscriber=SUBSCRIBER, first_day=at(f"{month}-01").date(), last_day=at(f"{month}-28").date())
        for amount, month in (("10.00", "2026-05"), ("20.00", "2026-06"), ("30.00", "2026-07"))
    ]


def test_three_bills_oldest_first_in_one_confirmation(shop: Shop) -> None:
    """P-21"""
    biller = open_biller("strict", bill_order="oldest-first")
    may, june, july = three_months(biller)
    found = look_up(biller)
    assert [quote.after for quote in found.quotes] == [(may.ref, june.ref), (may.ref,), ()]
    assert found.chosen_first(biller.record) == {may.ref}
    choice = choose(biller, july, june, may)
    assert choice is not None
    assert [quote.bill for quote in choice.quotes] == [may.ref, june.ref, july.ref]
    bills = {bill.ref: bill for bill in (may, june, july)}
    wishes = [shop.wish(biller, bills[quote.bill]) for quote in choice.quotes]
    outcomes = pay_cart(wishes, biller)
    assert [outcome.payment.state for outcome in outcomes if outcome.payment] == [State.PAID] * 3
    assert shop.balance == lira("4940.00")


def test_the_newer_one_alone_names_what_comes_first(shop: Shop) -> None:
    """P-21: at the confirmation and at the hold"""
    biller = open_biller("strict", bill_order="oldest-first")
    may, june, july = three_months(biller)
    with pytest.raises(OlderFirst, match=may.number) as refusal:
        shop.pays(biller, july)
    assert refusal.value.facts["bill"] == may.ref
    assert shop.pays(biller, may).state == State.PAID
    with pytest.raises(OlderFirst, match=june.number):
        choose(biller, july)


def test_an_unpaid_or_half_paid_older_bill_still_comes_first(shop: Shop) -> None:
    """P-21: refused here, or paid in part"""
    biller = open_biller("strict", bill_order="oldest-first", amount_rule="down")
    may, june, _ = three_months(biller)
    wish = shop.wish(biller, june)
    biller.answers = [no("not_allowed")]
    assert pay(shop.wish(biller, may), biller).state == State.REFUSED
    with pytest.raises(OlderFirst):
        pay(wish, biller)
    assert shop.pays(biller, may, amount="4.00").state == State.PAID
    with pytest.raises(OlderFirst):
        shop.pays(biller, june)


def test_a_bill_that_contains_the_older_ones_needs_no_older_first(shop: Shop) -> None:
    """P-21 and P-25: paying June is paying May"""
    biller = open_biller("strict", bill_order="oldest-first")
    _, june = two_months(biller)
    assert look_up(biller).chosen_first(biller.record) == {june.ref}
    assert shop.pays(biller, june).state == State.PAID


def test_one_month_alone_does_not_hide_the_others(shop: Shop) -> None:
    """P-21: a look-up by period shows one bill, and it is still not the first"""
    biller = open_biller("strict", bill_order="oldest-first")
    may, june, _ = three_months(biller)
    whole = biller.accounts[SUBSCRIBER]

    class OneMonth(ScriptedBiller):
        def inquire(self, subscriber: str, *, period: str | None = None):  # type: ignore[no-untyped-def]
            return replace(whole, bills=(june,)) if period else whole

    asked = OneMonth(biller.record)
    found = look_up_bills(biller.record, SUBSCRIBER, asked, asked_by="test", now=clock.now(), period="2026-06")
    assert [(quote.bill.ref, quote.after) for quote in found.quotes] == [(june.ref, (may.ref,))]


def test_all_together_or_none(shop: Shop) -> None:
    """P-21: the page takes no part; who pays one by one begins with the oldest"""
    biller = open_biller("whole", bill_order="all")
    may, june, july = three_months(biller)
    assert look_up(biller).chosen_first(biller.record) == {may.ref, june.ref, july.ref}
    with pytest.raises(AllTogether, match=july.number):
        choose(biller, may, june)
    with pytest.raises(OlderFirst):
        shop.pays(biller, july)
    assert shop.pays(biller, may).state == State.PAID
    assert choose(biller, may, june, july) is not None


def test_only_the_newest(shop: Shop) -> None:
    """P-21, ``single``"""
    biller = open_biller("newest", bill_order="single")
    may, _, july = three_months(biller)
    with pytest.raises(NewestOnly):
        shop.pays(biller, may)
    with pytest.raises(NewestOnly):
        choose(biller, may)
    assert shop.pays(biller, july).state == State.PAID


@pytest.mark.parametrize(("rule", "payable"), [("accept", True), ("accept-with-fee", True), ("refuse", False)])
def test_overdue_bills(shop: Shop, rule: str, payable: bool) -> None:
    """P-24: days are counted from the day after the due date, in the market's day"""
    biller = open_biller("late", overdue=rule)
    today = clock.now().astimezone(shop.market.zone).date()
    bill = biller.bill("10.00", due_on=today.replace(year=today.year - 1))
    (quote,) = look_up(biller, biller.subscriber_of(bill)).quotes
    assert quote.days_overdue in (365, 366)
    if payable:
        assert shop.pays(biller, bill).state == State.PAID
    else:
        with pytest.raises(Overdue, match="444 0 144"):
            shop.pays(biller, bill)
    due_today = biller.bill("10.00", due_on=today)
    (quote,) = look_up(biller, biller.subscriber_of(due_today)).quotes
    assert (quote.days_overdue, quote.refuse) == (0, "")


def test_what_was_confirmed_stands_with_the_payment_and_in_the_trail(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-26: only what the bill asked for, and who confirmed it"""
    bill = millenicom.bill("10.00", flags=("standing-order", "near-charge-date"))
    payment = shop.pays(millenicom, bill, confirmed=("disputed", "near-charge-date", "standing-order"))
    assert read_payment(payment.reference).confirmed == ["standing-order", "near-charge-date"]
    with db.reading() as session:
        (line,) = session.query(AuditLine).filter_by(event="payment.confirmed").all()
    assert (line.about, line.by) == (payment.reference, shop.by)
    assert line.facts == {"confirmed": "standing-order near-charge-date", "bill": bill.ref}


def test_a_bill_paid_elsewhere_is_not_tried_twice(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-23"""
    wish = shop.wish(millenicom, millenicom.bill("10.00"))
    millenicom.answers = [no("already_paid")]
    assert pay(wish, millenicom).state == State.REFUSED
    with pytest.raises(AlreadyPaid):
        pay(replace(wish, key="again"), millenicom)
    assert len(millenicom.asked) == 1
    assert shop.balance == lira("5000.00")


def test_the_remainder_is_kept_with_the_payment(shop: Shop) -> None:
    """P-27: below zero it is the subscriber's advance"""
    biller = open_biller("parts", amount_rule="any")
    part = shop.pays(biller, biller.bill("785.85"), amount="500.00")
    over = shop.pays(biller, biller.bill("18.40"), amount="20.00")
    assert [read_payment(payment.reference).remainder.minor for payment in (part, over)] == [285_85, -1_60]


def test_past_debt_that_names_no_bill_is_all_that_is_open(shop: Shop, other_shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-25: June carries 390.00 without saying of which bill; May and June are not both paid"""
    may = millenicom.bill("390.00", subscriber=SUBSCRIBER)
    june = millenicom.bill("785.85", subscriber=SUBSCRIBER, past_due=lira("390.00"))
    found = look_up(millenicom)
    assert covers(june) == () and [quote.covers for quote in found.quotes] == [(may.ref,), ()]
    assert found.owed == lira("785.85") and {ref: by.ref for ref, by in found.contained_in.items()} == {may.ref: june.ref}
    chosen = choose(millenicom, may, june)
    assert chosen and [quote.bill for quote in chosen.quotes] == [june.ref]
    assert shop.pays(millenicom, june).state == State.PAID
    with pytest.raises(AlreadyPaid):
        other_shop.pays(millenicom, may)
    assert live_payments(millenicom) == 1


def test_a_month_looked_up_alone_keeps_all_that_its_bill_contains(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-25: July names June, June names May; asked for July alone, in any order, it still contains May"""
    may, june = two_months(millenicom, last_day=date(2026, 6, 30))
    july = millenicom.bill("10.00", subscriber=SUBSCRIBER, contains=[june], last_day=date(2026, 7, 31))
    assert millenicom.record.bill_order == "any"
    look_up(millenicom)
    found = look_up_bills(millenicom.record, SUBSCRIBER, millenicom, asked_by="test", now=clock.now(), period="2026-07")
    assert [(quote.bill, quote.covers) for quote in found.quotes] == [(july, (june.ref, may.ref))]
    assert found.owed == july.open
    with db.reading() as session:
        assert session.get_one(QuotedBill, (millenicom.record.code, SUBSCRIBER, july.ref)).covers == [june.ref, may.ref]
    assert read_payment(shop.pays(millenicom, july).reference).covers == [june.ref, may.ref]
    with pytest.raises(AlreadyPaid):
        shop.pays(millenicom, may)


def test_a_month_of_paid_bills_is_asked_for_once(millenicom: ScriptedBiller) -> None:
    millenicom.bill("10.00", subscriber=SUBSCRIBER, last_day=date(2026, 7, 31), state="paid", open=lira("0.00"))
    look_up_bills(millenicom.record, SUBSCRIBER, millenicom, asked_by="test", now=clock.now(), period="2026-07")
    assert millenicom.looked_up == [SUBSCRIBER]

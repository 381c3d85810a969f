"""A bill that the customer says is wrong: ours first, then the biller's (P-29)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app import clock, db
from app.audit import AuditLine
from app.billers.gateway import BillerUnreachable, SubscriberNotFound
from app.billers.look_up_bills import look_up_bills
from app.billers.model import Dispute
from app.billing.bill import Bill
from app.collections.dispute_bill import Complaint, dispute_bill
from app.collections.model import State
from app.collections.pay_bill import MustConfirm, pay_bill
from app.collections.tell_disputes import AGAIN_AFTER, tell_disputes
from app.errors import Invalid, NotFound, Refusal, TooMany
from tests.conftest import Database
from tests.people import ScriptedBiller, Shop, open_biller, open_shop, read_payment


@dataclass
class Listening(ScriptedBiller):
    """
    A biller that hears disputes.

    :ivar trouble: what it does instead of taking the next ones
    """

    heard: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[Refusal] = field(default_factory=list)

    def dispute(self, *, subscriber: str, bill: str, reason: str) -> str:
        if self.trouble:
            raise self.trouble.pop(0)
        self.heard.append((bill, reason))
        return f"D{len(self.heard):08d}"

    def shows(self, bill: Bill, **changes: Any) -> Bill:
        """From now on it shows the bill like this."""
        changed = replace(bill, **changes)
        account = self.accounts[self.subscriber_of(bill)]
        self.accounts[account.subscriber.number] = replace(account, bills=tuple(changed if old is bill else old for old in account.bills))
        return changed


@pytest.fixture
def millenicom(database: Database) -> Listening:
    return Listening(open_biller().record)


@pytest.fixture
def shop(database: Database) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


class Doors:
    def __init__(self, biller: ScriptedBiller) -> None:
        self.biller = biller

    def of(self, _record: object) -> ScriptedBiller:
        return self.biller


def silence(biller: ScriptedBiller) -> BillerUnreachable:
    return BillerUnreachable(biller=biller.record.name, phone=biller.record.phone)


def look_up(biller: ScriptedBiller, bill: Bill) -> tuple[str, ...]:
    found = look_up_bills(biller.record, biller.subscriber_of(bill), biller, asked_by="test", now=clock.now())
    return next(quote.must_confirm for quote in found.quotes if quote.bill.ref == bill.ref)


def dispute(shop: Shop, biller: ScriptedBiller, bill: Bill, reason: str = "I never called Mars") -> Dispute:
    complaint = Complaint(biller.record, biller.subscriber_of(bill), bill.ref, reason, agent=shop.number, by=shop.by)
    return dispute_bill(complaint, biller, now=clock.now())


def job(biller: ScriptedBiller) -> None:
    tell_disputes(Doors(biller), now=clock.now())  # type: ignore[arg-type]


def only_dispute() -> Dispute:
    with db.reading() as session:
        return session.query(Dispute).one()


def trail() -> list[tuple[str, str]]:
    with db.reading() as session:
        lines = session.query(AuditLine).filter(AuditLine.event.like("dispute.%")).order_by(AuditLine.id)
        return [(line.event, line.by) for line in lines]


def test_the_biller_is_told_and_the_bill_warns(shop: Shop, millenicom: Listening) -> None:
    """P-29: from our own record on, whatever the biller shows; who pays over it is written down"""
    bill = millenicom.bill("120.50")
    made = dispute(shop, millenicom, bill, reason="  I never\ncalled Mars ")
    assert (made.state, made.biller_reference, made.reason) == ("told", "D00000001", "I never called Mars")
    assert millenicom.heard == [(bill.ref, "I never called Mars")]
    assert trail() == [("dispute.asked", shop.by), ("dispute.told", shop.by)]
    assert look_up(millenicom, bill) == ("disputed",)
    with pytest.raises(MustConfirm, match="disputed"):
        shop.pays(millenicom, bill)
    payment = shop.pays(millenicom, bill, confirmed=("disputed",))
    assert (payment.state, read_payment(payment.reference).confirmed) == (State.PAID, ["disputed"])


def test_a_page_that_was_open_before_warns_too(shop: Shop, millenicom: Listening) -> None:
    """P-29: the quote that was kept is flagged in the same moment"""
    bill = millenicom.bill("120.50", flags=("standing-order",))
    wish = shop.wish(millenicom, bill, confirmed=("standing-order",))
    millenicom.trouble = [silence(millenicom)]
    dispute(shop, millenicom, bill)
    with pytest.raises(MustConfirm) as refusal:
        pay_bill(wish, millenicom, now=clock.now())
    assert [word.code for word in refusal.value.facts["confirm"]] == ["disputed"]  # type: ignore[attr-defined]


def test_nobody_answers_and_it_is_told_again(shop: Shop, millenicom: Listening) -> None:
    """P-29: the dispute stands; the job is patient"""
    bill = millenicom.bill("120.50")
    millenicom.trouble = [silence(millenicom)] * 2
    assert dispute(shop, millenicom, bill).state == "asked"
    assert look_up(millenicom, bill) == ("disputed",)
    job(millenicom)
    assert len(millenicom.trouble) == 1, "not before its time"
    for minutes in (1, 10):
        with time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False):
            job(millenicom)
    assert only_dispute().state == "told"
    assert trail() == [("dispute.asked", shop.by), ("dispute.told", "job:tell-disputes")]


def test_it_is_not_told_for_ever(shop: Shop, millenicom: Listening) -> None:
    """P-29: after the last attempt people see it, and can tell once more"""
    bill = millenicom.bill("120.50")
    millenicom.trouble = [silence(millenicom)] * 50
    dispute(shop, millenicom, bill)
    begun = clock.now()
    for hours in range(0, 24 * 7, 5):
        with time_machine.travel(begun + timedelta(hours=hours), tick=False):
            job(millenicom)
    given_up = only_dispute()
    assert (given_up.state, given_up.next_tell_at, given_up.times_told) == ("asked", None, len(AGAIN_AFTER) + 1)
    assert trail()[-1] == ("dispute.untold", "job:tell-disputes")
    millenicom.trouble = []
    assert dispute(shop, millenicom, bill).state == "told"
    assert len(millenicom.heard) == 1


def test_disputed_twice_is_one_dispute(shop: Shop, millenicom: Listening) -> None:
    """P-29: also by another shop, and at the same moment"""
    bill, other = millenicom.bill("120.50"), open_shop("1000002077")
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda number: dispute((shop, other)[number % 2], millenicom, bill), range(6)))
    assert len({one.id for one in made}) == 1
    assert len(millenicom.heard) == 1


def test_the_billers_clear_no_ends_it(shop: Shop, millenicom: Listening) -> None:
    """P-29: and a new one may be asked for"""
    bill = millenicom.bill("120.50")
    look_up(millenicom, bill)
    millenicom.trouble = [NotFound()]
    with pytest.raises(NotFound):
        dispute(shop, millenicom, bill)
    assert (only_dispute().state, only_dispute().word) == ("refused", "not-found")
    assert look_up(millenicom, bill) == ()
    assert dispute(shop, millenicom, bill).state == "told"


def test_it_is_over_when_the_biller_takes_its_flag_away(shop: Shop, millenicom: Listening) -> None:
    """P-29: not before it has shown the flag"""
    bill = millenicom.bill("120.50")
    dispute(shop, millenicom, bill)
    assert look_up(millenicom, bill) == ("disputed",)
    flagged = millenicom.shows(bill, flags=("disputed",), version="v2")
    assert look_up(millenicom, flagged) == ("disputed",)
    corrected = millenicom.shows(flagged, flags=(), version="v3")
    assert look_up(millenicom, corrected) == ()
    assert only_dispute().state == "over"
    assert shop.pays(millenicom, corrected).state == State.PAID


def test_what_cannot_be_disputed(shop: Shop, millenicom: Listening) -> None:
    """P-28, P-29: no reason, no such bill, no such subscriber, nobody to ask about a bill that was never seen"""
    bill = millenicom.bill("120.50")
    with pytest.raises(Invalid):
        dispute(shop, millenicom, bill, reason=" \n ")
    complaint = Complaint(millenicom.record, millenicom.subscriber_of(bill), "no-such-bill", "x", agent=shop.number, by=shop.by)
    with pytest.raises(NotFound):
        dispute_bill(complaint, millenicom, now=clock.now())
    with pytest.raises(SubscriberNotFound):
        dispute_bill(replace(complaint, subscriber="5309999999"), millenicom, now=clock.now())
    millenicom.reachable = False
    with pytest.raises(BillerUnreachable):
        dispute_bill(complaint, millenicom, now=clock.now())
    with db.reading() as session:
        assert session.query(Dispute).count() == 0


def test_a_shop_disputes_twenty_bills_an_hour(shop: Shop, millenicom: Listening) -> None:
    """And no more, whoever of it does; another shop still may, and the first one after an hour"""
    bill, other = millenicom.bill("120.50"), open_shop("1000002077")
    for _ in range(20):
        dispute(shop, millenicom, bill)
    with pytest.raises(TooMany):
        dispute(shop, millenicom, bill)
    assert dispute(other, millenicom, bill).state == "told"
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert dispute(shop, millenicom, bill).state == "told"

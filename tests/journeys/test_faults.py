"""
Every fault of the sandbox, on every operation, through both doors, against the real program over HTTP:
whatever happens, in the end our truth is the biller's truth (trust.md B4 … B8).
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine

from app import clock, outside
from app.billers.gateway import BillerUnreachable, SubscriberNotFound
from app.billers.gateways import Gateways
from app.billers.look_up_bills import LookUp, look_up_bills
from app.billers.model import Biller
from app.billers.queries import all_billers, charges_for
from app.billing.bill import DOES_NOT_ADD_UP
from app.collections.model import Payment, State
from app.collections.pay_bill import AlreadyPaid, MustConfirm, Wish, pay_bill
from app.collections.settle_pending import settle_pending
from app.money import Money
from tests.conftest import Database
from tests.journeys.house import DOORS, open_billers
from tests.people import Shop, book_is_right, open_shop, read_payment
from tests.sandbox_process import Sandbox, running_sandbox

PATIENCE, SECONDS = 0.4, 0.8  # we wait shorter than the sandbox is silent; both far below the real 8 s and 15 s
MODES = (
    "delay", "drip", "timeout_before_apply", "timeout_after_apply", "drop_after_apply", "error_500", "garbage", "wrong_amount", "wrong_line",
    "wrong_reference", "already_paid", "refuse",
)  # fmt: skip


@dataclass
class Counter:
    """A shop and one new bill at a biller of the sandbox, without the web in between."""

    shop: Shop
    biller: Biller
    gateways: Gateways
    sandbox: Sandbox
    subscriber: str
    bill: str

    def look_up(self) -> LookUp:
        return look_up_bills(self.biller, self.subscriber, self.gateways.of(self.biller), asked_by=self.shop.number, now=clock.now())

    def pay(self, found: LookUp, *, confirmed: tuple[str, ...] = ()) -> Payment:
        bill = next(quote.bill for quote in found.quotes if quote.bill.ref == self.bill)
        amount = Money(bill.open.minor or 12050, bill.currency)
        wish = Wish(
            agent=self.shop.number,
            person=self.shop.owner.id,
            market=self.shop.market,
            biller=self.biller,
            charges=charges_for(self.biller, amount, agent_group="standard", on=clock.now().date()),
            key=f"key-{self.bill}",
            subscriber=self.subscriber,
            bill=self.bill,
            amount=amount,
            version=bill.version,
            confirmed=confirmed,
        )
        return pay_bill(wish, self.gateways.of(self.biller), now=clock.now())

    def worker_looks(self, *, after: int) -> None:
        with time_machine.travel(clock.now() + timedelta(seconds=after)):
            settle_pending(self.gateways, now=clock.now())

    def fault(self, operation: str, mode: str) -> None:
        self.sandbox.control.fault(self.biller.code, operation, mode, seconds=SECONDS, subscriber=self.subscriber)

    def is_booked(self, payment: Payment) -> bool:
        effects = self.sandbox.control.effects(self.biller.code, reference=payment.reference)
        assert len(effects) <= 1
        return [effect["state"] for effect in effects] == ["accepted"]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture(params=["millenicom", "masmovil"], ids=["bank-door", "direct-door"])
def counter(request: pytest.FixtureRequest, database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setattr(outside, "ANSWER_SECONDS", PATIENCE)
    open_billers()
    shop = open_shop(market=DOORS[request.param][0])
    shop.topped_up("500.00")
    sandbox.control.clear_faults()
    subscriber = sandbox.control.plain_subscriber(request.param)
    bill = sandbox.control.bill(request.param, subscriber, 12050)
    biller = next(biller for biller in all_billers() if biller.code == request.param)
    return Counter(shop, biller, Gateways(replace(database.config, billers_url=sandbox.url)), sandbox, subscriber, bill)


def in_the_end(counter: Counter, payment: Payment) -> Payment:
    """When the sandbox is no longer silent and the worker has asked, the truth is one, and the money stands where it says."""
    time.sleep(SECONDS)
    for after in (16, 40, 80):
        counter.worker_looks(after=after)
    settled = read_payment(payment.reference)
    assert settled.state in (State.PAID, State.REFUSED)
    assert (settled.state == State.PAID) == counter.is_booked(payment), "our truth is the biller's truth"
    assert book_is_right()
    return settled


@pytest.mark.parametrize("mode", MODES)
def test_a_fault_while_paying(counter: Counter, mode: str) -> None:
    """P-02: what is unclear is pending, never paid and never given back at once; P-04, P-06: asking makes it clear"""
    found = counter.look_up()
    counter.fault("pay", mode)

    payment = counter.pay(found)

    if mode in ("already_paid", "refuse"):
        assert payment.state == State.REFUSED
        assert payment.code == {"already_paid": "already_paid", "refuse": "not_allowed"}[mode]
        assert not counter.is_booked(payment)
    else:
        assert payment.state == State.PENDING, "no clear word was said"
    settled = in_the_end(counter, payment)
    if mode in ("timeout_after_apply", "drop_after_apply", "garbage", "wrong_amount", "wrong_line", "wrong_reference", "delay", "drip"):
        assert settled.state == State.PAID
        assert settled.biller_reference
    if mode in ("timeout_before_apply", "error_500"):
        assert settled.state == State.REFUSED


@pytest.mark.parametrize("mode", MODES)
def test_a_fault_while_asking(counter: Counter, mode: str) -> None:
    """A booked payment whose answer was lost; then the question fails in every way."""
    found = counter.look_up()
    counter.fault("pay", "drop_after_apply")
    counter.fault("status", mode)
    payment = counter.pay(found)
    assert payment.state == State.PENDING

    if mode in ("already_paid", "refuse"):
        # A biller that clearly denies what it booked: we follow its word, and its T+1 file opens a case (P-07).
        counter.worker_looks(after=16)
        assert read_payment(payment.reference).state == State.REFUSED
        assert book_is_right()
        return
    in_the_end(counter, payment)


@pytest.mark.parametrize("mode", MODES)
def test_a_fault_while_reversing(counter: Counter, mode: str) -> None:
    """Behind a bank: booked, the answer lost, the status unclear; then the reversal fails in every way (P-06)."""
    found = counter.look_up()
    counter.fault("pay", "drop_after_apply")
    counter.fault("status", "garbage")
    counter.fault("reverse", mode)
    payment = counter.pay(found)

    time.sleep(SECONDS)
    counter.worker_looks(after=16)

    if counter.biller.door == "bank" and mode not in ("already_paid", "refuse"):
        assert read_payment(payment.reference).state == State.PENDING, "money goes back only after a clear *reversed*"
    settled = in_the_end(counter, payment)
    assert settled.state == (State.REFUSED if counter.biller.door == "bank" and mode not in ("already_paid", "refuse") else State.PAID)


@pytest.mark.parametrize("mode", MODES)
def test_a_fault_while_looking_up(counter: Counter, mode: str) -> None:
    """P-22, P-28"""
    counter.fault("inquiry", mode)
    match mode:
        case "refuse":
            with pytest.raises(SubscriberNotFound):
                counter.look_up()
        case "already_paid":
            found = counter.look_up()
            with pytest.raises(AlreadyPaid):
                counter.pay(found)
        case "wrong_amount":
            payment = counter.pay(counter.look_up())
            assert (payment.state, payment.code) == (State.REFUSED, "amount_changed")
        case "wrong_line":
            found = counter.look_up()
            assert DOES_NOT_ADD_UP in found.quotes[0].must_confirm
            with pytest.raises(MustConfirm):
                counter.pay(found)
        case _:
            with pytest.raises(BillerUnreachable):
                counter.look_up()
    assert counter.look_up().quotes, "the next look-up is a true one"
    assert book_is_right()


def test_a_biller_that_is_not_there(counter: Counter, database: Database) -> None:
    """P-02: nothing was sent, so it is a clear no"""
    found = counter.look_up()
    counter.gateways = Gateways(replace(database.config, billers_url="http://127.0.0.1:1"))
    payment = counter.pay(found)
    assert (payment.state, payment.code) == (State.REFUSED, "unreachable")
    assert book_is_right()

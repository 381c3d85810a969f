"""Every fault on every operation at both doors: what is heard, and what was really done."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from app.billing.bill import Account, Bill
from app.billing.explain import explain
from app.money import Money
from sandbox.faults.desk import MODES, OPERATIONS
from tests.sandbox.doors import NOBODY_ANSWERED, DirectDoor, Door, Heard
from tests.sandbox_process import Controls, Sandbox, running_sandbox

SECONDS = 0.05
SILENT = ("timeout_before_apply", "timeout_after_apply", "drop_after_apply")
HOLDING = ("delay", "drip", "timeout_before_apply", "timeout_after_apply")
NOTHING_DONE = ("timeout_before_apply", "error_500", "already_paid", "refuse")


@dataclass
class Case:
    """A bill and a reference that is booked already, unless the operation itself is to book it."""

    door: Door
    operation: str
    number: str
    bill: Bill
    reference: str

    def happens(self) -> urllib3.BaseHTTPResponse:
        return self.door.raw(self.operation, self.reference, self.number, self.bill)

    def heard(self) -> Account | Heard | str:
        match self.operation:
            case "inquiry":
                return self.door.inquire(self.number)
            case "pay":
                return self.door.pay(self.reference, self.number, self.bill)
            case "status":
                return self.door.status(self.reference)
            case _:
                return self.door.reverse(self.reference)

    @property
    def effect(self) -> str:
        """What the carrier booked under the reference: nothing, accepted or reversed."""
        return "".join(effect["state"] for effect in self.door.sandbox.control.effects(self.door.biller, reference=self.reference))

    @property
    def effect_if_done(self) -> str:
        return {"inquiry": "", "pay": "accepted", "status": "accepted", "reverse": "reversed"}[self.operation]

    @property
    def effect_if_not(self) -> str:
        return {"inquiry": "", "pay": "", "status": "accepted", "reverse": "accepted"}[self.operation]


def case_of(door: Door, operation: str) -> Case:
    number, bill = door.new_bill()
    reference = door.new_reference()
    if operation in ("status", "reverse"):
        door.pay(reference, number, bill)
    return Case(door, operation, number, bill, reference)


@pytest.fixture(params=OPERATIONS)
def case(request: pytest.FixtureRequest, door: Door) -> Iterator[Case]:
    yield case_of(door, request.param)
    door.sandbox.control.clear_faults()


def set_fault(case: Case, mode: str, *, seconds: float = 0.01) -> None:
    case.door.sandbox.control.fault(case.door.biller, case.operation, mode, seconds=seconds, subscriber=case.number)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_done_how_long_it_takes_and_only_once(case: Case, mode: str) -> None:
    set_fault(case, mode, seconds=SECONDS)
    began = time.monotonic()
    if mode in SILENT:
        with pytest.raises(NOBODY_ANSWERED):
            case.happens()
    else:
        case.happens()

    assert mode not in HOLDING or time.monotonic() - began >= SECONDS
    assert case.effect == (case.effect_if_not if mode in NOTHING_DONE else case.effect_if_done)
    (fault,) = case.door.sandbox.control.faults()
    assert (fault["remaining"], fault["fired"]) == (0, 1)

    if case.operation == "pay" and mode in ("already_paid", "refuse"):
        case.reference = case.door.new_reference()  # a no stays a no
    again = case.heard()
    expected = {"inquiry": None, "pay": "accepted", "status": "accepted", "reverse": "reversed"}[case.operation]
    assert isinstance(again, Account) if expected is None else isinstance(again, Heard) and again.word == expected


def test_a_dripping_answer_is_the_true_one(case: Case) -> None:
    truth = case_of(case.door, case.operation).happens()
    set_fault(case, "drip")
    assert case.happens().status == truth.status


def test_error_500(case: Case) -> None:
    set_fault(case, "error_500")
    assert case.happens().status == 500


def test_garbage_is_html_then_half_then_nothing(case: Case) -> None:
    case.door.sandbox.control.fault(case.door.biller, case.operation, "garbage", times=3, subscriber=case.number)
    html, half, nothing = (case.happens() for _ in range(3))
    assert b"<html>" in html.data and html.headers["Content-Type"] == "text/html"
    assert half.data and case.happens().data.startswith(half.data)
    assert nothing.data == b"" and nothing.status in (200, 201)


@pytest.mark.parametrize(("mode", "off"), [("wrong_amount", 100), ("wrong_line", 1)])
def test_a_wrong_amount(case: Case, mode: str, off: int) -> None:
    set_fault(case, mode)
    heard = case.heard()
    if isinstance(heard, Heard):
        assert heard.amount == case.bill.amount + Money(off, case.door.currency)
        return
    assert isinstance(heard, Account)
    wrong = next(bill for bill in heard.bills if bill.ref == case.bill.ref)
    if mode == "wrong_amount":
        assert explain(wrong).adds_up and wrong.open == wrong.amount == case.bill.amount + Money(off, case.door.currency)
        assert case.door.pay(case.reference, case.number, wrong).why == "amount_changed"
    else:
        assert not explain(wrong).adds_up and wrong.open == case.bill.open


def test_a_wrong_reference(case: Case) -> None:
    set_fault(case, "wrong_reference")
    heard = case.heard()
    assert isinstance(heard, Account | Heard)
    named, asked = (heard.subscriber.number, case.number) if isinstance(heard, Account) else (heard.reference, case.reference)
    assert named[:-1] == asked[:-1] and named != asked


def test_already_paid(case: Case) -> None:
    set_fault(case, "already_paid")
    heard = case.heard()
    if isinstance(heard, Account):
        assert {(bill.state, bill.open.minor) for bill in heard.bills} == {("paid", 0)}
        return
    assert isinstance(heard, Heard)
    expected = {"pay": ("already_paid", ""), "status": ("rejected", "already_paid"), "reverse": ("refused", "settled")}[case.operation]
    assert (heard.word, heard.why if case.operation != "pay" else "") == expected
    assert heard.by_reference != case.reference


def test_refuse(case: Case) -> None:
    set_fault(case, "refuse")
    heard = case.heard()
    if isinstance(heard, Heard):
        assert (heard.word, heard.why) == ("refused" if case.operation == "reverse" else "rejected", "not_allowed")
    else:
        assert heard == "unknown_subscriber"


def test_a_fault_of_one_subscriber_leaves_the_others_alone(case: Case) -> None:
    set_fault(case, "error_500")
    other = case_of(case.door, case.operation)
    assert other.happens().status in (200, 201)
    assert case.happens().status == 500


def test_faults_add_up_and_the_first_to_fire_wins(case: Case) -> None:
    set_fault(case, "garbage")
    set_fault(case, "error_500")
    assert case.happens().data.startswith(b"<html>")
    assert case.happens().status == 500
    assert case.happens().status in (200, 201)


def test_a_counted_fault_fires_exactly_so_often_however_many_come_at_once(door: Door) -> None:
    control = door.sandbox.control
    case = case_of(door, "status")
    control.fault(door.biller, "status", "error_500", times=20, subscriber=case.number)
    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(lambda _: case.happens().status, range(100)))
    control.clear_faults()
    assert statuses.count(500) == 20 and statuses.count(200) == 80


def test_probability(door: Door) -> None:
    control, case = door.sandbox.control, case_of(door, "status")
    control.fault(door.biller, "status", "error_500", probability=0.5, subscriber=case.number)
    statuses = [case.happens().status for _ in range(100)]
    control.clear_faults()
    assert 15 < statuses.count(500) < 85


def test_many_held_calls_leave_the_others_alone(door: Door, control: Controls) -> None:
    number, bill = door.new_bill()
    control.fault(door.biller, "inquiry", "delay", times=160, seconds=1.2, subscriber=number)
    began = time.monotonic()
    with ThreadPoolExecutor(160) as pool:
        held = [pool.submit(door.inquire, number) for _ in range(160)]
        time.sleep(0.3)
        asked = time.monotonic()
        assert door.pay(door.new_reference(), number, bill).word == "accepted"
        assert time.monotonic() - asked < 0.8
        assert all(isinstance(one.result(), Account) for one in held)
    assert time.monotonic() - began < 10, "held side by side, not one after another"
    control.clear_faults()


def test_faults_outlive_a_restart(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, subscribers=12) as sandbox:
        sandbox.control.fault("azercell", "pay", "refuse", times=7)
        sandbox.control.fault("azercell", "status", "delay", probability=0.25, seconds=2.5, subscriber="502003015")
        before = sandbox.control.faults()
        sandbox.kill()
        sandbox.start()
        assert sandbox.control.faults() == before and len(before) == 2
        sandbox.control.clear_faults()
        assert sandbox.control.faults() == []


def test_holding_does_not_hold_up_the_end(sandbox_of_its_own: Sandbox) -> None:
    sandbox_of_its_own.control.fault("azercell", "inquiry", "timeout_before_apply", seconds=30)
    azercell = DirectDoor(sandbox_of_its_own, biller="azercell", currency="AZN")
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(azercell.inquire, "502003015")
        time.sleep(0.3)
        began = time.monotonic()
        assert sandbox_of_its_own.stop() == 0
        assert time.monotonic() - began < 3
        with pytest.raises(NOBODY_ANSWERED):
            held.result()

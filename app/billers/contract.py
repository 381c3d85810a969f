"""
What every door must do, whatever its protocol. Run for each of them against the other side's real program
(``tests/billers/test_doors.py``); a new adapter is one more line there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from app.billers.gateway import AccountClosed, Answer, BillerUnreachable, Gateway, Order, SubscriberNotFound, Verdict
from app.billing.bill import DISPUTED, Account, Bill
from app.errors import NotFound
from app.money import Money


class OtherSide(Protocol):
    """The biller's own desk, as far as these checks need it."""

    code: str

    def new_bill(self, minor: int) -> tuple[str, str]:
        """:returns: subscriber and bill ref of a new bill, its amount in minor units"""

    def closed_subscriber(self) -> str: ...

    def fault(self, operation: str, mode: str, *, subscriber: str) -> None: ...

    def booked(self, reference: str) -> list[tuple[int, str]]:
        """:returns: (minor units, ``accepted`` or ``reversed``) of what was really booked under our reference"""

    def charged(self, reference: str) -> list[tuple[str, str]]:
        """:returns: (subscriber, amount in major units) of what was really charged under our reference"""

    def e_bill(self, subscriber: str) -> str:
        """:returns: the address it mails this subscriber's bills to, or nothing"""


Check = Callable[[Gateway, OtherSide, Order], None]


def new_order(gateway: Gateway, other: OtherSide, *, reference: str, at: datetime) -> Order:
    """A bill of 120.50, looked up, ready to be paid."""
    subscriber, ref = other.new_bill(12050)
    bill = find(gateway.inquire(subscriber), ref)
    return Order(reference, other.code, subscriber, ref, bill.open, bill.version, agent="1000001042", at=at)


def find(account: Account, ref: str) -> Bill:
    return next(bill for bill in account.bills if bill.ref == ref)


def a_yes_is_booked_once_however_often_it_is_sent(gateway: Gateway, other: OtherSide, order: Order) -> None:
    first, again = gateway.pay(order), gateway.pay(order)
    assert (first.verdict, again.verdict) == (Verdict.YES, Verdict.YES)
    assert first.biller_reference == again.biller_reference != ""
    assert other.booked(order.reference) == [(12050, "accepted")]
    assert find(gateway.inquire(order.subscriber), order.bill).open.minor == 0


def a_changed_bill_is_a_no(gateway: Gateway, other: OtherSide, order: Order) -> None:
    answer = gateway.pay(replace(order, version="another"))
    assert (answer.verdict, answer.code) == (Verdict.NO, "amount_changed")
    assert other.booked(order.reference) == []


def another_amount_is_a_no(gateway: Gateway, other: OtherSide, order: Order) -> None:
    answer = gateway.pay(replace(order, amount=order.amount + Money(1, order.amount.currency)))
    assert (answer.verdict, answer.code) == (Verdict.NO, "amount_changed")
    assert other.booked(order.reference) == []


def a_bill_paid_by_another_is_a_no(gateway: Gateway, other: OtherSide, order: Order) -> None:
    assert gateway.pay(replace(order, reference=order.reference + "X")).verdict is Verdict.YES
    answer = gateway.pay(order)
    assert (answer.verdict, answer.code) == (Verdict.NO, "already_paid")


def the_status_tells_what_was_booked(gateway: Gateway, other: OtherSide, order: Order) -> None:
    paid = gateway.pay(order)
    told = gateway.status(order, seconds_since_sent=1)
    assert (told.verdict, told.biller_reference) == (Verdict.YES, paid.biller_reference)


def never_seen_is_no_yes_and_an_early_one_is_unknown(gateway: Gateway, other: OtherSide, order: Order) -> None:
    assert gateway.status(order, seconds_since_sent=1).verdict is Verdict.UNKNOWN
    late = gateway.status(order, seconds_since_sent=60)
    assert late.verdict is (Verdict.NO if gateway.on_unknown == "ask" else Verdict.UNKNOWN)


def a_reversal_takes_back_once(gateway: Gateway, other: OtherSide, order: Order) -> None:
    gateway.pay(order)
    assert [gateway.reverse(order, reason="customer").verdict for _ in range(3)] == [Verdict.YES] * 3
    assert other.booked(order.reference) == [(12050, "reversed")]
    assert find(gateway.inquire(order.subscriber), order.bill).open == order.amount
    assert gateway.status(order, seconds_since_sent=60).verdict is Verdict.NO


def a_reversal_of_what_was_never_seen_blocks_it_for_ever(gateway: Gateway, other: OtherSide, order: Order) -> None:
    if gateway.on_unknown == "reverse":
        assert gateway.reverse(order, reason="unknown").verdict is Verdict.YES
        assert gateway.pay(order).verdict is Verdict.NO
        assert other.booked(order.reference) == []


def trouble_is_unknown(gateway: Gateway, other: OtherSide, order: Order) -> None:
    calls: dict[str, Callable[[], Answer]] = {
        "pay": lambda: gateway.pay(order),
        "status": lambda: gateway.status(order, seconds_since_sent=60),
        "reverse": lambda: gateway.reverse(order, reason="customer"),
    }
    for operation, ask in calls.items():
        for mode in ("garbage", "error_500", "wrong_reference", "wrong_amount", "drop_after_apply"):
            other.fault(operation, mode, subscriber=order.subscriber)
            assert ask().verdict is Verdict.UNKNOWN, f"{operation} {mode}"


def who_cannot_be_found_is_told_apart(gateway: Gateway, other: OtherSide, order: Order) -> None:
    """P-28"""
    told_apart(gateway.inquire, other, order)
    other.fault("inquiry", "error_500", subscriber=order.subscriber)
    try:
        gateway.inquire(order.subscriber)
    except BillerUnreachable:
        return
    raise AssertionError("trouble should be BillerUnreachable")


def a_dispute_is_named_and_flags_the_bill(gateway: Gateway, other: OtherSide, order: Order) -> None:
    """P-29: and what cannot be disputed is a clear no"""
    assert gateway.dispute(subscriber=order.subscriber, bill=order.bill, reason="Nobody called Mars")
    assert DISPUTED in find(gateway.inquire(order.subscriber), order.bill).flags
    told_apart(lambda number: gateway.dispute(subscriber=number, bill=order.bill, reason="Nobody called Mars"), other, order)
    try:
        gateway.dispute(subscriber=order.subscriber, bill="no-such-bill", reason="Nobody called Mars")
    except NotFound:
        return
    raise AssertionError("a bill that is not there should be NotFound")


def a_charge_is_made_once_and_never_rounded(gateway: Gateway, other: OtherSide, order: Order) -> None:
    for _ in range(3):
        gateway.charge(order.subscriber, reference=order.reference, text="650-yə SMS sorğusu", amount=Decimal("0.0236"))
    assert other.charged(order.reference) == [(order.subscriber, "0.0236")]
    told_apart(lambda number: gateway.charge(number, reference=order.reference, text="SMS", amount=Decimal("0.02")), other, order)


def the_e_bill_is_switched_on_and_off(gateway: Gateway, other: OtherSide, order: Order) -> None:
    for email in ("ayse@example.com", "ayse@example.com", "y@example.com", "", ""):
        gateway.switch_e_bill(order.subscriber, email=email)
        assert other.e_bill(order.subscriber) == email
    told_apart(lambda number: gateway.switch_e_bill(number, email="a@example.com"), other, order)


def told_apart(ask: Callable[[str], object], other: OtherSide, order: Order) -> None:
    """P-28"""
    for number, refusal in (("0" * len(order.subscriber), SubscriberNotFound), (other.closed_subscriber(), AccountClosed)):
        try:
            ask(number)
        except refusal:
            continue
        raise AssertionError(f"{number} should be {refusal.__name__}")


CHECKS: tuple[Check, ...] = (
    a_yes_is_booked_once_however_often_it_is_sent,
    a_changed_bill_is_a_no,
    another_amount_is_a_no,
    a_bill_paid_by_another_is_a_no,
    the_status_tells_what_was_booked,
    never_seen_is_no_yes_and_an_early_one_is_unknown,
    a_reversal_takes_back_once,
    a_reversal_of_what_was_never_seen_blocks_it_for_ever,
    trouble_is_unknown,
    who_cannot_be_found_is_told_apart,
    a_dispute_is_named_and_flags_the_bill,
    a_charge_is_made_once_and_never_rounded,
    the_e_bill_is_switched_on_and_off,
)

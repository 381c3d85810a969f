"""Both doors: a bill is paid once, refused for a reason that stays, reversed to what it was."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app.billing.explain import explain
from app.money import Money
from tests.sandbox.doors import BankDoor, DirectDoor, Door, Heard
from tests.sandbox_process import Controls


def test_a_practice_bill_has_exactly_its_amount_and_adds_up(door: Door) -> None:
    _, bill = door.new_bill(12345)
    assert (bill.amount, bill.open, bill.past_due) == (Money(12345, door.currency),) * 2 + (Money(0, door.currency),)
    assert explain(bill).adds_up and bill.state == "open" and (bill.due_on - bill.issued_on).days == 365


def test_a_payment_is_accepted_and_closes_the_bill(door: Door, control: Controls) -> None:
    number, bill = door.new_bill(12050)
    heard = door.pay("P-1-" + bill.ref[-8:].upper(), number, bill)
    assert (heard.word, heard.amount) == ("accepted", Money(12050, door.currency)) and heard.biller_reference
    paid = door.bill(number, bill.ref)
    assert (paid.open.minor, paid.amount, paid.state) == (0, bill.amount, "paid") and paid.version != bill.version
    (effect,) = control.effects(door.biller, reference=heard.reference)
    assert {name: effect[name] for name in ("bill", "subscriber", "amount", "state")} == {
        "bill": bill.ref,
        "subscriber": number,
        "amount": 12050,
        "state": "accepted",
    }
    assert set(effect) == {"reference", "bill", "subscriber", "amount", "state", "at"}


def test_the_same_reference_again_is_the_same_answer_and_no_second_effect(door: Door, control: Controls) -> None:
    (number, bill), reference = door.new_bill(), door.new_reference()
    first = door.pay(reference, number, bill)
    assert door.pay(reference, number, bill) == first
    assert door.pay(reference, number, bill, amount=1) == first
    assert door.status(reference) == first
    assert len(control.effects(door.biller, reference=reference)) == 1


def test_a_refusal_stays_a_refusal(door: Door) -> None:
    """Once said no, the reference is burnt: even if the order would be right now."""
    (number, bill), reference = door.new_bill(), door.new_reference()
    assert door.pay(reference, number, bill, amount=bill.open.minor - 1).why == "amount_changed"
    assert door.pay(reference, number, bill).why == "amount_changed"
    assert door.status(reference) == Heard("rejected", "amount_changed", reference)
    assert door.pay(door.new_reference(), number, bill).word == "accepted"


def test_a_changed_version_is_refused(door: Door) -> None:
    number, bill = door.new_bill()
    heard = door.pay(door.new_reference(), number, bill, version="0123456789abcdef")
    assert (heard.word, heard.why) == ("rejected", "amount_changed")


def test_a_paid_bill_names_who_paid_it(door: Door) -> None:
    (number, bill), first, second = door.new_bill(), door.new_reference(), door.new_reference()
    door.pay(first, number, bill)
    heard = door.pay(second, number, bill)
    assert (heard.word, heard.by_reference) == ("already_paid", first)
    assert (door.status(second).word, door.status(second).why) == ("rejected", "already_paid")


def test_what_is_not_there_cannot_be_paid(door: Door) -> None:
    (number, bill), (other, _) = door.new_bill(), door.new_bill()
    assert door.pay(door.new_reference(), other, bill).why == "withdrawn"
    assert door.pay(door.new_reference(), number, replace(bill, ref="X-1")).why == "withdrawn"
    assert door.pay(door.new_reference(), "0000000000", bill).why == "unknown_subscriber"


def test_a_closed_account_takes_no_payment(door: Door, control: Controls) -> None:
    _, bill = door.new_bill()
    closed = next(one["number"] for one in control.subscribers(door.biller) if one["state"] == "closed")
    assert door.inquire(closed) == "account_closed"
    refs = [f"{bill.ref[0]}-{closed}-{bill.first_day - timedelta(days=28 * back):%Y%m}" for back in range(3)]
    whys = {door.pay(door.new_reference(), closed, replace(bill, ref=ref)).why for ref in refs}
    assert "closed" in whys and whys <= {"closed", "withdrawn"}


def test_a_reversal_opens_the_bill_exactly_as_it_was(door: Door, control: Controls) -> None:
    (number, bill), reference = door.new_bill(), door.new_reference()
    door.pay(reference, number, bill)
    assert door.reverse(reference).word == "reversed"
    assert door.reverse(reference).word == "reversed"
    assert door.bill(number, bill.ref) == bill
    assert [effect["state"] for effect in control.effects(door.biller, reference=reference)] == ["reversed"]
    assert door.status(reference).word == "reversed"
    late = door.pay(reference, number, bill)
    assert late.word == "rejected" and "reversed" in (late.why, late.word)
    assert door.pay(door.new_reference(), number, bill).word == "accepted"


def test_a_refused_payment_can_be_reversed_to_be_sure(door: Door, control: Controls) -> None:
    (number, bill), reference = door.new_bill(), door.new_reference()
    door.pay(reference, number, bill, amount=1)
    assert door.reverse(reference).word == "reversed"
    assert control.effects(door.biller, reference=reference) == []


def test_a_reversal_before_the_payment_blocks_it_behind_the_bank(bank: BankDoor, control: Controls) -> None:
    (number, bill), reference = bank.new_bill(), bank.new_reference()
    assert bank.status(reference).word == "never_seen"
    assert bank.reverse(reference).word == "reversed"
    assert bank.pay(reference, number, bill) == Heard("rejected", "reversed", reference)
    assert bank.status(reference).word == "reversed"
    assert control.effects("millenicom", reference=reference) == []


def test_the_direct_door_has_never_seen_it(direct: DirectDoor) -> None:
    (number, bill), reference = direct.new_bill(), direct.new_reference()
    assert direct.status(reference).word == direct.reverse(reference).word == "never_seen"
    assert direct.pay(reference, number, bill).word == "accepted"


def test_fifty_at_once_with_one_reference_are_one_payment(door: Door, control: Controls) -> None:
    (number, bill), reference = door.new_bill(), door.new_reference()
    with ThreadPoolExecutor(50) as pool:
        heard = set(pool.map(lambda _: door.pay(reference, number, bill), range(50)))
    assert len(heard) == 1 and heard.pop().word == "accepted"
    assert len(control.effects(door.biller, reference=reference)) == 1


def test_fifty_at_once_for_one_bill_are_one_payment(door: Door, control: Controls) -> None:
    number, bill = door.new_bill()
    with ThreadPoolExecutor(50) as pool:
        heard = list(pool.map(lambda _: door.pay(door.new_reference(), number, bill), range(50)))
    (yes,) = [one for one in heard if one.word == "accepted"]
    assert {one.by_reference for one in heard if one.word == "already_paid"} == {yes.reference}
    assert [effect["reference"] for effect in control.effects(door.biller) if effect["bill"] == bill.ref] == [yes.reference]


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_cannot_be_paid(door: Door, amount: int) -> None:
    number, bill = door.new_bill()
    order = replace(bill, open=Money(amount, door.currency))
    assert door.raw("pay", door.new_reference(), number, order).status == 400

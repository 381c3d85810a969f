"""Azercell: any amount is taken, what is too much is the subscriber's advance, and who owes nothing may pay too."""

import pytest

from app.billing.bill import Bill
from app.billing.explain import explain
from tests.sandbox.doors import DirectDoor
from tests.sandbox_process import Controls, Sandbox


@pytest.fixture
def azercell(sandbox: Sandbox) -> DirectDoor:
    return DirectDoor(sandbox, biller="azercell", currency="AZN")


def test_too_much_becomes_an_advance_and_a_reversal_takes_it_back(azercell: DirectDoor) -> None:
    (number, bill), reference = azercell.new_bill(1840), azercell.new_reference()
    before = azercell.account(number)
    azercell.pay(reference, number, bill, amount=2000)
    assert azercell.account(number).subscriber.advance.minor == 160
    assert azercell.bill(number, bill.ref).state == "paid"
    azercell.reverse(reference)
    assert azercell.account(number) == before


def test_too_little_leaves_the_rest_open(azercell: DirectDoor) -> None:
    (number, bill), first = azercell.new_bill(1840), azercell.new_reference()
    azercell.pay(first, number, bill, amount=1000)
    rest = azercell.bill(number, bill.ref)
    assert (rest.open.minor, rest.amount.minor, rest.state) == (840, 1840, "open") and rest.version != bill.version
    assert azercell.pay(azercell.new_reference(), number, bill, amount=840).why == "amount_changed"
    assert azercell.pay(azercell.new_reference(), number, rest).word == "accepted"
    assert azercell.bill(number, bill.ref).state == "paid"
    azercell.reverse(first)
    assert azercell.bill(number, bill.ref).open.minor == 1000


def test_an_account_that_owes_nothing_takes_payments(azercell: DirectDoor, control: Controls) -> None:
    number = next(one["number"] for one in control.subscribers("azercell") if one["owed"] == 0 and one["state"] == "active")

    account = account_bill(azercell, number)
    assert (account.amount.minor, account.open.minor, account.state, explain(account).adds_up) == (0, 0, "open", True)
    reference = azercell.new_reference()
    assert azercell.pay(reference, number, account, amount=500).word == "accepted"

    following = account_bill(azercell, number)
    assert following.ref != account.ref, "one bill, one payment: the next one takes the next"
    assert azercell.pay(azercell.new_reference(), number, account, amount=500).by_reference == reference
    assert azercell.pay(azercell.new_reference(), number, following, amount=250).word == "accepted"
    assert azercell.account(number).subscriber.advance.minor == 750

    azercell.reverse(reference)
    assert account_bill(azercell, number) == account
    assert azercell.account(number).subscriber.advance.minor == 250


def test_whoever_owes_something_has_no_account_bill(azercell: DirectDoor) -> None:
    number, _ = azercell.new_bill(100)
    assert all(one.amount for one in azercell.account(number).bills)
    for one in azercell.account(number).bills:
        if one.open:
            azercell.pay(azercell.new_reference(), number, one)
    assert account_bill(azercell, number)


def account_bill(azercell: DirectDoor, number: str) -> Bill:
    return next(bill for bill in azercell.account(number).bills if not bill.amount)

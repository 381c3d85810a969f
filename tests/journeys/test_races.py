"""Races over real HTTP against real processes (trust.md B9 … B11): never two of what there may be one of."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.money import read_amount
from tests.conftest import Database
from tests.journeys.house import House, at_once, open_house
from tests.people import Shop, book_is_right, lira, open_shop

MILLENICOM = "millenicom"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with open_house(database.config, tmp_path) as house:
        yield house


@pytest.fixture
def shop(house: House) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("1000.00")
    return shop


def test_fifty_submits_of_one_key_are_one_payment(house: House, shop: Shop) -> None:
    """P-08: one payment, one effect at the biller, fifty equal answers"""
    till, subscriber = house.till(shop), house.sandbox.control.plain_subscriber(MILLENICOM)
    ref = house.sandbox.control.bill(MILLENICOM, subscriber, 12050)
    bill = next(bill for bill in till.look_up(MILLENICOM, subscriber) if bill["ref"] == ref)
    house.sandbox.control.fault(MILLENICOM, "pay", "delay", seconds=1)

    answers = at_once(lambda _: till.pay(MILLENICOM, subscriber, bill, key="one"), [None] * 50)

    assert Counter(answer.status for answer in answers) == {201: 50}
    assert len({str(answer.data) for answer in answers}) == 1
    assert len(house.sandbox.control.effects(MILLENICOM)) == 1
    assert shop.balance == lira("879.50")
    assert book_is_right()


def test_fifty_payments_of_one_bill_are_one_payment(house: House, shop: Shop) -> None:
    """P-09"""
    till, subscriber = house.till(shop), house.sandbox.control.plain_subscriber(MILLENICOM)
    ref = house.sandbox.control.bill(MILLENICOM, subscriber, 12050)
    bill = next(bill for bill in till.look_up(MILLENICOM, subscriber) if bill["ref"] == ref)

    answers = at_once(lambda number: till.pay(MILLENICOM, subscriber, bill, key=f"key-{number}"), list(range(50)))

    statuses = Counter(answer.status for answer in answers)
    assert statuses[201] == 1
    assert statuses[409] == 49
    assert len(house.sandbox.control.effects(MILLENICOM)) == 1
    assert shop.balance == lira("879.50")
    assert book_is_right()


def test_two_hundred_payments_on_a_balance_for_ten(house: House, shop: Shop) -> None:
    """B10: exactly ten, balance exactly zero"""
    till, control = house.till(shop), house.sandbox.control
    bills = []
    for _ in range(200):
        subscriber = control.plain_subscriber(MILLENICOM)
        ref = control.bill(MILLENICOM, subscriber, 10000)
        bills.append((subscriber, next(bill for bill in till.look_up(MILLENICOM, subscriber) if bill["ref"] == ref)))

    def pay(order: tuple[str, Any]) -> int:
        """Who found no place at the biller tries again, with the same key."""
        subscriber, bill = order
        while (status := till.pay(MILLENICOM, subscriber, bill, key=bill["ref"]).status) == 503:
            continue
        return status

    assert Counter(at_once(pay, bills)) == {201: 10, 402: 190}
    assert len(control.effects(MILLENICOM)) == 10
    assert shop.balance == lira("0.00")
    assert book_is_right()


def test_a_hanging_biller_keeps_no_other_waiting(house: House, shop: Shop) -> None:
    """contract.md §6: sixteen calls hang at one biller, more are refused before any hold, and the next shop pays at another one"""
    control, baku = house.sandbox.control, open_shop("2000003015", market="AZ")
    baku.topped_up("1000.00")
    theirs, ours = house.till(baku), house.till(shop)
    orders = []
    for _ in range(40):
        subscriber = control.plain_subscriber("azercell")
        ref = control.bill("azercell", subscriber, 100)
        orders.append((subscriber, next(bill for bill in theirs.look_up("azercell", subscriber) if bill["ref"] == ref)))
    control.fault("azercell", "pay", "timeout_before_apply", probability=1)
    with ThreadPoolExecutor(len(orders)) as pool:
        hanging = [pool.submit(theirs.pay, "azercell", subscriber, bill, key=bill["ref"]) for subscriber, bill in orders]
        for _ in range(5):
            subscriber = control.plain_subscriber(MILLENICOM)
            ref = control.bill(MILLENICOM, subscriber, 1000)
            bill = next(bill for bill in ours.look_up(MILLENICOM, subscriber) if bill["ref"] == ref)
            assert ours.pay(MILLENICOM, subscriber, bill, key=ref).status == 201
        assert sum(not each.done() for each in hanging) >= 16  # all that while they were hanging
        statuses = Counter(each.result().status for each in hanging)
    assert set(statuses) == {202, 503}
    assert statuses[202] + statuses[503] == 40
    assert baku.balance == read_amount("1000.00", "AZN") - read_amount(f"{statuses[202]}.00", "AZN")  # who was refused paid no hold
    assert book_is_right()

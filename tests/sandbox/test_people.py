"""Who lives in a new store, and how a look-up shows them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.billing.explain import explain
from sandbox.carriers.directory import CARRIERS
from sandbox.cast.directory import roles_of
from tests.sandbox.doors import BankDoor, DirectDoor, Door
from tests.sandbox_process import PLAIN, Controls, Json, Sandbox, running_sandbox

ORDINARY = 250
FIRST_DAYS = (
    "2026-11-22T10:00:00+03:00",
    "2025-05-20T10:00:00+02:00",  # before the minicycle's bill
    "2025-05-22T00:00:30+02:00",
    "2026-01-01T12:00:00+03:00",  # a day on which bills are issued
    "2028-02-29T23:30:00+03:00",
)


@pytest.fixture(scope="module", params=FIRST_DAYS)
def untouched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """As it was made, on whatever day; whoever changes something starts their own."""
    with running_sandbox(tmp_path_factory.mktemp("untouched"), seed=7, clock=request.param) as sandbox:
        yield sandbox


def door_of(sandbox: Sandbox, biller: str) -> Door:
    return BankDoor(sandbox) if biller == "millenicom" else DirectDoor(sandbox, biller=biller, currency=CARRIERS[biller].currency)


@pytest.mark.parametrize("biller", CARRIERS)
def test_the_first_220_are_plain(untouched: Sandbox, biller: str) -> None:
    people = untouched.control.subscribers(biller)
    assert len(people) == ORDINARY + len(roles_of(biller)) and [one["number"] for one in people] == sorted(one["number"] for one in people)
    assert CARRIERS[biller].example in {one["number"] for one in people}
    for one in people[:PLAIN]:
        assert (one["state"], one["flags"]) == ("active", []) and one["open_bills"] >= 1 and one["owed"] > 0


@pytest.mark.parametrize("biller", CARRIERS)
def test_the_others_are_of_every_kind(untouched: Sandbox, biller: str) -> None:
    odd = untouched.control.subscribers(biller)[PLAIN:ORDINARY]
    kinds = {flag for one in odd for flag in one["flags"]} | {one["state"] for one in odd}
    assert kinds == {"active", "closed", "disputed", "standing-order", "near-charge-date"}
    in_turn = [odd[-1 - place :: -6] for place in range(6)]
    nothing_owed, closed, standing_order, near, disputed, several = in_turn
    assert all((one["state"], one["owed"], one["flags"]) == ("active", 0, []) for one in nothing_owed)
    assert all(one["state"] == "closed" for one in closed)
    assert all("standing-order" in one["flags"] and one["open_bills"] for one in standing_order)
    assert all(one["flags"] == ["near-charge-date"] and one["open_bills"] for one in near)
    assert all(one["flags"] == ["disputed"] and one["open_bills"] for one in disputed)
    assert all((one["open_bills"], one["flags"]) == (3, []) for one in several)


@pytest.mark.parametrize("biller", CARRIERS)
def test_a_look_up_shows_bills_newest_first(untouched: Sandbox, biller: str) -> None:
    door = door_of(untouched, biller)
    for one in untouched.control.subscribers(biller)[:ORDINARY:5]:
        if one["state"] == "closed":
            assert door.inquire(one["number"]) == "account_closed"
            continue
        account = door.account(one["number"])
        ordinary = [bill for bill in account.bills if bill.amount]
        issued = [bill.issued_on for bill in ordinary]
        assert 1 <= len(issued) <= 3 and issued == sorted(issued, reverse=True)
        open_now = [bill.open.minor for bill in account.bills if bill.open]
        owed = open_now[:1] if CARRIERS[biller].carries_debt else open_now
        assert (sum(owed), len(open_now)) == (one["owed"], one["open_bills"])
        assert all(explain(bill).adds_up and bill.state == ("open" if bill.open or not bill.amount else "paid") for bill in account.bills)
        assert account.subscriber.name != one["name"] and re.fullmatch(r"(\w\**)( \w\**)+", account.subscriber.name)
        assert sorted({flag for bill in account.bills for flag in bill.flags if bill.open}) == one["flags"]


def test_nobody_and_nothing_owed_are_two_answers(untouched: Sandbox) -> None:
    for biller in CARRIERS:
        door = door_of(untouched, biller)
        assert door.inquire("0000000000") == "unknown_subscriber"
        number = next(one["number"] for one in untouched.control.subscribers(biller) if one["owed"] == 0 and one["state"] == "active")
        assert not any(bill.open for bill in door.account(number).bills)


def test_last_and_period(door: Door, control: Controls) -> None:
    number = next(one["number"] for one in control.subscribers(door.biller)[PLAIN:ORDINARY] if one["open_bills"] == 3)
    bills = door.account(number).bills
    assert len(door.account(number, last="1").bills) == 3, "what is open is shown, however old"
    month = f"{bills[1].last_day:%Y-%m}"
    assert door.account(number, period=month).bills == (bills[1],)
    assert door.account(number, period="1999-01").bills == ()
    for bill in bills:
        door.pay(door.new_reference(), number, bill)
    assert [bill.ref for bill in door.account(number, last="2").bills if bill.amount] == [bill.ref for bill in bills[:2]]


def test_the_same_seed_makes_the_same_world(tmp_path: Path) -> None:
    def world(folder: str, seed: int) -> list[Json]:
        with running_sandbox(tmp_path / folder, seed=seed, subscribers=12, clock="2026-11-22T10:00:00+03:00") as sandbox:
            door = door_of(sandbox, "azercell")
            accounts = [door.inquire(one["number"]) for one in sandbox.control.subscribers("azercell")]
            return [*sandbox.control.subscribers("millenicom"), {"accounts": accounts}]

    assert world("one", 5) == world("two", 5) != world("three", 6)


def test_a_store_is_never_made_again(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, seed=5, subscribers=12) as sandbox:
        before = sandbox.control.subscribers("masmovil")
    with running_sandbox(tmp_path, seed=6, subscribers=40) as sandbox:
        assert sandbox.control.subscribers("masmovil") == before

"""How the four carriers' numbers, contracts and bills look, without any process."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, pairwise
from random import Random

import pytest

from app.billing.bill import Bill
from app.billing.codec import bill_from_json, bill_to_json
from app.billing.explain import explain
from app.billing.period import Period
from app.billing.rules import amount_of
from sandbox.billing_runs.people import numbers
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.carriers.names import GIVEN, invent, mask
from sandbox.carriers.person import PLAIN, Person
from sandbox.cast.directory import roles_of

TODAYS = [date(2025, 5, 22), date(2025, 6, 21), date(2025, 6, 22), date(2026, 1, 1), date(2026, 11, 22), date(2028, 2, 29)]


@pytest.fixture(params=list(CARRIERS.values()), ids=list(CARRIERS))
def carrier(request: pytest.FixtureRequest) -> Carrier:
    found: Carrier = request.param
    return found


def person(carrier: Carrier, number: str, *, seed: int = 1) -> Person:
    return Person(seed, carrier.code, number, PLAIN, date(2026, 11, 22))


def bills_of(carrier: Carrier, who: Person, today: date, *, count: int = 3) -> Iterator[Bill]:
    cycle = carrier.cycles.of(today)
    cycles: list[Period] = []
    while len(cycles) < count:
        cycle = carrier.cycles.before(cycle)
        cycles.insert(0, cycle)
    for one in cycles:
        draft = carrier.draft(who, one, inquiries=(), older=())
        assert draft is not None
        yield carrier.bill(draft, who.number)


def some_bills(carrier: Carrier, today: date) -> list[Bill]:
    some = [carrier.example, *numbers(carrier, Random(5), 40)]
    return [bill for number in some for bill in bills_of(carrier, person(carrier, number), today)]


def test_a_number_says_whose_it_is(carrier: Carrier) -> None:
    luck = Random(1)
    for number in (carrier.example, *roles_of(carrier.code), *(carrier.new_number(luck) for _ in range(2000))):
        assert [other.code for other in CARRIERS.values() if re.fullmatch(other.pattern, number)] == [carrier.code]


def test_the_cast_stands_behind_everybody_else(carrier: Carrier) -> None:
    luck = Random(2)
    assert min(roles_of(carrier.code)) > max(carrier.new_number(luck) for _ in range(20_000))


@pytest.mark.parametrize("today", TODAYS)
def test_every_bill_adds_up_reads_back_and_can_be_computed_again(carrier: Carrier, today: date) -> None:
    for bill in some_bills(carrier, today):
        assert explain(bill).adds_up and bill.amount == bill.open and bill.amount.minor > 0
        assert bill_from_json(bill_to_json(bill)) == bill
        for line in (line for section in bill.sections for line in section.lines):
            assert line.text and amount_of(line.rule, line.inputs, carrier.currency) == line.amount


@pytest.mark.parametrize("today", TODAYS)
def test_bills_are_issued_by_today_one_after_the_other(carrier: Carrier, today: date) -> None:
    bills = list(bills_of(carrier, person(carrier, carrier.example), today))
    assert len({bill.ref for bill in bills}) == 3
    assert [bill.issued_on for bill in bills] == sorted(bill.issued_on for bill in bills)
    assert bills[-1].issued_on <= today and all(bill.due_on > bill.issued_on for bill in bills)
    for earlier, later in pairwise(bills):
        assert (later.first_day - earlier.last_day).days == 1


def test_the_same_seed_makes_the_same_contract_on_whatever_day_it_is_asked(carrier: Carrier) -> None:
    number = carrier.new_number(Random(3))
    june = list(bills_of(carrier, person(carrier, number), date(2026, 7, 1), count=1))
    later = list(bills_of(carrier, person(carrier, number), date(2026, 11, 22), count=6))
    assert june[0] in later
    others = [next(bills_of(carrier, person(carrier, number, seed=seed), date(2026, 7, 1), count=1)) for seed in range(2, 12)]
    assert any(other.sections != june[0].sections for other in others)


def test_stories_have_everything_that_may_happen() -> None:
    """Plan changes, options, devices, bonuses, premium numbers, late roaming, discounts, one-offs."""
    rules = {code: set[str]() for code in CARRIERS}
    texts = {code: set[str]() for code in CARRIERS}
    for code, carrier in CARRIERS.items():
        for number in numbers(carrier, Random(7), 250):
            for bill in bills_of(carrier, person(carrier, number), date(2026, 11, 25), count=4):
                for line in (line for section in bill.sections for line in section.lines):
                    rules[code].add(line.rule)
                    texts[code].add(line.text)
    usual = {"whole-fee", "fee-by-days", "per-unit"}
    assert rules["millenicom"] >= usual | {"percent"}
    assert rules["azercell"] >= usual | {"included", "within-allowance", "beyond-allowance"}
    assert rules["masmovil"] >= usual | {"included", "within-allowance", "beyond-allowance", "instalment", "one-off"}
    assert rules["vodafone-hu"] >= usual | {"credit-by-days", "included", "one-off", "percent", "to-whole-unit", "beyond-allowance"}
    assert any("késve" in text for text in texts["vodafone-hu"]) and any("retraso" in text for text in texts["masmovil"])
    assert any("kedvezmény" in text for text in texts["vodafone-hu"]) and "Emelt díjas hívások" in texts["vodafone-hu"]


def test_refs_are_one_carriers_alone() -> None:
    refs = [{bill.ref for bill in some_bills(carrier, date(2026, 11, 22))} for carrier in CARRIERS.values()]
    assert all(not one & other for one, other in combinations(refs, 2))


@pytest.mark.parametrize("today", [date(2024, 6, 1), date(2025, 5, 23), date(2030, 1, 15)])
def test_running_days_cost_more_from_day_to_day(carrier: Carrier, today: date) -> None:
    who = person(carrier, carrier.new_number(Random(4)))
    cycle = carrier.cycles.of(today)
    days = [cycle.first + timedelta(days=place) for place in range(cycle.days)]
    costs = [carrier.running(who, cycle, day).minor for day in days]
    assert costs == sorted(costs) and costs[0] >= 0 and costs[-1] > 0


def test_names_are_masked() -> None:
    assert mask("Ayşe Yılmaz") == "A*** Y*****"
    for country in GIVEN:
        luck = Random(3)
        assert len({invent(country, luck) for _ in range(300)}) > 150

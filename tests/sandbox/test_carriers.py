"""How the four carriers' numbers and bills look, without any process."""

import re
from datetime import date
from itertools import combinations, pairwise
from random import Random

import pytest

from app.billing.bill import Bill
from app.billing.codec import bill_from_json, bill_to_json
from app.billing.explain import explain
from app.money import Money
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.carriers.masmovil import cycles_before
from sandbox.carriers.names import GIVEN, invent, mask

TODAYS = [date(2025, 5, 22), date(2025, 6, 21), date(2025, 6, 22), date(2026, 1, 1), date(2026, 11, 22), date(2028, 2, 29)]


@pytest.fixture(params=list(CARRIERS.values()), ids=list(CARRIERS))
def carrier(request: pytest.FixtureRequest) -> Carrier:
    found: Carrier = request.param
    return found


def bills_of(carrier: Carrier, today: date, count: int = 3) -> list[Bill]:
    return [bill for seed in range(20) for bill in carrier.issue(carrier.example, Random(seed), today=today, count=count)]


def test_a_number_says_whose_it_is(carrier: Carrier) -> None:
    luck = Random(1)
    for number in (carrier.example, *(carrier.new_number(luck) for _ in range(2000))):
        assert [other.code for other in CARRIERS.values() if re.fullmatch(other.pattern, number)] == [carrier.code]


@pytest.mark.parametrize("today", TODAYS)
def test_every_bill_adds_up_and_reads_back(carrier: Carrier, today: date) -> None:
    for bill in bills_of(carrier, today):
        assert explain(bill).adds_up and bill.amount == bill.open and bill.amount.minor > 0
        assert bill_from_json(bill_to_json(bill)) == bill
        assert all(line.rule and line.text for section in bill.sections for line in section.lines)


@pytest.mark.parametrize("today", TODAYS)
def test_bills_are_issued_by_today_one_after_the_other(carrier: Carrier, today: date) -> None:
    bills = carrier.issue(carrier.example, Random(1), today=today, count=3)
    assert len({bill.ref for bill in bills}) == 3
    assert [bill.issued_on for bill in bills] == sorted(bill.issued_on for bill in bills)
    assert bills[-1].issued_on <= today and all(bill.due_on > bill.issued_on for bill in bills)
    for earlier, later in pairwise(bills):
        assert (later.first_day - earlier.last_day).days == 1


def test_refs_are_one_carriers_alone() -> None:
    refs = [{bill.ref for bill in bills_of(carrier, date(2026, 11, 22))} for carrier in CARRIERS.values()]
    assert all(not one & other for one, other in combinations(refs, 2))


def test_turkish_bills_have_their_taxes_apart() -> None:
    for bill in bills_of(CARRIERS["millenicom"], date(2026, 11, 22)):
        *net, tax = bill.sections
        base = sum(section.amount.minor for section in net)
        assert tax.kind == "tax"
        assert [line.amount.minor for line in tax.lines] == [round_half_up(base * 20, 100), round_half_up(base * 10, 100)]


def test_hungarian_bills_are_whole_forints() -> None:
    for bill in bills_of(CARRIERS["vodafone-hu"], date(2026, 11, 22)):
        assert bill.amount.minor % 100 == 0
        assert [section.kind for section in bill.sections][:3] == ["monthly", "included", "usage"]


def test_spanish_cycles_change_in_may_2025() -> None:
    spans = [(str(first), str(last)) for first, last in cycles_before(date(2025, 6, 22), 4)]
    assert spans == [("2025-03-01", "2025-03-31"), ("2025-04-01", "2025-04-30"), ("2025-05-01", "2025-05-21"), ("2025-05-22", "2025-06-21")]


def test_the_minicycle_costs_21_of_31_days() -> None:
    fees = {}
    for seed in range(30):
        (bill,) = CARRIERS["masmovil"].issue("600004021", Random(seed), today=date(2025, 5, 22), count=1)
        fee = bill.sections[0].lines[0]
        fees[fee.inputs["fee"]] = fee.amount
        assert (str(bill.issued_on), str(bill.charged_on)) == ("2025-05-22", "2025-05-29")
    assert fees["29.90"] == Money(2025, "EUR") and fees["9.99"] == Money(677, "EUR")


def test_names_are_masked() -> None:
    assert mask("Ayşe Yılmaz") == "A*** Y*****"
    for country in GIVEN:
        luck = Random(3)
        assert len({invent(country, luck) for _ in range(300)}) > 150


def round_half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)

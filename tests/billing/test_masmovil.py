"""MASMOVIL (carriers.md): the cycle that changed in May 2025, its minicycle, devices and bonuses."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.bill import Line
from app.billing.carriers import masmovil
from app.billing.carriers.masmovil import CYCLES, Bonus, Contract
from app.billing.cycle import without_change
from app.billing.draft import Draft
from app.billing.instalments import Financing, schedule
from app.billing.period import ONE_DAY, Period
from app.billing.proration import Fee
from app.billing.taxes import included, rates_on
from app.billing.usage import Allowance, Used
from app.money import Money, read_amount, round_to_money

APRIL = Period(date(2025, 4, 1), date(2025, 4, 30))
MINICYCLE = Period(date(2025, 5, 1), date(2025, 5, 21))
FIRST_NEW = Period(date(2025, 5, 22), date(2025, 6, 21))
SECOND_NEW = Period(date(2025, 6, 22), date(2025, 7, 21))
LONG_AGO = date(2024, 1, 1)


def euro(text: str) -> Money:
    return read_amount(text, "EUR")


def plan(price: str, first: date = LONG_AGO, last: date | None = None, text: str = "Fibra + móvil") -> Fee:
    return Fee(text, Decimal(price), first, last)


def bill(contract: Contract, cycle: Period) -> Draft:
    made = masmovil.draft(contract, cycle)
    assert made is not None
    return made


def lines(draft: Draft, kind: str) -> list[Line]:
    return [line for section in draft.sections if section.kind == kind for line in section.lines]


def test_may_2025_has_two_bills() -> None:
    contract = Contract((plan("29.90"),))
    seen = [(str(one.period.first), str(one.period.last), str(one.issued_on), str(one.charged_on), str(one.amount)) for one in (
        bill(contract, cycle) for cycle in (APRIL, MINICYCLE, FIRST_NEW, SECOND_NEW))]  # fmt: skip
    assert seen == [
        ("2025-04-01", "2025-04-30", "2025-05-01", "2025-05-05", "29.90 EUR"),
        ("2025-05-01", "2025-05-21", "2025-05-22", "2025-05-29", "20.25 EUR"),
        ("2025-05-22", "2025-06-21", "2025-06-22", "2025-06-30", "29.90 EUR"),
        ("2025-06-22", "2025-07-21", "2025-07-22", "2025-07-31", "29.90 EUR"),
    ]


def test_the_minicycle_is_21_of_31_days_of_the_fee_with_its_iva() -> None:
    made = bill(Contract((plan("29.90"),)), MINICYCLE)
    (fee,) = lines(made, "monthly")
    assert fee.inputs == {"fee": "29.90", "days": "21", "of": "31"}
    assert (Decimal("29.90") * 21 / 31).quantize(Decimal("0.0001")) == Decimal("20.2548")
    assert included(made.amount, Decimal(21)) == (euro("16.74"), euro("3.51"))
    assert made.notes[0] == "IVA 21 % incluido: 16,74 + 3,51"


def test_a_minicycle_of_three_lines() -> None:
    fees = tuple(plan(price, text=price) for price in ("19.90", "9.99", "4.95"))
    made = bill(Contract(fees), MINICYCLE)
    assert [line.amount for line in lines(made, "monthly")] == [euro("13.48"), euro("6.77"), euro("3.35")]
    assert made.amount == euro("23.60")


def test_nothing_extra_is_charged() -> None:
    """20.25 + 9.65 = 29.90, and 1 May – 21 June is 52 days: 29.90 × 52/31 = 50.15 = 20.25 + 29.90."""
    rest = round_to_money(Decimal("29.90") * 10 / 31, "EUR")
    mini, whole = (bill(Contract((plan("29.90"),)), cycle).amount for cycle in (MINICYCLE, FIRST_NEW))
    assert (mini, rest, mini + rest) == (euro("20.25"), euro("9.65"), euro("29.90"))
    assert mini + whole == round_to_money(Decimal("29.90") * 52 / 31, "EUR") == euro("50.15")


@given(st.lists(st.integers(0, 50_000), min_size=1, max_size=6))
def test_the_minicycle_and_the_next_cycle_charge_each_day_once(cents: list[int]) -> None:
    fees = tuple(plan(str(Money(one, "EUR").decimal), text=f"Tarifa {place}") for place, one in enumerate(cents))
    both = [bill(Contract(fees), cycle) for cycle in (MINICYCLE, FIRST_NEW)]
    for place, one in enumerate(cents):
        charged = [line for draft in both for line in lines(draft, "monthly") if line.text == f"Tarifa {place}"]
        days = [(line.first_day, line.last_day) for line in charged]
        assert days == [(date(2025, 5, 1), date(2025, 5, 21)), (date(2025, 5, 22), date(2025, 6, 21))]
        whole = charged[0].amount + charged[1].amount
        assert whole == round_to_money(Money(one, "EUR").decimal * 52 / 31, "EUR")


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2025, 5, 10), None, [12]),  # starting 10 May
        (LONG_AGO, date(2025, 5, 5), [5]),  # ending 5 May
        (date(2025, 5, 21), None, [1]),
        (LONG_AGO, date(2025, 5, 1), [1]),
    ],
)
def test_a_part_of_the_minicycle(first: date, last: date | None, days: list[int]) -> None:
    made = bill(Contract((plan("31.00", first, last),)), MINICYCLE)
    assert [(line.inputs["days"], line.inputs["of"]) for line in lines(made, "monthly")] == [(str(n), "31") for n in days]
    assert made.amount == Money(sum(days) * 100, "EUR")


def test_a_plan_change_on_15_may() -> None:
    contract = Contract((plan("31.00", LONG_AGO, date(2025, 5, 14), "A"), plan("62.00", date(2025, 5, 15), None, "B")))
    assert [(line.text, line.inputs["days"], line.amount) for line in lines(bill(contract, MINICYCLE), "monthly")] == [
        ("A", "14", euro("14.00")),
        ("B", "7", euro("14.00")),
    ]


def test_joining_on_22_may_knows_no_minicycle() -> None:
    contract = Contract((plan("29.90", date(2025, 5, 22)),))
    assert masmovil.draft(contract, MINICYCLE) is None
    assert bill(contract, FIRST_NEW).amount == euro("29.90")


@pytest.mark.parametrize(
    ("first", "days", "of"),
    [(date(2025, 1, 31), 1, 31), (date(2024, 2, 29), 1, 29), (date(2024, 2, 1), 29, 29), (date(2023, 2, 28), 1, 28)],
)
def test_a_start_at_a_months_end_and_a_leap_february(first: date, days: int, of: int) -> None:
    (fee,) = lines(bill(Contract((plan("29.90", first),)), CYCLES.of(first)), "monthly")
    assert fee.amount == round_to_money(Decimal("29.90") * days / of, "EUR")


def test_a_new_cycle_has_as_many_days_as_it_has() -> None:
    """Starting 10 July: 12 of the 30 days from 22 June to 21 July."""
    (fee,) = lines(bill(Contract((plan("30.00", date(2025, 7, 10)),)), SECOND_NEW), "monthly")
    assert (fee.inputs["days"], fee.inputs["of"]) == ("12", "30")


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_cycles_follow_one_another_without_a_gap(day: date) -> None:
    cycle = CYCLES.of(day)
    assert day in cycle
    assert CYCLES.after(cycle).first == cycle.last + ONE_DAY
    assert CYCLES.before(CYCLES.after(cycle)) == cycle
    assert CYCLES.full_period(cycle).days in range(28, 32)


def test_had_the_cycle_not_changed() -> None:
    assert without_change(CYCLES, MINICYCLE) == Period(date(2025, 5, 1), date(2025, 5, 31))


def test_usage_of_the_minicycle_is_what_was_used_in_it() -> None:
    used = tuple(Used("abroad", Decimal(10), date(2025, 5, day)) for day in (1, 21, 22))
    contract = Contract((plan("29.90"),), usage=used)
    (line,) = lines(bill(contract, MINICYCLE), "usage")
    assert (line.quantity, line.amount) == (Decimal(20), euro("2.42"))


def test_the_allowance_of_may_is_not_reduced_and_ends_on_the_21st() -> None:
    data = Allowance("data", "50 GB", "GB", Decimal(50))
    contract = Contract((plan("29.90"),), (("Fibra + móvil", (data,)),), usage=(Used("data", Decimal(51), date(2025, 5, 20)),))
    made = bill(contract, MINICYCLE)
    (free,) = lines(made, "included")
    assert (free.quantity, free.last_day) == (Decimal("50.0000"), date(2025, 5, 21))
    within, beyond = lines(made, "usage")
    assert (within.amount, beyond.amount) == (euro("0.00"), euro("2.42"))


def test_a_bonus_of_the_minicycle_ends_on_21_may() -> None:
    """Whoever sells it is reminded."""
    assert masmovil.bonus_ends_on(date(2025, 5, 19)) == date(2025, 5, 21)
    assert masmovil.bonus_ends_on(date(2025, 5, 22)) == date(2025, 6, 21)
    bonus = Bonus("Bono 10 GB", Decimal(10), Decimal("5.00"), date(2025, 5, 19))
    made = bill(Contract((plan("29.90"),), bonuses=(bonus,)), MINICYCLE)
    assert [(line.amount, line.last_day) for line in lines(made, "other")] == [(euro("5.00"), date(2025, 5, 21))]
    assert "Los bonos comprados en el miniciclo caducan el 21 de mayo." in made.notes


def test_a_financed_device_pays_no_two_instalments_in_one_month() -> None:
    """12.50 €: early May k · 4 June k+1 · end of June none (shown as moved) · end of July k+2."""
    phone = Financing("Móvil financiado", Decimal("12.50"), 24, since=date(2024, 12, 1))
    contract = Contract((plan("29.90"),), financings=(phone,))
    told = []
    for cycle in (APRIL, MINICYCLE, FIRST_NEW, SECOND_NEW):
        made = bill(contract, cycle)
        (line,) = lines(made, "other")
        told.append((str(made.charged_on), line.rule, int(line.inputs["number"]), line.amount))
    k = told[0][2]
    assert told == [
        ("2025-05-05", "instalment", k, euro("12.50")),
        ("2025-06-04", "instalment", k + 1, euro("12.50")),
        ("2025-06-30", "instalment-moved", k + 2, euro("0.00")),
        ("2025-07-31", "instalment", k + 2, euro("12.50")),
    ]


@given(st.lists(st.dates(date(2025, 1, 1), date(2026, 12, 31)), unique=True, max_size=40), st.integers(1, 24), st.integers(0, 3))
def test_no_instalment_twice_in_one_calendar_month(days: list[date], count: int, before: int) -> None:
    financing = Financing("Móvil", Decimal("12.50"), count, since=date(2025, 2, 1), paid_before=before)
    brought = schedule(financing, sorted(days))
    charged = [(day.year, day.month) for day, due in brought.items() if not due.moved]
    numbers = [due.number for due in brought.values() if not due.moved]
    assert len(charged) == len(set(charged))
    assert numbers == list(range(before + 1, before + 1 + len(numbers)))
    assert len(numbers) <= max(0, count - before)


def test_the_tax_follows_the_day_of_issue() -> None:
    assert [rate.percent for rate in rates_on("ES", date(2012, 8, 31))] == [Decimal(18)]
    assert [rate.percent for rate in rates_on("ES", date(2012, 9, 1))] == [Decimal(21)]
    assert [(rate.name, rate.percent) for rate in rates_on("TR", date(2025, 6, 1))] == [("KDV", Decimal(20)), ("ÖİV", Decimal(10))]
    assert [rate.percent for rate in rates_on("TR", date(2023, 7, 9))] == [Decimal(18), Decimal(10)]
    assert [rate.percent for rate in rates_on("AZ", date(2026, 1, 1))] == [Decimal(18)]
    assert [rate.percent for rate in rates_on("HU", date(2026, 1, 1))] == [Decimal(27)]

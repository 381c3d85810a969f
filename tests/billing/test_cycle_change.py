"""May 2025 at MASMOVIL: which bill pays which day, and the proof that nothing extra is paid (carriers.md)."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.billing.cycle_change import CycleChange, cycle_change
from app.billing.cycles_of import cycles_of
from app.billing.instalments import Financing
from app.money import Money
from tests.billing.test_explain import minicycle
from tests.billing.test_masmovil import APRIL, FIRST_NEW, LONG_AGO, MINICYCLE, SECOND_NEW, euro, plan


def change(*fees: object) -> CycleChange:
    found = cycle_change("masmovil", minicycle(*fees), [])  # type: ignore[arg-type]
    assert found is not None
    return found


def test_only_the_bills_around_the_change_have_a_strip() -> None:
    mini = minicycle()
    assert cycle_change("masmovil", mini, []) is not None
    assert cycle_change("masmovil", minicycle(cycle=FIRST_NEW), [mini]) is not None
    assert cycle_change("masmovil", minicycle(cycle=FIRST_NEW), []) is None
    assert cycle_change("masmovil", minicycle(cycle=APRIL), [mini]) is None
    assert cycle_change("masmovil", minicycle(cycle=SECOND_NEW), [mini]) is None
    assert cycle_change("azercell", mini, []) is None
    assert cycles_of("nobody-knows").changes_on is None


def test_every_day_of_the_two_months_is_paid_by_one_bill() -> None:
    found = change()
    days = [day for month in found.months for week in month.weeks for day in week if day]
    assert [day.on for day in days] == [date.fromordinal(date(2025, 5, 1).toordinal() + offset) for offset in range(61)]
    assert [sum(day.cycle == place for day in days) for place in (0, 1, 2)] == [21, 31, 9]
    assert all(len(week) == 7 for month in found.months for week in month.weeks)
    assert found.months[0].weeks[0][3] == days[0], "1 May 2025 was a Thursday"
    assert [(day.on, day.charged) for day in days if day.charged] == [(date(2025, 5, 29), (0,)), (date(2025, 6, 30), (1,))]


def test_a_device_is_charged_on_4_june_and_known_bills_tell_their_own_dates() -> None:
    mini = minicycle(financings=(Financing("Móvil", euro("12.50").decimal, 24, since=date(2024, 12, 1)),))
    following = replace(minicycle(cycle=FIRST_NEW), charged_on=date(2025, 6, 29))
    found = cycle_change("masmovil", mini, [following])
    assert found is not None
    assert [str(one.charged_on) for one in found.paid_by] == ["2025-06-04", "2025-06-29", "2025-07-31"]
    assert found.minicycle == MINICYCLE


def test_nothing_extra_is_paid() -> None:
    """20.25 + 9.65 = 29.90; 1 May – 21 June is 52 days: 29.90 × 52/31 = 50.15 = 20.25 + 29.90."""
    (fee,) = change().fees
    assert (fee.mini.amount, fee.rest.amount, fee.whole.amount) == (euro("20.25"), euro("9.65"), euro("29.90"))
    assert (fee.days, fee.rest_days, fee.of) == (21, 10, 31)
    assert (fee.both, fee.both_days, fee.by_days.amount) == (euro("50.15"), 52, euro("50.15"))
    assert not change().rounding


@given(st.lists(st.integers(0, 50_000), min_size=1, max_size=5))
def test_whatever_the_fees(cents: list[int]) -> None:
    found = change(*(plan(str(Money(one, "EUR").decimal), text=f"T{place}") for place, one in enumerate(cents)))
    assert found.sum_of("mini") + found.sum_of("rest") == found.sum_of("whole") == Money(sum(cents), "EUR")
    assert all(fee.both == fee.by_days.amount for fee in found.fees)


def test_a_plan_that_ended_has_no_rest() -> None:
    old, new = change(plan("31.00", LONG_AGO, date(2025, 5, 14), "A"), plan("62.00", date(2025, 5, 15), None, "B")).fees
    assert (old.days, old.rest_days, old.whole.amount, old.both) == (14, 0, euro("14.00"), euro("14.00"))
    assert (new.days, new.rest_days, new.whole.amount, new.both_days) == (7, 10, euro("34.00"), 38)

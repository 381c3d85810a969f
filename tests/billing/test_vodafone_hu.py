"""Vodafone Hungary (carriers.md): fees in advance, credits, allowances pro rata, whole forints."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.billing.bill import Line
from app.billing.carriers import vodafone_hu
from app.billing.carriers.vodafone_hu import Contract, OneOff, Plan
from app.billing.draft import Draft
from app.billing.period import Period, month_after, month_of
from app.billing.proration import Fee
from app.billing.usage import Allowance, Price, Used
from app.money import Money

JUNE, AUGUST, SEPTEMBER = (month_of(date(2025, month, 1)) for month in (6, 8, 9))


def forint(text: str) -> Money:
    return Money(int(Decimal(text).scaleb(2)), "HUF")


def plan(text: str, price: str, first: date, last: date | None = None, discount: str = "0") -> Plan:
    return Plan(Fee(text, Decimal(price), first, last), discount=Decimal(discount))


def bill(contract: Contract, closed: Period) -> Draft:
    made = vodafone_hu.draft(contract, closed)
    assert made is not None
    return made


def lines(draft: Draft, kind: str) -> list[Line]:
    return [line for section in draft.sections if section.kind == kind for line in section.lines]


def net(draft: Draft) -> Money:
    return draft.amount - draft.of_kind("tax") - draft.of_kind("rounding")


def test_the_first_bill_is_the_broken_fee_and_the_next_months() -> None:
    made = bill(Contract((plan("Go", "8000", date(2025, 6, 12)),)), JUNE)
    assert [(line.amount, line.first_day, line.last_day) for line in lines(made, "monthly")] == [
        (forint("5066.67"), date(2025, 6, 12), date(2025, 6, 30)),
        (forint("8000.00"), date(2025, 7, 1), date(2025, 7, 31)),
    ]
    assert lines(made, "monthly")[0].inputs == {"fee": "8000", "days": "19", "of": "30"}
    assert (net(made), made.of_kind("tax"), made.of_kind("rounding")) == (forint("13066.67"), forint("3528.00"), forint("0.33"))
    assert net(made) + made.of_kind("tax") == forint("16594.67")
    assert made.amount == forint("16595")


def test_allowances_of_the_first_days_are_pro_rata() -> None:
    """10 GB × 19/30 = 6.33 GB; 500 min → 316 min 40 s."""
    allowances = (Allowance("data", "10 GB", "GB", Decimal(10)), Allowance("call", "500 perc", "minute", Decimal(500)))
    made = bill(Contract((Plan(Fee("Go", Decimal(8000), date(2025, 6, 12)), allowances),)), JUNE)
    data, calls, *july = lines(made, "included")
    assert data.quantity is not None and round(data.quantity, 2) == Decimal("6.33")
    assert calls.quantity is not None and round(calls.quantity * 60) == 316 * 60 + 40
    assert [line.quantity for line in july] == [Decimal(10), Decimal(500)]


def august(*, deleted: date = date(2025, 8, 14)) -> Contract:
    """The worked August: A deleted, B and an option from 15 August, with everything else that may stand on a bill."""
    return Contract(
        plans=(
            plan("A", "8000", date(2025, 1, 1), deleted),
            plan("B", "11000", date(2025, 8, 15), discount="10"),
            plan("Opció", "1500", date(2025, 8, 15)),
        ),
        usage=(Used("data", Decimal(1), date(2025, 8, 20)), Used("premium", Decimal(2), date(2025, 8, 3))),
        one_offs=(
            OneOff("SIM-csere", Decimal(2000), date(2025, 8, 16)),
            OneOff("Egyedi megállapodás", Decimal(-500), date(2025, 8, 31)),
        ),
    )


def test_the_august_of_a_plan_change() -> None:
    made = bill(august(), AUGUST)
    assert [(line.text, line.rule, line.amount) for line in lines(made, "monthly")] == [
        ("A", "credit-by-days", forint("-4387.10")),
        ("B", "fee-by-days", forint("6032.26")),
        ("B", "whole-fee", forint("11000.00")),
        ("Opció", "fee-by-days", forint("822.58")),
        ("Opció", "whole-fee", forint("1500.00")),
    ]
    assert made.of_kind("discount") == forint("-1703.23")
    assert made.of_kind("usage") == forint("1840.00")
    assert made.of_kind("other") == forint("1500.00")
    assert (net(made), made.of_kind("tax"), made.of_kind("rounding")) == (forint("16604.51"), forint("4483.22"), forint("0.27"))
    assert made.amount == forint("21088")
    assert [section.kind for section in made.sections] == ["monthly", "usage", "other", "discount", "tax", "rounding"]


def test_the_one_day_trap() -> None:
    """Deletion and activation both on 15 August: the credit begins on the 16th, B on the 15th; the day is paid twice."""
    made = bill(august(deleted=date(2025, 8, 15)), AUGUST)
    credit, first = lines(made, "monthly")[:2]
    assert (credit.amount, credit.first_day, credit.inputs["days"]) == (forint("-4129.03"), date(2025, 8, 16), "16")
    assert first.first_day == date(2025, 8, 15)


def test_cancelling_leaves_a_credit_balance() -> None:
    """10 September with 11,000 prepaid → −7,333.33."""
    made = bill(Contract((plan("B", "11000", date(2025, 8, 1), date(2025, 9, 10)),)), SEPTEMBER)
    assert [line.amount for line in lines(made, "monthly")] == [forint("-7333.33")]
    assert made.amount < forint("0")
    assert vodafone_hu.draft(Contract((plan("B", "11000", date(2025, 8, 1), date(2025, 9, 10)),)), month_after(SEPTEMBER)) is None


@given(st.integers(1, 10_000_000), st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(0, 400))
def test_a_credit_never_exceeds_what_was_billed(fillers: int, first: date, days: int) -> None:
    """All bills together charge exactly the days that were used, and no credit is larger than the bill before."""
    last = first + timedelta(days=days)
    contract = Contract((plan("P", str(Money(fillers, "HUF").decimal), first, last),))
    closed, charged, billed_ahead = month_of(first), 0, 0
    while closed.first <= last:
        made = vodafone_hu.draft(contract, closed)
        for line in lines(made, "monthly") if made else []:
            if line.amount.minor < 0:
                assert -line.amount.minor <= billed_ahead
            assert line.first_day and line.last_day
            sign = 1 if line.amount.minor >= 0 and line.rule != "credit-by-days" else -1
            charged += sign * ((line.last_day - line.first_day).days + 1)
        ahead = [line.amount.minor for line in lines(made, "monthly") if line.first_day and line.first_day > closed.last] if made else []
        billed_ahead = sum(ahead)
        closed = month_after(closed)
    assert charged == days + 1


def test_usage_is_free_within_the_allowance_and_only_then_costs() -> None:
    data = (Allowance("data", "10 GB", "GB", Decimal(10)),)
    calls = (Used("data", Decimal(9), date(2025, 8, 2)), Used("data", Decimal("2.5"), date(2025, 8, 30)))
    premium = Used("premium", Decimal(1), date(2025, 8, 5))
    contract = Contract((Plan(Fee("Go", Decimal(8000), date(2025, 1, 1)), data),), usage=(*calls, premium))
    within, beyond, service = lines(bill(contract, AUGUST), "usage")
    assert (within.rule, within.quantity, within.amount, within.unit_price) == ("within-allowance", Decimal(10), forint("0"), None)
    assert (beyond.rule, beyond.quantity, beyond.amount) == ("beyond-allowance", Decimal("1.5"), forint("960"))
    assert (service.rule, service.amount) == ("per-unit", forint("600"))


def test_premium_traffic_never_draws_on_an_allowance() -> None:
    free = (Allowance("premium", "?", "minute", Decimal(100)), Allowance("roaming", "?", "minute", Decimal(100)))
    used = (Used("premium", Decimal(1), date(2025, 8, 5)), Used("roaming", Decimal(1), date(2025, 8, 5)))
    contract = Contract((Plan(Fee("Go", Decimal(8000), date(2025, 1, 1)), free),), usage=used)
    assert bill(contract, AUGUST).of_kind("usage") == forint("836")


def test_roaming_may_arrive_late_with_its_true_date() -> None:
    late = Used("roaming", Decimal(2), date(2025, 7, 28), arrived_on=date(2025, 8, 9))
    contract = Contract((plan("Go", "8000", date(2025, 1, 1)),), usage=(late,))
    assert lines(bill(contract, month_of(date(2025, 7, 1))), "usage") == []
    (line,) = lines(bill(contract, AUGUST), "usage")
    assert (line.first_day, line.last_day, line.text, line.amount) == (late.on, late.on, "Roaming (késve érkezett)", forint("472"))
    assert lines(bill(contract, SEPTEMBER), "usage") == []


def test_after_a_plan_change_usage_is_rated_by_the_new_plan() -> None:
    old = Plan(Fee("A", Decimal(8000), date(2025, 1, 1), date(2025, 8, 14)), (Allowance("data", "31 GB", "GB", Decimal(31)),))
    cheaper = (("data", Price("Adatforgalom", "GB", Decimal(100))),)
    new = Plan(Fee("B", Decimal(11000), date(2025, 8, 15)), (Allowance("data", "62 GB", "GB", Decimal(62)),), cheaper)
    contract = Contract((old, new), usage=(Used("data", Decimal(35), date(2025, 8, 1)),))
    within, beyond = lines(bill(contract, AUGUST), "usage")
    assert within.quantity == Decimal(34)  # 62 × 17/31
    assert beyond.amount == forint("100")


def test_a_usage_discount_touches_only_what_goes_beyond() -> None:
    data = (Allowance("data", "1 GB", "GB", Decimal(1)),)
    used = (Used("data", Decimal(2), date(2025, 8, 2)), Used("premium", Decimal(1), date(2025, 8, 2)))
    contract = Contract((Plan(Fee("Go", Decimal(8000), date(2025, 1, 1)), data),), usage=used, usage_discount=Decimal(50))
    assert bill(contract, AUGUST).of_kind("discount") == forint("-320")


def test_a_bill_that_is_whole_has_no_rounding() -> None:
    made = bill(Contract((plan("Go", "100", date(2025, 1, 1)),)), AUGUST)
    assert (made.amount, made.of_kind("rounding")) == (forint("127"), forint("0"))
    assert "rounding" not in [section.kind for section in made.sections]

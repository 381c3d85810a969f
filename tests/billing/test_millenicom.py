"""Millenicom (carriers.md): taxes on the net, past debt carried to the next bill, partial payments (P-25, P-27)."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.billing.carriers import millenicom
from app.billing.carriers.millenicom import Contract, Older
from app.billing.debt import Claim, allocate, payable
from app.billing.draft import Draft
from app.billing.period import Period, month_of
from app.billing.proration import Fee
from app.money import Money, read_amount, total

MAY, JUNE = month_of(date(2025, 5, 1)), month_of(date(2025, 6, 1))
NET_300 = Contract((Fee("Fiber 100 Mbps", Decimal("300.00"), date(2024, 1, 1)),))


def lira(text: str) -> Money:
    return read_amount(text, "TRY")


def bill(month: Period, *older: Older) -> Draft:
    made = millenicom.draft(NET_300, month, older=older)
    assert made is not None
    return made


def june() -> Draft:
    may = bill(MAY)
    return bill(JUNE, Older(Claim("M-05", lira("0.00"), may.amount), "M05", may.due_on))


def claims() -> list[Claim]:
    late_fee, own = june().of_kind("other"), bill(JUNE).amount
    return [Claim("M-05", lira("0.00"), lira("390.00")), Claim("M-06", late_fee, own)]


def test_kdv_and_oiv_are_both_on_the_net() -> None:
    """300.00 + KDV 60.00 + ÖİV 30.00 = 390.00"""
    made = bill(MAY)
    taxes = [line.amount for section in made.sections if section.kind == "tax" for line in section.lines]
    assert (made.of_kind("monthly"), taxes, made.amount) == (lira("300.00"), [lira("60.00"), lira("30.00")], lira("390.00"))


def test_past_debt_and_its_late_fee_stand_on_the_next_bill() -> None:
    """P-25: 390.00 × 2.5 % × 18/30 = 5.85; June shows 390.00 + 5.85 + 390.00 = 785.85."""
    assert (bill(MAY).due_on, june().issued_on) == (date(2025, 6, 13), date(2025, 7, 1))
    (fee,) = [line for section in june().sections if section.kind == "other" for line in section.lines]
    assert fee.inputs == {"debt": "390.00", "percent": "2.5", "days": "18", "of": "30"}
    (debt,) = [line for section in june().sections if section.kind == "past-due" for line in section.lines]
    assert debt.inputs["bill"] == "M-05"
    assert (fee.amount, debt.amount, june().amount) == (lira("5.85"), lira("390.00"), lira("785.85"))


def test_paying_june_closes_both() -> None:
    """P-25"""
    assert payable(claims(), "M-06") == lira("785.85")
    rest, advance = allocate(lira("785.85"), claims(), "M-06")
    assert ([one.own for one in rest], advance) == ([lira("0.00"), lira("0.00")], lira("0.00"))


def test_paying_may_first_lowers_june() -> None:
    """P-25: June is payable with 395.85 then."""
    rest, _ = allocate(lira("390.00"), claims(), "M-05")
    assert payable(rest, "M-06") == lira("395.85")


def test_a_partial_payment_goes_to_the_late_fee_then_the_oldest() -> None:
    """P-27: 500.00 → late fee 5.85, May 390.00, June 104.15; 285.85 remains."""
    (may, june_claim), advance = allocate(lira("500.00"), claims(), "M-06")
    assert (june_claim.late_fee, may.own, lira("390.00") - june_claim.current) == (lira("0.00"), lira("0.00"), lira("104.15"))
    assert (payable([may, june_claim], "M-06"), advance) == (lira("285.85"), lira("0.00"))


def test_a_late_fee_bears_no_late_fee() -> None:
    later = millenicom.draft(NET_300, month_of(date(2025, 7, 1)), older=[Older(claims()[1], "M06", date(2025, 7, 13))])
    assert later is not None
    (fee,) = [line for section in later.sections if section.kind == "other" for line in section.lines]
    assert fee.inputs["debt"] == "390.00"


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 100_000)), min_size=1, max_size=5), st.integers(0, 600_000), st.data())
def test_an_allocation_loses_and_makes_nothing(sums: list[tuple[int, int]], paid: int, data: st.DataObject) -> None:
    """P-27, P-25: what is paid lowers what is payable by as much; newer bills are not touched."""
    before = [Claim(str(place), Money(fee, "TRY"), Money(own, "TRY")) for place, (fee, own) in enumerate(sums)]
    ref = data.draw(st.sampled_from([claim.ref for claim in before]))
    after, advance = allocate(Money(paid, "TRY"), before, ref)
    place = int(ref) + 1
    assert payable(before, ref) - payable(after, ref) + advance == Money(paid, "TRY")
    assert after[place:] == before[place:]
    assert all(claim.late_fee.minor >= 0 and claim.current.minor >= 0 for claim in after)
    assert not advance or not total((claim.own for claim in after[:place]), "TRY")

"""Azercell (carriers.md): SMS inquiries rounded only on the bill, any amount, advances."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing.carriers import azercell
from app.billing.carriers.azercell import SMS_INQUIRY, SMS_TEXT, Contract
from app.billing.debt import Claim, allocate, use_advance
from app.billing.period import month_of
from app.billing.proration import Fee
from app.billing.rules import exact
from app.billing.usage import Charged
from app.money import Money, read_amount

MAY = month_of(date(2025, 5, 1))


def manat(text: str) -> Money:
    return read_amount(text, "AZN")


@pytest.mark.parametrize(
    ("times", "whole", "on_bill"), [(1, "0.0236", "0.02"), (3, "0.0708", "0.07"), (7, "0.1652", "0.17"), (50, "1.18", "1.18")]
)
def test_sms_inquiries_are_rounded_once(times: int, whole: str, on_bill: str) -> None:
    """Rounding each of seven would give 0.14."""
    made = azercell.draft(Contract(()), MAY, inquiries=[Charged(SMS_TEXT, SMS_INQUIRY, times)])
    assert made is not None
    ((line,),) = [section.lines for section in made.sections]
    assert exact(line.rule, line.inputs) == Decimal(whole)
    assert (line.unit_price, line.amount) == (Decimal("0.0236"), manat(on_bill))


@given(st.integers(0, 10_000))
def test_the_price_is_never_rounded_before_the_bill(times: int) -> None:
    assert exact("per-unit", {"quantity": str(times), "unit_price": "0.0236"}) == Decimal("0.0236") * times


def test_the_price_is_two_qepik_and_the_tax() -> None:
    assert Decimal("0.02") * Decimal("1.18") == SMS_INQUIRY


def test_the_tax_is_in_the_lines() -> None:
    made = azercell.draft(Contract((Fee("SuperSən", Decimal("11.80"), date(2025, 1, 1)),)), MAY)
    assert made is not None
    assert (made.amount, made.notes) == (manat("11.80"), ("ƏDV 18 % daxildir: 10,00 + 1,80",))


def test_more_than_the_bill_is_an_advance_for_the_next() -> None:
    """Bill 18.40, paid 20.00 → advance 1.60; next bill 21.15 → payable 19.55."""
    (rest,), advance = allocate(manat("20.00"), [Claim("A-1", manat("0.00"), manat("18.40"))], "A-1")
    assert (rest.own, advance) == (manat("0.00"), manat("1.60"))
    assert use_advance(manat("21.15"), advance) == (manat("19.55"), manat("0.00"))


def test_an_advance_larger_than_the_bill_stays() -> None:
    assert use_advance(manat("5.00"), manat("7.00")) == (manat("0.00"), manat("2.00"))

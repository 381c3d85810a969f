"""Amounts as people type them, and money as numbers (C19)."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.money import LARGEST, Money, NotAnAmount, OtherCurrency, read_amount, round_to_money, total


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("0", 0), ("5", 500), ("5 ", 500), ("12,5", 1250), ("12.50", 1250), ("0,01", 1), ("1234,56", 123456), ("1.234,56", 123456),
        ("1,234.56", 123456), ("1.234.567", 123456700), ("1 234,56", 123456), ("1 234", 123400), ("12 345 678,9", 1234567890),
    ],
)  # fmt: skip
def test_what_can_be_read_in_one_way(text: str, minor: int) -> None:
    assert read_amount(text, "TRY") == Money(minor, "TRY")


@pytest.mark.parametrize(
    "text",
    [
        "", "-1", "-0", "+5", "5.", ".5", "0.001", "1.005", "1e3", "1_000", "NaN", "sNaN", "Infinity", "0x10", "½", "١٢", "１２", "１,０００", "5\u200b",
        "1.234", "1,234", "1.23.4", "1.234.56", "12.34,56", "1,234,56", "007", "9000000000000000000", "1 23", "--1", "1,2,3", "TL 5", "5 TL",
    ],
)  # fmt: skip
def test_what_nobody_guesses(text: str) -> None:
    with pytest.raises(NotAnAmount):
        read_amount(text, "TRY")


@given(st.text(max_size=20))
def test_reading_never_fails_in_another_way(text: str) -> None:
    with suppress(NotAnAmount):
        assert 0 <= read_amount(text, "TRY").minor <= LARGEST


@given(st.integers(0, 10**12))
def test_both_decimal_styles_mean_the_same(minor: int) -> None:
    whole, rest = divmod(minor, 100)
    turkish = f"{whole:,}".replace(",", ".") + f",{rest:02d}"
    english = f"{whole:,}.{rest:02d}"
    assert read_amount(turkish, "TRY") == read_amount(english, "TRY") == Money(minor, "TRY")


@pytest.mark.parametrize(("value", "minor"), [("1.005", 101), ("-1.005", -101), ("1.0049", 100), ("0.0236", 2), ("20.2548", 2025)])
def test_rounding_is_half_up_once(value: str, minor: int) -> None:
    assert round_to_money(Decimal(value), "TRY") == Money(minor, "TRY")


@pytest.mark.parametrize("minor", [1.0, True, "1", None, Decimal(1)])
def test_money_is_whole_minor_units(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "TRY")  # type: ignore[arg-type]


def test_two_currencies_never_meet() -> None:
    with pytest.raises(OtherCurrency):
        Money(1, "TRY") + Money(1, "EUR")
    with pytest.raises(TypeError):
        round_to_money(Decimal("NaN"), "TRY")
    assert total([Money(1, "HUF"), Money(2, "HUF")], "HUF") == Money(3, "HUF")

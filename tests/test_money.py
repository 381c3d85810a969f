"""Amounts as people type them, and money as numbers (C19)."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.money import LARGEST, Money, NotAnAmount, OtherCurrency, is_cash_rounded, read_amount, round_cash, round_to_money, total


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


@pytest.mark.parametrize(
    ("exact", "cash"),
    [
        ("16595.00", "16595.00"), ("21088.00", "21090.00"), ("10.00", "10.00"), ("11.00", "10.00"), ("12.00", "10.00"), ("13.00", "15.00"),
        ("14.00", "15.00"), ("15.00", "15.00"), ("16.00", "15.00"), ("17.00", "15.00"), ("18.00", "20.00"), ("19.00", "20.00"),
        ("12.49", "10.00"), ("12.50", "15.00"), ("17.49", "15.00"), ("17.50", "20.00"), ("0.01", "0.00"), ("2.49", "0.00"), ("2.50", "5.00"),
        ("0.00", "0.00"), ("-11.00", "-10.00"), ("-12.50", "-15.00"), ("-12.49", "-10.00"), ("-2.49", "0.00"),
    ],
)  # fmt: skip
def test_forints_in_cash_end_in_nought_or_five(exact: str, cash: str) -> None:
    """carriers.md: cash is rounded to 5 Ft; 0.01 to 2.49 down, from 2.50 up"""
    minor = int(Decimal(exact) * 100)
    assert round_cash(Money(minor, "HUF")) == Money(int(Decimal(cash) * 100), "HUF")


@given(st.integers(-LARGEST, LARGEST))
def test_cash_is_the_nearest_five_and_nothing_elsewhere(minor: int) -> None:
    cash = round_cash(Money(minor, "HUF")).minor
    assert cash % 500 == 0
    assert abs(cash - minor) <= 250
    assert round_cash(Money(-minor, "HUF")).minor == -cash
    assert is_cash_rounded("HUF")
    for currency in ("TRY", "AZN", "EUR"):
        assert round_cash(Money(minor, currency)) == Money(minor, currency)
        assert not is_cash_rounded(currency)

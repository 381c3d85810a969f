"""Money and times as people see them."""

from datetime import UTC, datetime

import pytest

from app.amounts import money
from app.markets import MARKETS
from app.money import Money
from app.text import one_line, search_key
from app.web.display import count, country, moment


@pytest.mark.parametrize(
    ("amount", "language", "shown"),
    [
        (Money(2500000, "TRY"), "tr", "25.000,00 TL"),
        (Money(2500000, "TRY"), "en", "25,000.00 TL"),
        (Money(1659500, "HUF"), "en", "16,595 Ft"),
        (Money(1659533, "HUF"), "en", "16,595.33 Ft"),
        (Money(-5, "EUR"), "tr", "−0,05 €"),
        (Money(236, "AZN"), "tr", "2,36 ₼"),
    ],
)
def test_money_is_never_without_its_currency(amount: Money, language: str, shown: str) -> None:
    assert money(amount, language).replace("\u00a0", " ") == shown


def test_large_numbers_are_grouped_as_the_reader_is_used_to() -> None:
    assert [count(1234567, language) for language in ("tr", "en")] == ["1.234.567", "1,234,567"]


def test_times_are_shown_in_the_market(database: object) -> None:
    at = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)
    assert moment(at, "en", MARKETS["HU"].zone) == "1 Jul 2026 23:30:00"


@pytest.mark.parametrize("name", ["İSTANBUL", "istanbul", "ISTANBUL", "ıstanbul", "I\u0307stanbul", " istanbul "])
def test_dotted_and_dotless_i_are_found_either_way(name: str) -> None:
    """C34"""
    assert search_key(name) == "istanbul"


def test_one_line_keeps_control_characters_out() -> None:
    """C15"""
    assert one_line("a\r\nBcc: x\u202ey\x00z") == "a Bcc: x y z"


def test_a_country_has_its_name() -> None:
    assert [country("HU", language) for language in ("tr", "en", "hu", "eu")] == ["Macaristan", "Hungary", "Magyarország", "Hungaria"]

"""Amounts and days in sentences said later are shown the reader's way, also after they were kept (house.md: one formatter)."""

from datetime import date

from app.amounts import NO_BREAK, hundredths
from app.money import Money
from app.remarks import Remark

SAY = "The shop owes {amount} now; it stays closing until that has come."


def test_an_amount_is_shown_in_the_readers_way_also_once_it_was_kept() -> None:
    remark = Remark.of(SAY, amount=Money(30000, "TRY"))
    assert f"300,00{NO_BREAK}TL" in remark.in_words("tr")
    assert f"300.00{NO_BREAK}TL" in remark.in_words("en")
    assert Remark.from_json(remark.as_json()) == remark


def test_a_day_is_shown_as_a_day_and_a_text_that_looks_like_one_is_left_alone() -> None:
    remark = Remark.of("It came on {day}: {text}", day=date(2026, 11, 23), text="2026-11-23")
    assert remark.in_words("tr") == "It came on 23 Kas 2026: 2026-11-23"
    assert Remark.from_json(remark.as_json()) == remark


def test_a_currency_that_our_book_does_not_keep_stays_as_the_bank_writes_it() -> None:
    assert hundredths(-123456, "CHF") == "-1234.56 CHF"
    assert hundredths(123456, "HUF") == Money(123456, "HUF")

"""Numbers by their own rules, and a reference that tells a wrong letter."""

import re
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.changes import shapes
from app.changes.kind import WrongShape
from app.changes.references import SHAPE, new_reference, read_reference
from app.markets import MARKETS
from app.references import LETTERS


@pytest.mark.parametrize(
    ("shape", "market", "typed", "kept"),
    [
        (shapes.tax_number, "TR", "454 053 6920", "4540536920"),
        (shapes.tax_number, "TR", "17291716060", "17291716060"),
        (shapes.tax_number, "ES", "B-64717838", "B64717838"),
        (shapes.tax_number, "HU", "12892312", "12892312"),
        (shapes.tax_number, "HU", "12892312-1-42", "12892312-1-42"),
        (shapes.tax_number, "HU", "12892312142", "12892312-1-42"),
        (shapes.tax_number, "AZ", "140 155 5071", "1401555071"),
        (shapes.iban, "TR", "tr33 0006 1005 1978 6457 8413 26", "TR330006100519786457841326"),
        (shapes.iban, "HU", "HU42 1177 3016 1111 1018 0000 0000", "HU42117730161111101800000000"),
        (shapes.phone, "TR", "0312 123 45 67", "+903121234567"),
        (shapes.mobile, "TR", "0532 000 10 42", "+905320001042"),
        (shapes.mobile, "AZ", "050 200 30 15", "+994502003015"),
        (shapes.mobile, "ES", "600 004 021", "+34600004021"),
        (shapes.mail_address, "TR", " ayse@Example.com", "ayse@example.com"),
        (shapes.masked_tckn, "TR", "17291716060", "*********60"),
    ],
)  # fmt: skip
def test_what_is_right_is_kept_in_one_form(shape, market, typed, kept) -> None:  # type: ignore[no-untyped-def]
    assert shape(typed, MARKETS[market]) == kept


@pytest.mark.parametrize(
    ("shape", "market", "typed"),
    [
        (shapes.tax_number, "TR", "4540536921"),
        (shapes.tax_number, "TR", "17291716050"),
        (shapes.tax_number, "TR", "１7291716060"),
        (shapes.tax_number, "ES", "B64717839"),
        (shapes.tax_number, "HU", "12892313"),
        (shapes.tax_number, "HU", "12892312-1"),
        (shapes.tax_number, "HU", "-"),
        (shapes.tax_number, "AZ", "1401555081"),
        (shapes.iban, "TR", "TR330006100519786457841327"),
        (shapes.iban, "TR", "HU42117730161111101800000000"),
        (shapes.iban, "TR", "ＴR330006100519786457841326"),
        (shapes.phone, "TR", "+994502003015"),
        (shapes.mobile, "TR", "0312 123 45 67"),
        (shapes.mobile, "TR", "0532 000 10 4"),
        (shapes.mail_address, "TR", "ayse@example"),
        (shapes.masked_tckn, "TR", "17291716061"),
        (shapes.masked_tckn, "AZ", "17291716060"),
    ],
)
def test_what_is_wrong_is_said(shape, market, typed) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WrongShape) as wrong:
        shape(typed, MARKETS[market])
    assert wrong.value.say.endswith(".") or ":" in wrong.value.say


def test_a_reference_is_read_however_it_is_typed() -> None:
    for _ in range(200):
        reference = new_reference()
        assert re.fullmatch(SHAPE, reference)
        assert read_reference(reference) == reference
        assert read_reference(reference.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == reference


def test_one_wrong_letter_and_two_that_changed_places_are_noticed() -> None:
    reference = new_reference()
    letters = reference.replace("-", "")[1:]
    for place in range(9):
        for letter in LETTERS:
            wrong = letters[:place] + letter + letters[place + 1 :]
            assert (read_reference(wrong) == reference) == (wrong == letters)
    for place in range(8):
        swapped = letters[:place] + letters[place + 1] + letters[place] + letters[place + 2 :]
        if swapped != letters and {letters[place], letters[place + 1]} != {"0", "Z"}:  # the one pair Luhn's rule cannot tell apart
            assert read_reference(swapped) is None


@pytest.mark.parametrize("text", ["", "C", "C-", "Ç-7K3M-9Q2X-4", "C-7K3M-9Q2X", "x" * 1000, "C-7K3M-9Q2U-4"])
def test_what_is_no_reference_is_none(text: str) -> None:
    assert read_reference(text) is None


RIGHT = [
    (shapes.tax_number, "TR", "4540536920"),
    (shapes.tax_number, "TR", "17291716060"),
    (shapes.tax_number, "AZ", "1401555071"),
    (shapes.tax_number, "ES", "B64717838"),
    (shapes.tax_number, "HU", "12892312-1-42"),
    (shapes.tax_number, "HU", "12892312142"),
    (shapes.masked_tckn, "TR", "17291716060"),
    (shapes.iban, "TR", "TR330006100519786457841326"),
    (shapes.phone, "TR", "03121234567"),
    (shapes.mobile, "HU", "+36201234567"),
    (shapes.day, "TR", "2026-11-24"),
    (shapes.agent_number, "TR", "1000001042"),
    (shapes.change_reference, "TR", "C-0000-0000-0"),
    (shapes.deposit_reference, "TR", "D251122-7K3M9QXA2B4C"),
    (shapes.group, "TR", "group-1"),
    (shapes.mail_address, "TR", "ayse1@example.com"),
]
ZEROS = [letter for letter in map(chr, range(128, 0x110000)) if unicodedata.decimal(letter, None) == 0]


@given(st.sampled_from(RIGHT), st.sampled_from(ZEROS), st.data())
def test_a_digit_of_another_alphabet_is_no_digit(right, zero, data) -> None:  # type: ignore[no-untyped-def]
    """C19: whichever digit it replaces; what is kept is compared, printed and sent to banks letter by letter"""
    shape, market, typed = right
    place = data.draw(st.sampled_from([place for place, letter in enumerate(typed) if letter.isdecimal()]))
    with pytest.raises(WrongShape):
        shape(typed[:place] + chr(ord(zero) + int(typed[place])) + typed[place + 1 :], MARKETS[market])


@given(st.sampled_from(RIGHT), st.text(max_size=40))
def test_what_is_kept_is_ascii(right, typed) -> None:  # type: ignore[no-untyped-def]
    shape, market, _ = right
    with suppress(WrongShape):
        assert shape(typed, MARKETS[market]).isascii()


@pytest.mark.parametrize(("shape", "market", "typed"), RIGHT)
def test_with_our_own_digits_each_of_them_is_right(shape, market, typed) -> None:  # type: ignore[no-untyped-def]
    """Else the two properties above would prove nothing"""
    assert shape(typed, MARKETS[market])

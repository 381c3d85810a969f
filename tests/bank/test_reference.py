"""Whose phone is in the text (product.md §5, E1 … E10, E23, E24)."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.bank.reference import Finding, Owner, Standing, cut_phones_in, phones_in, whose
from app.markets import MARKETS

TR = MARKETS["TR"]
AYSE = Owner(phone="+905321234567", person=1, agent="1000001042", market="TR", active=True, standing=Standing.CURRENT)
MEHMET = Owner(phone="+905329876543", person=2, agent="1000002077", market="TR", active=True, standing=Standing.CURRENT)


def found(text: str, *owners: Owner) -> Finding:
    phones = phones_in(text, TR)
    return whose(phones, TR, {phone: [owner for owner in owners if owner.phone == phone] for phone in phones})


@pytest.mark.parametrize(
    "text",
    [
        "05321234567", "5321234567", "532 123 45 67", "+90(532)123-45-67", "0090 532 1234567", "905321234567", "00905321234567",
        "0 532 123 45 67", "(0532) 123 45 67", "+90 (532) 123 45 67", "0532.123.45.67", "532-123-4567", "532 1234567", "0532/123 45-67",
        "+90 0532 123 45 67", "０５３２１２３４５６７", "0532\u00a0123\u00a045\u00a067", "532–123–45–67", "90532 123 45 67",
        "BAKIYE YUKLEME 05321234567 AHMET", "AHMET*0062*05321234567*1234567890*FAST", "MBL05321234567YUKLEME",
        "7777/MBL-6973644-GÜNEŞ İLETİŞİM-5321234567", "AYŞE IŞIK*0111*bakiye 0532 123 45 67*1629974954*FAST",
    ],
)  # fmt: skip
def test_a_phone_as_people_write_it(text: str) -> None:
    """E1, E2"""
    assert phones_in(text, TR) == ["+905321234567"]
    assert found(text, AYSE).owner == AYSE


@pytest.mark.parametrize(
    "text",
    [
        "", "BAKIYE", "53212345678", "15321234567", "0053212345670", "TR380053212345670000010554", "532 123 456 7", "5 3 2 1 2 3 4 5 6 7",
        "532  123 45 67", "532 . 123 45 67", "532,123,45,67", "532_1234567", "532\u200b1234567", "05321234567²", "(532)(1234567)",
        "4321234567", "0212 345 67 89", "2026-11-22 09:12:33",
    ],
)  # fmt: skip
def test_what_is_no_phone_in_a_usual_grouping(text: str) -> None:
    """E8: glued to other digits, or spaced as nobody writes phones"""
    assert phones_in(text, TR) == []


def test_the_banks_own_query_number_is_no_phone() -> None:
    """E2: the frame of an instant transfer ends with a number that may look like one"""
    assert phones_in("MEHMET ÖZ*0015*odeme*5321234567*FAST", TR) == []
    assert phones_in("MEHMET OZ.0015.05321234567.5329876543.FAST", TR) == ["+905321234567"]


def test_other_groups_stay_separate_numbers() -> None:
    assert phones_in("12 532 123 45 67 89", TR) == ["+905321234567"]
    assert phones_in("5321234567 5329876543", TR) == ["+905321234567", "+905329876543"]


@pytest.mark.parametrize(
    ("market", "text", "phone"),
    [
        ("AZ", "050 200 30 15", "+994502003015"),
        ("AZ", "+994 (50) 200-30-15", "+994502003015"),
        ("ES", "600 004 021", "+34600004021"),
        ("ES", "0034600004021", "+34600004021"),
        ("HU", "06 20 123 4567", "+36201234567"),
        ("HU", "0620/123-4567", "+36201234567"),
        ("TR", "+36 20 123 4567", "+36201234567"),
        ("HU", "+90 532 123 45 67", "+905321234567"),
    ],
)
def test_each_market_has_its_own_code_and_pattern(market: str, text: str, phone: str) -> None:
    assert phones_in(text, MARKETS[market]) == [phone]


def test_a_number_without_a_country_code_belongs_to_the_accounts_market() -> None:
    assert phones_in("05321234567", MARKETS["HU"]) == []
    assert phones_in("20 123 4567", TR) == []


def test_the_same_phone_twice_counts_once() -> None:
    """E3"""
    finding = found("05321234567 / 532 123 45 67", AYSE)
    assert finding.owner == AYSE
    assert len(finding.trace) == 1


def test_two_phones_of_one_agent() -> None:
    """E4"""
    colleague = Owner(phone=MEHMET.phone, person=3, agent=AYSE.agent, market="TR", active=True, standing=Standing.CURRENT)
    assert found("05321234567 05329876543", AYSE, colleague).owner == AYSE


def test_phones_of_two_agents_are_ambiguous() -> None:
    """E5"""
    finding = found("5321234567 ve 5329876543 icin", AYSE, MEHMET)
    assert finding.owner is None
    assert str(finding.trace[-1]) == "The text names several agents: 1000001042, 1000002077."


def test_several_numbers_one_of_them_a_registered_phone() -> None:
    """E6: credited, and the trace tells about each"""
    finding = found("5551112233 vergi no 05321234567", AYSE)
    assert finding.owner == AYSE
    assert [str(remark) for remark in finding.trace] == [
        "+905551112233 is nobody's registered phone.",
        "+905321234567 is the phone of a person of agent 1000001042.",
    ]


def test_nobodys_phone_or_none() -> None:
    """E7"""
    assert str(found("BAKIYE").trace[0]) == "There is no phone number in the text."
    assert str(found("05551112233", AYSE).trace[0]) == "+905551112233 is nobody's registered phone."


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"standing": Standing.FORMER}, "Only a former person of agent 1000001042 is named."),
        ({"active": False}, "Agent 1000001042 is suspended or closing."),
        ({"market": "HU"}, "Agent 1000001042 belongs to another market than the account."),
    ],
)
def test_a_phone_that_is_known_and_still_a_persons_decision(changes: dict[str, object], why: str) -> None:
    """E9, E10, E17"""
    owner = Owner(**({name: getattr(AYSE, name) for name in Owner.__dataclass_fields__} | changes))
    finding = found("05321234567", owner)
    assert finding.owner is None
    assert str(finding.trace[-1]) == why


def test_a_phone_changed_lately_still_names_its_agent() -> None:
    """E23"""
    owner = Owner(phone=AYSE.phone, person=1, agent=AYSE.agent, market="TR", active=True, standing=Standing.CHANGED)
    assert found("05321234567", owner).owner == owner


@pytest.mark.parametrize(
    ("text", "beginnings"),
    [
        ("053212345", ["+9053212345"]),
        ("532 123 4", ["+905321234"]),
        ("+90532123456", ["+90532123456"]),
        ("532123", []),
        ("05321234567", []),
        ("412345678", []),
    ],
)
def test_a_phone_that_was_cut_short(text: str, beginnings: Sequence[str]) -> None:
    """E24"""
    assert cut_phones_in(text, TR) == beginnings


NATIONAL = st.from_regex(r"5[0-9]{9}", fullmatch=True)
GROUPINGS = st.sampled_from([(10,), (3, 7), (3, 3, 4), (3, 3, 2, 2)])
SEPARATORS = st.sampled_from([" ", ".", "-", "/", "(", ")", " (", ") ", ")-", "-("])
BEFORE = st.sampled_from(["", "0", "90", "+90", "0090", "0 ", "90 ", "+90 ", "0090-", "+90("])
WORDS = st.text(st.characters(exclude_categories=["N", "Cs"], exclude_characters="+"), max_size=12)


def grouped(national: str, grouping: Sequence[int], separators: Sequence[str]) -> str:
    pieces, start = [], 0
    for length in grouping:
        pieces.append(national[start : start + length])
        start += length
    return "".join(piece + separator for piece, separator in zip(pieces, [*separators, ""], strict=False))


@given(NATIONAL, GROUPINGS, st.lists(SEPARATORS, min_size=3, max_size=3), BEFORE, WORDS, WORDS)
def test_every_usual_way_to_write_a_phone_is_found(
    national: str, grouping: Sequence[int], separators: list[str], before: str, left: str, right: str
) -> None:
    """E1, E2: whatever words stand around it"""
    written = before + grouped(national, grouping, separators[: len(grouping) - 1])
    assert phones_in(f"{left}x{written}x{right}", TR) == [f"+90{national}"]


@given(NATIONAL, st.from_regex(r"[0-9]{1,4}", fullmatch=True), st.booleans())
def test_a_part_of_a_longer_group_is_never_a_phone(national: str, more: str, in_front: bool) -> None:
    """E8"""
    glued = more + national if in_front else national + more
    assume(not glued.startswith(("0", "90")))
    assert f"+90{national}" not in phones_in(f"x{glued}x", TR)


@given(st.text(max_size=80))
def test_any_text_can_be_asked(text: str) -> None:
    for market in MARKETS.values():
        for phone in phones_in(text, market) + cut_phones_in(text, market):
            assert phone.startswith("+")
            assert phone[1:].isascii() and phone[1:].isdigit()

"""Which lines were here before (E11, E12, E13): pure, one known booking answers for one line."""

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bank.incoming.pair import KnownLine, Line, pair
from app.bank.incoming.pieces import Piece, other_pieces

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
LINE = Line(side="credit", amount=10_000, currency="TRY", day=MONDAY, day_is_sure=True, reference="F1", text="05321234567")


def known(line: Line, number: int = 1, *, formats: tuple[str, ...] = ("camt054",), proven: bool = False, closed: bool = False) -> KnownLine:
    values = {name: getattr(line, name) for name in Line.__dataclass_fields__}
    return KnownLine(**values, id=number, formats=frozenset(formats), proven=proven, closed=closed)


def outcome(line: Line, *before: KnownLine, format: str = "camt054", balanced: bool = False) -> str:
    (pairing,) = pair([line], before, format=format, balanced=balanced)
    return f"known {pairing.known}" if pairing.known else "doubt" if pairing.doubt else "new"


def test_the_same_reference_in_another_format_that_cuts_the_text() -> None:
    """E11"""
    assert outcome(replace(LINE, text="053212"), known(LINE), format="mt940", balanced=True) == "known 1"


def test_a_reference_that_mt940_had_to_cut() -> None:
    """E11: sixteen characters, no more"""
    assert (
        outcome(replace(LINE, reference="F261122000000001"), known(replace(LINE, reference="F26112200000000123")), format="mt940")
        == "known 1"
    )
    assert outcome(replace(LINE, reference="F2611"), known(replace(LINE, reference="F26112200000000123")), format="camt054") == "new"


def test_another_reference_is_another_transfer() -> None:
    """E12: same amount, text and minute"""
    assert outcome(replace(LINE, reference="F2"), known(LINE)) == "new"
    assert outcome(replace(LINE, reference="F2"), known(LINE, formats=("mt940",), proven=True), format="mt940", balanced=True) == "new"


def test_without_a_reference_text_day_and_amount_decide() -> None:
    """E13"""
    bare = replace(LINE, reference="")
    assert outcome(bare, known(LINE)) == "known 1"
    assert outcome(LINE, known(bare)) == "known 1"
    for other in (
        replace(bare, amount=10_001),
        replace(bare, text="0"),
        replace(bare, day=TUESDAY),
        replace(bare, side="debit"),
        replace(bare, currency="EUR"),
    ):
        assert outcome(other, known(bare)) == "new"


def test_a_reference_is_no_key_by_itself() -> None:
    """It occurs twice in real files: another amount is another booking, and so is another text in the same format"""
    assert outcome(replace(LINE, amount=1), known(LINE)) == "new"
    assert outcome(replace(LINE, text="05329876543"), known(LINE)) == "new"


def test_a_value_date_alone_may_be_days_off() -> None:
    """MT940 without an entry date"""
    assert outcome(replace(LINE, day=TUESDAY, day_is_sure=False), known(LINE), format="mt940") == "known 1"
    assert outcome(replace(LINE, day=TUESDAY, day_is_sure=False, reference=""), known(LINE), format="mt940") == "known 1"


@pytest.mark.parametrize(
    ("line", "before", "format", "balanced"),
    [
        (replace(LINE, day=TUESDAY), known(LINE), "camt053", True),  # the same reference, amount and text on another day
        (replace(LINE, text="05329876543"), known(LINE), "mt940", True),  # the same reference, another text in another format
        (replace(LINE, reference="X9"), known(LINE), "mt940", True),  # all the same but for a numbering of its own
        (replace(LINE, reference="X9"), known(LINE), "camt053", True),  # the day's statement knows it by another number
        (
            replace(LINE, reference="X9"),
            known(LINE, formats=("camt053",), proven=True, closed=True),
            "camt054",
            False,
        ),  # after the last word
    ],
)
def test_what_may_be_the_same_is_a_persons_decision(line: Line, before: KnownLine, format: str, balanced: bool) -> None:
    """Nothing lost, nothing doubled"""
    assert outcome(line, before, format=format, balanced=balanced) == "doubt"


def test_twins_are_paired_at_their_own_time_first() -> None:
    ten, eleven = (datetime(2026, 11, 2, hour, tzinfo=UTC) for hour in (10, 11))
    twins = [known(replace(LINE, booked_at=ten), 1), known(replace(LINE, booked_at=eleven), 2)]
    assert outcome(replace(LINE, booked_at=eleven), *twins) == "known 2"


LINES = st.lists(
    st.builds(
        Line, side=st.just("credit"), amount=st.sampled_from([100, 200]), currency=st.just("TRY"), day=st.sampled_from([MONDAY, TUESDAY]),
        day_is_sure=st.just(True), reference=st.sampled_from(["", "R1", "R2"]), text=st.sampled_from(["", "a", "ab"]),
    ),
    max_size=8,
)  # fmt: skip


@given(LINES, st.randoms(use_true_random=False))
def test_the_same_lines_again_in_any_order_are_all_known(lines: list[Line], random: Random) -> None:
    """E11, E13: and each of them once"""
    before = [known(line, number) for number, line in enumerate(lines, start=1)]
    again = list(lines)
    random.shuffle(again)
    pairings = pair(again, before, format="camt054", balanced=False)
    assert sorted(str(pairing.known) for pairing in pairings) == sorted(str(booking.id) for booking in before)


@given(LINES, LINES)
def test_no_known_booking_answers_for_two_lines(lines: list[Line], earlier: list[Line]) -> None:
    pairings = pair(lines, [known(line, number) for number, line in enumerate(earlier, start=1)], format="mt940", balanced=True)
    paired = [pairing.known for pairing in pairings if pairing.known]
    assert len(paired) == len(set(paired))


@given(LINES, st.integers(1, 4))
def test_more_twins_than_before_are_new(lines: list[Line], more: int) -> None:
    """E13: 2, 3, 5 identical real transfers all count"""
    twin = replace(LINE, reference="")
    pairings = pair(
        [twin] * (len(lines) + more), [known(twin, number) for number in range(1, len(lines) + 1)], format="camt054", balanced=False
    )
    assert sum(pairing.known is None for pairing in pairings) == more


def piece(
    number: int | None, page: int | None, opening: int, closing: int, *, id: int | None = 1, file_id: int = 1, position: int = 1
) -> Piece:
    return Piece(id=id, file_id=file_id, position=position, number=number, page=page, opening=opening, closing=closing)


def test_the_next_page_holds_other_bookings() -> None:
    """E13: a twin on it is another transfer"""
    assert other_pieces(piece(7, 2, 200, 300, id=None, file_id=2), [piece(7, 1, 100, 200)]) == {1}
    assert other_pieces(piece(7, 1, 100, 200, id=None, file_id=2), [piece(7, 2, 200, 300)]) == {1}
    assert other_pieces(piece(8, 1, 200, 300, id=None, file_id=2), [piece(7, 1, 100, 200)]) == {1}
    run = [piece(7, 1, 100, 200, id=1), piece(7, 2, 200, 300, id=2, file_id=2)]
    assert other_pieces(piece(7, 3, 300, 400, id=None, file_id=3), run) == {1, 2}


def test_what_may_overlap_is_no_next_page() -> None:
    """E11: the same days again, or an account that is swept to zero every evening"""
    assert other_pieces(piece(7, 1, 100, 300, id=None, file_id=2), [piece(7, 1, 100, 200)]) == set()
    assert other_pieces(piece(7, 1, 0, 0, id=None, file_id=2), [piece(7, 1, 0, 0)]) == set()
    assert other_pieces(piece(0, None, 0, 0, id=None, position=2), [piece(0, None, 0, 0)]) == set()
    assert other_pieces(piece(None, None, 200, 300, id=None, file_id=2), [piece(None, None, 100, 200)]) == set()


def test_statements_that_follow_each_other_in_one_file() -> None:
    """Banks that number nothing"""
    assert other_pieces(piece(0, None, 200, 300, id=None, position=2), [piece(0, None, 100, 200)]) == {1}

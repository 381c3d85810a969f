"""Statements that are pieces of one run hold different bookings: a twin on the next page is another transfer. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """
    A statement that adds up, of one account, currency and family of formats.

    :ivar id: ``None`` for the one that is being imported
    """

    id: int | None
    file_id: int
    position: int
    number: int | None
    page: int | None
    opening: int
    closing: int


def other_pieces(statement: Piece, others: Sequence[Piece]) -> set[int]:
    """Of the run that this statement is a piece of: whatever stands in them is none of its own bookings."""
    run = [*reach(statement, others, follows), *reach(statement, others, lambda before, after: follows(after, before))]
    return {piece.id for piece in run if piece.id is not None}


def reach(start: Piece, others: Sequence[Piece], goes_on: Callable[[Piece, Piece], bool]) -> Iterator[Piece]:
    left, edge = list(others), [start]
    while edge:
        reached = [piece for piece in left if any(goes_on(before, piece) for before in edge)]
        left = [piece for piece in left if piece not in reached]
        yield from reached
        edge = reached


def follows(before: Piece, after: Piece) -> bool:
    """
    Its opening is the other's closing, and the bank's own numbers say so; or they stand in this order in one file
    and the balance between them has moved.

    The balance alone is no proof: an account that is swept every evening always opens with zero.
    """
    if before.closing != after.opening:
        return False
    if before.file_id == after.file_id:
        return before.position < after.position and (before.opening != before.closing or numbered_next(before, after))
    return numbered_next(before, after)


def numbered_next(before: Piece, after: Piece) -> bool:
    if before.number is None or after.number is None:
        return False
    if before.number == after.number:
        return before.page is not None and after.page == before.page + 1
    return after.number == before.number + 1 and after.page in (None, 0, 1)

"""Bills as a door spells them. Spelling costs more than looking up, and most bills are asked for again as they were."""

from collections.abc import Callable
from typing import Generic, TypeVar

from app.billing.bill import Bill

T = TypeVar("T")
MOST_REMEMBERED = 20_000


class Remembered(Generic[T]):
    """
    For the very same bill the same spelling; one that a fault has changed is another bill.

    :param spell: the bill in the door's own language
    """

    def __init__(self, spell: Callable[[Bill], T]) -> None:
        self._spell = spell
        self._known: dict[str, tuple[Bill, T]] = {}

    def of(self, bill: Bill) -> T:
        known = self._known.get(bill.ref)
        if known and known[0] is bill:
            return known[1]
        spelt = self._spell(bill)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[bill.ref] = bill, spelt
        return spelt

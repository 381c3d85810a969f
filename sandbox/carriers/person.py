"""One subscriber, before any bill: everything about them follows from the store's seed, the carrier and the number."""

from dataclasses import dataclass
from datetime import date
from random import Random

from app.billing.bill import DISPUTED, NEAR_CHARGE_DATE, STANDING_ORDER

PLAIN, NOTHING_OWED, CLOSED, SEVERAL_OPEN, CAST = "plain", "nothing-owed", "closed", "several-open", "cast"
ODD = (NOTHING_OWED, CLOSED, STANDING_ORDER, NEAR_CHARGE_DATE, DISPUTED, SEVERAL_OPEN)


@dataclass(frozen=True, slots=True)
class Person:
    """
    :ivar kind: ``plain``, one of :data:`ODD`, or ``cast`` for a worked example
    :ivar world_began: the store's first day in the carrier's zone; what is odd about somebody is so on this day
    :ivar first_day: of the contract; ``None``: long before any bill
    :ivar last_day: of the contract; ``None``: until further notice
    """

    seed: int
    biller: str
    number: str
    kind: str
    world_began: date
    first_day: date | None = None
    last_day: date | None = None

    def luck(self, *about: object) -> Random:
        """The same for the same matter, however often and in whatever order it is asked."""
        return Random(" ".join(map(str, (self.seed, self.biller, self.number, *about))))

    def is_there(self, day: date) -> bool:
        return (self.first_day is None or self.first_day <= day) and (self.last_day is None or day <= self.last_day)

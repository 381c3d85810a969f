"""
Billing cycles: a calendar month, or from the 22nd to the 21st, and the minicycle between the two.

MASMOVIL's notice: April 2025 is billed as always, 1–21 May is a cycle of its own, 22 May – 21 June is the first new one.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from app.billing.period import ONE_DAY, Period, month_of


@dataclass(frozen=True, slots=True)
class Cycles:
    """
    How a carrier cuts time.

    :ivar changes_on: the first day of the first new cycle, at most the 28th; cycles begin on its day of the month
        from then on. ``None``: calendar months for ever.
    """

    changes_on: date | None = None

    def __post_init__(self) -> None:
        if self.changes_on and not 2 <= self.changes_on.day <= 28:
            raise ValueError("a cycle begins on a day that every month has, and not on the first")

    def of(self, day: date) -> Period:
        """The cycle that holds this day."""
        if self.changes_on is None or day < self.changes_on.replace(day=1):
            return month_of(day)
        if day < self.changes_on:
            return Period(self.changes_on.replace(day=1), self.changes_on - ONE_DAY)
        return cycle_from(day, begins=self.changes_on.day)

    def after(self, cycle: Period) -> Period:
        return self.of(cycle.last + ONE_DAY)

    def before(self, cycle: Period) -> Period:
        return self.of(cycle.first - ONE_DAY)

    def is_minicycle(self, cycle: Period) -> bool:
        return self.changes_on is not None and cycle.last == self.changes_on - ONE_DAY

    def full_period(self, cycle: Period) -> Period:
        """What a whole fee pays for: the month of a minicycle, else the cycle itself."""
        return month_of(cycle.first) if self.is_minicycle(cycle) else cycle


CALENDAR_MONTHS = Cycles()


def cycle_from(day: date, *, begins: int) -> Period:
    """``begins``, 22 for instance, to the day before it a month later."""
    first = day.replace(day=begins) if day.day >= begins else (day.replace(day=1) - ONE_DAY).replace(day=begins)
    days_in_month = monthrange(first.year, first.month)[1]
    last = date.fromordinal(first.toordinal() + days_in_month - 1)
    return Period(first, last)


def without_change(cycles: Cycles, cycle: Period) -> Period:
    """The calendar month that would have been billed had the cycle not changed."""
    return month_of(cycle.first) if cycles.changes_on else cycle

"""Periods of whole days, both ends included: how carriers count."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """:ivar first: and ``last`` are part of it; it is never empty"""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"no period: {self.first} – {self.last}")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def shared_with(self, first: date, last: date | None) -> "Period | None":
        """The days of this period from ``first`` to ``last`` (``None``: without end); ``None`` if there are none."""
        begins, ends = max(self.first, first), self.last if last is None else min(self.last, last)
        return Period(begins, ends) if begins <= ends else None


def month_of(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def month_after(period: Period) -> Period:
    return month_of(month_of(period.last).last + ONE_DAY)

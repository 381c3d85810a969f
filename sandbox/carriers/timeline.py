"""What ordinary subscribers do over the years: change their plan, take an option, use the network. No end in either direction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from app.billing.period import ONE_DAY, Period
from app.billing.proration import Fee
from app.billing.usage import ROAMING, Used
from sandbox.carriers.person import Person

T = TypeVar("T")

TIME_BEGAN = date(2015, 1, 1)
SHORTEST, LONGEST = 240, 700  # days of one plan
CHANGES = 9, 24  # last day of a plan: in mid-month, so that a credit is never more than the new fees
HAS_OPTION = 0.25
LOOKED_BACK = timedelta(days=62)  # a credit reaches into the month before; late roaming happened there


@dataclass(frozen=True, slots=True)
class Habit:
    """
    How somebody uses a kind of traffic.

    :ivar chance: that there is any in a month
    :ivar most: in the kind's unit; :ivar steps: how finely it is counted
    """

    kind: str
    chance: float
    most: int
    steps: int = 1


def plans_near(person: Person, during: Period, choices: Sequence[T]) -> list[tuple[T, date, date | None]]:
    """
    The plans of somebody that may matter to ``during``, with their days, oldest first.

    Whoever is the carrier's example never changes: the first of ``choices``.
    """
    found = []
    for choice, first, last in plans_of(person, len(choices), during.last.year + 2):
        if (last is None or last >= during.first - LOOKED_BACK) and first <= during.last:
            found.append((choices[choice], first, last))
    return found


@lru_cache(maxsize=8192)
def plans_of(person: Person, count: int, until: int) -> tuple[tuple[int, date, date | None], ...]:
    """Which of ``count`` plans, from when to when; up to that year's end."""
    luck, spans = person.luck("plans"), []
    first, choice = TIME_BEGAN, luck.randrange(count)
    while first.year <= until:
        last = (first + timedelta(days=luck.randint(SHORTEST, LONGEST))).replace(day=luck.randint(*CHANGES))
        spans.append((choice, first, last))
        first, choice = last + ONE_DAY, (choice + luck.randint(1, count - 1)) % count
    cut = []
    for choice, begins, ends in spans:
        starts = max(begins, person.first_day or begins)
        stops = min(ends, person.last_day or ends)
        if starts <= stops:
            cut.append((choice, starts, stops))
    return tuple(cut)


def option_near(person: Person, during: Period, options: Sequence[tuple[str, str]]) -> Iterator[Fee]:
    """A quarter of the people have an option, for ever."""
    if (choice := option_of(person, len(options))) is not None:
        text, price = options[choice]
        first, last = person.first_day or TIME_BEGAN, person.last_day
        if first <= during.last and (last is None or last >= during.first - LOOKED_BACK):
            yield Fee(text, Decimal(price), first, last)


@lru_cache(maxsize=8192)
def option_of(person: Person, count: int) -> int | None:
    luck = person.luck("option")
    return luck.randrange(count) if luck.random() < HAS_OPTION else None


def used_near(person: Person, during: Period, habits: Sequence[Habit]) -> tuple[Used, ...]:
    """What was used in the months that ``during`` touches and in the one before them: roaming may arrive late."""
    month, records = (during.first.replace(day=1) - ONE_DAY).replace(day=1), list[Used]()
    while month <= during.last:
        records += used_in(person, month, tuple(habits))
        month = (month + timedelta(days=32)).replace(day=1)
    return tuple(record for record in records if person.is_there(record.on))


@lru_cache(maxsize=16384)
def used_in(person: Person, month: date, habits: tuple[Habit, ...]) -> tuple[Used, ...]:
    luck, records = person.luck("used", month), []
    for habit in habits:
        if luck.random() < habit.chance:
            for _ in range(luck.randint(1, 3)):
                on = month + timedelta(days=luck.randrange(28))
                late = on + timedelta(days=luck.randint(3, 25)) if habit.kind == ROAMING and luck.random() < 0.5 else None
                quantity = Decimal(luck.randint(1, habit.most * habit.steps)) / habit.steps
                records.append(Used(habit.kind, quantity, on, late))
    return tuple(records)

"""
The month in which a carrier's cycle changed: which bill pays which days, and what would have been paid had it not changed
(carriers.md, MASMOVIL).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.billing.bill import Bill, Line
from app.billing.cycle import Cycles, without_change
from app.billing.cycles_of import charge_day, cycles_of
from app.billing.line_words import told
from app.billing.period import Period, month_after
from app.billing.rules import NotComputable
from app.billing.sentence import Rounded
from app.money import Money, round_to_money, total


@dataclass(frozen=True)
class Day:
    """:ivar cycle: place of the cycle that pays it, 0 for the minicycle; :ivar charged: the cycles that are charged on it"""

    on: date
    cycle: int
    charged: tuple[int, ...]


@dataclass(frozen=True)
class Month:
    first: date
    weeks: tuple[tuple[Day | None, ...], ...]


@dataclass(frozen=True)
class PaidBy:
    """One cycle of the strip. :ivar charged_on: when its bill is charged"""

    cycle: Period
    charged_on: date


@dataclass(frozen=True)
class Comparison:
    """
    One fee of the minicycle against the month that would have been.

    :ivar mini: charged for the minicycle; :ivar rest: the days of the old month that the next bill pays; :ivar whole: what the
        whole month would have cost
    :ivar both: minicycle and the next whole cycle, as charged; :ivar by_days: the same days counted by the month's daily price
    """

    line: Line
    days: int
    rest_days: int
    of: int
    mini: Rounded
    rest: Rounded
    whole: Rounded
    next_fee: Money
    both: Money
    both_days: int
    by_days: Rounded


@dataclass(frozen=True)
class CycleChange:
    """
    :ivar month: what would have been billed had the cycle not changed
    :ivar paid_by: the minicycle and the cycles after it, as far as the two months reach
    """

    minicycle: Period
    month: Period
    paid_by: tuple[PaidBy, ...]
    months: tuple[Month, ...]
    fees: tuple[Comparison, ...]

    def sum_of(self, part: str) -> Money:
        """:param part: ``mini``, ``rest`` or ``whole``"""
        amounts = [getattr(fee, part).amount for fee in self.fees]
        return total(amounts, amounts[0].currency)

    @property
    def rounding(self) -> Money:
        """What minicycle and rest are beyond the whole month: nothing for a fee that ran all the time, else a cent of rounding."""
        return self.sum_of("mini") + self.sum_of("rest") - self.sum_of("whole")


def cycle_change(biller: str, bill: Bill, others: Sequence[Bill]) -> CycleChange | None:
    """
    ``None`` unless this is the bill of the minicycle, or of the first cycle after it while the minicycle's is at hand.

    :param others: the subscriber's other bills, where their own charge dates stand
    """
    cycles = cycles_of(biller)
    mini = minicycle_of(cycles, bill, others)
    if mini is None:
        return None
    cycle = cycles.of(mini.last_day)
    month = without_change(cycles, cycle)
    paid_by = tuple(paid(biller, cycles, cycle, mini, (bill, *others)))
    strip = tuple(month_strip(one, paid_by) for one in (month, month_after(month)))
    fees = tuple(compare(line, cycle, month, cycles) for line in fee_lines(mini))
    return CycleChange(cycle, month, paid_by, strip, fees)


def minicycle_of(cycles: Cycles, bill: Bill, others: Sequence[Bill]) -> Bill | None:
    if cycles.changes_on is None:
        return None
    near = [bill, *(other for other in others if bill.first_day == cycles.changes_on)]
    return next((one for one in near if one.last_day == cycles.changes_on - timedelta(days=1)), None)


def paid(biller: str, cycles: Cycles, cycle: Period, mini: Bill, bills: Sequence[Bill]) -> list[PaidBy]:
    """By the bills' own charge dates; of a bill that is not there yet, by the carrier's rule."""
    known = {(bill.first_day, bill.last_day): bill.charged_on for bill in bills}
    found = [PaidBy(cycle, mini.charged_on or mini.due_on)]
    end = month_after(cycle).last
    while found[-1].cycle.last < end:
        following = cycles.after(found[-1].cycle)
        charged_on = known.get((following.first, following.last)) or charge_day(biller, following) or following.last
        found.append(PaidBy(following, charged_on))
    return found


def month_strip(month: Period, paid_by: Sequence[PaidBy]) -> Month:
    """In weeks from Monday on; days before the first and after the last are ``None``."""
    cells: list[Day | None] = [None] * month.first.weekday()
    for offset in range(month.days):
        on = month.first + timedelta(days=offset)
        place = next(place for place, one in enumerate(paid_by) if on in one.cycle)
        cells.append(Day(on, place, tuple(place for place, one in enumerate(paid_by) if one.charged_on == on)))
    cells += [None] * (-len(cells) % 7)
    return Month(month.first, tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7)))


def fee_lines(mini: Bill) -> list[Line]:
    return [
        line
        for section in mini.sections
        if section.kind == "monthly"
        for line in section.lines
        if line.rule in ("fee-by-days", "whole-fee") and line.first_day and line.last_day and is_readable(line)
    ]


def is_readable(line: Line) -> bool:
    try:
        return told(line, "fee") >= 0
    except NotComputable:
        return False


def compare(line: Line, cycle: Period, month: Period, cycles: Cycles) -> Comparison:
    """A fee that ends in the minicycle has no rest."""
    assert line.first_day
    assert line.last_day
    currency, fee, of = line.amount.currency, told(line, "fee"), month.days
    days = (line.last_day - line.first_day).days + 1
    goes_on = line.last_day == cycle.last
    rest_days = (month.last - cycle.last).days if goes_on else 0
    following = cycles.after(cycle)
    next_fee = round_to_money(fee if goes_on else Decimal(0), currency)
    both_days = days + (following.days if goes_on else 0)

    def part(count: int) -> Rounded:
        exact = fee * count / of
        return Rounded(exact, round_to_money(exact, currency))

    mini = part(days)
    whole_days = days + rest_days
    return Comparison(
        line, days, rest_days, of, mini, part(rest_days), part(whole_days), next_fee, mini.amount + next_fee, both_days, part(both_days)
    )

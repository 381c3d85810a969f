"""Why is it different this month? Two bills of one subscriber, line by line; the differences sum to the difference."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.billing.bill import Bill, Line
from app.billing.line_words import told
from app.billing.rules import NotComputable
from app.billing.sentence import Price, Printed, Quantity, Sentence
from app.errors import N_
from app.money import Money, total

BY_NUMBER = ("percent", "past-due", "late-fee")  # their texts carry a rate or a bill's number; the same thing all the same

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Difference:
    """
    :ivar kind: one of :data:`REASONS`, ``amount`` where none holds, or ``sums`` for what a bill that does not add up leaves unexplained
    :ivar what: as the carrier printed it, on the newer bill if it stands there; empty for ``sums``
    :ivar amount: newer minus older
    """

    kind: str
    section: str
    what: Printed
    amount: Money
    why: Sentence


@dataclass(frozen=True)
class Both:
    """The same thing on both bills: one line or several, or none."""

    section: str
    newer: tuple[Line, ...]
    older: tuple[Line, ...]

    @property
    def amount(self) -> Money:
        currency = (self.newer or self.older)[0].amount.currency
        return total((line.amount for line in self.newer), currency) - total((line.amount for line in self.older), currency)


def why_different(newer: Bill, older: Bill) -> list[Difference]:
    """The biggest first; together they are exactly ``newer.amount - older.amount``."""
    found = [difference for both in pairs(newer, older) if both.amount for difference in [judge(both)]]
    rest = newer.amount - older.amount - total((one.amount for one in found), newer.currency)
    if rest:
        say = N_("One of the two bills does not add up; this part of the difference stands on no line.")
        found.append(Difference("sums", "", Printed(""), rest, Sentence.of(say)))
    return sorted(found, key=lambda one: -abs(one.amount.minor))


def pairs(newer: Bill, older: Bill) -> list[Both]:
    """In the newer bill's order, then what is gone."""
    new, old = by_key(newer), by_key(older)
    return [Both(key[0], tuple(new.get(key, ())), tuple(old.get(key, ()))) for key in {**new, **old}]


def by_key(bill: Bill) -> dict[Key, list[Line]]:
    """A section without lines counts as one line of its own title."""
    lines: dict[Key, list[Line]] = {}
    for section in bill.sections:
        for line in section.lines or (Line(section.title, section.amount),):
            lines.setdefault(key_of(section.kind, line), []).append(line)
    return lines


def key_of(kind: str, line: Line) -> Key:
    if line.rule in BY_NUMBER:
        return kind, re.sub(r"[\d.,]+", "#", line.text), line.rule
    return kind, line.text, ""


def judge(both: Both) -> Difference:
    """The most telling reason that holds, else the bare amounts."""
    what = (both.newer or both.older)[0].text
    for kind, reason in REASONS:
        try:
            why = reason(both)
        except NotComputable:
            continue
        if why is not None:
            return Difference(kind, both.section, Printed(what), both.amount, why)
    return Difference("amount", both.section, Printed(what), both.amount, amounts(both))


def amounts(both: Both) -> Sentence:
    say = N_("{newer} instead of {older}.")
    currency = both.amount.currency
    return Sentence.of(
        say,
        newer=total((line.amount for line in both.newer), currency),
        older=total((line.amount for line in both.older), currency),
    )


def has(lines: Sequence[Line], *rules: str) -> bool:
    return any(line.rule in rules for line in lines)


def credit(both: Both) -> Sentence | None:
    lines = [line for line in both.newer if line.rule == "credit-by-days"]
    if not lines or has(both.older, "credit-by-days"):
        return None
    if (first := lines[0].first_day) and (last := lines[0].last_day):
        return Sentence.of(N_("A credit for {first} – {last}, which had been paid in advance."), first=first, last=last)
    return Sentence.of(N_("A credit for what had been paid in advance."))


def single(both: Both) -> Sentence | None:
    if both.newer and not both.older and has(both.newer, "one-off"):
        return Sentence.of(N_("Only once, on this bill."))
    if both.older and not both.newer and has(both.older, "one-off"):
        return Sentence.of(N_("It stood only once, on the bill before."))
    return None


def moved(both: Both) -> Sentence | None:
    if has(both.newer, "instalment-moved"):
        return Sentence.of(N_("This bill's instalment is moved to the next charge date, so that two never fall in one month."))
    if has(both.older, "instalment-moved"):
        return Sentence.of(N_("The instalment was moved on the bill before; now it is charged."))
    return None


def new(both: Both) -> Sentence | None:
    return Sentence.of(N_("New on this bill.")) if not both.older else None


def gone(both: Both) -> Sentence | None:
    return Sentence.of(N_("No longer on this bill.")) if not both.newer else None


def price(both: Both) -> Sentence | None:
    newer, older = prices(both.newer), prices(both.older)
    if len(newer) == len(older) == 1 and newer != older:
        currency = both.amount.currency
        say = N_("The price is {newer} instead of {older}.")
        return Sentence.of(say, newer=Price(newer.pop(), currency), older=Price(older.pop(), currency))
    return None


def prices(lines: Sequence[Line]) -> set[Decimal]:
    fees = {"whole-fee": "fee", "fee-by-days": "fee", "per-unit": "unit_price", "beyond-allowance": "unit_price"}
    return {told(line, fees[line.rule]) for line in lines if line.rule in fees}


def days(both: Both) -> Sentence | None:
    """A minicycle, a start, an end: another part of the full period."""
    newer, older = days_of(both.newer), days_of(both.older)
    if newer is None or older is None or newer == older:
        return None
    say = N_("It is charged for {newer} days instead of {older}.")
    return Sentence.of(say, newer=newer, older=older)


def days_of(lines: Sequence[Line]) -> int | None:
    """Charged minus credited."""
    if not lines or not all(line.rule in ("whole-fee", "fee-by-days", "credit-by-days") for line in lines):
        return None
    counted = 0
    for line in lines:
        if line.first_day is None or line.last_day is None:
            return None
        counted += ((line.last_day - line.first_day).days + 1) * (-1 if line.rule == "credit-by-days" else 1)
    return counted


def usage(both: Both) -> Sentence | None:
    if not has((*both.newer, *both.older), "per-unit", "beyond-allowance", "within-allowance"):
        return None
    newer, older = used(both.newer), used(both.older)
    if newer == older:
        return None
    more, less = N_("More was used: {newer} instead of {older}."), N_("Less was used: {newer} instead of {older}.")
    unit = (both.newer or both.older)[0].unit
    return Sentence.of(more if newer > older else less, newer=Quantity(newer, unit), older=Quantity(older, unit))


def used(lines: Sequence[Line]) -> Decimal:
    """Within and beyond an allowance tell the same ``used``: it counts once."""
    drawn = [told(line, "used") for line in lines if line.rule in ("within-allowance", "beyond-allowance")]
    single_prices = sum((told(line, "quantity") for line in lines if line.rule == "per-unit"), start=Decimal(0))
    return single_prices + (max(drawn) if drawn else Decimal(0))


def rate(both: Both) -> Sentence | None:
    newer, older = ({told(line, "percent") for line in lines if line.rule == "percent"} for lines in (both.newer, both.older))
    if len(newer) == len(older) == 1 and newer != older:
        return Sentence.of(N_("The rate is {newer} % instead of {older} %."), newer=newer.pop(), older=older.pop())
    return None


def follows(both: Both) -> Sentence | None:
    if has(both.newer, "percent") and has(both.older, "percent"):
        return Sentence.of(N_("The same rate of another amount: it follows the lines above."))
    if has((*both.newer, *both.older), "to-whole-unit"):
        return Sentence.of(N_("Rounding: it follows the other amounts."))
    return None


REASONS = (
    ("credit", credit),
    ("one-off", single),
    ("moved", moved),
    ("new", new),
    ("gone", gone),
    ("rate", rate),
    ("price", price),
    ("days", days),
    ("usage", usage),
    ("follows", follows),
)

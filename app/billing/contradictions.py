"""Where two places of one bill say different things about the same number, although each amount fits its own rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.billing.bill import Bill, Line, Section
from app.billing.line_words import told
from app.billing.rules import FOUR, NotComputable, amount_of
from app.billing.sentence import Printed, Quantity, Sentence
from app.errors import N_
from app.money import Money, round_to_money, total

Computed = Sequence[Sequence[Money]]


@dataclass(frozen=True)
class Contradiction:
    """:ivar off: by how much the line's amount is off because of it; zero where that cannot be told"""

    say: Sentence
    off: Money


NUMBERS = N_("“{what}” shows {shown} and is computed with {told}.")
DAYS = N_("“{what}” is computed with {told} days, and {first} – {last} are {shown} days.")
BASE = N_("“{what}” is computed on {told}, and what stands above it makes {shown}: off by {off}.")
DISCOUNT = N_("“{what}” is computed on {told}, which is no sum of fees or usage of this bill.")


def numbers(line: Line) -> list[Contradiction]:
    """What a line shows against what it is computed with; nothing where its numbers are not to be read."""
    try:
        return list(shown_otherwise(line))
    except (ArithmeticError, ValueError):
        return []


def shown_otherwise(line: Line) -> Iterator[Contradiction]:
    nothing = Money(0, line.amount.currency)
    for shown, used in ((line.quantity, quantity_told(line)), (line.unit_price, price_told(line))):
        if shown is not None and used is not None and shown != used:
            facts = {"shown": Quantity(shown, ""), "told": Quantity(used, "")}
            yield Contradiction(Sentence.of(NUMBERS, what=Printed(line.text), **facts), nothing)
    if line.rule in ("fee-by-days", "credit-by-days") and line.first_day and line.last_day:
        days, used = (line.last_day - line.first_day).days + 1, told(line, "days")
        if used != days:
            say = Sentence.of(DAYS, what=Printed(line.text), told=used, shown=days, first=line.first_day, last=line.last_day)
            yield Contradiction(say, nothing)


def quantity_told(line: Line) -> Decimal | None:
    match line.rule:
        case "per-unit":
            return told(line, "quantity")
        case "within-allowance":
            return min(told(line, "used"), told(line, "allowance"))
        case "beyond-allowance":
            return max(Decimal(0), told(line, "used") - told(line, "allowance"))
        case "included" if told(line, "of"):
            return (told(line, "allowance") * told(line, "days") / told(line, "of")).quantize(FOUR, ROUND_HALF_UP)
        case _:
            return None


def price_told(line: Line) -> Decimal | None:
    name = {"per-unit": "unit_price", "beyond-allowance": "unit_price", "whole-fee": "fee", "fee-by-days": "fee", "credit-by-days": "fee"}
    return told(line, name[line.rule]).quantize(FOUR) if line.rule in name else None


def bases(bill: Bill, computed: Computed, computable: Sequence[Sequence[bool]]) -> Iterator[Contradiction]:
    """
    What taxes, discounts and roundings are computed on, against the sections above them.

    :param computed: the right amount of every line of every section, so that one wrong line is not found twice
    """
    above = Money(0, bill.currency)
    for place, section in enumerate(bill.sections):
        lines = [line for line, known in zip(section.lines, computable[place], strict=True) if known and has_base(line)]
        if section.kind == "tax":
            yield from taxes([line for line in lines if line.rule == "percent"], above)
        elif section.kind == "rounding":
            wrong = [line for line in lines if line.rule == "to-whole-unit" and told_money(line, "total") != above]
            yield from (off_base(line, "total", above) for line in wrong)
        elif section.kind == "discount":
            possible = discount_bases(bill, computed) | {above.minor}
            for line in lines:
                if line.rule == "percent" and told_money(line, "base").minor not in possible:
                    yield no_base(line, "base")
        above += total(computed[place], bill.currency) if section.lines else section.amount


def taxes(lines: Sequence[Line], net: Money) -> Iterator[Contradiction]:
    """Each on the whole net sum, or each on its own part of it."""
    if total((told_money(line, "base") for line in lines), net.currency) == net:
        return
    yield from (off_base(line, "base", net) for line in lines if told_money(line, "base") != net)


def off_base(line: Line, name: str, right: Money) -> Contradiction:
    try:
        off = line.amount - amount_of(line.rule, {**line.inputs, name: str(right.decimal)}, right.currency)
    except (ArithmeticError, ValueError):  # what it should have made is too large for any bill
        return no_base(line, name)
    return Contradiction(Sentence.of(BASE, what=Printed(line.text), told=told_money(line, name), shown=right, off=off), off)


def no_base(line: Line, name: str) -> Contradiction:
    return Contradiction(Sentence.of(DISCOUNT, what=Printed(line.text), told=told_money(line, name)), Money(0, line.amount.currency))


def has_base(line: Line) -> bool:
    """One that can be read."""
    if line.rule not in BASES:
        return False
    try:
        told(line, BASES[line.rule])
    except NotComputable:
        return False
    return True


BASES = {"percent": "base", "to-whole-unit": "total"}


def told_money(line: Line, name: str) -> Money:
    return round_to_money(told(line, name), line.amount.currency)


def discount_bases(bill: Bill, computed: Computed) -> set[int]:
    """Minor units: the fees of any one plan, which stand together, or the usage beyond the allowance."""
    sums: set[int] = set()
    for section, amounts in zip(bill.sections, computed, strict=True):
        if section.kind == "monthly":
            for first in range(len(amounts)):
                running = 0
                for amount in amounts[first : first + LONGEST_RUN]:
                    running += amount.minor
                    sums.add(running)
        if section.kind == "usage":
            sums.add(beyond(section, amounts))
    return sums


LONGEST_RUN = 50  # lines of one plan; a biller's ten thousand lines shall not cost a hundred million sums


def beyond(section: Section, amounts: Sequence[Money]) -> int:
    return sum(amount.minor for line, amount in zip(section.lines, amounts, strict=True) if line.rule == "beyond-allowance")

"""
Vodafone Hungary (HU, HUF): monthly fees in advance, usage of the closed period, net lines with a tax section, and a
total in whole forints.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from app.billing.bill import Line, Section
from app.billing.draft import Draft, section, sections, sum_of
from app.billing.period import ONE_DAY, Period, month_after
from app.billing.proration import Fee, credit_for, fee_during
from app.billing.rules import line
from app.billing.taxes import rates_on
from app.billing.usage import Allowance, Charged, Price, Used, charge_lines, included_during, rate
from app.money import Money, total

CURRENCY = "HUF"
DAYS_TO_PAY = timedelta(days=17)

PRICES = {
    "call": Price("Hívások", "minute", Decimal("31.5000")),
    "data": Price("Adatforgalom", "GB", Decimal("640.0000")),
    "sms": Price("SMS", "sms", Decimal("40.0000")),
    "premium": Price("Emelt díjas hívások", "minute", Decimal("600.0000")),
    "roaming": Price("Roaming", "minute", Decimal("236.0000")),
}
LATE = "(késve érkezett)"


@dataclass(frozen=True, slots=True)
class Plan:
    """
    A plan or an option: its fee, what it includes, and its discount.

    :ivar prices: kind -> price, where they are not the carrier's own
    :ivar discount: percent of the monthly fee; 0 for none
    """

    fee: Fee
    allowances: tuple[Allowance, ...] = ()
    prices: tuple[tuple[str, Price], ...] = ()
    discount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OneOff:
    """A service, an individual agreement (below zero), a device. :ivar amount: net, major units"""

    text: str
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Contract:
    """:ivar usage_discount: percent of what goes beyond the allowance"""

    plans: tuple[Plan, ...]
    usage: tuple[Used, ...] = ()
    one_offs: tuple[OneOff, ...] = ()
    usage_discount: Decimal = Decimal(0)

    @property
    def first_day(self) -> date:
        return min(plan.fee.first_day for plan in self.plans)


def draft(contract: Contract, closed: Period, *, inquiries: Sequence[Charged] = ()) -> Draft | None:
    """
    The bill issued on the day after ``closed``, a calendar month: usage and corrections looking back, fees of the next month
    in advance. ``None`` if there is nothing to say.

    :param inquiries: what was charged to the line in this month, with its tax
    """
    ahead = month_after(closed)
    monthly = [line for plan in contract.plans for line in fee_lines(plan, closed, ahead)]
    usage = usage_lines(contract, closed)
    net = sections(
        section("monthly", "Havi díjak", monthly, CURRENCY),
        section("included", "Az előfizetésben foglalt tételek", included_lines(contract, closed, ahead), CURRENCY),
        section("usage", "Forgalmi díjak", usage, CURRENCY),
        section("other", "Egyéb díjak", other_lines(contract, closed), CURRENCY),
        section("discount", "Kedvezmények", discount_lines(contract, closed, ahead, usage), CURRENCY),
    )
    charged = section("other", "Adóval együtt", charge_lines(inquiries, closed, CURRENCY), CURRENCY)
    if not charged and not any(part.kind != "included" for part in net):
        return None
    issued_on = ahead.first
    taxed = sections(*net, *tax_section(net, issued_on), charged)
    parts = (*taxed, *rounding_section(taxed))
    return Draft(closed, issued_on, issued_on + DAYS_TO_PAY, None, CURRENCY, parts, NOTES)


NOTES = ("A havi díjakat előre, a forgalmi díjakat utólag számlázzuk.",)


def fee_lines(plan: Plan, closed: Period, ahead: Period) -> Iterator[Line]:
    """A credit for what was paid ahead and not used; the broken fee of a start in the closed period; the next month's fee."""
    fee = plan.fee
    if fee.first_day < closed.first:
        if credit := credit_for(fee, closed, billed=fee.price, currency=CURRENCY):
            yield credit
    elif broken := fee_during(fee, closed, full=closed, currency=CURRENCY):
        yield broken
    if runs_on(fee, closed) and (in_advance := fee_during(replace(fee, last_day=None), ahead, full=ahead, currency=CURRENCY)):
        yield in_advance


def runs_on(fee: Fee, closed: Period) -> bool:
    """Nobody had deleted it when the next month was billed; a deletion in that month is credited afterwards."""
    return fee.first_day <= closed.last and (fee.last_day is None or fee.last_day > closed.last)


def included_lines(contract: Contract, closed: Period, ahead: Period) -> Iterator[Line]:
    """Pro rata for a start in the closed period, whole for the next month."""
    for plan in contract.plans:
        started = plan.fee.first_day in closed
        spans = [(plan.fee.days_in(closed), closed)] if started else []
        if runs_on(plan.fee, closed):
            spans.append((ahead, ahead))
        for used, full in spans:
            if used is not None:
                yield from included_during(plan.allowances, used, full=full, currency=CURRENCY)


def usage_lines(contract: Contract, closed: Period, *, seen: Period | None = None) -> list[Line]:
    """
    Rated by the plans that ran at the end of the closed period, with as much of their allowances as days were used.

    :param seen: the days to look at; ``None`` for the whole period
    """
    free, prices = dict[str, Decimal](), dict(PRICES)
    for plan in contract.plans:
        days = plan.fee.days_in(closed)
        if days is None or days.last != last_running_day(contract, closed):
            continue
        prices |= dict(plan.prices)
        for allowance in plan.allowances:
            free[allowance.kind] = free.get(allowance.kind, Decimal(0)) + allowance.part(days.days, closed.days)
    return rate(contract.usage, prices, free, closed=seen or closed, late_mark=LATE, currency=CURRENCY)


def last_running_day(contract: Contract, closed: Period) -> date:
    return max((days.last for plan in contract.plans if (days := plan.fee.days_in(closed))), default=closed.last)


def other_lines(contract: Contract, closed: Period) -> Iterator[Line]:
    """One-off services, individual discounts below zero, device purchases."""
    for one in contract.one_offs:
        if one.on in closed:
            yield line(one.text, "one-off", {"amount": one.amount}, CURRENCY, during=Period(one.on, one.on), quantity=Decimal(1))


def discount_lines(contract: Contract, closed: Period, ahead: Period, usage: Sequence[Line]) -> Iterator[Line]:
    """Percent of a plan's fees on this bill; on usage only of what went beyond the allowance."""
    for plan in contract.plans:
        if plan.discount:
            base = total((one.amount for one in fee_lines(plan, closed, ahead)), CURRENCY)
            if base:
                told = {"base": base.decimal, "percent": -plan.discount}
                yield line(f"Havidíj-kedvezmény, {plan.fee.text}", "percent", told, CURRENCY)
    beyond = total((one.amount for one in usage if one.rule == "beyond-allowance"), CURRENCY)
    if contract.usage_discount and beyond:
        yield line("Forgalmi kedvezmény", "percent", {"base": beyond.decimal, "percent": -contract.usage_discount}, CURRENCY)


def running(contract: Contract, month: Period, today: date, *, inquiries: Sequence[Charged] = ()) -> Money:
    """
    What the month has cost up to ``today``, with its tax: usage, other fees, and the days of what began in it.

    Fees of everything else were paid in advance; a credit comes with the bill.
    """
    seen = Period(month.first, today)
    new = (plan.fee for plan in contract.plans if plan.fee.first_day in seen)
    net = sections(
        section("monthly", "Havi díjak", (fee_during(fee, seen, full=month, currency=CURRENCY) for fee in new), CURRENCY),
        section("usage", "Forgalmi díjak", usage_lines(contract, month, seen=seen), CURRENCY),
        section("other", "Egyéb díjak", other_lines(contract, seen), CURRENCY),
    )
    taxed = (*net, *(tax_section(net, month.last + ONE_DAY) if net else ()))
    return sum_of(taxed, CURRENCY) + total((one.amount for one in charge_lines(inquiries, seen, CURRENCY)), CURRENCY)


def tax_section(net: Sequence[Section], issued_on: date) -> tuple[Section, ...]:
    base = sum_of(net, CURRENCY)
    lines = [
        line(f"{tax.name} {tax.percent}%", "percent", {"base": base.decimal, "percent": tax.percent}, CURRENCY)
        for tax in rates_on("HU", issued_on)
    ]
    return sections(section("tax", "Adó", lines, CURRENCY))


def rounding_section(taxed: Sequence[Section]) -> tuple[Section, ...]:
    """To whole forints, half up; no section when nothing is to be rounded."""
    whole = line("Kerekítés egész forintra", "to-whole-unit", {"total": sum_of(taxed, CURRENCY).decimal}, CURRENCY)
    return sections(section("rounding", "Kerekítés", [whole] if whole.amount else [], CURRENCY))

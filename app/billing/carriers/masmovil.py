"""
MASMOVIL (ES, EUR): bills of a cycle looking back, lines with IVA inside. Until April 2025 a cycle is a calendar month,
1–21 May 2025 is the minicycle, and from 22 May 2025 a cycle runs from the 22nd to the 21st.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.billing.bill import Line, Section
from app.billing.cycle import Cycles
from app.billing.draft import Draft, section, sections, sum_of
from app.billing.instalments import Financing, instalment_line, schedule
from app.billing.period import ONE_DAY, Period, month_of
from app.billing.proration import Fee, fee_during
from app.billing.rules import line
from app.billing.taxes import included, rates_on, with_comma
from app.billing.usage import Allowance, Charged, Price, Used, charge_lines, included_during, rate
from app.money import Money, round_to_money, total

CURRENCY = "EUR"
CYCLES = Cycles(changes_on=date(2025, 5, 22))
OLD_BILLS_ARE_CHARGED_AFTER = timedelta(days=5)  # of the month's end: early in the next one
MINICYCLE_IS_CHARGED = date(2025, 5, 29)
MINICYCLE_WITH_DEVICE_IS_CHARGED = date(2025, 6, 4)

PRICES = {
    "call": Price("Llamadas fuera de tarifa", "minute", Decimal("0.3025")),
    "abroad": Price("Llamadas internacionales", "minute", Decimal("0.1210")),
    "data": Price("Datos fuera de tarifa", "GB", Decimal("2.4200")),
    "premium": Price("Números de tarificación especial", "minute", Decimal("1.2100")),
    "roaming": Price("Itinerancia fuera de la UE", "minute", Decimal("0.6050")),
}
LATE = "(llegado con retraso)"


@dataclass(frozen=True, slots=True)
class Bonus:
    """
    Extra data bought once.

    It ends with the cycle it was bought in (:func:`bonus_ends_on`); the minicycle's bill reminds of that.
    """

    text: str
    gigabytes: Decimal
    price: Decimal
    bought_on: date


@dataclass(frozen=True, slots=True)
class Contract:
    """
    :ivar fees: plans and options with the days they run
    :ivar allowances: fee text -> what a full cycle of it includes; never reduced in the minicycle †
    """

    fees: tuple[Fee, ...]
    allowances: tuple[tuple[str, tuple[Allowance, ...]], ...] = ()
    usage: tuple[Used, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    financings: tuple[Financing, ...] = ()

    @property
    def first_day(self) -> date:
        return min(fee.first_day for fee in self.fees)


def bonus_ends_on(bought_on: date) -> date:
    """A bonus lives as long as the cycle it was bought in."""
    return CYCLES.of(bought_on).last


def issue_day(cycle: Period) -> date:
    return cycle.last + ONE_DAY


def charge_day(contract: Contract, cycle: Period) -> date:
    """Old cycle: early in the next month. Minicycle: 29 May, or 4 June with a device. New cycle: the month's end."""
    if CYCLES.is_minicycle(cycle):
        has_device = any(financing.since <= MINICYCLE_WITH_DEVICE_IS_CHARGED for financing in contract.financings)
        return MINICYCLE_WITH_DEVICE_IS_CHARGED if has_device else MINICYCLE_IS_CHARGED
    if CYCLES.full_period(cycle) == month_of(cycle.first):
        return cycle.last + OLD_BILLS_ARE_CHARGED_AFTER
    return month_of(cycle.last).last


def draft(contract: Contract, cycle: Period, *, inquiries: Sequence[Charged] = ()) -> Draft | None:
    """
    The bill of a cycle; ``None`` if nothing ran and nothing was used in it.

    :param inquiries: what was charged to the line in this cycle
    """
    full = CYCLES.full_period(cycle)
    charged_on = charge_day(contract, cycle)
    parts = sections(
        section("monthly", "Cuotas mensuales", (fee_during(fee, cycle, full=full, currency=CURRENCY) for fee in contract.fees), CURRENCY),
        section("included", "Incluido en tu tarifa", included_lines(contract, cycle), CURRENCY),
        section("usage", "Consumos", [*usage_lines(contract, cycle), *charge_lines(inquiries, cycle, CURRENCY)], CURRENCY),
        section("other", "Otros cargos", other_lines(contract, cycle, charged_on), CURRENCY),
    )
    if not any(part.kind != "included" for part in parts):
        return None
    return Draft(cycle, issue_day(cycle), charged_on, charged_on, CURRENCY, parts, tuple(notes(cycle, parts)))


def included_lines(contract: Contract, cycle: Period) -> Iterator[Line]:
    """The whole allowance, however short the cycle: it renews with each cycle and expires with it."""
    allowances = dict(contract.allowances)
    for fee in contract.fees:
        used = fee.days_in(cycle)
        if used is not None:
            yield from included_during(allowances.get(fee.text, ()), used, full=used, currency=CURRENCY)
    for bonus in contract.bonuses:
        if bonus.bought_on in cycle:
            told = {"allowance": bonus.gigabytes, "days": 1, "of": 1}
            lasts = Period(bonus.bought_on, cycle.last)
            yield line(bonus.text, "included", told, CURRENCY, during=lasts, quantity=bonus.gigabytes, unit="GB")


def usage_lines(contract: Contract, cycle: Period, *, seen: Period | None = None) -> list[Line]:
    """
    What was really used, against the allowance of the plan that ended the cycle and the bonuses bought in it.

    :param seen: the days to look at; ``None`` for the whole cycle
    """
    free: dict[str, Decimal] = {}
    allowances = dict(contract.allowances)
    running = [fee for fee in contract.fees if fee.days_in(cycle)]
    last_days = [days.last for fee in running if (days := fee.days_in(cycle))]
    for fee in running:
        days = fee.days_in(cycle)
        if days and days.last == max(last_days):
            for allowance in allowances.get(fee.text, ()):
                free[allowance.kind] = free.get(allowance.kind, Decimal(0)) + allowance.quantity
    for bonus in contract.bonuses:
        if bonus.bought_on in cycle:
            free["data"] = free.get("data", Decimal(0)) + bonus.gigabytes
    return rate(contract.usage, PRICES, free, closed=seen or cycle, late_mark=LATE, currency=CURRENCY)


def other_lines(contract: Contract, cycle: Period, charged_on: date) -> Iterator[Line]:
    for bonus in contract.bonuses:
        if bonus.bought_on in cycle:
            lasts = Period(bonus.bought_on, cycle.last)
            yield line(bonus.text, "one-off", {"amount": bonus.price}, CURRENCY, during=lasts, quantity=Decimal(1))
    for financing in contract.financings:
        due = schedule(financing, charge_days_until(contract, cycle)).get(charged_on)
        if due is not None:
            yield instalment_line(financing, due, charged_on, CURRENCY)


def running(contract: Contract, cycle: Period, today: date, *, inquiries: Sequence[Charged] = ()) -> Money:
    """What the cycle has cost up to ``today``: fees by days, usage, bonuses, inquiries. Instalments come with the bill."""
    seen, full = Period(cycle.first, today), CYCLES.full_period(cycle)
    fees = [one.amount for fee in contract.fees if (one := fee_during(fee, seen, full=full, currency=CURRENCY))]
    used = [one.amount for one in (*usage_lines(contract, cycle, seen=seen), *charge_lines(inquiries, seen, CURRENCY))]
    bonuses = [round_to_money(bonus.price, CURRENCY) for bonus in contract.bonuses if bonus.bought_on in seen]
    return total((*fees, *used, *bonuses), CURRENCY)


def charge_days_until(contract: Contract, cycle: Period) -> list[date]:
    """Of all bills since the contract began."""
    days, one = [], CYCLES.of(contract.first_day)
    while one.first <= cycle.first:
        days.append(charge_day(contract, one))
        one = CYCLES.after(one)
    return days


def notes(cycle: Period, parts: Sequence[Section]) -> Iterator[str]:
    gross = sum_of(parts, CURRENCY)
    for tax in rates_on("ES", issue_day(cycle)):
        base, vat = included(gross, tax.percent)
        yield f"{tax.name} {tax.percent} % incluido: {with_comma(base)} + {with_comma(vat)}"
    if CYCLES.is_minicycle(cycle):
        yield "Miniciclo del 1 al 21 de mayo de 2025: se cobran solo los días usados. Desde el 22 de mayo tu ciclo va del 22 al 21."
        yield "Los bonos comprados en el miniciclo caducan el 21 de mayo."

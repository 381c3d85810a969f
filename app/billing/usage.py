"""
Usage: allowances pro rata, and what was used rated against them. Allowance first; what goes beyond it, premium traffic and
roaming cost their unit price (carriers.md, Vodafone Hungary).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from app.billing.bill import Line
from app.billing.period import Period
from app.billing.rules import FOUR, line

PREMIUM, ROAMING = "premium", "roaming"  # kinds that never draw on an allowance


@dataclass(frozen=True, slots=True)
class Used:
    """
    One record of a network: ``quantity`` in the kind's unit.

    :ivar arrived_on: when a foreign partner told it; ``None``: on the day itself
    """

    kind: str
    quantity: Decimal
    on: date
    arrived_on: date | None = None


@dataclass(frozen=True, slots=True)
class Charged:
    """
    What somebody else charged to the line, an SMS inquiry for instance.

    :ivar unit_price: with its tax, major units, four decimals
    """

    text: str
    unit_price: Decimal
    times: int


@dataclass(frozen=True, slots=True)
class Price:
    """
    What a unit of a kind costs beyond its allowance.

    :ivar unit: ``GB``, ``minute``, ``sms``
    """

    text: str
    unit: str
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a full period's fee includes of a kind."""

    kind: str
    text: str
    unit: str
    quantity: Decimal

    def part(self, days: int, of: int) -> Decimal:
        """Exact to a second or a megabyte: four decimals of the unit, half up."""
        return (self.quantity * days / of).quantize(FOUR, ROUND_HALF_UP)


def included_during(allowances: Sequence[Allowance], used: Period, *, full: Period, currency: str) -> list[Line]:
    """*Items included in the subscription*: free, and as many days' worth as the fee."""
    return [
        line(
            allowance.text,
            "included",
            {"allowance": allowance.quantity, "days": used.days, "of": full.days},
            currency,
            during=used,
            quantity=allowance.part(used.days, full.days),
            unit=allowance.unit,
        )
        for allowance in allowances
    ]


def rate(
    records: Iterable[Used],
    prices: Mapping[str, Price],
    allowances: Mapping[str, Decimal],
    *,
    closed: Period,
    late_mark: str,
    currency: str,
) -> list[Line]:
    """
    One or two lines for each kind of the closed period: within the allowance, and beyond it.

    Only what arrived in it; roaming that happened before has its true date and the late mark.

    :param prices: in the order in which their lines stand
    :param allowances: kind -> what is free in this period, in the kind's unit
    """
    lines: list[Line] = []
    arrived = sorted((record for record in records if (record.arrived_on or record.on) in closed), key=lambda record: record.on)
    for kind, price in prices.items():
        mine = [record for record in arrived if record.kind == kind]
        lines += rate_kind(kind, price, [record for record in mine if record.on in closed], allowances, closed, currency)
        for on, late in groupby((record for record in mine if record.on < closed.first), key=lambda record: record.on):
            lines.append(per_unit(f"{price.text} {late_mark}", price, sum_of(late), Period(on, on), currency))
    return lines


def rate_kind(
    kind: str, price: Price, records: Sequence[Used], allowances: Mapping[str, Decimal], closed: Period, currency: str
) -> list[Line]:
    used = sum_of(records)
    if not used:
        return []
    if kind in (PREMIUM, ROAMING) or not allowances.get(kind):
        return [per_unit(price.text, price, used, closed, currency)]
    free = allowances[kind]
    drawn = {"used": used, "allowance": free}
    within = line(price.text, "within-allowance", drawn, currency, during=closed, quantity=min(used, free), unit=price.unit)
    if used <= free:
        return [within]
    beyond = line(
        price.text,
        "beyond-allowance",
        drawn | {"unit_price": price.unit_price},
        currency,
        during=closed,
        quantity=used - free,
        unit=price.unit,
        unit_price=price.unit_price,
    )
    return [within, beyond]


def per_unit(text: str, price: Price, quantity: Decimal, during: Period, currency: str) -> Line:
    inputs = {"quantity": quantity, "unit_price": price.unit_price}
    return line(text, "per-unit", inputs, currency, during=during, quantity=quantity, unit=price.unit, unit_price=price.unit_price)


def charge_lines(charges: Iterable[Charged], during: Period, currency: str) -> list[Line]:
    """All of one text and price on one line: n × the price, rounded once. Rounding each would give 0.14 for seven SMS of 0.0236."""
    return [
        line(
            one.text,
            "per-unit",
            {"quantity": one.times, "unit_price": one.unit_price},
            currency,
            during=during,
            quantity=Decimal(one.times),
            unit="sms",
            unit_price=one.unit_price,
        )
        for one in charges
    ]


def sum_of(records: Iterable[Used]) -> Decimal:
    return sum((record.quantity for record in records), start=Decimal(0))

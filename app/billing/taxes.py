"""Taxes on bills, as dated data. The rate of a bill is the one in force on the day it is issued †."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.money import Money, round_to_money


@dataclass(frozen=True, slots=True)
class Rate:
    """:ivar since: the first day it is in force; it holds until a later one of the same name does"""

    country: str
    name: str
    percent: Decimal
    since: date


RATES = (
    Rate("TR", "KDV", Decimal(18), date(2001, 5, 15)),
    Rate("TR", "KDV", Decimal(20), date(2023, 7, 10)),
    Rate("TR", "ÖİV", Decimal("7.5"), date(2018, 1, 1)),
    Rate("TR", "ÖİV", Decimal(10), date(2021, 1, 30)),
    Rate("AZ", "ƏDV", Decimal(18), date(2001, 1, 1)),
    Rate("ES", "IVA", Decimal(18), date(2010, 7, 1)),
    Rate("ES", "IVA", Decimal(21), date(2012, 9, 1)),
    Rate("HU", "ÁFA", Decimal(25), date(2009, 7, 1)),
    Rate("HU", "ÁFA", Decimal(27), date(2012, 1, 1)),
)


def rates_on(country: str, day: date) -> list[Rate]:
    """One of each name, in the order of the table."""
    in_force: dict[str, Rate] = {}
    for rate in RATES:
        if rate.country == country and rate.since <= day:
            in_force[rate.name] = rate
    return list(in_force.values())


def included(gross: Money, percent: Decimal) -> tuple[Money, Money]:
    """Base and tax of an amount that contains its tax; together they are the amount."""
    base = round_to_money(gross.decimal * 100 / (100 + percent), gross.currency)
    return base, gross - base


def with_comma(amount: Money) -> str:
    """As carriers of these markets print it in a note."""
    return str(amount.decimal).replace(".", ",")

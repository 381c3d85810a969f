"""
Fees that run from a day to a day, by inclusive calendar days: fraction = days used / days of the full period the fee
pays for (carriers.md, Common).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.billing.bill import Line
from app.billing.period import ONE_DAY, Period
from app.billing.rules import line


@dataclass(frozen=True, slots=True)
class Fee:
    """
    A monthly fee: a plan or an option, and the days it runs.

    :ivar price: of a full period, major units
    :ivar last_day: the day of its deletion, still paid; ``None`` until further notice
    """

    text: str
    price: Decimal
    first_day: date
    last_day: date | None = None

    def days_in(self, period: Period) -> Period | None:
        return period.shared_with(self.first_day, self.last_day)


def fee_during(fee: Fee, period: Period, *, full: Period, currency: str) -> Line | None:
    """
    The fee for its days of ``period``, as part of ``full``; ``None`` if it did not run.

    ``full`` is the period a whole fee pays for: longer than ``period`` in a minicycle.
    """
    used = fee.days_in(period)
    if used is None:
        return None
    rule = "whole-fee" if used == full else "fee-by-days"
    inputs = {"fee": fee.price} if used == full else {"fee": fee.price, "days": used.days, "of": full.days}
    return line(fee.text, rule, inputs, currency, during=used, quantity=Decimal(1), unit="month", unit_price=fee.price)


def credit_for(fee: Fee, period: Period, *, billed: Decimal, currency: str) -> Line | None:
    """
    What was paid in advance for ``period`` and is not used: from the day after deletion to the period's end.

    :param billed: what was billed for the period; a credit is never more
    """
    if fee.last_day is None or fee.last_day not in period or fee.last_day == period.last:
        return None
    unused = Period(fee.last_day + ONE_DAY, period.last)
    inputs = {"fee": fee.price, "days": unused.days, "of": period.days, "billed": billed}
    return line(fee.text, "credit-by-days", inputs, currency, during=unused, quantity=Decimal(-1), unit="month", unit_price=fee.price)

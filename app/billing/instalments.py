"""
Financed devices: whole instalments, never prorated, and at most one of a contract in a calendar month of charge †
(MASMOVIL's notice: the minicycle of a financed device is charged on 4 June, so that two never fall in one month).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.billing.bill import Line
from app.billing.rules import line


@dataclass(frozen=True, slots=True)
class Financing:
    """
    :ivar amount: of each instalment, major units; :ivar count: how many there are
    :ivar paid_before: how many were charged before :ivar since:, the first day on which one may be charged
    """

    text: str
    amount: Decimal
    count: int
    since: date
    paid_before: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """
    What a charge date brings.

    :ivar number: of the instalment that is charged, or is moved
    :ivar moved: one was charged in this calendar month already; this one waits for the next charge date
    """

    number: int
    moved: bool


def schedule(financing: Financing, charge_dates: Sequence[date]) -> dict[date, Due]:
    """
    Which instalment each charge date brings; dates before the contract or after its last instalment bring none.

    :param charge_dates: of the bills, in rising order; all since the contract began
    """
    brought: dict[date, Due] = {}
    number, last_month = financing.paid_before, (0, 0)
    for day in charge_dates:
        if day < financing.since or number >= financing.count:
            continue
        month = (day.year, day.month)
        if month == last_month:
            brought[day] = Due(number + 1, moved=True)
        else:
            number, last_month = number + 1, month
            brought[day] = Due(number, moved=False)
    return brought


def instalment_line(financing: Financing, due: Due, charged_on: date, currency: str) -> Line:
    inputs: dict[str, object] = {"number": due.number, "of": financing.count}
    if due.moved:
        return line(financing.text, "instalment-moved", inputs | {"month": f"{charged_on:%Y-%m}"}, currency)
    return line(financing.text, "instalment", inputs | {"amount": financing.amount}, currency, quantity=Decimal(1), unit="instalment")

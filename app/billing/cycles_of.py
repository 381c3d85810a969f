"""Which cycles a biller bills by, by its code. A biller that is not named here bills calendar months."""

from datetime import date

from app.billing.carriers import masmovil
from app.billing.cycle import CALENDAR_MONTHS, Cycles
from app.billing.period import Period, month_of

CYCLES = {"masmovil": masmovil.CYCLES}


def cycles_of(biller: str) -> Cycles:
    return CYCLES.get(biller, CALENDAR_MONTHS)


def charge_day(biller: str, cycle: Period) -> date | None:
    """When a cycle after the change is charged, of a bill nobody has seen yet; ``None`` where that cannot be said."""
    cycles = cycles_of(biller)
    if cycles.changes_on is None or cycle.first < cycles.changes_on:
        return None
    return month_of(cycle.last).last

"""
Until when a payment can be cancelled (C-01): the same day in the market's zone, strictly before the hour that the
data say. Time counts when the request is recorded, and every process reads the same clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.billers.model import Biller
from app.cancellations.model import BankDay, CutOff
from app.collections.model import Payment
from app.markets import MARKETS

REPORTING_LASTS = timedelta(hours=1)  # at least, when a development setting moves the hour


@dataclass(frozen=True)
class Limits:
    """
    Of one payment.

    :ivar asked_until: strictly before; on the payment's day, in its market
    :ivar reported_until: the biller's own limit
    """

    asked_until: datetime
    reported_until: datetime

    def allow(self, now: datetime) -> bool:
        """16:59:59.999 is in time, 17:00:00.000 is not. The hour lies on the payment's own day: whoever is before it is on that day."""
        return now < self.asked_until

    def seconds_left(self, now: datetime) -> int:
        """For a countdown; whole seconds, 0 in the last one."""
        return int((self.asked_until - now).total_seconds()) if self.allow(now) else 0


def limits_of(session: Session, payment: Payment, *, override: time | None) -> Limits:
    """:param override: ``config.cut_off``: replaces every market's hour in development"""
    market = MARKETS[session.get_one(Biller, payment.biller).market]
    day = payment.asked_at.astimezone(market.zone).date()
    rule = rule_of(session, market=market.code, biller=payment.biller, day=day)
    return make_limits(day, market.zone, asked_until=rule.asked_until, reported_until=rule.reported_until, override=override)


def make_limits(
    day: date, zone: ZoneInfo, *, asked_until: time | None, reported_until: time | None, override: time | None = None
) -> Limits:
    """
    Pure. Without hours the day ends before it begins.

    An hour that a change of the clocks skips or repeats is read with the offset before the change.
    """
    asked = datetime.combine(day, override or asked_until or time.min, zone)
    reported = datetime.combine(day, reported_until or time.min, zone)
    return Limits(asked, max(reported, asked + REPORTING_LASTS) if override else reported)


def rule_of(session: Session, *, market: str, biller: str, day: date) -> CutOff:
    rules = (
        select(CutOff)
        .where(
            CutOff.market == market,
            CutOff.biller.in_(("", biller)),
            CutOff.day_class == day_class(session, market=market, day=day),
            CutOff.valid_from <= day,
        )
        .order_by(CutOff.biller.desc(), CutOff.valid_from.desc(), CutOff.set_at.desc())
        .limit(1)
    )
    return session.scalars(rules).one()


def day_class(session: Session, *, market: str, day: date) -> str:
    """What somebody wrote down counts before what the calendar says."""
    written = session.scalars(select(BankDay.day_class).filter_by(market=market, on=day).order_by(BankDay.set_at.desc()).limit(1)).first()
    return written or calendar_class(market, day)


def calendar_class(market: str, day: date) -> str:
    off, half = bank_holidays(market, day.year)
    if day in off:
        return "holiday"
    if day in half:
        return "half-day"
    return {5: "saturday", 6: "sunday"}.get(day.weekday(), "workday")


@cache
def bank_holidays(market: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Whole days and half days; Turkey's eves of holidays end at 13:00."""
    calendar = getattr(holidays, market)
    half = calendar(years=year, categories=holidays.HALF_DAY) if holidays.HALF_DAY in calendar.supported_categories else ()
    return frozenset(calendar(years=year)), frozenset(half)

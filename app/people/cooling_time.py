"""How long a reset waits before it can be used: a rule for each market, dated. One that was asked for keeps the rule of its hour."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.errors import N_, Invalid
from app.markets import MARKETS
from app.people.sign_in_model import CoolingTime


def cooling_hours(session: Session, market: str, *, now: datetime) -> int:
    """The newest rule of the market that holds today."""
    rules = select(CoolingTime.hours).where(CoolingTime.market == market, CoolingTime.valid_from <= today_in(market, now))
    return session.scalars(rules.order_by(CoolingTime.valid_from.desc(), CoolingTime.set_at.desc()).limit(1)).one()


def set_cooling_time(session: Session, *, market: str, hours: int, valid_from: date | None, by: str, now: datetime) -> CoolingTime:
    """
    :param hours: from 1 to 720
    :param valid_from: from which day on; ``None`` for today
    :raises Invalid: naming what does not fit
    """
    if market not in MARKETS:
        raise Invalid(market=N_("The market is one of TR, AZ, ES, HU."))
    today = today_in(market, now)
    if valid_from and valid_from < today:
        raise Invalid(valid_from=N_("A day that is over cannot be changed."))
    rule = CoolingTime(market=market, hours=hours, valid_from=valid_from or today, set_at=now, set_by=by)
    session.add(rule)
    session.flush()
    audit.record(session, "cooling-time.set", about=market, by=by, at=now, hours=hours, valid_from=rule.valid_from)
    return rule


def today_in(market: str, now: datetime) -> date:
    return now.astimezone(MARKETS[market].zone).date()

"""From which weight on a change takes two approvals: a rule for each market and kind, dated."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.changes.catalogue import KINDS
from app.changes.model import Limit
from app.errors import N_, Invalid
from app.markets import MARKETS


def persons_needed(session: Session, *, market: str, kind: str, weight: int, now: datetime) -> int:
    """One up to the limit, two above it."""
    return 2 if weight > most_alone(session, market=market, kind=kind, now=now) else 1


def most_alone(session: Session, *, market: str, kind: str, now: datetime) -> int:
    """Where nobody has set a limit, everything with a weight takes two."""
    rules = (
        select(Limit.most)
        .where(Limit.market == market, Limit.kind == kind, Limit.valid_from <= today_in(market, now))
        .order_by(Limit.valid_from.desc(), Limit.set_at.desc())
        .limit(1)
    )
    return session.scalars(rules).one_or_none() or 0


def today_in(market: str, now: datetime) -> date:
    return now.astimezone(MARKETS[market].zone).date()


def set_limit(session: Session, *, market: str, kind: str, most: int, valid_from: date | None, by: str, now: datetime) -> Limit:
    """
    :param most: in the unit of the kind's weight
    :param valid_from: from which day on; ``None`` for today
    :raises Invalid: naming what does not fit
    """
    if market not in MARKETS:
        raise Invalid(market=N_("The market is one of TR, AZ, ES, HU."))
    errors, today = {}, today_in(market, now)
    if kind not in KINDS:
        errors["kind"] = N_("There is no such kind of change.")
    if most < 0:
        errors["most"] = N_("A limit is not below zero.")
    if valid_from and valid_from < today:
        errors["valid_from"] = N_("A day that is over cannot be changed.")
    if errors:
        raise Invalid(**errors)
    rule = Limit(market=market, kind=kind, valid_from=valid_from or today, most=most, set_at=now, set_by=by)
    session.add(rule)
    session.flush()
    audit.record(session, "change-limit.set", about=market, by=by, at=now, kind=kind, most=most, valid_from=rule.valid_from)
    return rule

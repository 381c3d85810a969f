"""From which sum on a decision about a deposit takes two persons: a rule for each market, dated."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.bank.desk_model import DeskLimit
from app.errors import N_, Invalid
from app.markets import MARKETS
from app.money import Money


def desk_limits(session: Session, *, now: datetime) -> dict[str, Money]:
    """Market → the largest sum that one person decides about alone today."""
    return {market: Money(rule.amount, MARKETS[market].currency) for market, rule in rules_of_today(session, now=now).items()}


def markets_whose_uploads_wait(session: Session, *, now: datetime) -> set[str]:
    """Where a credit that only an uploaded file shows needs a second person above the limit."""
    return {market for market, rule in rules_of_today(session, now=now).items() if rule.uploads_wait}


def rules_of_today(session: Session, *, now: datetime) -> dict[str, DeskLimit]:
    rules = session.scalars(select(DeskLimit).order_by(DeskLimit.valid_from, DeskLimit.set_at)).all()
    return {rule.market: rule for rule in rules if rule.valid_from <= today_in(rule.market, now)}


def desk_limit(session: Session, market: str, *, now: datetime) -> Money:
    return desk_limits(session, now=now)[market]


def today_in(market: str, now: datetime) -> date:
    return now.astimezone(MARKETS[market].zone).date()


def set_desk_limit(
    session: Session, *, market: str, amount: Money, valid_from: date | None, uploads_wait: bool = True, by: str, now: datetime
) -> DeskLimit:
    """
    :param valid_from: from which day on; ``None`` for today
    :param uploads_wait: whether the limit holds for credits that only uploaded files show, too
    :raises Invalid: naming what does not fit
    """
    if market not in MARKETS:
        raise Invalid(market=N_("The market is one of TR, AZ, ES, HU."))
    errors, today = {}, today_in(market, now)
    if amount.currency != MARKETS[market].currency or amount.minor < 0:
        errors["amount"] = N_("The limit is a sum in the market's own currency.")
    if valid_from and valid_from < today:
        errors["valid_from"] = N_("A day that is over cannot be changed.")
    if errors:
        raise Invalid(**errors)
    rule = DeskLimit(market=market, valid_from=valid_from or today, amount=amount.minor, uploads_wait=uploads_wait, set_at=now, set_by=by)
    session.add(rule)
    session.flush()
    audit.record(
        session, "desk-limit.set", about=market, by=by, at=now, amount=amount, valid_from=rule.valid_from, uploads_wait=uploads_wait
    )
    return rule

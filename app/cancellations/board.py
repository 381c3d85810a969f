"""The cut-off board: until when one may ask and report in each market today, how many did, and the proof of what went out (C-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.billers.model import Biller
from app.cancellations.cut_off import Limits, make_limits, rule_of
from app.cancellations.model import Cancellation, LateAttempt, Report
from app.collections.model import Payment
from app.markets import MARKETS, Market

MOST_REPORTS = 100


@dataclass(frozen=True)
class Line:
    """
    One market's day.

    :ivar seconds_left: for asking; :ivar report_seconds_left: for reporting
    :ivar states: how many of today's requests are in each state
    :ivar reported: how many of today's reports were first sent in time, and how many after the biller's limit
    :ivar late: how many came too late
    """

    market: Market
    limits: Limits
    seconds_left: int
    report_seconds_left: int
    states: dict[str, int]
    reported: tuple[int, int]
    late: int


def board(session: Session, *, override: time | None, now: datetime) -> list[Line]:
    """:param override: ``config.cut_off``"""
    return [line(session, market, override=override, now=now) for market in MARKETS.values()]


def line(session: Session, market: Market, *, override: time | None, now: datetime) -> Line:
    day = now.astimezone(market.zone).date()
    rule = rule_of(session, market=market.code, biller="", day=day)
    limits = make_limits(day, market.zone, asked_until=rule.asked_until, reported_until=rule.reported_until, override=override)
    since = datetime.combine(day, time.min, market.zone)
    states = (
        select(Cancellation.state, func.count().label("requests"))
        .join(Biller, Biller.code == Cancellation.biller)
        .where(Biller.market == market.code, Cancellation.asked_at >= since)
        .group_by(Cancellation.state)
    )
    reported = (
        select(func.count().filter(Report.in_time), func.count().filter(~Report.in_time))
        .join(Cancellation, Cancellation.id == Report.cancellation)
        .join(Biller, Biller.code == Cancellation.biller)
        .where(Biller.market == market.code, Report.attempt == 1, Report.sent_at >= since)
    )
    late = (
        select(func.count())
        .select_from(LateAttempt)
        .join(Payment, Payment.reference == LateAttempt.payment)
        .join(Biller, Biller.code == Payment.biller)
        .where(Biller.market == market.code, LateAttempt.at >= since)
    )
    in_time, too_late = session.execute(reported).one()
    return Line(
        market=market,
        limits=limits,
        seconds_left=limits.seconds_left(now),
        report_seconds_left=max(0, int((limits.reported_until - now).total_seconds())),
        states={row.state: row.requests for row in session.execute(states)},
        reported=(in_time, too_late),
        late=session.execute(late).scalar_one(),
    )


def latest_reports(session: Session) -> Sequence[Report]:
    """What went to the billers, the newest first."""
    sent = select(Report).order_by(Report.sent_at.desc(), Report.cancellation.desc()).limit(MOST_REPORTS)
    return session.scalars(sent).all()

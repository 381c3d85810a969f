"""Questions about hours: what holds, what will hold, which coming days are not like others (C-02)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.cancellations.cut_off import calendar_class, make_limits
from app.cancellations.model import DAY_CLASSES, BankDay, CutOff, HoursProposal
from app.markets import MARKETS, Market

CALENDAR_DAYS, SHOWN_AHEAD = 90, 4


@dataclass(frozen=True)
class Day:
    """
    :ivar asked_until: strictly before; ``None``: nothing can be cancelled
    :ivar reason: why it is not like others: the holiday's name, or what somebody wrote down
    :ivar is_special: a holiday, a half day, another than the calendar says, or with other hours than such days have today
    """

    on: date
    day_class: str
    asked_until: time | None
    reported_until: time | None
    reason: str
    is_special: bool


@dataclass(frozen=True)
class Hours:
    """Of one class of days. :ivar later: what will hold, the next first"""

    biller: str
    day_class: str
    now: CutOff | None
    later: tuple[CutOff, ...]


def coming_days(
    session: Session,
    market: Market,
    *,
    first: date,
    days: int = CALENDAR_DAYS,
    language: str,
    biller: str = "",
    override: time | None = None,
) -> list[Day]:
    """From ``first`` on. Two questions, however many days. :param override: ``config.cut_off``"""
    rules, written = rules_of(session, market.code), written_days(session, market.code, since=first)
    today = {kind: pick(rules, biller=biller, day_class=kind, day=first) for kind in DAY_CLASSES}
    found = []
    for on in (first + timedelta(days=number) for number in range(days)):
        set_day = written.get(on)
        kind = set_day.day_class if set_day else calendar_class(market.code, on)
        rule = pick(rules, biller=biller, day_class=kind, day=on)
        assert rule is not None
        reason = set_day.note if set_day else holiday_name(market.code, on, language)
        is_special = set_day is not None or kind in ("half-day", "holiday") or hours_of(rule) != hours_of(today[kind])
        asked_until, reported_until = hours_on(on, rule, market, override=override)
        found.append(Day(on, kind, asked_until, reported_until, reason, is_special))
    return found


def hours_on(on: date, rule: CutOff, market: Market, *, override: time | None) -> tuple[time | None, time | None]:
    """As a payment of that day is held to; ``None`` on days on which nothing can be cancelled."""
    if override is None:
        return rule.asked_until, rule.reported_until
    limits = make_limits(on, market.zone, asked_until=rule.asked_until, reported_until=rule.reported_until, override=override)
    return limits.asked_until.time(), limits.reported_until.time()


@db.remember(seconds=30)
def special_days_ahead(market: str, first: date, language: str, override: time | None) -> list[Day]:
    """Today and the next days: for the counter, which is opened all the time. :param override: ``config.cut_off``"""
    with db.reading() as session:
        days = coming_days(session, MARKETS[market], first=first, days=SHOWN_AHEAD, language=language, override=override)
    return [day for day in days if day.is_special]


def hours_of(rule: CutOff | None) -> tuple[time | None, time | None] | None:
    return (rule.asked_until, rule.reported_until) if rule else None


def pick(rules: Sequence[CutOff], *, biller: str, day_class: str, day: date) -> CutOff | None:
    """As :func:`app.cancellations.cut_off.rule_of` does, of rules that were read once."""
    fitting = [rule for rule in rules if rule.biller in ("", biller) and rule.day_class == day_class and rule.valid_from <= day]
    return max(fitting, key=lambda rule: (rule.biller, rule.valid_from, rule.set_at), default=None)


def rules_of(session: Session, market: str) -> Sequence[CutOff]:
    """The newest first."""
    return session.scalars(select(CutOff).filter_by(market=market).order_by(CutOff.set_at.desc(), CutOff.biller, CutOff.day_class)).all()


def written_days(session: Session, market: str, *, since: date) -> dict[date, BankDay]:
    rows = session.scalars(select(BankDay).where(BankDay.market == market, BankDay.on >= since).order_by(BankDay.set_at))
    return {row.on: row for row in rows}


def all_written_days(session: Session, market: str, *, limit: int = 100) -> Sequence[BankDay]:
    """The history, the newest first."""
    return session.scalars(select(BankDay).filter_by(market=market).order_by(BankDay.set_at.desc()).limit(limit)).all()


def hours_table(rules: Sequence[CutOff], *, today: date) -> list[Hours]:
    """What holds and will hold, the market's own first and then each biller's."""
    return [
        Hours(biller, kind, current_of(rules, biller, kind, today), later_of(rules, biller, kind, today))
        for biller in sorted({rule.biller for rule in rules})
        for kind in DAY_CLASSES
        if any(rule.biller == biller and rule.day_class == kind for rule in rules)
    ]


def current_of(rules: Iterable[CutOff], biller: str, kind: str, today: date) -> CutOff | None:
    return pick([rule for rule in rules if rule.biller == biller], biller=biller, day_class=kind, day=today)


def later_of(rules: Iterable[CutOff], biller: str, kind: str, today: date) -> tuple[CutOff, ...]:
    """One for each day on which something begins: of several, the one set last."""
    begins = {
        rule.valid_from: rule
        for rule in sorted(rules, key=lambda rule: rule.set_at)
        if rule.biller == biller and rule.day_class == kind and rule.valid_from > today
    }
    return tuple(begins[day] for day in sorted(begins))


def open_proposals(session: Session, *, now: datetime) -> list[HoursProposal]:
    """Of all markets; what was proposed for a day that is over is void."""
    found = session.scalars(select(HoursProposal).where(HoursProposal.decided_at.is_(None)).order_by(HoursProposal.id))
    return [proposal for proposal in found if proposal.first_day >= now.astimezone(MARKETS[proposal.market].zone).date()]


def holiday_name(market: str, day: date, language: str) -> str:
    """In the reader's language if the calendar knows it, else in the market's own; empty on other days."""
    return "; ".join(filter(None, (calendar.get(day, "") for calendar in named_calendars(market, day.year, language))))


@cache
def named_calendars(market: str, year: int, language: str) -> tuple[holidays.HolidayBase, ...]:
    calendar = getattr(holidays, market)
    known = {name[:2]: name for name in calendar.supported_languages}
    spoken = known.get(language, calendar.default_language)
    whole = calendar(years=year, language=spoken)
    if holidays.HALF_DAY not in calendar.supported_categories:
        return (whole,)
    return whole, calendar(years=year, language=spoken, categories=holidays.HALF_DAY)

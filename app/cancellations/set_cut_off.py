"""Change the hours, or say that a day is another than the calendar says (C-02)."""

from datetime import date, datetime, time

from sqlalchemy.orm import Session

from app import audit
from app.billers.model import Biller
from app.cancellations.model import DAY_CLASSES, BankDay, CutOff
from app.errors import N_, Invalid
from app.markets import MARKETS
from app.text import one_line


def set_cut_off(
    session: Session,
    *,
    market: str,
    biller: str,
    day_class: str,
    asked_until: time | None,
    reported_until: time | None,
    valid_from: date,
    note: str = "",
    by: str,
    now: datetime,
    proposed_by: str | None = None,
) -> CutOff:
    """
    From a day on; requests that were recorded already keep the hour they were asked by.

    :param biller: its code, or empty for all of the market
    :param asked_until: ``None`` on days on which nothing can be cancelled, together with ``reported_until``
    :raises Invalid: naming what does not fit
    """
    errors = wrong_hours(
        session, market=market, biller=biller, day_class=day_class, asked_until=asked_until, reported_until=reported_until
    ) | wrong_first_day(market, valid_from, "valid_from", now=now)
    if errors:
        raise Invalid(**errors)
    rule = CutOff(
        market=market,
        biller=biller,
        day_class=day_class,
        valid_from=valid_from,
        asked_until=asked_until,
        reported_until=reported_until,
        set_at=now,
        set_by=by,
    )
    session.add(rule)
    session.flush()
    audit.record(
        session,
        "cut-off.set",
        about=biller or market,
        by=by,
        at=now,
        day_class=day_class,
        valid_from=valid_from,
        asked_until=asked_until,
        reported_until=reported_until,
        note=one_line(note) or None,
        proposed_by=proposed_by,
    )
    return rule


def set_bank_day(
    session: Session, *, market: str, on: date, day_class: str, note: str, by: str, now: datetime, proposed_by: str | None = None
) -> BankDay:
    """
    :param note: why, such as the decree that says so
    :raises Invalid: naming what does not fit
    """
    errors = wrong_day(market, day_class, note) | wrong_first_day(market, on, "on", now=now)
    if errors:
        raise Invalid(**errors)
    day = BankDay(market=market, on=on, day_class=day_class, note=one_line(note), set_at=now, set_by=by)
    session.add(day)
    session.flush()
    audit.record(session, "bank-day.set", about=market, by=by, at=now, on=on, day_class=day_class, note=day.note, proposed_by=proposed_by)
    return day


def wrong_hours(
    session: Session, *, market: str, biller: str, day_class: str, asked_until: time | None, reported_until: time | None
) -> dict[str, str]:
    errors = wrong_class(market, day_class)
    found = session.get(Biller, biller) if biller else None
    if biller and (found is None or found.market != market):
        errors["biller"] = N_("There is no such biller.")
    if (asked_until is None) != (reported_until is None) or (asked_until and reported_until and asked_until >= reported_until):
        errors["reported_until"] = N_("Reporting has to end after asking, and both hours are given or none.")
    return errors


def wrong_day(market: str, day_class: str, note: str) -> dict[str, str]:
    errors = wrong_class(market, day_class)
    if not one_line(note):
        errors["note"] = N_("Say who decided this and where it is written.")
    return errors


def wrong_class(market: str, day_class: str) -> dict[str, str]:
    errors = {}
    if market not in MARKETS:
        errors["market"] = N_("The market is one of TR, AZ, ES, HU.")
    if day_class not in DAY_CLASSES:
        errors["day_class"] = N_("A day is a workday, saturday, sunday, half-day or holiday.")
    return errors


def wrong_first_day(market: str, day: date, field: str, *, now: datetime) -> dict[str, str]:
    if market in MARKETS and day < now.astimezone(MARKETS[market].zone).date():
        return {field: N_("A day that is over cannot be changed.")}
    return {}

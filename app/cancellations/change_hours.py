"""
Other hours, or another kind of day (C-02). From tomorrow on an approver sets them alone, for everybody to see beforehand; for
today, when they decide about money at once, a second approver agrees (decision 26).
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.cancellations.model import BankDay, CutOff, HoursProposal
from app.cancellations.queries import name_of
from app.cancellations.set_cut_off import set_bank_day, set_cut_off, wrong_day, wrong_first_day, wrong_hours
from app.errors import N_, Invalid, NotFound, OwnRequest, Refusal
from app.markets import MARKETS
from app.people.permissions import SET_HOURS
from app.people.second_person import first_must_still_count, is_the_asker
from app.text import one_line


class HoursDecided(Refusal):
    say = N_("{who} has decided about this already, at {when}; that stands.")


class DayIsOver(Refusal):
    say = N_("The day that this was proposed for is over. Propose it again.")


@dataclass(frozen=True)
class Change:
    """
    :ivar kind: ``hours``: until when on one class of days, from ``first_day`` on; ``day``: what ``first_day`` is
    :ivar biller: its code, or empty for all of the market
    """

    kind: Literal["hours", "day"]
    market: str
    day_class: str
    first_day: date
    note: str
    biller: str = ""
    asked_until: time | None = None
    reported_until: time | None = None


def change_hours(session: Session, change: Change, *, by: str, now: datetime) -> HoursProposal | CutOff | BankDay:
    """
    :returns: the proposal when it is for today, else what holds from then on
    :raises Invalid: naming what does not fit
    """
    if change.market not in MARKETS or change.first_day != today_in(change.market, now):
        return apply(session, change, by=by, now=now)
    if errors := wrong(session, change, now=now):
        raise Invalid(**errors)
    proposal = HoursProposal(**vars(change) | {"note": one_line(change.note)}, proposed_at=now, proposed_by=by)
    session.add(proposal)
    session.flush()
    audit.record(session, "hours.proposed", about=change.biller or change.market, by=by, at=now, proposal=proposal.id, **told(change))
    return proposal


def decide_hours(session: Session, number: int, *, agreed: bool, by: str, now: datetime) -> HoursProposal:
    """
    :raises NotFound: if there is no such proposal
    :raises OwnRequest: for who proposed it, in whatever login
    :raises HoursDecided: if somebody was quicker
    :raises DayIsOver: …
    :raises FirstCountsNoMore: if who proposed it sets no hours any more
    """
    found = session.execute(select(HoursProposal).filter_by(id=number).with_for_update().execution_options(populate_existing=True))
    proposal = found.scalar_one_or_none()
    if proposal is None:
        raise NotFound
    if is_the_asker(session, proposal.proposed_by, by, now=now):
        raise OwnRequest
    if proposal.decided_by:
        raise HoursDecided(who=name_of(session, proposal.decided_by), when=proposal.decided_at)
    if proposal.first_day < today_in(proposal.market, now):
        raise DayIsOver
    if agreed:
        first_must_still_count(session, proposal.proposed_by, SET_HOURS)
    proposal.decided_at, proposal.decided_by, proposal.agreed = now, by, agreed
    change = change_of(proposal)
    event = "hours.agreed" if agreed else "hours.rejected"
    audit.record(session, event, about=change.biller or change.market, by=by, at=now, proposal=number, proposed_by=proposal.proposed_by)
    if agreed:
        apply(session, change, by=by, now=now, proposed_by=proposal.proposed_by)
    return proposal


def apply(session: Session, change: Change, *, by: str, now: datetime, proposed_by: str | None = None) -> CutOff | BankDay:
    if change.kind == "day":
        return set_bank_day(
            session,
            market=change.market,
            on=change.first_day,
            day_class=change.day_class,
            note=change.note,
            by=by,
            now=now,
            proposed_by=proposed_by,
        )
    return set_cut_off(
        session,
        market=change.market,
        biller=change.biller,
        day_class=change.day_class,
        asked_until=change.asked_until,
        reported_until=change.reported_until,
        valid_from=change.first_day,
        note=change.note,
        by=by,
        now=now,
        proposed_by=proposed_by,
    )


def wrong(session: Session, change: Change, *, now: datetime) -> dict[str, str]:
    if change.kind == "day":
        return wrong_day(change.market, change.day_class, change.note)
    return wrong_hours(
        session,
        market=change.market,
        biller=change.biller,
        day_class=change.day_class,
        asked_until=change.asked_until,
        reported_until=change.reported_until,
    ) | wrong_first_day(change.market, change.first_day, "valid_from", now=now)


def change_of(proposal: HoursProposal) -> Change:
    return Change(
        kind="day" if proposal.kind == "day" else "hours",
        market=proposal.market,
        day_class=proposal.day_class,
        first_day=proposal.first_day,
        note=proposal.note,
        biller=proposal.biller,
        asked_until=proposal.asked_until,
        reported_until=proposal.reported_until,
    )


def told(change: Change) -> dict[str, Any]:
    return {name: value for name, value in vars(change).items() if name not in ("market", "biller") and value not in (None, "")}


def today_in(market: str, now: datetime) -> date:
    return now.astimezone(MARKETS[market].zone).date()

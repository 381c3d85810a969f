"""Stop a shop from paying; its reports stay open to it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agents.model import ACTIVE, CLOSED, CLOSING, SUSPENDED
from app.agents.suspend_agent import NotInThatState, suspend_agent
from app.changes.kind import Field, Kind, Subject, Values
from app.changes.model import Change
from app.errors import N_

STATE_WORDS = {ACTIVE: N_("Active"), SUSPENDED: N_("Suspended"), CLOSING: N_("Closing"), CLOSED: N_("Closed")}
STATE = Field("state", N_("State"), choices=STATE_WORDS, is_asked=False)


def before(_session: Session, subject: Subject) -> dict[str, Any]:
    return {"state": subject.shop.state}


def check(_session: Session, subject: Subject, _wanted: Values) -> None:
    """:raises NotInThatState: …"""
    if subject.shop.state != ACTIVE:
        raise NotInThatState(number=subject.shop.number, state=subject.shop.state)


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    suspend_agent(session, subject.shop.number, reason=change.reason, by=by, now=now)
    return {}


KIND = Kind(
    name="suspend",
    title=N_("Suspend the shop"),
    explains=N_("Nothing can be paid from the shop's balance any more; its people still sign in and see their reports."),
    asked_by=frozenset({"operator", "approver"}),
    fixed={"state": SUSPENDED},
    needs_reason=True,
    ready_reasons="suspend",
    fields=(STATE,),
    before=before,
    check=check,
    apply=apply,
)

"""Let a suspended shop pay again."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agents.model import ACTIVE, SUSPENDED
from app.agents.suspend_agent import NotInThatState, resume_agent
from app.changes.kind import Kind, Subject, Values
from app.changes.kinds import suspend
from app.changes.model import Change
from app.errors import N_


def check(_session: Session, subject: Subject, _wanted: Values) -> None:
    """:raises NotInThatState: …"""
    if subject.shop.state != SUSPENDED:
        raise NotInThatState(number=subject.shop.number, state=subject.shop.state)


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    resume_agent(session, subject.shop.number, reason=change.reason, by=by, now=now)
    return {}


KIND = Kind(
    name="resume",
    title=N_("Let the shop pay again"),
    explains=N_("The shop can pay bills again at once."),
    asked_by=frozenset({"operator", "approver"}),
    fixed={"state": ACTIVE},
    needs_reason=True,
    fields=(suspend.STATE,),
    before=suspend.before,
    check=check,
    apply=apply,
)

"""A newer paper for the shop's file, in the place of one that expires."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agents.keep_agent_paper import WORDS, papers_on_file
from app.changes import shapes
from app.changes.agent_file import file_as, last_day
from app.changes.kind import EVERY_SOURCE, Field, Kind, Paper, Subject, Values
from app.changes.model import Change, ChangeScan
from app.errors import N_

NEW_PAPER = Paper("paper", N_("The new paper"), "agent-file", EVERY_SOURCE)


def before(session: Session, subject: Subject) -> dict[str, Any]:
    """The last days as they stand, so that two renewals do not overtake each other unseen."""
    return {
        filed.paper.which: filed.paper.expires_on.isoformat() if filed.paper.expires_on else ""
        for filed in papers_on_file(session, subject.shop.number)
    }  # fmt: skip


def matter(subject: Subject, wanted: Values) -> str:
    return f"{subject.shop.number} {wanted['which']}"


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    which = str(change.wanted["which"])
    scan = session.scalars(select(ChangeScan.scan).filter_by(change=change.id, which=NEW_PAPER.name)).one()
    file_as(session, change, subject.shop.number, {which: scan}, {which: last_day(change, "until")}, by=by, now=now)
    return {}


KIND = Kind(
    name="agent-papers",
    title=N_("Renew a paper of the shop"),
    explains=N_("The new paper counts from then on; the old one is destroyed after its time."),
    asked_by=frozenset({"owner", "operator"}),
    keeps_papers=True,
    papers=(NEW_PAPER,),
    fields=(
        Field("which", N_("Which paper"), is_needed=True, choices=WORDS),
        Field("until", N_("Last day"), shapes.day, input="date", longest=10, hint=N_("Empty if it has none.")),
    ),
    before=before,
    matter=matter,
    apply=apply,
)

"""The papers of a shop, each with its last day where it has one: from a change into the shop's file."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agents.keep_agent_paper import WORDS, file_papers
from app.changes import shapes
from app.changes.kind import EVERY_SOURCE, Field, Paper
from app.changes.model import Change, ChangeScan
from app.errors import N_, Refusal
from app.markets import MARKETS
from app.remarks import Word

SCAN_KINDS = {"identity": "identity"}  # the others are the shop's own papers
UNTIL = {
    "contract": N_("Contract: last day"),
    "tax-plate": N_("Tax plate: last day"),
    "signature-circular": N_("Signature circular: last day"),
    "identity": N_("Identity card: last day"),
}

PAPERS = tuple(Paper(which, word, SCAN_KINDS.get(which, "agent-file"), EVERY_SOURCE) for which, word in WORDS.items())


class Expired(Refusal):
    say = N_("{paper} has expired on {day}. Ask for a new one.")


def last_day_fields() -> tuple[Field, ...]:
    hint = N_("Empty if it has none.")
    return tuple(Field(field_name(which), label, shapes.day, input="date", longest=10, hint=hint) for which, label in UNTIL.items())


def field_name(which: str) -> str:
    return f"{which.replace('-', '_')}_until"


def file_papers_of(session: Session, change: Change, agent: str, *, by: str, now: datetime) -> None:
    """
    All scans of the change, under their names.

    :raises Expired: …
    """
    scans = {one.which: one.scan for one in session.scalars(select(ChangeScan).filter_by(change=change.id))}
    until = {which: last_day(change, field_name(which)) for which in scans}
    file_as(session, change, agent, scans, until, by=by, now=now)


def file_as(
    session: Session, change: Change, agent: str, scans: dict[str, str], until: dict[str, date | None], *, by: str, now: datetime
) -> None:
    """:raises Expired: …"""
    today = now.astimezone(MARKETS[change.market].zone).date()
    for which in scans:
        if (day := until[which]) is not None and day < today:
            raise Expired(paper=Word(which, WORDS[which]), day=day)
    file_papers(session, agent, scans, until=until, change=change.reference, by=by, now=now)


def last_day(change: Change, field: str) -> date | None:
    text = change.wanted.get(field)
    return date.fromisoformat(str(text)) if text else None

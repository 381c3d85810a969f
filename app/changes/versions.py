"""What the record says now, and whether it still says what somebody looked at."""

import hashlib
import json

from sqlalchemy.orm import Session

from app.agents.queries import find_agent
from app.changes.catalogue import KINDS
from app.changes.kind import Kind, Subject, Values
from app.changes.model import Change
from app.errors import N_, Refusal
from app.markets import MARKETS
from app.people.model import Person
from app.people.second_person import mark_of


class RecordChanged(Refusal):
    say = N_("The record has changed since this was asked for. Nothing was done. Ask for the change again, from what stands there now.")


def subject_of(session: Session, change: Change) -> Subject:
    """Read anew: what is decided is decided about what stands there now."""
    agent = find_agent(session, change.agent) if change.agent else None
    person = session.get_one(Person, change.person_id) if change.person_id else None
    for record in (agent, person):
        if record is not None:
            session.refresh(record)
    return Subject(MARKETS[change.market], agent, person)


def version_of(values: Values) -> str:
    """Names what a record says."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def must_be_the_same(session: Session, change: Change, subject: Subject) -> None:
    """:raises RecordChanged: if another value stands in a field that this change is about"""
    if version_of(now_says(KINDS[change.kind], session, subject, change.before)) != change.version:
        raise RecordChanged


def now_says(kind: Kind, session: Session, subject: Subject, fields: Values) -> dict[str, object]:
    present = kind.before(session, subject)
    return {name: present.get(name) for name in fields}


def mark(change: Change) -> str:
    """Names what a decider looks at: this change in this state; whoever decides sends it back."""
    what = f"{change.reference} {change.state} {change.round} {change.approvals} {change.version}"
    return version_of({"seen": mark_of(what, change.asked_by, change.complete_at)})

"""Do what was granted: at once, or on its day in the shop's market."""

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import audit, db
from app.changes.catalogue import KINDS
from app.changes.limits import today_in
from app.changes.model import Change, Failure, State
from app.changes.papers import close_papers
from app.changes.queries import lock
from app.changes.tell import tell_shop
from app.changes.versions import must_be_the_same, subject_of
from app.errors import Invalid, Refusal
from app.remarks import Remark

BY = "job:apply-changes"


def apply_changes(now: datetime) -> int:
    """
    A job: every granted change whose day has come, each in a transaction of its own. It may run twice, late or not at all.

    :returns: how many it looked at
    """
    with db.reading() as session:
        due = [change.reference for change in session.scalars(granted_ones()) if is_due(change, now)]
    for reference in due:
        with db.transaction() as session:
            change = lock(session, reference, agent=None)
            if change.state == State.GRANTED:
                apply_if_due(session, change, by=BY, now=now)
    return len(due)


def apply_if_due(session: Session, change: Change, *, by: str, now: datetime) -> None:
    """:param change: granted and locked. A refusal of its verb becomes the sentence why it could not be done."""
    if not is_due(change, now):
        tell_shop(session, change, now=now)
        return
    try:
        with session.begin_nested():
            subject = subject_of(session, change)
            must_be_the_same(session, change, subject)
            outcome = KINDS[change.kind].apply(session, change, subject, by=by, now=now)
    except Refusal as refusal:
        fail(session, change, refusal, by=by, now=now)
        return
    change.applied_at, change.applied_by, change.outcome = now, by, outcome
    session.flush()
    if not KINDS[change.kind].keeps_papers:
        close_papers(session, change, now=now)
    audit.record(session, "change.applied", about=change.reference, by=by, at=now, kind=change.kind, **({"agent": change.agent} | outcome))
    tell_shop(session, change, now=now)


def granted_ones() -> Select[Change]:
    return select(Change).where(Change.state == State.GRANTED).order_by(Change.effective_on, Change.id)


def is_due(change: Change, now: datetime) -> bool:
    return change.effective_on is None or change.effective_on <= today_in(change.market, now)


def fail(session: Session, change: Change, refusal: Refusal, *, by: str, now: datetime) -> None:
    """It is decided again; nothing was half done."""
    change.failed_at = now
    session.add(Failure(change=change.id, round=change.round, at=now, say=sentence_of(refusal).as_json()))
    session.flush()
    audit.record(session, "change.failed", about=change.reference, by=by, at=now, kind=change.kind, why=refusal.name())


def sentence_of(refusal: Refusal) -> Remark:
    if isinstance(refusal, Invalid):
        return Remark.of(next(iter(refusal.errors.values())))
    return Remark.of(refusal.say, **refusal.facts)

"""Questions about changes. A stranger's is not found, never forbidden."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes.model import OPEN, TO_DECIDE, Approval, Change, Failure, State
from app.changes.references import read_reference
from app.errors import NotFound
from app.people.second_person import person_of

PAGE = 50


def find_change(session: Session, reference: str, *, agent: str | None) -> Change:
    """
    :param reference: as typed
    :param agent: whose changes the asker may see; ``None`` for the institution
    :raises NotFound: if there is none, or it is another shop's
    """
    change = session.scalars(select(Change).filter_by(reference=read_reference(reference) or "")).one_or_none()
    if change is None or (agent is not None and change.agent != agent):
        raise NotFound
    return change


def lock(session: Session, reference: str, *, agent: str | None) -> Change:
    """Whoever decides, withdraws, completes or applies it at the same moment queues here. :raises NotFound: …"""
    question = select(Change).filter_by(reference=read_reference(reference) or "").with_for_update()
    change = session.scalars(question, execution_options={"populate_existing": True}).one_or_none()
    if change is None or (agent is not None and change.agent != agent):
        raise NotFound
    return change


def open_change(session: Session, kind: str, matter: str) -> Change | None:
    """At most one of a kind for each matter."""
    question = select(Change).where(Change.kind == kind, Change.matter == matter, Change.asked_at.is_not(None), Change.state.in_(OPEN))
    return session.scalars(question).one_or_none()


def list_changes(
    session: Session, *, agent: str | None = None, state: str | None = None, cursor: int | None = None, limit: int = PAGE
) -> Sequence[Change]:
    """The newest first; the next page begins after the last one's number (``cursor``)."""
    question = select(Change).order_by(Change.id.desc()).limit(limit)
    for column, value in ((Change.agent, agent), (Change.state, state)):
        if value is not None:
            question = question.where(column == value)
    if cursor is not None:
        question = question.where(Change.id < cursor)
    return session.scalars(question).all()


def waiting(session: Session, *, agent: str | None = None) -> Sequence[Change]:
    """What is open: first what can be decided now, of each the oldest first."""
    question = select(Change).where(Change.state.in_(OPEN)).order_by(Change.state.not_in(TO_DECIDE), Change.opened_at, Change.id)
    return session.scalars(question.where(Change.agent == agent) if agent is not None else question).all()


def to_decide(session: Session) -> tuple[int, datetime | None]:
    """How many wait for a decision, and since when the oldest does."""
    number, oldest = session.execute(select(func.count(), func.min(Change.complete_at)).where(Change.state.in_(TO_DECIDE))).one()
    return number, oldest


def to_complete(session: Session) -> tuple[int, datetime | None]:
    """Drafts, and requests whose papers are missing."""
    begun = select(func.count(), func.min(Change.opened_at)).where(Change.state.in_((State.DRAFT, State.INCOMPLETE)))
    number, oldest = session.execute(begun).one()
    return number, oldest


def pending_about_agent(session: Session, agent: str) -> Sequence[Change]:
    """Every open change of a shop and its people."""
    return session.scalars(select(Change).where(Change.agent == agent, Change.state.in_(OPEN)).order_by(Change.id)).all()


def pending_about_person(session: Session, person: int) -> Sequence[Change]:
    return session.scalars(select(Change).where(Change.person_id == person, Change.state.in_(OPEN)).order_by(Change.id)).all()


def approvals_of(session: Session, change: Change) -> Sequence[Approval]:
    return session.scalars(select(Approval).filter_by(change=change.id).order_by(Approval.at)).all()


def failures_of(session: Session, change: Change) -> Sequence[Failure]:
    return session.scalars(select(Failure).filter_by(change=change.id).order_by(Failure.round)).all()


def earlier_changes(session: Session, change: Change, *, limit: int = 10) -> Sequence[Change]:
    """The same shop's, the newest first: what a decider wants to know about it."""
    if change.agent is None:
        return []
    same = select(Change).where(Change.agent == change.agent, Change.id < change.id)
    return session.scalars(same.order_by(Change.id.desc()).limit(limit)).all()


def name_of(session: Session, by: str) -> str:
    """The name of ``person:7``; a job stays what it is called."""
    person = person_of(session, by)
    return person.name if person else by

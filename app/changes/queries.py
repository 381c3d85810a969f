"""Questions about changes. A stranger's is not found, never forbidden."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select, true
from sqlalchemy.orm import Session

from app.changes.catalogue import KINDS
from app.changes.model import OPEN, TO_DECIDE, Approval, Change, Failure, State
from app.changes.references import read_reference
from app.errors import NotFound
from app.people.permissions import DECIDE_CHANGES, ROLES
from app.people.second_person import person_of

PAGE = 50
# Put together once: a decision asks it while others queue behind it.
LOCKED = select(Change).where(Change.reference == bindparam("reference")).with_for_update().execution_options(populate_existing=True)
OF_THE_INSTITUTION = [kind.name for kind in KINDS.values() if not kind.is_for_shops]


def find_change(session: Session, reference: str, *, agent: str | None) -> Change:
    """
    :param reference: as typed
    :param agent: whose changes the asker may see; ``None`` for the institution
    :raises NotFound: if there is none, or a shop asks that must not know of it
    """
    question = select(Change).where(seen_by(agent)).filter_by(reference=read_reference(reference) or "")
    change = session.scalars(question).one_or_none()
    if change is None:
        raise NotFound
    return change


def seen_by(agent: str | None) -> ColumnElement[bool]:
    """A shop sees its own; what the institution wants of it (to suspend it, a posting by hand) only once that has happened."""
    if agent is None:
        return true()
    return (Change.agent == agent) & (Change.kind.not_in(OF_THE_INSTITUTION) | (Change.state == State.APPLIED))


def lock(session: Session, reference: str, *, agent: str | None) -> Change:
    """Whoever decides, withdraws, completes or applies it at the same moment queues here. :raises NotFound: …"""
    question = LOCKED if agent is None else LOCKED.where(seen_by(agent))
    change = session.scalars(question, {"reference": read_reference(reference) or ""}).one_or_none()
    if change is None:
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
    question = select(Change).where(seen_by(agent)).order_by(Change.id.desc()).limit(limit)
    if state is not None:
        question = question.where(Change.state == state)
    if cursor is not None:
        question = question.where(Change.id < cursor)
    return session.scalars(question).all()


def waiting(session: Session, *, agent: str | None = None) -> Sequence[Change]:
    """What is open: first what can be decided now, of each the oldest first."""
    question = select(Change).where(seen_by(agent), Change.state.in_(OPEN))
    return session.scalars(question.order_by(Change.state.not_in(TO_DECIDE), Change.opened_at, Change.id)).all()


def to_decide(session: Session) -> tuple[int, datetime | None]:
    """How many wait for a decision, and since when the oldest does."""
    number, oldest = session.execute(select(func.count(), func.min(Change.complete_at)).where(Change.state.in_(TO_DECIDE))).one()
    return number, oldest


def to_complete(session: Session) -> tuple[int, datetime | None]:
    """Drafts, and requests whose papers are missing."""
    begun = select(func.count(), func.min(Change.opened_at)).where(Change.state.in_((State.DRAFT, State.INCOMPLETE)))
    number, oldest = session.execute(begun).one()
    return number, oldest


def pending_about_agent(session: Session, agent: str, *, asker: str | None) -> Sequence[Change]:
    """
    Every open change of a shop and its people.

    :param asker: the shop whose person asks; ``None`` for the institution
    """
    question = select(Change).where(seen_by(asker), Change.agent == agent, Change.state.in_(OPEN))
    return session.scalars(question.order_by(Change.id)).all()


def pending_about_person(session: Session, person: int) -> Sequence[Change]:
    return session.scalars(select(Change).where(Change.person_id == person, Change.state.in_(OPEN)).order_by(Change.id)).all()


def approvals_of(session: Session, change: Change) -> Sequence[Approval]:
    return session.scalars(select(Approval).filter_by(change=change.id).order_by(Approval.at)).all()


def counts_no_more(session: Session, approval: Approval) -> bool:
    """Whether its giver may not decide any more; the next approval then asks again, and lets nobody change it meanwhile."""
    person = person_of(session, approval.by)
    return person is None or person.removed_at is not None or DECIDE_CHANGES not in ROLES[person.role]


def failures_of(session: Session, change: Change) -> Sequence[Failure]:
    return session.scalars(select(Failure).filter_by(change=change.id).order_by(Failure.round)).all()


def earlier_changes(session: Session, change: Change, *, asker: str | None, limit: int = 10) -> Sequence[Change]:
    """The same shop's, the newest first: what a decider wants to know about it."""
    if change.agent is None:
        return []
    same = select(Change).where(seen_by(asker), Change.agent == change.agent, Change.id < change.id)
    return session.scalars(same.order_by(Change.id.desc()).limit(limit)).all()


def name_of(session: Session, by: str) -> str:
    """The name of ``person:7``; a job stays what it is called."""
    person = person_of(session, by)
    return person.name if person else by

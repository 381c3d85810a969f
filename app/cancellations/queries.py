"""Questions about cancellations. A stranger's is not found, never forbidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.billers.model import Biller
from app.cancellations.model import LIVE, Cancellation, Case, LateAttempt, Report, State
from app.collections.model import Payment
from app.errors import NotFound
from app.people.second_person import person_of

PAGE = 50
OPEN = (State.ASKED, State.GRANTED, State.REPORTED)


@dataclass(frozen=True)
class Waiting:
    """
    One line of the admin's queue.

    :ivar minutes_left: until the biller's limit for reports; negative when it is over
    """

    cancellation: Cancellation
    payment: Payment
    minutes_left: int


def find_cancellation(session: Session, number: int, *, agent: str | None) -> Cancellation:
    """
    :param agent: whose cancellations the asker may see; ``None`` for the institution
    :raises NotFound: if there is none, or it is another agent's
    """
    cancellation = session.get(Cancellation, number)
    if cancellation is None or (agent is not None and cancellation.agent != agent):
        raise NotFound
    return cancellation


def list_cancellations(
    session: Session, *, agent: str | None = None, state: str | None = None, cursor: int | None = None, limit: int = PAGE
) -> Sequence[Cancellation]:
    """The newest first; the next page begins after the last one's number (``cursor``)."""
    question = select(Cancellation).order_by(Cancellation.id.desc()).limit(limit)
    for column, value in ((Cancellation.agent, agent), (Cancellation.state, state)):
        if value is not None:
            question = question.where(column == value)
    if cursor is not None:
        question = question.where(Cancellation.id < cursor)
    return session.scalars(question).all()


def waiting(session: Session, *, now: datetime, agent: str | None = None) -> list[Waiting]:
    """What still has to be decided, and then what has to end; of each the most urgent first: the queue."""
    rows = (
        select(Cancellation, Payment)
        .join(Payment, Payment.reference == Cancellation.payment)
        .where(Cancellation.state.in_(OPEN))
        .order_by(Cancellation.state != State.ASKED, Cancellation.report_until, Cancellation.id)
    )
    if agent is not None:
        rows = rows.where(Cancellation.agent == agent)
    return [
        Waiting(cancellation, payment, int((cancellation.report_until - now).total_seconds() // 60))
        for cancellation, payment in session.execute(rows)
    ]


def to_decide(session: Session) -> tuple[int, datetime | None]:
    """How many requests wait for a decision, and since when the oldest does."""
    count = select(func.count(), func.min(Cancellation.asked_at)).where(Cancellation.state == State.ASKED)
    number, oldest = session.execute(count).one()
    return number, oldest


def least_minutes_left(session: Session, now: datetime) -> int | None:
    """Of those that wait for a decision, until the biller's limit for reports; negative when it is over."""
    limit = session.scalars(select(func.min(Cancellation.report_until)).where(Cancellation.state == State.ASKED)).one()
    return int((limit - now).total_seconds() // 60) if limit else None


def count_cases(session: Session) -> tuple[int, datetime | None]:
    """How many wait for two persons, and since when the oldest does."""
    number, oldest = session.execute(select(func.count(), func.min(Case.opened_at)).where(Case.decided_at.is_(None))).one()
    return number, oldest


def live_cancellation(session: Session, payment: str) -> Cancellation | None:
    """At most one for a payment: asked for, granted, reported or done."""
    return session.scalars(select(Cancellation).where(Cancellation.payment == payment, Cancellation.state.in_(LIVE))).one_or_none()


def cancellations_of(session: Session, payment: str) -> Sequence[Cancellation]:
    return session.scalars(select(Cancellation).filter_by(payment=payment).order_by(Cancellation.id.desc())).all()


def late_attempts_of(session: Session, payment: str) -> Sequence[LateAttempt]:
    return session.scalars(select(LateAttempt).filter_by(payment=payment).order_by(LateAttempt.id.desc())).all()


def earlier_requests(session: Session, cancellation: Cancellation, *, limit: int = 20) -> Sequence[Cancellation]:
    """The same agent's, the newest first: what a decider wants to know about it."""
    return session.scalars(
        select(Cancellation)
        .where(Cancellation.agent == cancellation.agent, Cancellation.id < cancellation.id)
        .order_by(Cancellation.id.desc())
        .limit(limit)
    ).all()


def reports_of(session: Session, number: int) -> Sequence[Report]:
    """Proof of sending, in order (C-04)."""
    return session.scalars(select(Report).filter_by(cancellation=number).order_by(Report.attempt)).all()


def open_cases(session: Session) -> Sequence[Case]:
    """What two persons have to decide, the oldest first."""
    return session.scalars(select(Case).where(Case.decided_at.is_(None)).order_by(Case.id)).all()


def biller_names(session: Session) -> dict[str, str]:
    return {biller.code: biller.name for biller in session.scalars(select(Biller))}


def name_of(session: Session, by: str) -> str:
    """The name of ``person:7``; a job stays what it is called."""
    person = person_of(session, by)
    return person.name if person else by

"""Questions about payments. A stranger's payment is not found, never forbidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.collections.model import Case, CashToReturn, OpenQuestion, Payment, State
from app.errors import NotFound
from app.money import Money

PAGE, MOST_STUCK = 50, 200


@dataclass(frozen=True)
class Filter:
    """All optional; ``since`` ≤ asked_at < ``until``; ``cursor`` is the last reference of the page before."""

    agent: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    state: str | None = None
    biller: str | None = None
    key: str | None = None
    subscriber: str | None = None
    cursor: str | None = None


def find_payment(session: Session, reference: str, *, agent: str | None) -> Payment:
    """
    :param agent: whose payments the asker may see; ``None`` for the institution
    :raises NotFound: if there is none, or it is another agent's
    """
    payment = session.get(Payment, reference)
    if payment is None or (agent is not None and payment.agent != agent):
        raise NotFound
    return payment


def list_payments(session: Session, wanted: Filter, *, limit: int = PAGE) -> Sequence[Payment]:
    """The newest first; the next page begins after the last one's reference."""
    return session.scalars(matching(wanted).order_by(Payment.reference.desc()).limit(limit)).all()


def matching(wanted: Filter) -> Select[Payment]:
    question = select(Payment)
    for column, value in (
        (Payment.agent, wanted.agent),
        (Payment.state, wanted.state),
        (Payment.biller, wanted.biller),
        (Payment.key, wanted.key),
        (Payment.subscriber, wanted.subscriber),
    ):
        if value is not None:
            question = question.where(column == value)
    if wanted.since is not None:
        question = question.where(Payment.asked_at >= wanted.since)
    if wanted.until is not None:
        question = question.where(Payment.asked_at < wanted.until)
    if wanted.cursor is not None:
        question = question.where(Payment.reference < wanted.cursor)
    return question


def money_in_transit(session: Session, agent: str, currency: str) -> Money:
    """What is held for this agent's pending payments."""
    held = select(func.coalesce(func.sum(Payment.amount + Payment.fee), 0)).filter_by(agent=agent, state=State.PENDING)
    return Money(int(session.execute(held).scalar_one()), currency)


def cash_to_return(session: Session, agent: str) -> Sequence[Payment]:
    """P-13: payments whose customer has to get cash back from this shop."""
    owed = select(CashToReturn.payment).where(CashToReturn.agent == agent, CashToReturn.returned_at.is_(None))
    return session.scalars(select(Payment).where(Payment.reference.in_(owed)).order_by(Payment.reference)).all()


def stuck_payments(session: Session, *, asked_before: datetime) -> tuple[int, datetime | None]:
    """How many payments have no outcome since then, and since when the oldest has none."""
    question = select(func.count(), func.min(OpenQuestion.asked_since)).where(OpenQuestion.asked_since < asked_before)
    number, oldest = session.execute(question).one()
    return number, oldest


def list_stuck(session: Session, *, asked_before: datetime) -> list[tuple[OpenQuestion, Payment]]:
    """The oldest first; without those that are before two persons already."""
    before_two = select(Case.payment).where(Case.kind == "unknown", Case.decided_at.is_(None))
    question = (
        select(OpenQuestion, Payment)
        .join(Payment, Payment.reference == OpenQuestion.reference)
        .where(OpenQuestion.asked_since < asked_before, OpenQuestion.reference.not_in(before_two))
        .order_by(OpenQuestion.asked_since)
        .limit(MOST_STUCK)
    )
    return [(asked, payment) for asked, payment in session.execute(question)]


def list_cases(session: Session) -> list[tuple[Case, Payment]]:
    """What two persons have to decide, the oldest first."""
    question = select(Case, Payment).join(Payment, Payment.reference == Case.payment).where(Case.decided_at.is_(None))
    return [(case, payment) for case, payment in session.execute(question.order_by(Case.opened_at).limit(MOST_STUCK))]


def count_cases(session: Session) -> tuple[int, datetime | None]:
    """How many wait for two persons, and since when the oldest does."""
    number, oldest = session.execute(select(func.count(), func.min(Case.opened_at)).where(Case.decided_at.is_(None))).one()
    return number, oldest

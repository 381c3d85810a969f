"""The biller's answer about a cancellation: done, refused, or still nothing clear (C-05, C-06)."""

from datetime import datetime

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import audit
from app.billers.gateway import Answer, Verdict
from app.cancellations.decide_cancellation import close, lock
from app.cancellations.issue_dekont import dekont_of_cancellation
from app.cancellations.model import Cancellation, Case, State
from app.cancellations.tell_shop import tell_shop
from app.cancellations.undo_payment import lock_payment, undo_payment
from app.errors import NotFound

log = structlog.get_logger()


def end_cancellation(session: Session, number: int, answer: Answer, *, by: str, now: datetime) -> Cancellation:
    """
    Whoever brings the answer: the report's own reply, a repeated one, or the biller's file of the next day.

    The same answer again changes nothing. One that contradicts the end opens a case for two persons (B19).

    :raises NotFound: if there is no such cancellation
    :raises ValueError: if it was never reported: the biller cannot have answered
    """
    payment = lock_payment(session, find_payment_of(session, number))  # account, payment, cancellation: one order for all
    cancellation = lock(session, number, agent=None)
    if cancellation.reported_at is None:
        raise ValueError(f"cancellation {number} is {cancellation.state}, the biller was never asked")
    if answer.verdict is Verdict.UNKNOWN:
        return cancellation
    outcome = State.DONE if answer.verdict is Verdict.YES else State.REFUSED
    if cancellation.outcome is not None:
        return compare(session, cancellation, outcome, answer, now=now)
    cancellation.answered_at, cancellation.outcome, cancellation.next_report_at = now, outcome, None
    cancellation.word = answer.code or answer.biller_reference
    session.flush()
    audit.record(session, f"cancellation.{outcome}", about=cancellation.payment, by=by, at=now, cancellation=number, word=cancellation.word)
    if outcome is State.DONE:
        undo_payment(session, payment.reference, by=by, now=now)
    else:
        dekont_of_cancellation(session, payment, cancellation, by=by, now=now)
    close(session, cancellation, now=now)
    tell_shop(session, payment, cancellation, now=now)
    return cancellation


def find_payment_of(session: Session, number: int) -> str:
    cancellation = session.get(Cancellation, number)
    if cancellation is None:
        raise NotFound
    return cancellation.payment


def compare(session: Session, cancellation: Cancellation, said: State, answer: Answer, *, now: datetime) -> Cancellation:
    """B19: a later other word never flips anything by itself; the customer may have been at the biller's desk meanwhile."""
    if cancellation.outcome != said:
        kind = "late-yes" if said is State.DONE else "late-no"
        log.warning("cancellation.contradiction", cancellation=cancellation.id, kind=kind)
        word = answer.code or answer.biller_reference
        case = insert(Case).values(cancellation=cancellation.id, kind=kind, word=word, opened_at=now)
        session.execute(case.on_conflict_do_nothing(index_elements=["cancellation", "kind"]))
    return cancellation

"""Paper tells the truth (P-10), and every copy is counted (P-11)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.collections.model import Payment, Slip, State
from app.errors import N_, Refusal

KIND_OF = {State.PAID: "receipt", State.PENDING: "pending", State.CANCELLED: "void"}


class NoPaper(Refusal):
    say = N_("Payment {payment} was refused: there is no receipt. Give the customer the money back.")


def hand_out(session: Session, payment: Payment, *, kind: str | None = None, by: str, now: datetime) -> int:
    """
    Record one more copy; by default of the slip that is true now: receipt, pending slip or void slip.

    :returns: which copy it is, from 1
    :raises NoPaper: for a refused payment
    """
    kind = kind or kind_of(payment)
    copy = select(func.coalesce(func.max(Slip.copy), 0) + 1).where(Slip.payment == payment.reference, Slip.kind == kind).scalar_subquery()
    # Two presses at the same instant: the payment's row makes them queue.
    session.execute(select(Payment.reference).where(Payment.reference == payment.reference).with_for_update())
    row = insert(Slip).values(payment=payment.reference, kind=kind, copy=copy, at=now, by=by).returning(Slip.copy)
    return session.execute(row).scalar_one()


def which_copy(handed_out: int) -> int:
    """What a paper says of itself: 0 for the original, then 1, 2 …"""
    return max(0, handed_out - 1)


def copies(session: Session, payment: Payment) -> int:
    """How many slips of the kind that is true now were handed out."""
    if payment.state == State.REFUSED:
        return 0
    return session.execute(select(func.count()).where(Slip.payment == payment.reference, Slip.kind == kind_of(payment))).scalar_one()


def kind_of(payment: Payment) -> str:
    if payment.state == State.REFUSED:
        raise NoPaper(payment=payment.reference)
    return KIND_OF[State(payment.state)]

"""Undo a payment in the book: the exact reverse of all its postings, once (C-05)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import audit
from app.collections.model import CashToReturn, Payment, State
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import agent_account
from app.ledger.model import LimitedAccount, Posting
from app.money import Money

MADE_BY_PAYING = ("payment.reserved", "payment.paid")


def undo_payment(session: Session, reference: str, *, by: str, now: datetime) -> Payment:
    """
    Money and commission go back, the bill is open again, and the customer's cash stays on the shop's screen until
    it was given back (P-13). However often this is repeated, only the first time moves money.

    :raises ValueError: if the payment is neither paid nor cancelled: nobody may have asked for that
    """
    payment = lock_payment(session, reference)
    if payment.state == State.CANCELLED:
        return payment
    if payment.state != State.PAID:
        raise ValueError(f"payment {reference} is {payment.state}, only a paid one can be undone")
    book.post(session, "payment.cancelled", about=reference, moves=reverse_of(session, reference), at=now, by=by)
    payment.state, payment.released = State.CANCELLED, True
    payment.balance_after = book.balance(session, agent_account(payment.agent)).balance.minor
    session.execute(
        insert(CashToReturn).values(payment=reference, agent=payment.agent, since=now).on_conflict_do_nothing(index_elements=["payment"])
    )
    session.flush()
    audit.record(session, "payment.cancelled", about=reference, by=by, at=now, amount=payment.whole)
    return payment


def lock_payment(session: Session, reference: str) -> Payment:
    """The agent's account first, as everybody who moves its money (migration 0005), then the payment."""
    agent = session.execute(select(Payment.agent).filter_by(reference=reference)).scalar_one()
    session.execute(select(LimitedAccount.address).filter_by(address=agent_account(agent)).with_for_update())
    locked = select(Payment).filter_by(reference=reference).with_for_update().execution_options(populate_existing=True)
    return session.execute(locked).scalar_one()


def reverse_of(session: Session, reference: str) -> list[Move]:
    """The last posting first: what came in last goes out first."""
    made = select(Posting).where(Posting.about == reference, Posting.event.in_(MADE_BY_PAYING)).order_by(Posting.id.desc())
    return [Move(posting.target, posting.source, Money(posting.amount, posting.currency)) for posting in session.scalars(made)]

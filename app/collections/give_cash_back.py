"""Record that a customer got the cash back for a payment that did not stand (P-13)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.collections.model import CashToReturn
from app.errors import NotFound


def give_cash_back(session: Session, reference: str, *, agent: str, by: str, now: datetime) -> CashToReturn:
    """
    A second press changes nothing.

    :raises NotFound: if this shop owes no customer cash for that payment
    """
    cash = session.execute(select(CashToReturn).filter_by(payment=reference, agent=agent).with_for_update()).scalar_one_or_none()
    if cash is None:
        raise NotFound
    if cash.returned_at is None:
        cash.returned_at, cash.returned_by = now, by
        audit.record(session, "payment.cash-returned", about=reference, by=by, at=now)
    return cash

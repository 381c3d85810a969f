"""Disputed bills (P-29): ours, beside what the biller shows of them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.billers.model import Biller, Dispute
from app.billing.bill import DISPUTED, Account


def live_dispute(session: Session, biller: str, subscriber: str, bill: str) -> Dispute | None:
    live = select(Dispute).filter_by(biller=biller, subscriber=subscriber, bill=bill, refused_at=None, over_at=None)
    return session.execute(live).scalar_one_or_none()


def compare_disputes(session: Session, biller: Biller, account: Account, *, now: datetime) -> Collection[str]:
    """
    The biller's word that a dispute is over is the bill without its flag, once it had been shown with it.

    :returns: refs of the bills that are disputed by our own records, whatever the biller shows
    """
    live = select(Dispute).filter_by(biller=biller.code, subscriber=account.subscriber.number, refused_at=None, over_at=None)
    flagged = {bill.ref: DISPUTED in bill.flags for bill in account.bills}
    disputed = set()
    for dispute in session.scalars(live):
        is_flagged = flagged.get(dispute.bill)
        if is_flagged and dispute.seen_at is None:
            dispute.seen_at = now
        if is_flagged is False and dispute.seen_at is not None:
            dispute.over_at, dispute.next_tell_at = now, None
        else:
            disputed.add(dispute.bill)
    return disputed

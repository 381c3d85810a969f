"""A customer says that a bill is wrong: written down here first, then told to the biller (P-29)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import all_, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import audit, db, throttle
from app.billers.disputes import live_dispute
from app.billers.gateway import Gateway
from app.billers.look_up_bills import look_up_bills
from app.billers.model import Biller, Dispute, QuotedBill
from app.billing.bill import DISPUTED
from app.collections.tell_disputes import taken, tell
from app.errors import N_, Invalid, NotFound, TryAgain
from app.text import one_line

LONGEST_REASON = 300
MOST, WINDOW = 20, 3600  # seconds; by one shop, or one of the institution's people


@dataclass(frozen=True)
class Complaint:
    """
    :ivar agent: the shop's number; ``None`` for the institution's own people
    :ivar reason: in the customer's words
    """

    biller: Biller
    subscriber: str
    bill: str
    reason: str
    agent: str | None
    by: str


def dispute_bill(complaint: Complaint, gateway: Gateway, *, now: datetime) -> Dispute:
    """
    A journey: no transaction is open while the biller is told. If it does not answer, the dispute stands all the
    same and ``tell_disputes`` tells it again.

    One live dispute for a bill: whoever disputes it again gets that one, and the biller is told once more if nobody
    could reach it before.

    :raises Invalid: if nobody says why
    :raises TooMany: if this shop or person has disputed too many bills within the hour
    :raises NotFound: if the biller shows no such bill, or says that it knows none
    :raises SubscriberNotFound: …
    :raises AccountClosed: …
    :raises BillerUnreachable: if nobody has ever looked this bill up, and it cannot be done now
    """
    if not one_line(complaint.reason):
        raise Invalid(reason=N_("Say what is wrong with the bill."))
    throttle.hit(f"dispute:{complaint.agent or complaint.by}", most=MOST, seconds=WINDOW, now=now)
    check_that_it_is_known(complaint, gateway, now=now)
    with db.transaction() as session:
        dispute, is_ours_to_tell = record(session, complaint, now=now)
    return tell(dispute, gateway, by=complaint.by) if is_ours_to_tell else dispute


def check_that_it_is_known(complaint: Complaint, gateway: Gateway, *, now: datetime) -> None:
    with db.reading() as session:
        shown = session.get(QuotedBill, (complaint.biller.code, complaint.subscriber, complaint.bill))
    if shown is None:
        asked_by = complaint.agent or complaint.by
        found = look_up_bills(complaint.biller, complaint.subscriber, gateway, asked_by=asked_by, now=now)
        if complaint.bill not in {quote.bill.ref for quote in found.quotes}:
            raise NotFound


def record(session: Session, complaint: Complaint, *, now: datetime) -> tuple[Dispute, bool]:
    """
    From here on the bill is paid only by who confirms it, also from a page that was opened before.

    :returns: the live dispute, and whether its biller is to be told now by who asks
    """
    biller, subscriber, bill = complaint.biller.code, complaint.subscriber, complaint.bill
    reason = one_line(complaint.reason, longest=LONGEST_REASON)
    new = insert(Dispute).values(
        biller=biller, subscriber=subscriber, bill=bill, agent=complaint.agent, asked_by=complaint.by, reason=reason, asked_at=now
    )  # fmt: skip
    is_new = session.execute(new.on_conflict_do_nothing().returning(Dispute.id)).scalar_one_or_none() is not None
    dispute = live_dispute(session, biller, subscriber, bill)
    if dispute is None:  # it was live while we wrote, and ended before we looked
        raise TryAgain
    session.refresh(dispute, with_for_update=True)
    if is_new:
        by, number = complaint.by, dispute.id
        audit.record(session, "dispute.asked", about=bill, by=by, at=now, biller=biller, subscriber=subscriber, dispute=number)
        shown = update(QuotedBill).filter_by(biller=biller, subscriber=subscriber, bill=bill)
        unflagged = shown.where(all_(QuotedBill.must_confirm) != DISPUTED)
        session.execute(unflagged.values(must_confirm=func.array_append(QuotedBill.must_confirm, DISPUTED)))
    is_ours_to_tell = dispute.state == "asked" and dispute.next_tell_at is None
    if is_ours_to_tell:
        taken(dispute, by_person=True, now=now)
    return dispute, is_ours_to_tell

"""
A payout that left the bank alone, and whose line carries no number of ours: one person says which debit it was, another
agrees. Until then it is on its way, and the shop stays closing.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.bank.assign_deposit import needed
from app.bank.desk_model import AgentPayout, PayoutDebit, ReturnBatch
from app.bank.model import BankBooking
from app.bank.payouts.batch_left import debits_of
from app.bank.payouts.pay_out_agent import see_payout_leave
from app.bank.payouts.return_batch import lock
from app.errors import N_, NotFound, OwnRequest, Refusal
from app.people.permissions import ASSIGN_DEPOSITS
from app.people.second_person import ProposalChanged, first_must_still_count, is_the_asker, mark_of


class NotItsDebit(Refusal):
    say = N_("Booking {booking} is not what the bank paid for payout {payout}: it must be a free debit of the same account and sum.")
    status = 422


class DebitProposed(Refusal):
    say = N_("Somebody has said already which debit payout {payout} was; another person decides that first.")
    known_as = "decided"


class DebitDecided(Refusal):
    say = N_("It was decided at {at} which debit payout {payout} was; that stands.")
    known_as = "decided"


def propose_debit(session: Session, reference: str, booking_id: int, *, note: str, by: str, now: datetime) -> PayoutDebit:
    """
    :raises NotFound: if there is no such payout in a file
    :raises Invalid: without a note
    :raises DebitProposed: …
    :raises NotItsDebit: …
    """
    payout, note = lock_payout(session, reference), needed(note)
    if open_debit(session, reference):
        raise DebitProposed(payout=reference)
    if booking_id not in [each.id for each in debits_of_payout(session, payout)]:
        raise NotItsDebit(booking=booking_id, payout=reference)
    proposal = PayoutDebit(payout=reference, booking=booking_id, note=note, proposed_at=now, proposed_by=by)
    session.add(proposal)
    session.flush()
    audit.record(session, "agent-payout.debit-proposed", about=reference, by=by, at=now, booking=booking_id, note=note)
    return proposal


def decide_debit(session: Session, number: int, *, granted: bool, answer: str, seen: str, by: str, now: datetime) -> PayoutDebit:
    """
    :param seen: :func:`mark` of what was on the screen
    :raises NotFound: …
    :raises DebitDecided: …
    :raises ProposalChanged: …
    :raises OwnRequest: for who said it (C18)
    :raises FirstCountsNoMore: if it is agreed to, and that person has no right to say it any more
    :raises NotItsDebit: if it is agreed to, and the payout or the debit is something else by now
    :raises Invalid: if it is refused without a reason
    """
    proposal = session.get(PayoutDebit, number)
    if proposal is None:
        raise NotFound
    payout = lock_payout(session, proposal.payout)
    session.refresh(proposal)
    if proposal.decided_at is not None:
        raise DebitDecided(at=proposal.decided_at, payout=payout.reference)
    if seen != mark(proposal):
        raise ProposalChanged
    if is_the_asker(session, proposal.proposed_by, by, now=now):
        raise OwnRequest
    if granted:
        first_must_still_count(session, proposal.proposed_by, ASSIGN_DEPOSITS)
    booking = next((each for each in debits_of_payout(session, payout) if each.id == proposal.booking), None)
    if granted and booking is None:
        raise NotItsDebit(booking=proposal.booking, payout=payout.reference)
    proposal.decided_at, proposal.decided_by, proposal.granted = now, by, granted
    proposal.answer = "" if granted else needed(answer)
    session.flush()
    word = "agreed" if granted else "refused"
    event, who = f"agent-payout.debit-{word}", proposal.proposed_by
    audit.record(session, event, about=payout.reference, by=by, at=now, booking=proposal.booking, proposed_by=who, answer=proposal.answer)
    if granted and booking is not None:
        see_payout_leave(session, payout, booking, by=by, now=now)
    return proposal


def lock_payout(session: Session, reference: str) -> AgentPayout:
    """Its file first, as whoever sees a whole file leave does."""
    number = session.scalars(select(AgentPayout.return_batch).filter_by(reference=reference)).one_or_none()
    if number is None:
        raise NotFound
    lock(session, number)
    question = select(AgentPayout).filter_by(reference=reference).with_for_update().execution_options(populate_existing=True)
    return session.scalars(question).one()


def debits_of_payout(session: Session, payout: AgentPayout) -> Sequence[BankBooking]:
    """That may be it, while it is on its way in a file that was brought to the bank."""
    batch = session.get(ReturnBatch, payout.return_batch) if payout.return_batch and payout.is_leaving else None
    return debits_of(session, batch, payout.rest) if batch else []


def open_debit(session: Session, reference: str) -> PayoutDebit | None:
    return session.scalars(select(PayoutDebit).filter_by(payout=reference, decided_at=None)).one_or_none()


def mark(proposal: PayoutDebit) -> str:
    return mark_of(f"{proposal.payout} {proposal.booking}", proposal.proposed_by, proposal.proposed_at)

"""A person says what a reversal takes back, that it is about nothing of ours, or which debit is a return file."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.bank.assign_deposit import needed
from app.bank.desk_model import ReturnBatch
from app.bank.find_original import STANDING
from app.bank.model import BankBooking, Deposit, DepositDecision, DepositState
from app.bank.payouts.batch_left import debits_like, whole
from app.bank.payouts.return_batch import about, lock
from app.bank.take_back_deposit import close_batch, take_back, take_part_back
from app.errors import N_, NotFound, Refusal


class NotOpen(Refusal):
    say = N_("Booking {booking} is no open reversal (any more); nothing was changed.")
    known_as = "decided"


class NotItsOriginal(Refusal):
    say = N_("Deposit {deposit} cannot be what was taken back: it must be of the same account, still stand, and hold at least that sum.")
    status = 422


class NotThatDebit(Refusal):
    say = N_(
        "Booking {booking} is not what the bank paid for return file {batch}: all its transfers must be on their way and make that sum."
    )
    status = 422


def link_reversal(session: Session, booking_id: int, reference: str, *, note: str, by: str, now: datetime) -> Deposit:
    """
    All that still stands of the deposit, or a part of it.

    :raises NotFound: if there is no such booking
    :raises Invalid: without a note
    :raises NotOpen: if somebody was quicker
    :raises NotItsOriginal: …
    """
    booking, note = find_open(session, booking_id), needed(note)
    question = select(Deposit).filter_by(reference=reference, iban=booking.account, currency=booking.currency)
    deposit = session.scalars(question.where(*STANDING).with_for_update()).one_or_none()
    if deposit is None or deposit.rest.minor < booking.amount:
        raise NotItsOriginal(deposit=reference)
    whole = deposit.rest.minor == booking.amount
    if not whole and deposit.state not in (DepositState.CREDITED, DepositState.SUSPENSE, DepositState.NOT_TOP_UP):
        raise NotItsOriginal(deposit=reference)
    (take_back if whole else take_part_back)(session, deposit, booking, by=by, now=now)
    session.add(DepositDecision(deposit=reference, kind="taken-back", agent=None, note=note, at=now, by=by))
    session.flush()
    return deposit


def link_batch(session: Session, number: int, booking_id: int, *, note: str, by: str, now: datetime) -> ReturnBatch:
    """
    The bank booked the whole file as one sum, and nothing in the line says so.

    :raises NotFound: if there is no such file
    :raises Invalid: without a note
    :raises NotThatDebit: …
    """
    batch, note = lock(session, number), needed(note)
    booking = next((each for each in debits_like(session, batch) if each.id == booking_id), None)
    leaving = whole(session, batch)
    if booking is None or not leaving:
        raise NotThatDebit(booking=booking_id, batch=number)
    close_batch(session, leaving, booking, by=by, now=now)
    audit.record(session, "return-batch.left-as-one", about=about(batch), by=by, at=now, note=note, booking=booking.id)
    session.flush()
    return batch


def set_reversal_aside(session: Session, booking_id: int, *, note: str, by: str, now: datetime) -> BankBooking:
    """
    It takes back nothing that we credited.

    :raises NotFound: …
    :raises Invalid: without a note
    :raises NotOpen: if somebody was quicker
    """
    booking, note = find_open(session, booking_id), needed(note)
    booking.reversal_state = "aside"
    audit.record(session, "reversal.set-aside", about=f"booking:{booking.id}", by=by, at=now, note=note)
    session.flush()
    return booking


def find_open(session: Session, booking_id: int) -> BankBooking:
    booking = session.scalars(select(BankBooking).filter_by(id=booking_id).with_for_update()).one_or_none()
    if booking is None:
        raise NotFound
    if booking.reversal_state != "open":
        raise NotOpen(booking=booking_id)
    return booking

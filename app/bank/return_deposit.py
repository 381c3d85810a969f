"""Give a deposit back to whoever sent it: decided here; in the book when the money has left the bank."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.bank.assign_deposit import find_waiting, needed
from app.bank.decision import By, Two, enough, write_decision
from app.bank.desk_model import ReturnBatch
from app.bank.model import Deposit, DepositState
from app.bank.unshown import only_uploaded
from app.errors import N_, Refusal


class InABatch(Refusal):
    say = N_("Deposit {deposit} is in return file {batch}. It can be kept once that file is refused or void.")
    known_as = "decided"


class NotShown(Refusal):
    """A file is text: whoever writes one must not be paid for it."""

    say = N_("Only an uploaded file shows deposit {deposit}: it can be given back once the bank itself has shown it.")
    known_as = "pending"


def return_deposit(session: Session, reference: str, *, note: str, by: By, now: datetime) -> Deposit:
    """
    Its money stays in suspense until the bank shows the transfer, by a payout file or made by hand: a debit that carries
    the deposit's number, or says that it is a return of this line, is it (:mod:`app.bank.take_back_deposit`).

    :raises NotFound: if there is no such deposit
    :raises Invalid: without a note
    :raises NotWaiting: if it is not in suspense (any more)
    :raises NotShown: …
    :raises TakesTwo: if the sum needs a second person, and ``by`` names one
    """
    deposit, note = find_waiting(session, reference, DepositState.SUSPENSE), needed(note)
    check_shown(session, [deposit])
    by = enough(session, deposit, by, now=now)
    deposit.state, deposit.suggested = DepositState.RETURNING, None
    write_decision(session, deposit, "returned", note=note, by=by, now=now)
    session.flush()
    return deposit


def check_shown(session: Session, deposits: Sequence[Deposit]) -> None:
    """:raises NotShown: naming the first that the bank itself has not shown"""
    unseen = only_uploaded(session, (deposit.booking_id for deposit in deposits))
    for deposit in deposits:
        if deposit.booking_id in unseen:
            raise NotShown(deposit=deposit.reference)


def keep_deposit(session: Session, reference: str, *, note: str, by: str, now: datetime) -> Deposit:
    """
    The return is stopped before anybody told the bank: back to suspense.

    :raises InABatch: if a payout file holds it
    :raises NotWaiting: if it is not being returned; the rest as :func:`return_deposit`
    """
    deposit, note = find_waiting(session, reference, DepositState.RETURNING), needed(note)
    if deposit.return_batch is not None:
        raise InABatch(deposit=reference, batch=session.get_one(ReturnBatch, deposit.return_batch).id)
    deposit.state = DepositState.SUSPENSE
    write_decision(session, deposit, "kept", note=note, by=Two(by), now=now)
    session.flush()
    return deposit

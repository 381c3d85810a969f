"""
A return file that the bank booked as one sum, although single bookings were asked for: which debit of the account is it?
One that carries the file's own name is, beyond doubt; among the others a person chooses.
"""

import re
from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.bank.desk_model import AgentPayout, ReturnBatch
from app.bank.model import BankAccount, BankBooking, Deposit, DepositState
from app.bank.payouts.return_batch import Leaving, leaving_in
from app.bank.statement.statement import Side, Status
from app.markets import MARKETS
from app.money import Money

OUR_FILE = re.compile(r"(?<![0-9A-Z])IADE[- ]?[0-9]{6}[- ]([0-9]{1,10})(?![0-9])")  # as ``payout_of`` names it
MOST = 20


def files_named_in(*texts: str) -> list[int]:
    """``IADE-251122-7`` as banks give it back."""
    return [int(match[1]) for text in texts for match in OUR_FILE.finditer(text.upper())]


def files_on_their_way(session: Session) -> Sequence[int]:
    """Downloaded, and the bank has not shown all of their transfers."""
    returning = exists().where(Deposit.return_batch == ReturnBatch.id, Deposit.state == DepositState.RETURNING)
    payout = exists().where(AgentPayout.return_batch == ReturnBatch.id, AgentPayout.paid_at.is_(None))
    question = select(ReturnBatch.id).where(ReturnBatch.downloaded_at.is_not(None), ReturnBatch.voided_at.is_(None), or_(returning, payout))
    return session.scalars(question.order_by(ReturnBatch.id)).all()


def states_of(session: Session, batches: Sequence[ReturnBatch]) -> dict[int, str]:
    """``left`` once the bank has shown all that a downloaded file pays; else what people have done with it."""
    going = set(files_on_their_way(session))
    return {batch.id: "left" if batch.state == "downloaded" and batch.id not in going else batch.state for batch in batches}


def debits_like(session: Session, batch: ReturnBatch) -> Sequence[BankBooking]:
    """Of its account and sum, from the day of its download on, that are nothing else yet."""
    return debits_of(session, batch, batch.money)


def debits_of(session: Session, batch: ReturnBatch, amount: Money) -> Sequence[BankBooking]:
    """All of the file, or one transfer of it."""
    if batch.downloaded_at is None or batch.voided_at is not None:
        return []
    zone = MARKETS[session.get_one(BankAccount, batch.iban).market].zone
    question = select(BankBooking).where(
        BankBooking.account == batch.iban,
        BankBooking.day >= batch.downloaded_at.astimezone(zone).date(),
        BankBooking.amount == amount.minor,
        BankBooking.currency == amount.currency,
        BankBooking.side == Side.DEBIT,
        BankBooking.status == Status.BOOKED,
        BankBooking.reversal.is_(False),
        BankBooking.reversal_state.in_(("none", "open")),
    )
    return session.scalars(question.order_by(BankBooking.id).limit(MOST)).all()


def debit_that_names(session: Session, batch: ReturnBatch) -> BankBooking | None:
    named = (each for each in debits_like(session, batch) if batch.id in files_named_in(each.reference, *each.hints, each.text))
    return next(named, None)


def whole(session: Session, batch: ReturnBatch) -> Sequence[Leaving]:
    """Its transfers, locked, if all of them are still on their way and make its sum; else none."""
    leaving = leaving_in(session, batch)
    all_there = all(each.is_leaving for each in leaving)
    return leaving if all_there and sum(each.rest.minor for each in leaving) == batch.amount else []

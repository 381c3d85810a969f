"""What the bank takes back, we take back: from the agent, even below its limit (E14), or out of suspense (E15)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import audit, db
from app.bank.confirm_credit import end_proposals
from app.bank.find_original import find_original
from app.bank.model import BankBooking, Deposit, DepositState
from app.bank.payouts.batch_left import debit_that_names, files_on_their_way, whole
from app.bank.payouts.pay_out_agent import named_payout, see_payout_leave
from app.bank.payouts.return_batch import Leaving, lock
from app.bank.references import about
from app.bank.statement.statement import Status
from app.bank.tell_taken_back import tell_taken_back
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import BANK_COSTS, SUSPENSE, agent_account, bank_account, biller_account
from app.money import Money

log = structlog.get_logger()

BY = "job:credit-deposits"
TRIES_UNMARKED = timedelta(days=3)  # a line that only its text calls a return may be anything
AT_ONCE = 500


def take_back_deposits(*, now: datetime) -> int:
    """
    Every reversal whose original is beyond doubt, each in a transaction of its own; the others wait for a person. Before
    them the return files that the bank booked as one sum.

    :returns: how many were taken back
    """
    with db.reading() as session:
        files = files_on_their_way(session)
    for number in files:
        with db.transaction() as session:
            see_batch_leave(session, number, now=now)
    with db.reading() as session:
        waiting = session.scalars(
            select(BankBooking.id)
            .where(
                BankBooking.reversal_state == "open",
                BankBooking.status == Status.BOOKED,
                or_(BankBooking.reversal, BankBooking.day > (now - TRIES_UNMARKED).date()),
            )
            .order_by(BankBooking.id)
            .limit(AT_ONCE)
        ).all()
    done = 0
    for booking_id in waiting:
        with db.transaction() as session:
            done += take_back_original(session, booking_id, now=now)
    return done


def see_batch_leave(session: Session, number: int, *, now: datetime) -> None:
    """If one debit names the file and is its sum, all its transfers have left by it."""
    batch = lock(session, number)
    booking = debit_that_names(session, batch)
    if booking:
        close_batch(session, whole(session, batch), booking, by=BY, now=now)


def close_batch(session: Session, leaving: Sequence[Leaving], booking: BankBooking, *, by: str, now: datetime) -> None:
    """Locked; together they are the booking's sum."""
    for each in leaving:
        if isinstance(each, Deposit):
            take_back(session, each, booking, by=by, now=now)
        else:
            see_payout_leave(session, each, booking, by=by, now=now)


def take_back_original(session: Session, booking_id: int, *, now: datetime) -> bool:
    question = select(BankBooking).filter_by(id=booking_id, reversal_state="open").with_for_update(skip_locked=True)
    booking = session.scalars(question).one_or_none()
    if booking and (payout := named_payout(session, booking)):
        see_payout_leave(session, payout, booking, by=BY, now=now)
        return True
    deposit = find_original(session, booking) if booking else None
    if booking is None or deposit is None:
        return False
    take_back(session, deposit, booking, by=BY, now=deposit.not_before(now))
    return True


def take_back(session: Session, deposit: Deposit, booking: BankBooking, *, by: str, now: datetime) -> None:
    """
    Both are locked, of one account and currency, and the booking is all that still stands of the deposit, or of all
    deposits of its return file.

    What we return ourselves leaves the book now that it has left the bank; a deposit that is ``returned`` already only
    gets its proof.
    """
    event, moves = moves_back(deposit, deposit.rest)
    if moves:
        name = about(deposit.reference, turn=deposit.turns) + ("" if event.startswith("deposit.") else "/back")
        book.post(session, event, about=name, moves=moves, at=now, by=by, may_overdraw=True)
    if deposit.state == DepositState.CREDITED:
        tell_taken_back(session, deposit, amount=deposit.rest, key="", now=now)
    end_proposals(session, deposit, by=by, now=now)
    ours = deposit.state in (DepositState.RETURNING, DepositState.RETURNED)
    if deposit.state != DepositState.RETURNED:
        deposit.state = DepositState.RETURNED if ours else DepositState.TAKEN_BACK
        deposit.ended_at, deposit.ended_by = now, by
    deposit.taken_back_by, booking.reversal_state = booking.id, "done"
    session.flush()
    happened = "deposit.return-seen" if ours else "deposit.taken-back"
    audit.record(session, happened, about=deposit.reference, by=by, at=now, agent=deposit.agent or "", amount=deposit.rest)
    log.warning(happened, deposit=deposit.reference, agent=deposit.agent)


def take_part_back(session: Session, deposit: Deposit, booking: BankBooking, *, by: str, now: datetime) -> None:
    """Less than what still stands: the deposit stays where it is, smaller by it."""
    part = Money(booking.amount, booking.currency)
    event, moves = moves_back(deposit, part)
    if moves:
        name = f"{about(deposit.reference, turn=deposit.turns)}/part-{booking.id}"
        book.post(session, event, about=name, moves=moves, at=now, by=by, may_overdraw=True)
    deposit.taken_back_sum += booking.amount
    if deposit.state == DepositState.CREDITED:
        tell_taken_back(session, deposit, amount=part, key=f"/part-{booking.id}", now=now)
    end_proposals(session, deposit, by=by, now=now)
    booking.reversal_state = "done"
    session.flush()
    audit.record(session, "deposit.part-taken-back", about=deposit.reference, by=by, at=now, agent=deposit.agent or "", amount=part)
    log.warning("deposit.part-taken-back", deposit=deposit.reference, agent=deposit.agent)


def moves_back(deposit: Deposit, amount: Money) -> tuple[str, list[Move]]:
    bank = bank_account(deposit.iban)
    match deposit.state:
        case DepositState.CREDITED:
            return "deposit.taken-back", [Move(agent_account(str(deposit.agent)), bank, amount)]
        case DepositState.SUSPENSE:
            return "deposit.taken-back", [Move(SUSPENSE, bank, amount)]
        case DepositState.RETURNING:
            return "deposit.returned", [Move(SUSPENSE, bank, amount)]
        case DepositState.NOT_TOP_UP if deposit.biller:
            return "biller.refunded", [Move(biller_account(deposit.biller), bank, amount)]
        case DepositState.NOT_TOP_UP if deposit.own_iban:
            return "bank.own-transfer", [Move(bank_account(deposit.own_iban), bank, amount)]
        case DepositState.NOT_TOP_UP:
            return "deposit.taken-back", [Move(BANK_COSTS, bank, amount)]
        case _:
            return "", []

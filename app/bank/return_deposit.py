"""Give a deposit back to whoever sent it: out of suspense, back to the bank."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.bank.assign_deposit import find_waiting, needed
from app.bank.model import Deposit, DepositDecision, DepositState
from app.bank.references import about
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import SUSPENSE, bank_account


def return_deposit(session: Session, reference: str, *, note: str, by: str, now: datetime) -> Deposit:
    """
    The transfer itself is made at the bank; when its line comes back "İADE", it is linked to the deposit.

    :raises NotFound: if there is no such deposit
    :raises Invalid: without a note
    :raises NotWaiting: if it is not in suspense (any more)
    """
    deposit, note = find_waiting(session, reference, DepositState.SUSPENSE), needed(note)
    moves = [Move(SUSPENSE, bank_account(deposit.iban), deposit.money)]
    book.post(session, "deposit.returned", about=about(reference, turn=deposit.turns), moves=moves, at=now, by=by)
    deposit.state, deposit.ended_at, deposit.ended_by = DepositState.RETURNED, now, by
    session.add(DepositDecision(deposit=reference, kind="returned", agent=None, note=note, at=now, by=by))
    audit.record(session, "deposit.returned", about=reference, by=by, at=now, note=note)
    session.flush()
    return deposit

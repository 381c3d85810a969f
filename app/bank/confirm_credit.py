"""
What only an uploaded file tells of is credited at once up to the desk's limit, one by one and together with what the same
person brought on the same day; above it, it waits in suspense for a second person, or for the bank's own word. Then it is
credited as it was matched.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, db
from app.bank.assign_deposit import credit, find_receiver
from app.bank.decision import Two
from app.bank.desk_model import DepositProposal
from app.bank.model import Deposit, DepositState
from app.bank.tell_credited import Credited, tell_credited
from app.bank.unshown import only_uploaded
from app.ledger import book


def hold(session: Session, deposit: str, *, agent: str, brought_by: str, now: datetime) -> None:
    """
    Its proposal is the match itself, and whoever brought the file is the first person.

    :param deposit: its reference
    """
    session.add(DepositProposal(deposit=deposit, kind="credit", agent=agent, note="", proposed_at=now, proposed_by=brought_by))
    audit.record(session, "deposit.held", about=deposit, by=brought_by, at=now, agent=agent)


def confirm_credit(session: Session, deposit: Deposit, *, agent: str, by: Two, now: datetime) -> Deposit:
    """
    Locked, and in suspense: an open proposal says so.

    :raises AgentNotOpen: if it can be credited no more
    """
    person = deposit.person_id
    entry = credit(session, deposit, find_receiver(session, deposit, agent), note="", by=by, now=now, kind="confirmed")
    deposit.person_id = person
    book.post_entries(session, [entry], at=now, by=by.last)
    tell_credited(session, [Credited.of(deposit)], now=now)
    return deposit


def shown_by_the_bank() -> list[str]:
    """Held deposits that the bank itself has shown since."""
    with db.reading() as session:
        held = session.execute(
            select(Deposit.reference, Deposit.booking_id)
            .join(DepositProposal, DepositProposal.deposit == Deposit.reference)
            .where(DepositProposal.kind == "credit", DepositProposal.decided_at.is_(None), Deposit.state == DepositState.SUSPENSE)
            .order_by(Deposit.id)
        ).all()
        still = only_uploaded(session, (booking for _, booking in held))
    return [reference for reference, booking in held if booking not in still]


def end_proposals(session: Session, deposit: Deposit, *, by: str, now: datetime) -> None:
    """Events overtook what was proposed. The deposit is locked."""
    waiting = update(DepositProposal).where(DepositProposal.deposit == deposit.reference, DepositProposal.decided_at.is_(None))
    session.execute(waiting.values(decided_at=now, decided_by=by))

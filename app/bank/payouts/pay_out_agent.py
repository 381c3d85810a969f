"""
What is left of a closing shop's money goes to its IBAN: decided with the termination, paid by a payout file like a return
(:mod:`app.bank.payouts.return_batch`), and in the book when the bank shows that it has left.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.agents.model import Agent
from app.bank.desk_model import AgentPayout
from app.bank.model import BankAccount, BankBooking
from app.bank.references import new_payout_reference
from app.bank.returned import payouts_named_in
from app.errors import N_, Refusal
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import agent_account, bank_account
from app.money import Money

log = structlog.get_logger()


class NoAccountToPayFrom(Refusal):
    say = N_("There is no open bank account of ours in market {market} that could pay {amount} out to agent {agent}.")


def open_payout(session: Session, agent: Agent, amount: Money, *, by: str, now: datetime) -> AgentPayout:
    """
    At most one at a time for each shop; the database holds it.

    :param agent: locked, with an IBAN
    :param amount: all that its account holds
    :raises NoAccountToPayFrom: …
    """
    question = select(BankAccount).filter_by(market=agent.market, currency=amount.currency, closed_at=None)
    account = session.scalars(question.order_by(BankAccount.label, BankAccount.iban).limit(1)).one_or_none()
    if account is None:
        raise NoAccountToPayFrom(market=agent.market, amount=amount, agent=agent.number)
    payout = AgentPayout(
        reference=new_payout_reference(now),
        agent=agent.number,
        iban=account.iban,
        amount=amount.minor,
        currency=amount.currency,
        name=agent.legal_name or agent.name,
        to_iban=agent.iban,
        opened_at=now,
        opened_by=by,
    )
    session.add(payout)
    session.flush()
    audit.record(session, "agent-payout.opened", about=payout.reference, by=by, at=now, agent=agent.number, amount=amount)
    return payout


def find_open_payout(session: Session, agent: str) -> AgentPayout | None:
    """Locked."""
    question = select(AgentPayout).filter_by(agent=agent, paid_at=None, withdrawn_at=None).with_for_update()
    return session.scalars(question, execution_options={"populate_existing": True}).one_or_none()


def find_payout(session: Session, agent: str) -> AgentPayout | None:
    """That is on its way."""
    return session.scalars(select(AgentPayout).filter_by(agent=agent, paid_at=None, withdrawn_at=None)).one_or_none()


def withdraw_payout(session: Session, payout: AgentPayout, *, by: str, now: datetime) -> None:
    """:param payout: locked, in no file"""
    payout.withdrawn_at = now
    session.flush()
    audit.record(session, "agent-payout.withdrawn", about=payout.reference, by=by, at=now, agent=payout.agent, amount=payout.rest)


def named_payout(session: Session, booking: BankBooking) -> AgentPayout | None:
    """Locked: the one that this debit carries through the bank as its end-to-end id, of the same account and sum."""
    numbers = payouts_named_in(booking.reference, *booking.hints, booking.text)
    if not numbers:
        return None
    question = (
        select(AgentPayout)
        .where(AgentPayout.reference.in_(numbers), AgentPayout.paid_at.is_(None), AgentPayout.withdrawn_at.is_(None))
        .filter_by(iban=booking.account, amount=booking.amount, currency=booking.currency)
    )
    return session.scalars(question.with_for_update(), execution_options={"populate_existing": True}).first()


def see_payout_leave(session: Session, payout: AgentPayout, booking: BankBooking, *, by: str, now: datetime) -> None:
    """
    Both are locked, and the booking is the payout, or all transfers of its file. The account is blocked, and the bank has
    paid whatever has become of the balance meanwhile.
    """
    moves = [Move(agent_account(payout.agent), bank_account(payout.iban), payout.rest)]
    book.post(session, "agent.paid-out", about=payout.reference, moves=moves, at=now, by=by, may_overdraw=True)
    payout.left_by, payout.paid_at, booking.reversal_state = booking.id, now, "done"
    session.flush()
    audit.record(session, "agent.paid-out", about=payout.reference, by=by, at=now, agent=payout.agent, amount=payout.rest)
    log.info("agent.paid-out", payout=payout.reference, agent=payout.agent)


def payouts_of(session: Session, agent: str) -> Sequence[AgentPayout]:
    """Those that were paid or are to be paid, the oldest first."""
    return session.scalars(select(AgentPayout).filter_by(agent=agent, withdrawn_at=None).order_by(AgentPayout.id)).all()

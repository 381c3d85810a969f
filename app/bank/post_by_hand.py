"""
Money between suspense and a shop by the word of people with a document, where no rule of the bank's lines fits: also for a
shop that closes and owes. A deposit that it is about goes with it, whole.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.agents.model import CLOSED, Agent
from app.agents.queries import lock_agent
from app.bank.assign_deposit import AgentNotOpen, OtherMarket
from app.bank.confirm_credit import end_proposals
from app.bank.decision import Two, write_decision
from app.bank.model import BankAccount, Deposit, DepositState
from app.errors import N_, NotFound, Refusal
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import SUSPENSE, agent_account
from app.money import Money

EVENT = "posting.manual"


class NotThatDeposit(Refusal):
    say = N_("Deposit {deposit} of {amount} is {state}. A posting by hand moves a whole deposit, from suspense or back into it.")


class NotCovered(Refusal):
    say = N_("Suspense holds {free} that belong to no waiting deposit; {needed} are wanted. Name the deposit that it is about.")


@dataclass(frozen=True, kw_only=True)
class HandPosting:
    """
    :ivar name: what the posting is about: the change that was granted
    :ivar to_agent: out of suspense; else back into it
    :ivar deposit: the deposit that it is about, or ``None``
    """

    name: str
    agent: str
    amount: Money
    to_agent: bool
    deposit: str | None


def post_by_hand(session: Session, posting: HandPosting, *, decided_by: Two, by: str, now: datetime) -> None:
    """
    :param by: whose act it is, a job's if it has waited for its day
    :raises NotFound: if there is no such shop or deposit
    :raises AgentNotOpen: if the shop is closed
    :raises OtherMarket: if the deposit came to another market's account
    :raises NotThatDeposit: if the deposit is not where it should be, or of another sum
    :raises NotCovered: if suspense does not hold that much besides the deposits that wait in it
    :raises book.OverLimit: if the shop's balance is too low
    :raises book.Blocked: if it is taken from a shop that may not pay
    """
    deposit = lock_deposit(session, posting.deposit) if posting.deposit is not None else None
    agent = lock_agent(session, posting.agent)  # after the deposit, as whoever credits one does
    if agent.state == CLOSED:
        raise AgentNotOpen(agent=agent.number, state=agent.state)
    about = posting.name
    if deposit is not None:
        about = f"{deposit.reference}/{posting.name}"
        move_deposit(session, deposit, agent, posting, by=decided_by, now=now)
    elif posting.to_agent:
        must_be_covered(session, posting.amount)
    account = agent_account(agent.number)
    source, target = (SUSPENSE, account) if posting.to_agent else (account, SUSPENSE)
    book.post(session, EVENT, about=about, moves=[Move(source, target, posting.amount)], at=now, by=by)


def lock_deposit(session: Session, reference: str) -> Deposit:
    question = select(Deposit).filter_by(reference=reference).with_for_update().execution_options(populate_existing=True)
    deposit = session.scalars(question).one_or_none()
    if deposit is None:
        raise NotFound
    return deposit


def must_be_covered(session: Session, amount: Money) -> None:
    """Whoever else takes from suspense like this waits here."""
    db.queue_for(session, f"suspense:{amount.currency}")
    waiting = select(func.coalesce(func.sum(Deposit.amount - Deposit.taken_back_sum), 0)).where(
        Deposit.currency == amount.currency, Deposit.state.in_((DepositState.SUSPENSE, DepositState.RETURNING))
    )
    held = book.house_balance(session, SUSPENSE, currency=amount.currency)
    free = held - Money(int(session.execute(waiting).scalar_one()), amount.currency)
    if free < amount:
        raise NotCovered(free=free, needed=amount)


def move_deposit(session: Session, deposit: Deposit, agent: Agent, posting: HandPosting, *, by: Two, now: datetime) -> None:
    account = session.get_one(BankAccount, deposit.iban)
    if account.market != agent.market or deposit.currency != posting.amount.currency:
        raise OtherMarket(
            deposit=deposit.reference,
            amount=deposit.rest,
            account_market=account.market,
            agent=agent.number,
            agent_market=agent.market,
        )
    stands = deposit.state == DepositState.SUSPENSE if posting.to_agent else is_credited_to(deposit, agent)
    if not stands or deposit.rest != posting.amount:
        raise NotThatDeposit(deposit=deposit.reference, amount=deposit.rest, state=deposit.state)
    end_proposals(session, deposit, by=by.last, now=now)
    if posting.to_agent:
        deposit.state, deposit.agent, deposit.suggested, deposit.turns = DepositState.CREDITED, agent.number, None, deposit.turns + 1
        deposit.matched_at = deposit.credited_at = now
    write_decision(session, deposit, "assigned" if posting.to_agent else "unassigned", note=posting.name, by=by, now=now)
    if not posting.to_agent:
        deposit.state, deposit.agent, deposit.person_id = DepositState.SUSPENSE, None, None
    session.flush()


def is_credited_to(deposit: Deposit, agent: Agent) -> bool:
    return deposit.state == DepositState.CREDITED and deposit.agent == agent.number

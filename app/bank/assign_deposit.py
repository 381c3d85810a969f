"""A person says whose a deposit is: out of suspense, or from the wrong agent to the right one (E26)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agents.model import ACTIVE, SUSPENDED, Agent
from app.bank.decision import By, Kind, Two, enough, write_decision
from app.bank.model import BankAccount, Deposit, DepositState
from app.bank.references import about
from app.bank.tell_credited import Credited, tell_credited
from app.errors import N_, Invalid, NotFound, Refusal
from app.ledger import book
from app.ledger.book import Entry, Move
from app.ledger.chart import SUSPENSE, agent_account
from app.text import one_line


class NotWaiting(Refusal):
    """E25: somebody, or the automatic match, was quicker."""

    say = N_("Deposit {deposit} is {state} since {since}; nothing was changed. Look at it again.")
    known_as = "decided"


class WrongAgent(Invalid):
    """Outside it is the field that is invalid."""

    def __init__(self, **facts: object) -> None:
        Refusal.__init__(self, **facts)
        self.errors = {"agent": N_("This agent cannot be credited with it.")}

    known_as = "invalid"


class OtherMarket(WrongAgent):
    say = N_("Deposit {deposit} of {amount} came to an account of market {account_market}; agent {agent} belongs to {agent_market}.")


class AgentNotOpen(WrongAgent):
    say = N_("Agent {agent} is {state}. Nothing can be credited to it; return the deposit or keep it in suspense.")


class AlreadyThere(Refusal):
    say = N_("Deposit {deposit} is credited to agent {agent} already.")
    known_as = "decided"


def assign_deposit(session: Session, reference: str, *, agent: str, note: str, by: By, now: datetime) -> Deposit:
    """
    suspense → agent. A suspended agent may get its money: it cannot spend it; a closing one is paid out, not credited.

    :param agent: its ten-digit number
    :raises TakesTwo: if the sum needs a second person, and ``by`` names one
    :raises NotFound: if there is no such deposit or agent
    :raises Invalid: without a note
    :raises NotWaiting: if it is not in suspense (any more)
    :raises OtherMarket: if market or currency differ (E17)
    :raises AgentNotOpen: …
    """
    deposit, note = find_waiting(session, reference, DepositState.SUSPENSE), needed(note)
    receiver = find_receiver(session, deposit, agent)
    by = enough(session, deposit, by, now=now)
    book.post_entries(session, [credit(session, deposit, receiver, note=note, by=by, now=now)], at=now, by=by.last)
    tell_credited(session, [Credited.of(deposit)], now=now)
    return deposit


def reassign_deposit(session: Session, reference: str, *, agent: str, note: str, by: By, now: datetime) -> Deposit:
    """
    E26: the wrong agent gives it back and the right one gets it; both postings stay visible.

    :raises AlreadyThere: if it is that agent's already
    :raises book.OverLimit: if the wrong agent has spent it
    :raises NotWaiting: if it is not credited; the rest as :func:`assign_deposit`
    """
    deposit, note = find_waiting(session, reference, DepositState.CREDITED), needed(note)
    if deposit.agent == agent:
        raise AlreadyThere(deposit=reference, agent=agent)
    receiver = find_receiver(session, deposit, agent)
    by = enough(session, deposit, by, now=now)
    entries = [give_back(session, deposit, note=note, by=by, now=now), credit(session, deposit, receiver, note=note, by=by, now=now)]
    book.post_entries(session, entries, at=now, by=by.last)  # together, so that both accounts are locked in one order
    tell_credited(session, [Credited.of(deposit)], now=now)
    return deposit


def find_waiting(session: Session, reference: str, state: DepositState) -> Deposit:
    """Locked: whoever comes second sees what the first one did."""
    deposit = session.scalars(select(Deposit).filter_by(reference=reference).with_for_update()).one_or_none()
    if deposit is None:
        raise NotFound
    if deposit.state != state:
        raise NotWaiting(deposit=reference, state=deposit.state, since=deposit.ended_at or deposit.credited_at or deposit.seen_at)
    return deposit


def needed(note: str) -> str:
    if not one_line(note):
        raise Invalid(note=N_("Write down why."))
    return one_line(note, longest=500)


def find_receiver(session: Session, deposit: Deposit, number: str) -> Agent:
    agent = session.scalars(select(Agent).filter_by(number=number).with_for_update(read=True)).one_or_none()
    if agent is None:
        raise NotFound
    account = session.get_one(BankAccount, deposit.iban)
    if agent.market != account.market or deposit.currency != account.currency:
        raise OtherMarket(
            deposit=deposit.reference,
            amount=deposit.rest,
            account_market=account.market,
            agent=number,
            agent_market=agent.market,
        )
    if agent.state not in (ACTIVE, SUSPENDED):
        raise AgentNotOpen(agent=number, state=agent.state)
    return agent


def give_back(session: Session, deposit: Deposit, *, note: str, by: Two, now: datetime) -> Entry:
    moves = (Move(agent_account(str(deposit.agent)), SUSPENSE, deposit.rest),)
    entry = Entry("deposit.unassigned", about(deposit.reference, turn=deposit.turns), moves)
    write_decision(session, deposit, "unassigned", note=note, by=by, now=now)
    return entry


def credit(session: Session, deposit: Deposit, agent: Agent, *, note: str, by: Two, now: datetime, kind: Kind = "assigned") -> Entry:
    deposit.turns += 1
    deposit.state, deposit.agent, deposit.person_id = DepositState.CREDITED, agent.number, None
    deposit.matched_at = deposit.credited_at = now
    write_decision(session, deposit, kind, note=note, by=by, now=now)
    session.flush()
    moves = (Move(SUSPENSE, agent_account(agent.number), deposit.rest),)
    return Entry("deposit.assigned", about(deposit.reference, turn=deposit.turns), moves)

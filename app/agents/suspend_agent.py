"""Stop a shop from paying, and let it pay again. Its reports stay open to it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.agents.model import ACTIVE, SUSPENDED, Agent
from app.agents.queries import lock_agent
from app.errors import N_, Refusal
from app.ledger import book
from app.ledger.chart import agent_account


class NotInThatState(Refusal):
    say = N_("Agent {number} is {state}; this cannot be done to it now.")


def suspend_agent(session: Session, number: str, *, reason: str, by: str, now: datetime) -> Agent:
    """
    From the commit on nothing leaves the agent's account.

    :raises NotFound: if there is no such agent
    :raises NotInThatState: if it is not active
    """
    return _switch(session, number, ACTIVE, SUSPENDED, event="agent.suspended", reason=reason, by=by, now=now)


def resume_agent(session: Session, number: str, *, reason: str, by: str, now: datetime) -> Agent:
    """
    :raises NotFound: if there is no such agent
    :raises NotInThatState: if it is not suspended
    """
    return _switch(session, number, SUSPENDED, ACTIVE, event="agent.resumed", reason=reason, by=by, now=now)


def _switch(session: Session, number: str, from_state: str, to_state: str, *, event: str, reason: str, by: str, now: datetime) -> Agent:
    agent = lock_agent(session, number)
    if agent.state != from_state:
        raise NotInThatState(number=number, state=agent.state)
    agent.state = to_state
    book.set_blocked(session, agent_account(number), blocked=to_state == SUSPENDED)
    audit.record(session, event, about=number, by=by, at=now, reason=reason)
    return agent

"""A shop stops for ever: first it is closing, while its money is paid out; closed once its account is empty."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.agents.model import ACTIVE, CLOSED, CLOSING, SUSPENDED, Agent
from app.agents.queries import lock_agent
from app.agents.suspend_agent import NotInThatState
from app.ledger import book
from app.ledger.chart import agent_account


def begin_closing(session: Session, number: str, *, reason: str, by: str, now: datetime) -> Agent:
    """
    From the commit on nothing is paid from its account, and transfers for it go to suspense (E10); its people only read.

    :returns: locked
    :raises NotFound: …
    :raises NotInThatState: if it is closing or closed already
    """
    agent = lock_agent(session, number)
    if agent.state not in (ACTIVE, SUSPENDED):
        raise NotInThatState(number=number, state=agent.state)
    agent.state = CLOSING
    book.set_blocked(session, agent_account(number), blocked=True)
    audit.record(session, "agent.closing", about=number, by=by, at=now, reason=reason)
    return agent


def reopen_closing(session: Session, number: str, *, reason: str, by: str, now: datetime) -> Agent:
    """
    Money of a closed shop came back: until it is paid out again the shop is closing once more. Its account stays blocked.

    :returns: locked
    :raises NotFound: …
    :raises NotInThatState: unless it is closed, or still closing
    """
    agent = lock_agent(session, number)
    if agent.state not in (CLOSING, CLOSED):
        raise NotInThatState(number=number, state=agent.state)
    if agent.state == CLOSED:
        agent.state = CLOSING
        session.flush()
        audit.record(session, "agent.closing-again", about=number, by=by, at=now, reason=reason)
    return agent


def close_agent(session: Session, agent: Agent, *, by: str, now: datetime) -> None:
    """:param agent: locked, closing, its account empty"""
    agent.state = CLOSED
    session.flush()
    audit.record(session, "agent.closed", about=agent.number, by=by, at=now)

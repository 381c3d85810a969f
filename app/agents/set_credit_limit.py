"""How far below zero a shop's account may go."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.agents.queries import find_agent
from app.ledger import book
from app.ledger.chart import agent_account
from app.money import Money


def set_credit_limit(session: Session, number: str, limit: Money, *, by: str, now: datetime) -> None:
    """
    A lower limit than what is used already only stops further payments.

    :raises NotFound: …
    """
    agent = find_agent(session, number)
    before = book.set_credit_limit(session, agent_account(number), limit)
    audit.record(session, "agent.credit-limit-set", about=agent.number, by=by, at=now, old=before, new=limit)

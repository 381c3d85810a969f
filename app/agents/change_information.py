"""Correct what is written about a shop."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.agents.model import CLOSED, Agent
from app.agents.queries import lock_agent
from app.agents.suspend_agent import NotInThatState
from app.text import search_key

INFORMATION = ("name", "legal_name", "tax_number", "address", "phone", "email", "iban")


def change_information(session: Session, number: str, values: Mapping[str, str], *, by: str, now: datetime) -> Agent:
    """
    :param values: of ``INFORMATION``, each read by its shape already; what is not named stays
    :raises NotFound: …
    :raises NotInThatState: if the shop is closed
    """
    agent = lock_agent(session, number)
    if agent.state == CLOSED:
        raise NotInThatState(number=number, state=agent.state)
    if unknown := set(values) - set(INFORMATION):
        raise ValueError(f"no information about an agent: {unknown}")
    for name, value in values.items():
        setattr(agent, name, value)
    agent.search_name = search_key(agent.name)
    session.flush()
    audit.record(session, "agent.information-changed", about=number, by=by, at=now, fields=", ".join(sorted(values)))
    return agent

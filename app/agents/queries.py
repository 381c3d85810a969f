"""Questions about agents."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.agents.model import Agent
from app.errors import NotFound
from app.text import search_key

MOST = 50


def find_agent(session: Session, number: str) -> Agent:
    """:raises NotFound: …"""
    agent = session.get(Agent, number)
    if agent is None:
        raise NotFound
    return agent


def lock_agent(session: Session, number: str) -> Agent:
    """
    Its records can be referred to meanwhile: two changes of one shop that are decided at once do so, and queue here.

    :raises NotFound: …
    """
    question = select(Agent).filter_by(number=number).with_for_update(key_share=True).execution_options(populate_existing=True)
    agent = session.scalars(question).one_or_none()
    if agent is None:
        raise NotFound
    return agent


def search_agents(session: Session, words: str) -> Sequence[Agent]:
    """By whole number, by the four-digit code (every hit: it is not unique), or by a part of the name in any spelling of i."""
    key = search_key(words)
    question = select(Agent).order_by(Agent.number).limit(MOST)
    if key:
        pattern = f"%{key.replace('%', '').replace('_', '')}%"
        question = question.where(or_(Agent.number == key, func.right(Agent.number, 4) == key, Agent.search_name.like(pattern)))
    return session.scalars(question).all()

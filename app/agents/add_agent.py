"""Take a shop on."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.agents.model import Agent
from app.errors import N_, Invalid, Refusal
from app.ledger import book
from app.ledger.chart import agent_account
from app.markets import MARKETS
from app.text import one_line, search_key


class NumberTaken(Refusal):
    say = N_("Agent number {number} belongs to {name} already.")


def add_agent(
    session: Session, *, number: str, market: str, name: str, by: str, now: datetime, address: str = "", phone: str = "", iban: str = ""
) -> Agent:
    """
    A new agent with an empty account in its market's currency.

    :raises Invalid: if the number has not ten digits, the market is unknown or the name is empty
    :raises NumberTaken: if the number is in use
    """
    errors = {}
    if not re.fullmatch(r"[0-9]{10}", number):
        errors["number"] = N_("An agent number has ten digits.")
    if market not in MARKETS:
        errors["market"] = N_("The market is one of TR, AZ, ES, HU.")
    if not one_line(name):
        errors["name"] = N_("The name is missing.")
    if errors:
        raise Invalid(**errors)
    if there := session.get(Agent, number):
        raise NumberTaken(number=number, name=there.name)
    agent = Agent(
        number=number,
        market=market,
        name=one_line(name),
        search_name=search_key(name),
        address=one_line(address),
        phone=phone,
        iban=iban,
        added_at=now,
        added_by=by,
    )
    session.add(agent)
    book.open_account(session, agent_account(number), currency=MARKETS[market].currency)
    audit.record(session, "agent.added", about=number, by=by, at=now, market=market, name=agent.name)
    return agent

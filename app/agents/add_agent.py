"""Take a shop on."""

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import audit, db
from app.agents.model import Agent
from app.errors import N_, Invalid, Refusal
from app.ledger import book
from app.ledger.chart import agent_account
from app.markets import MARKETS
from app.text import one_line, search_key


class NumberTaken(Refusal):
    say = N_("Agent number {number} belongs to {name} already.")


def add_agent(
    session: Session,
    *,
    number: str,
    market: str,
    name: str,
    by: str,
    now: datetime,
    address: str = "",
    phone: str = "",
    iban: str = "",
    group: str = "standard",
) -> Agent:
    """
    A new agent with an empty account in its market's currency.

    :param group: chooses the tariff of fees and commission
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
        group_name=group,
        added_at=now,
        added_by=by,
    )
    session.add(agent)
    book.open_account(session, agent_account(number), currency=MARKETS[market].currency)
    audit.record(session, "agent.added", about=number, by=by, at=now, market=market, name=agent.name)
    return agent


def next_number(session: Session, market: str) -> str:
    """
    The first one after all of its market, whose number begins like the market's place in the list. Two who want one at
    once queue here.
    """
    db.queue_for(session, f"agent-number:{market}")
    first = str(list(MARKETS).index(market) + 1)
    last = session.scalars(select(func.max(Agent.number)).where(Agent.number.startswith(first))).one()
    number = int(last or f"{first}000000000") + 1
    if not str(number).startswith(first):
        raise Invalid(number=N_("The numbers of this market are used up at their end; choose one that is free."))
    return str(number)

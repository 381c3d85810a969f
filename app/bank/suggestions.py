"""Whose could a deposit be? For a person who decides: each agent with the evidence in words; never a match by itself (E7, E24)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.agents.model import Agent
from app.bank.model import Deposit, DepositState
from app.bank.owners import owners_of
from app.bank.reference import cut_phones_in, phones_in, remark_on
from app.errors import N_
from app.markets import Market
from app.people.model import Person
from app.remarks import Remark
from app.text import search_key

MOST, MOST_NAMES = 6, 40
LIKE_A_NAME = re.compile(r"[a-z]{4,}")  # of a search key: shorter words stand in many names
ALIKE = 82  # of 100
# As search_key folds, in the database: person names have no folded column.
_LETTERS, _PLAIN = "İIıŞşĞğÜüÖöÇçƏəÁáÉéÍíÓóÚúÑñŐőŰű", "iiissgguuoocceeaaeeiioouunnoouu"


@dataclass(frozen=True)
class Suggestion:
    """:ivar why: each reason a sentence, the strongest first"""

    agent: Agent
    why: tuple[Remark, ...]


def suggestions_for(session: Session, deposit: Deposit, market: Market, *, now: datetime) -> list[Suggestion]:
    """The most likely first: a phone, then the sender's account, then a phone cut short, then names."""
    evidence: dict[str, list[Remark]] = defaultdict(list)
    for agent, remark in reasons(session, deposit, market, now=now):
        evidence[agent].append(remark)
    agents = session.scalars(select(Agent).where(Agent.number.in_(evidence), Agent.market == market.code)).all()
    places = list(evidence)
    found = sorted(agents, key=lambda agent: places.index(agent.number))
    return [Suggestion(agent, tuple(evidence[agent.number])) for agent in found[:MOST]]


def reasons(session: Session, deposit: Deposit, market: Market, *, now: datetime) -> Iterator[tuple[str, Remark]]:
    owners = owners_of(session, phones_in(deposit.text, market), now=now)
    for phone, those in owners.items():
        for owner in those:
            yield owner.agent, remark_on(phone, [owner])
    yield from earlier_transfers(session, deposit)
    yield from cut_short(session, deposit, market)
    yield from names_alike(session, deposit, market)


def earlier_transfers(session: Session, deposit: Deposit) -> Iterator[tuple[str, Remark]]:
    """E7"""
    if not deposit.sender_iban:
        return
    question = (
        select(Deposit.agent, func.count(), func.max(Deposit.day))
        .where(Deposit.sender_iban == deposit.sender_iban, Deposit.state == DepositState.CREDITED, Deposit.reference != deposit.reference)
        .group_by(Deposit.agent)
        .order_by(func.count().desc(), Deposit.agent)
        .limit(MOST)
    )
    sentence = N_("{count} earlier transfers from this account were for agent {agent}, the last on {day}.")
    for agent, count, day in session.execute(question):
        yield str(agent), Remark.of(sentence, count=count, agent=agent, day=day)


def cut_short(session: Session, deposit: Deposit, market: Market) -> Iterator[tuple[str, Remark]]:
    """E24"""
    for beginning in cut_phones_in(deposit.text, market):
        begins = Person.phone.startswith(beginning, autoescape=True)
        question = select(Person.agent).where(begins, Person.removed_at.is_(None), Person.agent.is_not(None)).distinct().limit(MOST)
        for agent in session.scalars(question):
            sentence = N_("{beginning}… was cut short; a phone of agent {agent} begins like this.")
            yield str(agent), Remark.of(sentence, beginning=beginning, agent=agent)


def names_alike(session: Session, deposit: Deposit, market: Market) -> Iterator[tuple[str, Remark]]:
    """The sender's name, or the text, beside the names of shops and their persons."""
    told = {"sender": search_key(deposit.sender_name), "text": search_key(deposit.text)}
    words = list(dict.fromkeys(LIKE_A_NAME.findall(" ".join(told.values()))))[:10]
    if not words:
        return
    shops = select(Agent.number, Agent.name).where(Agent.market == market.code, or_(*(Agent.search_name.contains(word) for word in words)))
    for number, name in session.execute(shops.order_by(Agent.number).limit(MOST_NAMES)):
        if is_alike(search_key(name), told["sender"], told["text"]):
            yield number, Remark.of(N_("The name of shop {agent}, {name}, is like the sender or the text."), agent=number, name=name)
    folded = func.lower(func.translate(Person.name, _LETTERS, _PLAIN))
    people = (
        select(Person.agent, Person.name)
        .join(Agent, and_(Agent.number == Person.agent, Agent.market == market.code))
        .where(Person.removed_at.is_(None), or_(*(folded.contains(word) for word in words)))
    )
    sentence = N_("{name}, a person of agent {agent}, is named like the sender or in the text.")
    for shop, name in session.execute(people.order_by(Person.id).limit(MOST_NAMES)):
        if is_alike(search_key(name), told["sender"], told["text"]):
            yield str(shop), Remark.of(sentence, agent=shop, name=name)


def is_alike(name: str, sender: str, text: str) -> bool:
    """All its words stand in what the bank tells, or the sender is nearly spelled like it."""
    words = LIKE_A_NAME.findall(name)
    told = f"{sender} {text}".split()
    if len(words) >= 2 and all(word in told for word in words):
        return True
    return bool(sender) and SequenceMatcher(None, name, sender).ratio() * 100 >= ALIKE


def prefilled(why: Sequence[Remark], language: str) -> str:
    """The note that stands in the form already."""
    return " ".join(remark.in_words(language) for remark in why)

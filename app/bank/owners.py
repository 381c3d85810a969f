"""Who has which phone: the look-up that :mod:`app.bank.reference` takes as its argument, one query for a whole batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Text, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.agents.model import ACTIVE, Agent
from app.bank.model import Deposit, DepositState
from app.bank.reference import Owner, Standing
from app.people.model import FormerPhone, Person

GRACE = timedelta(days=30)  # E23


def owners_of(session: Session, phones: Iterable[str], *, now: datetime) -> Mapping[str, Sequence[Owner]]:
    """
    Who has a phone now comes before everybody who had it: then the others are not named at all (E23).

    The agents stay as they are until the transaction ends: nobody is suspended between the look and the posting.
    """
    wanted = sorted(set(phones))
    if not wanted:
        return {}
    these = literal(wanted, ARRAY(Text))  # one array, however many they are
    told = (Person.id, Person.agent, Person.removed_at)
    present = session.execute(select(Person.phone, *told).where(Person.phone == any_(these))).all()
    former = session.execute(
        select(FormerPhone.phone, FormerPhone.until, *told)
        .join(Person, Person.id == FormerPhone.person_id)
        .where(FormerPhone.phone == any_(these))
    ).all()
    agents = locked_agents(session, {each.agent for each in (*present, *former) if each.agent})
    owners: dict[str, list[Owner]] = defaultdict(list)
    taken = {person.phone for person in present if person.removed_at is None}
    for person in present:
        if person.agent and (person.removed_at is None or person.phone not in taken):
            standing = Standing.CURRENT if person.removed_at is None else Standing.FORMER
            owners[person.phone].append(owner(person.phone, person.id, agents[person.agent], standing))
    for once in former:
        if once.agent and once.phone not in taken:
            standing = Standing.CHANGED if once.removed_at is None and once.until >= now - GRACE else Standing.FORMER
            owners[once.phone].append(owner(once.phone, once.id, agents[once.agent], standing))
    return owners


@dataclass(frozen=True, slots=True)
class Shop:
    number: str
    market: str
    state: str


def locked_agents(session: Session, numbers: Iterable[str]) -> dict[str, Shop]:
    wanted = sorted(numbers)
    if not wanted:
        return {}
    question = select(Agent.number, Agent.market, Agent.state).where(Agent.number == any_(literal(wanted, ARRAY(Text))))
    locked = session.execute(question.order_by(Agent.number).with_for_update(read=True))
    return {number: Shop(number, market, state) for number, market, state in locked}


def owner(phone: str, person: int, agent: Shop, standing: Standing) -> Owner:
    return Owner(phone=phone, person=person, agent=agent.number, market=agent.market, active=agent.state == ACTIVE, standing=standing)


def agents_by_sender(session: Session, ibans: Iterable[str]) -> Mapping[str, str]:
    """E7: the one agent whom earlier transfers from an account were for; only ever a suggestion."""
    wanted = sorted(set(ibans) - {""})
    if not wanted:
        return {}
    question = (
        select(Deposit.sender_iban, Deposit.agent)
        .where(Deposit.sender_iban == any_(literal(wanted, ARRAY(Text))), Deposit.state == DepositState.CREDITED, Deposit.sender_iban != "")
        .distinct()
    )
    return only_ones((iban, agent) for iban, agent in session.execute(question))


def agents_by_beginning(session: Session, beginnings: Iterable[str]) -> Mapping[str, str]:
    """E24: the one agent a person of which has a phone that begins like this."""
    wanted = set(beginnings)
    if not wanted:
        return {}
    lengths = {length: [each for each in wanted if len(each) == length] for length in map(len, wanted)}
    begins = or_(*(func.left(Person.phone, length) == any_(literal(those, ARRAY(Text))) for length, those in lengths.items()))
    phones = session.execute(select(Person.phone, Person.agent).where(begins, Person.removed_at.is_(None), Person.agent.is_not(None)))
    return only_ones((phone[:length], agent) for phone, agent in phones for length in lengths if phone[:length] in wanted)


def only_ones(pairs: Iterable[tuple[str, str | None]]) -> Mapping[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, agent in pairs:
        if agent:
            found[key].add(agent)
    return {key: agents.pop() for key, agents in found.items() if len(agents) == 1}

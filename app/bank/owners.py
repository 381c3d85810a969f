"""Who has which phone: the look-up that :mod:`app.bank.reference` takes as its argument, one query for a whole batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
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
    present = session.execute(select(Person).where(Person.phone.in_(wanted))).scalars().all()
    former = session.execute(
        select(FormerPhone.phone, FormerPhone.until, Person)
        .join(Person, Person.id == FormerPhone.person_id)
        .where(FormerPhone.phone.in_(wanted))
    ).all()
    agents = locked_agents(session, [person.agent for person in present] + [person.agent for _, _, person in former])
    owners: dict[str, list[Owner]] = defaultdict(list)
    taken = {person.phone for person in present if person.removed_at is None}
    for person in present:
        if person.agent and (person.removed_at is None or person.phone not in taken):
            standing = Standing.CURRENT if person.removed_at is None else Standing.FORMER
            owners[person.phone].append(owner(person.phone, person, agents[person.agent], standing))
    for phone, until, person in former:
        if person.agent and phone not in taken:
            standing = Standing.CHANGED if person.removed_at is None and until >= now - GRACE else Standing.FORMER
            owners[phone].append(owner(phone, person, agents[person.agent], standing))
    return owners


def locked_agents(session: Session, numbers: Iterable[str | None]) -> dict[str, Agent]:
    question = select(Agent).where(Agent.number.in_({number for number in numbers if number})).order_by(Agent.number)
    locked = session.scalars(question.with_for_update(read=True), execution_options={"populate_existing": True})
    return {agent.number: agent for agent in locked}


def owner(phone: str, person: Person, agent: Agent, standing: Standing) -> Owner:
    return Owner(phone=phone, person=person.id, agent=agent.number, market=agent.market, active=agent.state == ACTIVE, standing=standing)


def agents_by_sender(session: Session, ibans: Iterable[str]) -> Mapping[str, str]:
    """E7: the one agent whom earlier transfers from an account were for; only ever a suggestion."""
    question = (
        select(Deposit.sender_iban, Deposit.agent)
        .where(Deposit.sender_iban.in_({iban for iban in ibans if iban}), Deposit.state == DepositState.CREDITED)
        .distinct()
    )
    return only_ones(session.execute(question))


def agents_by_beginning(session: Session, beginnings: Iterable[str]) -> Mapping[str, str]:
    """E24: the one agent a person of which has a phone that begins like this."""
    wanted = sorted(set(beginnings))
    if not wanted:
        return {}
    begins = or_(*(Person.phone.startswith(beginning, autoescape=True) for beginning in wanted))
    phones = session.execute(select(Person.phone, Person.agent).where(begins, Person.removed_at.is_(None), Person.agent.is_not(None)))
    return only_ones((beginning, agent) for phone, agent in phones for beginning in wanted if phone.startswith(beginning))


def only_ones(pairs: Iterable[tuple[str, str | None]]) -> Mapping[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, agent in pairs:
        if agent:
            found[key].add(agent)
    return {key: agents.pop() for key, agents in found.items() if len(agents) == 1}

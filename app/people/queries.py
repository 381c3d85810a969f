"""Questions about persons."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.model import Person


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))
    return {row.id: row.name for row in rows}


def names_by(session: Session, acts: Iterable[str]) -> dict[str, str]:
    """``person:7`` → the person's name; jobs and consoles keep their own."""
    ids = {by: int(by.removeprefix("person:")) for by in acts if by.startswith("person:")}
    found = names(session, ids.values())
    return {by: found[number] for by, number in ids.items() if number in found}


def phone_for_transfers(session: Session, agent: str, *, person: int) -> str:
    """What an agent writes into a transfer: the asker's own phone if an owner, else the first owner's (E.164)."""
    question = select(Person.phone).where(Person.agent == agent, Person.removed_at.is_(None))
    return session.scalars(question.order_by(Person.role != "owner", Person.id != person, Person.id).limit(1)).one()

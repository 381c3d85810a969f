"""Give somebody a login."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, db, languages
from app.agents.model import Agent
from app.errors import N_, Invalid, Refusal
from app.markets import INSTITUTION, MARKETS
from app.people.model import Person
from app.people.passwords import UNUSABLE, hash_password
from app.people.permissions import AGENT_ROLES, ROLES
from app.phones import read_phone
from app.text import one_line


class PhoneTaken(Refusal):
    say = N_("The phone number {phone} belongs to another login already.")


def add_person(
    session: Session, *, agent: Agent | None, role: str, name: str, phone: str, password: str | None, by: str, now: datetime
) -> Person:
    """
    :param phone: as typed; a number without country code belongs to the agent's market
    :param password: ``None`` when the person sets the first one with a code (``/password-codes``)
    :raises Invalid: naming each field that is wrong
    :raises PhoneTaken: if another login uses the number
    """
    market = MARKETS[agent.market] if agent else INSTITUTION
    number = read_phone(phone, market=market.code)
    errors = {}
    if role not in ROLES or (role in AGENT_ROLES) != (agent is not None):
        errors["role"] = N_("Cashiers and owners belong to an agent, all other roles to the institution.")
    if number is None:
        errors["phone"] = N_("This is no mobile number.")
    if not one_line(name):
        errors["name"] = N_("The name is missing.")
    if errors or number is None:
        raise Invalid(**errors)
    take_phone(session, number)
    person = Person(
        agent=agent.number if agent else None,
        role=role,
        name=one_line(name),
        phone=number,
        language=languages.supported(market.languages[0]),
        password_hash=hash_password(password, phones=[number]) if password is not None else UNUSABLE,
        added_at=now,
        added_by=by,
    )
    session.add(person)
    session.flush()
    audit.record(session, "person.added", about=f"person:{person.id}", by=by, at=now, agent=person.agent or "", role=role)
    return person


def take_phone(session: Session, number: str) -> None:
    """
    One living login for each number; two who want it at once queue here.

    :raises PhoneTaken: …
    """
    db.queue_for(session, f"phone:{number}")
    if session.execute(select(Person.id).filter_by(phone=number, removed_at=None)).first():
        raise PhoneTaken(phone=number)

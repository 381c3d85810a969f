"""Take somebody's login away. The person stays: every act keeps its doer."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, db
from app.errors import N_, NotFound, Refusal
from app.people import sessions
from app.people.model import Person
from app.people.sign_in import person_name


class Removed(Refusal):
    say = N_("{name} was removed at {at}; nothing was changed.")


class LastOwner(Refusal):
    say = N_("{name} is the only owner of this shop. Add another owner first.")


def remove_person(session: Session, number: int, *, by: str, now: datetime) -> Person:
    """
    From the commit on none of the person's sessions and tokens opens anything; a transfer with the number is nobody's (E9).

    :raises NotFound: …
    :raises Removed: …
    :raises LastOwner: if nobody could speak for the shop any more
    """
    if found := session.get(Person, number):
        db.queue_for(session, f"owners:{found.agent}")  # two removals at once leave one of them
    person = lock_person(session, number)
    must_not_be_last(session, person)
    take_login(session, person, by=by, now=now)
    return person


def remove_everybody(session: Session, agent: str, *, by: str, now: datetime) -> None:
    """Of a shop that is closed; nobody has to speak for it any more."""
    people = select(Person).filter_by(agent=agent, removed_at=None).order_by(Person.id).with_for_update()
    for person in session.scalars(people, execution_options={"populate_existing": True}).all():
        take_login(session, person, by=by, now=now)


def take_login(session: Session, person: Person, *, by: str, now: datetime) -> None:
    person.removed_at, person.removed_by = now, by
    sessions.end_all(session, person.id, now=now)
    session.flush()
    audit.record(session, "person.removed", about=person_name(person), by=by, at=now, agent=person.agent, role=person.role)


def lock_person(session: Session, number: int) -> Person:
    """Somebody who is still there, and stays so until the transaction ends. :raises NotFound: … :raises Removed: …"""
    question = select(Person).filter_by(id=number).with_for_update().execution_options(populate_existing=True)
    person = session.scalars(question).one_or_none()
    if person is None:
        raise NotFound
    if person.removed_at is not None:
        raise Removed(name=person.name, at=person.removed_at)
    return person


def must_not_be_last(session: Session, person: Person) -> None:
    """:raises LastOwner: …"""
    if person.role != "owner":
        return
    owners = select(Person.id).filter_by(agent=person.agent, role="owner", removed_at=None)
    if session.scalars(owners).all() == [person.id]:
        raise LastOwner(name=person.name)

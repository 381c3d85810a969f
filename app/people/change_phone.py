"""Another number to sign in with, and to write into transfers."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from app import audit
from app.errors import N_, Refusal
from app.people import sessions
from app.people.add_person import take_phone
from app.people.model import FormerPhone, Person
from app.people.remove_person import lock_person
from app.people.sign_in import person_name
from app.people.sign_in_model import PasswordCode
from app.phones import masked


class SamePhone(Refusal):
    say = N_("{phone} is this person's number already.")


def change_phone(session: Session, number: int, *, phone: str, by: str, now: datetime) -> Person:
    """
    The new number counts at once; a transfer may carry the old one for a while (E23), unless somebody else takes it. A code for
    a new password that went to the old one opens nothing any more, and browsers are signed out: whoever has that telephone now
    is somebody else (C4, C8). Programs with a token of the person's go on.

    :param number: the person's
    :param phone: in E.164
    :raises NotFound: …
    :raises app.people.remove_person.Removed: …
    :raises SamePhone: …
    :raises app.people.add_person.PhoneTaken: if another login uses it
    """
    person = lock_person(session, number)
    if person.phone == phone:
        raise SamePhone(phone=phone)
    take_phone(session, phone)
    session.add(FormerPhone(person_id=person.id, phone=person.phone, until=now))
    old, person.phone = person.phone, phone
    session.flush()
    session.execute(update(PasswordCode).where(PasswordCode.person_id == person.id, PasswordCode.ended_at.is_(None)).values(ended_at=now))
    sessions.end_browsers(session, person.id, now=now)
    audit.record(session, "person.phone-changed", about=person_name(person), by=by, at=now, old=masked(old), new=masked(phone))
    return person

"""Sign in with a mobile number and a password."""

from datetime import datetime

from sqlalchemy import select

from app import audit, db, throttle
from app.errors import N_, Refusal, TooMany
from app.markets import MARKETS
from app.people import passwords, sessions
from app.people.model import Person, SignIn
from app.phones import read_phone

TRIES_PER_PHONE, TRIES_PER_ADDRESS, WINDOW = 10, 100, 15 * 60


class WrongPassword(Refusal):
    """The same sentence and the same time for a number that nobody has."""

    say = N_("Phone number or password is wrong. Check both and try again.")
    status = 401


def sign_in(phone: str, password: str, *, kind: str, address: str, now: datetime) -> tuple[str, Person, SignIn]:
    """
    A journey with transactions of its own: the try is counted even when it fails.

    :param phone: as typed, in the form of any market
    :param kind: ``browser`` or ``api``
    :returns: the token, the person and the session
    :raises WrongPassword: whatever is wrong
    :raises TooMany: after ten tries for one number or a hundred wrong ones from one address in a quarter of an hour
    """
    numbers = readings(phone)
    counters = [f"sign-in:{number}" for number in numbers] or [f"sign-in:?{address}"]
    throttle.exhausted(f"sign-in-from:{address}", most=TRIES_PER_ADDRESS, now=now)
    for counter in counters:
        throttle.hit(counter, most=TRIES_PER_PHONE, seconds=WINDOW, now=now)
    with db.reading() as session:
        person = session.execute(select(Person).where(Person.phone.in_(numbers), Person.removed_at.is_(None))).scalars().first()
    if not passwords.is_right(password, person.password_hash if person else None) or person is None:
        count_wrong_one(address, now=now)
        raise WrongPassword
    with db.transaction() as session:
        token, row = sessions.begin(session, person, kind=kind, address=address, now=now)
        audit.record(session, "session.began", about=person_name(person), by=person_name(person), at=now, address=address, kind=kind)
    for counter in counters:
        throttle.reset(counter)
    return token, person, row


def readings(phone: str) -> list[str]:
    """A number without country code may belong to any market; registered numbers tell which."""
    return sorted({number for market in MARKETS if (number := read_phone(phone, market=market))})


def count_wrong_one(address: str, *, now: datetime) -> None:
    try:
        throttle.hit(f"sign-in-from:{address}", most=TRIES_PER_ADDRESS, seconds=WINDOW, now=now)
    except TooMany:
        return  # the next try from there is refused; this answer stays the same for everybody


def person_name(person: Person) -> str:
    return f"person:{person.id}"

"""Sign in with a mobile number and a password, and with a second factor where there is one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import audit, db, throttle
from app.errors import N_, Refusal, TooMany
from app.markets import MARKETS
from app.people import passwords, sessions
from app.people.codes import Keys, hash_token
from app.people.devices import LONGEST_AGENT, Visit, has_shown_it, known_device, remember
from app.people.model import Person, SignIn
from app.people.prove_second_factor import has_second_factor, prove
from app.people.tell_new_device import tell_new_device
from app.phones import read_phone

TRIES_PER_PHONE, TRIES_PER_ADDRESS, WINDOW = 10, 100, 15 * 60
PENDING = timedelta(minutes=5)


class WrongPassword(Refusal):
    """The same sentence and the same time for a number that nobody has."""

    say = N_("Phone number or password is wrong. Check both and try again.")
    status = 401


class CodeNeeded(Refusal):
    say = N_("The password is right. Send the code of your authenticator with it.")
    status = 401


class SignInAgain(Refusal):
    say = N_("That took too long. Sign in again with your password.")
    status = 401


@dataclass(frozen=True, repr=False)
class Begun:
    """
    :ivar token: of the session ``row``, which nobody can read again; of a ``pending`` one when the second factor is still to come
    :ivar device: by which this browser is known from now on; empty for a program and while it is pending
    """

    token: str
    person: Person
    row: SignIn
    device: str = ""

    @property
    def is_pending(self) -> bool:
        return self.row.kind == "pending"


def sign_in(phone: str, password: str, *, kind: str, visit: Visit, keys: Keys, now: datetime, code: str = "") -> Begun:
    """
    A journey with transactions of its own: the try is counted even when it fails.

    Who guesses from elsewhere slows the number down, but never locks out a browser that its person has used before: that
    one's tries are counted apart (C7).

    :param phone: as typed, in the form of any market
    :param kind: ``browser`` or ``api``
    :param code: of the second factor; a browser is asked for it on a page of its own
    :raises WrongPassword: whatever is wrong
    :raises CodeNeeded: if a program sends none and the person has a second factor
    :raises app.people.prove_second_factor.WrongSecondFactor: if it is wrong or was used before
    :raises TooMany: after ten tries for one number or a hundred wrong ones from one address in a quarter of an hour
    """
    numbers, origin = readings(phone), throttle.origin(visit.address)
    with db.reading() as session:
        device = known_device(session, visit, numbers)
    if device is not None:
        counters = [f"sign-in:device:{device.id}"]
    else:
        counters = [f"sign-in:{number}" for number in numbers] or [f"sign-in:?{origin}"]
        throttle.exhausted(f"sign-in-from:{origin}", most=TRIES_PER_ADDRESS, now=now)
    for counter in counters:
        throttle.hit(counter, most=TRIES_PER_PHONE, seconds=WINDOW, now=now)
    with db.reading() as session:
        person = session.execute(select(Person).where(Person.phone.in_(numbers), Person.removed_at.is_(None))).scalars().first()
    if not passwords.is_right(password, person.password_hash if person else None) or person is None:
        count_wrong_one(origin, now=now)
        raise WrongPassword
    for counter in counters:
        throttle.reset(counter)
    if not has_second_factor(person.id):
        return begin(person, kind=kind, visit=visit, now=now)
    if kind == "browser":
        return begin_pending(person, visit=visit, now=now)
    if not code:
        raise CodeNeeded
    prove(person.id, code, keys=keys, address=visit.address, is_own=False, now=now)  # a program has no browser's mark
    return begin(person, kind=kind, visit=visit, now=now, confirmed_at=now)


def readings(phone: str) -> list[str]:
    """A number without country code may belong to any market; registered numbers tell which."""
    return sorted({number for market in MARKETS if (number := read_phone(phone, market=market))})


def count_wrong_one(origin: str, *, now: datetime) -> None:
    try:
        throttle.hit(f"sign-in-from:{origin}", most=TRIES_PER_ADDRESS, seconds=WINDOW, now=now)
    except TooMany:
        return  # the next try from there is refused; this answer stays the same for everybody


def begin(person: Person, *, kind: str, visit: Visit, now: datetime, confirmed_at: datetime | None = None) -> Begun:
    with db.transaction() as session:
        return begin_in(session, person, kind=kind, visit=visit, now=now, confirmed_at=confirmed_at)


def begin_in(session: Session, person: Person, *, kind: str, visit: Visit, now: datetime, confirmed_at: datetime | None) -> Begun:
    """A new session; its person hears of a browser that was never seen before."""
    token, device, is_new = remember(session, person, visit, now=now) if kind == "browser" else ("", None, False)
    made, row = sessions.begin(
        session,
        person,
        kind=kind,
        address=visit.address,
        now=now,
        user_agent=visit.user_agent[:LONGEST_AGENT],
        device=device.id if device else None,
        confirmed_at=confirmed_at,
    )
    who = person_name(person)
    audit.record(
        session, "session.began", about=who, by=who, at=now, address=visit.address, kind=kind, new_device="yes" if is_new else None
    )
    if is_new:
        tell_new_device(session, person, visit, session_id=row.id, now=now)
    return Begun(made, person, row, token)


def begin_pending(person: Person, *, visit: Visit, now: datetime) -> Begun:
    """The password was right. It opens nothing, and asks for the code on the next page."""
    with db.transaction() as session:
        token, row = sessions.begin(session, person, kind="pending", address=visit.address, now=now, lasts=PENDING)
    return Begun(token, person, row)


def finish_sign_in(token: str, code: str, *, visit: Visit, keys: Keys, now: datetime) -> Begun:
    """
    The second step in a browser.

    :param token: of the pending session
    :raises SignInAgain: if it has ended
    :raises app.people.prove_second_factor.WrongSecondFactor: …
    :raises TooMany: … (C7: who knows the password uses up no try of a browser in which the person has shown the second factor)
    """
    with db.reading() as session:
        waiting = session.scalars(select(SignIn).where(*is_waiting(token, now))).first()
        is_own = waiting is not None and has_shown_it(session, visit, waiting.person_id)
    if waiting is None:
        raise SignInAgain
    prove(waiting.person_id, code, keys=keys, address=visit.address, is_own=is_own, now=now)
    with db.transaction() as session:
        waiting = session.scalars(select(SignIn).where(*is_waiting(token, now)).with_for_update()).first()
        person = session.get_one(Person, waiting.person_id) if waiting else None
        if waiting is None or person is None or person.removed_at is not None:
            raise SignInAgain
        sessions.end(session, waiting.id, now=now)
        return begin_in(session, person, kind="browser", visit=visit, now=now, confirmed_at=now)


def is_waiting(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (SignIn.token_hash == hash_token(token), SignIn.kind == "pending", SignIn.ended_at.is_(None), SignIn.expires_at > now)


def person_name(person: Person) -> str:
    return f"person:{person.id}"

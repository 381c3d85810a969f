"""
Support lets somebody come in anew: after an identity check that is written down, a cooling time in which the person and
the shop's owners are told and can stop it, and for the institution's own people only when two others agree.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app import audit
from app.agents.model import Agent
from app.errors import N_, Invalid, NotAllowed, NotFound, OwnRequest, Refusal
from app.markets import INSTITUTION
from app.people import sessions
from app.people.codes import hash_token
from app.people.cooling_time import cooling_hours
from app.people.model import Person
from app.people.permissions import RESET_LOGINS
from app.people.second_person import first_must_still_count, is_the_asker
from app.people.sign_in_model import PASSWORD, SECOND_FACTOR, LoginReset, RecoveryCode, SecondFactor
from app.people.tell import tell_person
from app.remarks import Word
from app.text import one_line

CHECKS = {
    "identity-card": N_("Identity card seen, in person or by video"),
    "call-back": N_("Called back on the registered number"),
    "contract-data": N_("Data of the contract asked and answered"),
    "last-payments": N_("Last payments or top-ups asked and answered"),
    "known-in-person": N_("Known in person"),
}
ASKED = N_("Support was asked to reset the {what} of {name}. From {at} on it is possible. If this is not wanted, stop it here: {address}")
SUBJECT = N_("A login is to be reset")
DONE = N_("The second factor of your Gişe login was taken away after a reset by two colleagues. Sign in and set up a new one.")
DONE_SUBJECT = N_("Your second factor was taken away")
GOOD_FOR = timedelta(days=7)  # once it has cooled down, as a password's is
HOW_CHECKED, NOTE_MISSING = N_("Say how the identity was checked."), N_("Write what was checked, and with whom.")
WHAT = {PASSWORD: N_("password"), SECOND_FACTOR: N_("second factor")}


class ResetAlready(Refusal):
    say = N_("This login is being reset already.")


class ResetOver(Refusal):
    say = N_("This reset was stopped or used before. Nothing was changed now.")


class ResetTooOld(Refusal):
    say = N_("This reset was not used within a week. Stop it and ask for a new one; nothing was changed now.")


class CoolingDown(Refusal):
    say = N_("The cooling time of this reset ends on {at}. Nothing was changed now.")


def ask_reset(
    session: Session, number: int, *, what: str, checked: Sequence[str], note: str, by: str, stop_at: Callable[[str], str], now: datetime
) -> LoginReset:
    """
    :param what: ``password`` or ``second-factor``
    :param checked: what the identity was checked by, words of :data:`CHECKS`
    :param stop_at: makes the address of the page on which the person stops it, of the secret in it
    :raises Invalid: naming what is missing
    :raises OwnRequest: if it is the asker's own login
    :raises ResetAlready: …
    """
    person, note = living(session, number), one_line(note, longest=500)
    errors = {}
    if not checked or any(word not in CHECKS for word in checked):
        errors["checked"] = HOW_CHECKED
    if not note:
        errors["note"] = NOTE_MISSING
    if what not in WHAT or (what == SECOND_FACTOR and session.get(SecondFactor, person.id) is None):
        errors["what"] = N_("This login has no second factor.")
    if errors:
        raise Invalid(**errors)
    if is_the_asker(session, f"person:{person.id}", by, now=now):
        raise OwnRequest
    if session.scalars(open_resets().where(LoginReset.person_id == person.id, LoginReset.what == what)).first():
        raise ResetAlready
    two, hours = person.agent is None or what == SECOND_FACTOR, cooling_hours(session, market_of(session, person), now=now)
    reset = LoginReset(
        person_id=person.id, what=what, checked=list(dict.fromkeys(checked)), note=note, takes_two=two, hours=hours,
        asked_at=now, asked_by=by, ready_at=None if two else now + timedelta(hours=hours),
    )  # fmt: skip
    session.add(reset)
    session.flush()
    about = f"person:{person.id}"
    audit.record(session, "reset.asked", about=about, by=by, at=now, reset=reset.id, what=what, checked=", ".join(reset.checked), note=note)
    if not two:
        cool_down(session, reset, person, stop_at=stop_at, now=now)
    return reset


def agree_to_reset(session: Session, number: int, *, by: str, stop_at: Callable[[str], str], now: datetime) -> LoginReset:
    """
    The second of two persons.

    :raises OwnRequest: if it is who asked, or whose login it is (C18)
    :raises FirstCountsNoMore: if who asked resets no logins any more
    :raises ResetOver: …
    """
    reset = find_open(session, number)
    if not reset.takes_two or reset.seconded_by is not None:
        raise ResetOver
    if is_the_asker(session, reset.asked_by, by, now=now) or is_the_asker(session, f"person:{reset.person_id}", by, now=now):
        raise OwnRequest
    first_must_still_count(session, reset.asked_by, RESET_LOGINS)
    person = living(session, reset.person_id)
    reset.seconded_at, reset.seconded_by, reset.ready_at = now, by, now + timedelta(hours=reset.hours)
    audit.record(session, "reset.agreed", about=f"person:{person.id}", by=by, at=now, reset=reset.id, asked_by=reset.asked_by)
    cool_down(session, reset, person, stop_at=stop_at, now=now)
    return reset


def cool_down(session: Session, reset: LoginReset, person: Person, *, stop_at: Callable[[str], str], now: datetime) -> None:
    """From here on it only needs time. The person and the shop's owners are told, each with the way to stop it."""
    token = secrets.token_urlsafe(16)
    reset.stop_hash = hash_token(token)
    for reader in {one.id: one for one in (person, *owners_beside(session, person))}.values():
        tell_person(
            session,
            reader,
            key=f"reset.asked:{reset.id}:{reader.id}",
            say=ASKED,
            subject=SUBJECT,
            now=now,
            what=Word(reset.what, WHAT[reset.what]),
            name=person.name,
            at=reset.ready_at,
            address=stop_at(token),
        )


def owners_beside(session: Session, person: Person) -> Sequence[Person]:
    if person.agent is None:
        return ()
    owners = select(Person).where(Person.agent == person.agent, Person.role == "owner", Person.removed_at.is_(None))
    return session.scalars(owners.order_by(Person.id)).all()


def stop_reset(session: Session, reset: LoginReset, *, by: str, address: str, now: datetime) -> None:
    """
    By who was told, or by a colleague.

    :raises ResetOver: if it was stopped or used before
    """
    mine = update(LoginReset).where(LoginReset.id == reset.id, LoginReset.stopped_at.is_(None), LoginReset.done_at.is_(None))
    if session.scalars(mine.values(stopped_at=now, stopped_by=by).returning(LoginReset.id)).first() is None:
        raise ResetOver
    audit.record(session, "reset.stopped", about=f"person:{reset.person_id}", by=by, at=now, address=address, reset=reset.id)


def take_second_factor_away(session: Session, number: int, *, by: str, now: datetime) -> LoginReset:
    """
    Once the cooling time is over; every session of the person ends.

    :raises CoolingDown: …
    :raises ResetTooOld: if it lay there longer than a password's would
    :raises ResetOver: …
    :raises NotAllowed: if it is a reset of something else
    """
    reset = find_open(session, number)
    if reset.what != SECOND_FACTOR or is_the_asker(session, f"person:{reset.person_id}", by, now=now):
        raise NotAllowed
    if reset.ready_at is not None and now > reset.ready_at + GOOD_FOR:
        raise ResetTooOld
    if reset.ready_at is None or now < reset.ready_at:
        raise CoolingDown(at=reset.ready_at or reset.asked_at + timedelta(hours=reset.hours))
    person = living(session, reset.person_id)
    reset.done_at = now
    session.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    sessions.end_all(session, person.id, now=now)
    audit.record(session, "second-factor.taken-away", about=f"person:{person.id}", by=by, at=now, reset=reset.id)
    tell_person(session, person, key=f"reset.done:{reset.id}", say=DONE, subject=DONE_SUBJECT, now=now)
    return reset


def find_open(session: Session, number: int) -> LoginReset:
    reset = session.get(LoginReset, number, with_for_update=True)
    if reset is None:
        raise NotFound
    if reset.stopped_at is not None or reset.done_at is not None:
        raise ResetOver
    return reset


def find_by_secret(session: Session, token: str) -> LoginReset:
    """:raises NotFound: …"""
    reset = session.scalars(select(LoginReset).filter_by(stop_hash=hash_token(token))).first()
    if reset is None:
        raise NotFound
    return reset


def living(session: Session, number: int) -> Person:
    person = session.get(Person, number)
    if person is None or person.removed_at is not None:
        raise NotFound
    return person


def open_resets() -> Select[LoginReset]:
    return select(LoginReset).where(LoginReset.stopped_at.is_(None), LoginReset.done_at.is_(None)).order_by(LoginReset.id)


def market_of(session: Session, person: Person) -> str:
    return session.get_one(Agent, person.agent).market if person.agent else INSTITUTION.code

"""Who is signed in where, and ending it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.errors import NotFound
from app.people import sessions
from app.people.devices import in_words
from app.people.model import Person, SignIn
from app.people.permissions import END_SESSIONS
from app.web.actor import Actor


@dataclass(frozen=True)
class Seen:
    """:ivar browser: in words, such as ``Chrome, Windows``; empty for what is unknown; :ivar is_this: that of the reader"""

    id: int
    kind: str
    browser: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def sessions_of(session: Session, person: Person, *, this: int, now: datetime) -> Sequence[Seen]:
    """Those that still open something, the last used first."""
    idle = sessions.IDLE_AGENT if person.agent else sessions.IDLE_STAFF
    question = select(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    alive = question.where((SignIn.kind == "api") | ((SignIn.kind == "browser") & (SignIn.seen_at > now - idle)))
    return [
        Seen(row.id, row.kind, in_words(row.user_agent), row.address, row.began_at, row.seen_at, row.id == this)
        for row in session.scalars(alive.order_by(SignIn.seen_at.desc(), SignIn.id.desc()).limit(200))
    ]


def visible_person(session: Session, number: int, by: Actor) -> Person:
    """
    Oneself, an owner's own shop's people, and anybody for those of the institution who may end sessions.

    :raises NotFound: for everybody else, as for nobody (C1)
    """
    person = session.get(Person, number)
    if person is None or not (person.id == by.person or (by.may(END_SESSIONS) and by.agent in (None, person.agent))):
        raise NotFound
    return person


def end_session(session: Session, number: int, *, by: Actor, address: str, now: datetime) -> Person:
    """
    :returns: whose it was; one that has ended already stays ended
    :raises NotFound: …
    """
    row = session.get(SignIn, number)
    if row is None:
        raise NotFound
    person = visible_person(session, row.person_id, by)
    if row.ended_at is None:
        sessions.end(session, row.id, now=now)
        audit.record(session, "session.ended", about=f"person:{person.id}", by=by.by, at=now, address=address, ended=row.id)
    return person


def end_sessions(session: Session, number: int, *, by: Actor, address: str, now: datetime) -> Person:
    """
    All of a person; of oneself all but the one that is used right now.

    :raises NotFound: …
    """
    person = visible_person(session, number, by)
    for ended in sessions.end_all(session, person.id, now=now, but=by.session if person.id == by.person else None):
        audit.record(session, "session.ended", about=f"person:{person.id}", by=by.by, at=now, address=address, ended=ended)
    return person


def choose_device_notice(session: Session, person: int, *, channel: str, now: datetime) -> None:
    """:param channel: ``sms`` or ``mail``"""
    session.get_one(Person, person).device_notice = channel
    audit.record(session, "device-notice.chosen", about=f"person:{person}", by=f"person:{person}", at=now, channel=channel)

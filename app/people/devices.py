"""Browsers that a person has used before: known by a random cookie of a year, whose hash is in the database."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.codes import hash_token
from app.people.model import Person, SignIn
from app.people.sign_in_model import Device

LASTS = timedelta(days=400)  # browsers keep no cookie longer
LONGEST_AGENT = 300

# The first that is found counts: Edge and Opera say that they are Chrome as well, and Chrome that it is Safari.
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Yandex", r"YaBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|HeadlessChrome/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


@dataclass(frozen=True)
class Visit:
    """
    Who comes in, before anybody knows who it is.

    :ivar address: as the connection or a trusted proxy says
    :ivar user_agent: what the browser says it is; :ivar device: its long-lived cookie, empty for a new one
    """

    address: str
    user_agent: str = ""
    device: str = ""


def known_device(session: Session, visit: Visit, phones: Sequence[str]) -> Device | None:
    """The browser, if somebody with one of these numbers has signed in with it before."""
    if not visit.device:
        return None
    question = select(Device).join(Person, Person.id == Device.person_id)
    mine = question.where(Device.token_hash == hash_token(visit.device), Person.phone.in_(phones), Person.removed_at.is_(None))
    return session.scalars(mine).first()


def has_shown_it(session: Session, visit: Visit, person: int) -> bool:
    """Whether this person has shown the second factor in this browser: one known by the password alone may be anybody's who knows it."""
    mine = select(SignIn.id).join(Device, Device.id == SignIn.device_id)
    shown = mine.where(Device.token_hash == hash_token(visit.device), Device.person_id == person, SignIn.confirmed_at.is_not(None))
    return bool(visit.device) and session.scalars(shown.limit(1)).first() is not None


def remember(session: Session, person: Person, visit: Visit, *, now: datetime) -> tuple[str, Device, bool]:
    """
    :returns: the browser's token, which is a new one unless we gave it the old one ourselves, the device, and whether it is new
    """
    given = session.scalars(select(Device).filter_by(token_hash=hash_token(visit.device))).all() if visit.device else []
    mine = next((device for device in given if device.person_id == person.id), None)
    if mine is not None:
        return visit.device, mine, False
    token = visit.device if given else secrets.token_urlsafe(32)
    device = Device(token_hash=hash_token(token), person_id=person.id, first_seen_at=now)
    session.add(device)
    session.flush()
    return token, device, True


def in_words(user_agent: str) -> str:
    """``Chrome, Windows``; empty for what says nothing we know, such as a program."""
    found = (first(BROWSERS, user_agent), first(SYSTEMS, user_agent))
    return ", ".join(name for name in found if name)


def first(names: Sequence[tuple[str, str]], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")

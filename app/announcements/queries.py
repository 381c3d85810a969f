"""Questions about announcements. What is for others is not found, never forbidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from app import db
from app.agents.model import Agent
from app.announcements.model import Announcement, File, Reading, Words
from app.errors import NotFound
from app.languages import DEFAULT
from app.markets import INSTITUTION, Market
from app.people.model import Person
from app.people.permissions import PUBLISH_ANNOUNCEMENTS
from app.web.actor import Actor

MOST_READERS = 500


@dataclass(frozen=True)
class Told:
    """
    As one person reads it.

    :ivar language: in which it is written; not always the reader's own
    """

    announcement: Announcement
    title: str
    body: str
    language: str


@dataclass(frozen=True)
class Reader:
    """:ivar agent: number and name of the shop; empty for the institution's own people"""

    person: str
    role: str
    agent: str
    read_at: datetime | None


@db.remember(seconds=10)
def shown(market: str, role: str, today: date) -> list[Announcement]:
    """To people of this role and market today, the newest first. Asked on every page, so most of them ask no database."""
    question = (
        select(Announcement)
        .where(
            Announcement.market.in_(("", market)),
            Announcement.roles.contains([role]),
            Announcement.ended_at.is_(None),
            Announcement.first_day <= today,
            func.coalesce(Announcement.last_day, today) >= today,
        )
        .order_by(Announcement.id.desc())
    )
    with db.reading() as session:
        found = session.scalars(question).all()
        session.expunge_all()
    return list(found)


def unread(session: Session, person: Actor, *, today: date) -> list[Announcement]:
    announcements = shown(person.market.code, person.role, today)
    if not announcements:
        return []
    theirs = select(Reading.announcement).filter_by(person=person.person)
    read = set(session.scalars(theirs.where(Reading.announcement.in_([one.id for one in announcements]))))
    return [one for one in announcements if one.id not in read]


def find(session: Session, number: int, person: Actor, *, today: date) -> Announcement:
    """:raises NotFound: if there is none, or it is for others, was ended, or its first day is yet to come; who publishes finds every one"""
    announcement = session.get(Announcement, number)
    if announcement is None:
        raise NotFound
    is_for_person = announcement.market in ("", person.market.code) and person.role in announcement.roles
    is_told = announcement.first_day <= today and not announcement.ended_at
    if not (is_for_person and is_told) and not person.may(PUBLISH_ANNOUNCEMENTS):
        raise NotFound
    return announcement


def in_words(session: Session, announcements: Iterable[Announcement], *, language: str, market: Market) -> list[Told]:
    """In the reader's language, else the market's, else Turkish, else any."""
    wanted = list(announcements)
    texts: dict[int, dict[str, Words]] = {}
    for text in session.scalars(select(Words).where(Words.announcement.in_([one.id for one in wanted]))):
        texts.setdefault(text.announcement, {})[text.language] = text
    told = []
    for one in wanted:
        order = (language, *market.languages, DEFAULT, *sorted(texts[one.id]))
        text = next(texts[one.id][tongue] for tongue in order if tongue in texts[one.id])
        told.append(Told(one, text.title, text.body, text.language))
    return told


def files_of(session: Session, number: int) -> Sequence[File]:
    return session.scalars(select(File).filter_by(announcement=number).order_by(File.id)).all()


def everything(session: Session, *, limit: int = 100) -> Sequence[Announcement]:
    """The newest first, for who publishes."""
    return session.scalars(select(Announcement).order_by(Announcement.id.desc()).limit(limit)).all()


def counts(session: Session, announcement: Announcement) -> tuple[int, int]:
    """How many have read it, and for how many it is."""
    audience = people_for(announcement)
    total = session.execute(select(func.count()).select_from(audience.subquery())).scalar_one()
    read = select(func.count()).select_from(audience.join(Reading, reads(announcement)).subquery())
    return session.execute(read).scalar_one(), total


def readers(session: Session, announcement: Announcement) -> list[Reader]:
    """Who has not read it first."""
    question = (
        people_for(announcement)
        .outerjoin(Reading, reads(announcement))
        .add_columns(Reading.read_at)
        .order_by(Reading.read_at.desc().nulls_first(), Agent.number, Person.id)
        .limit(MOST_READERS)
    )
    return [
        Reader(row.name, row.role, f"{row.number} {row.agent_name}" if row.number else "", row.read_at) for row in session.execute(question)
    ]


def people_for(announcement: Announcement) -> Select[*tuple[Any, ...]]:
    question: Select[*tuple[Any, ...]] = (
        select(Person.name, Person.role, Agent.number, Agent.name.label("agent_name"))
        .outerjoin(Agent, Agent.number == Person.agent)
        .where(Person.role.in_(announcement.roles), Person.removed_at.is_(None))
    )
    if announcement.market:
        question = question.where(func.coalesce(Agent.market, INSTITUTION.code) == announcement.market)
    return question


def reads(announcement: Announcement) -> ColumnElement[bool]:
    return and_(Reading.person == Person.id, Reading.announcement == announcement.id)

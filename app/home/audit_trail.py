"""Questions about the audit trail: by person, thing and day, the newest first (screens.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import AuditLine
from app.errors import N_, Invalid
from app.people.find_persons import is_called
from app.people.model import Person
from app.people.queries import names
from app.people.sign_in import person_name

PAGE = 50
MOST_PERSONS = 200
LONGEST_CURSOR = 18


@dataclass(frozen=True)
class Filter:
    """All optional; ``by`` is who did it (``person:7``, ``job:check-book``), ``cursor`` the last line of the page before."""

    by: Sequence[str] | None = None
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: int | None = None


@dataclass(frozen=True)
class Line:
    """:ivar who: a person's name, or the job's own"""

    line: AuditLine
    who: str


def read_filter(session: Session, *, person: str, thing: str, day: str, cursor: str, zone: ZoneInfo) -> Filter:
    """
    As typed; empty is not asked for.

    :param person: a phone number, a part of a name, or ``person:7``
    :raises Invalid: naming the field that is wrong
    """
    on = read_day(day) if day else None
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= LONGEST_CURSOR):
        raise Invalid(cursor=N_("This cursor was not given by us."))
    return Filter(
        by=doers(session, person) if person else None,
        about=thing or None,
        since=datetime.combine(on, time.min, zone) if on else None,
        until=datetime.combine(on + timedelta(days=1), time.min, zone) if on else None,
        cursor=int(cursor) if cursor else None,
    )


def read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(day=N_("A day such as 2026-10-31 is needed.")) from error
    if not 2000 <= day.year <= 2099:
        raise Invalid(day=N_("A day such as 2026-10-31 is needed."))
    return day


def doers(session: Session, text: str) -> list[str]:
    if ":" in text:
        return [text]
    found = select(Person).where(is_called(text)).order_by(Person.id.desc()).limit(MOST_PERSONS)
    return [person_name(person) for person in session.scalars(found)]


def list_lines(session: Session, wanted: Filter, *, limit: int = PAGE) -> list[Line]:
    question = select(AuditLine).order_by(AuditLine.id.desc()).limit(limit)
    if wanted.by is not None:
        question = question.where(AuditLine.by.in_(wanted.by))
    if wanted.about is not None:
        question = question.where(AuditLine.about == wanted.about)
    if wanted.since is not None:
        question = question.where(AuditLine.at >= wanted.since)
    if wanted.until is not None:
        question = question.where(AuditLine.at < wanted.until)
    if wanted.cursor is not None:
        question = question.where(AuditLine.id < wanted.cursor)
    lines = session.scalars(question).all()
    called = names(session, filter(None, map(number_of, (line.by for line in lines))))
    return [Line(line, called.get(number_of(line.by) or 0, line.by)) for line in lines]


def number_of(by: str) -> int | None:
    kind, _, number = by.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else None

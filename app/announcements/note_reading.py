"""A person says that an announcement is read."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.announcements.model import Reading
from app.announcements.queries import find
from app.web.actor import Actor


def note_reading(session: Session, number: int, *, person: Actor, now: datetime) -> None:
    """The first time counts. :raises NotFound: if it is not for this person"""
    announcement = find(session, number, person, today=now.astimezone(person.market.zone).date())
    session.execute(insert(Reading).values(announcement=announcement.id, person=person.person, read_at=now).on_conflict_do_nothing())

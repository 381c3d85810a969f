"""A person has looked at a message that reached nobody, and has done what was to be done."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.errors import NotFound
from app.notifications.model import Message


def note_seen(session: Session, number: int, *, by: str, now: datetime) -> None:
    """Twice is once. :raises NotFound: if there is no such message, or it was not given up"""
    message = session.get(Message, number, with_for_update=True)
    if message is None or message.given_up_at is None:
        raise NotFound
    if message.seen_at is None:
        message.seen_at, message.seen_by = now, by
        audit.record(session, "message.seen", about=f"message:{number}", by=by, at=now, channel=message.channel)

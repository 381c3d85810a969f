"""Questions about what was sent."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.notifications.deliver_messages import message_id
from app.notifications.model import Message

NOT_SEEN = (Message.given_up_at.is_not(None), Message.seen_at.is_(None))
OURS = re.compile(r"<([0-9]{1,18})\.[0-9a-f]{32}@gise\.example>")


def find_sent_mail(session: Session, its_id: str) -> Message | None:
    """:param its_id: a Message-ID that somebody says is one of ours; ``None`` if it never was"""
    if not (match := OURS.fullmatch(its_id)):
        return None
    message = session.get(Message, int(match[1]))
    return message if message and message.channel == "mail" and hmac.compare_digest(message_id(message), its_id) else None


def given_up(session: Session) -> tuple[int, datetime | None]:
    """How many messages never reached anybody, and since when the oldest; nobody has looked at them."""
    number, oldest = session.execute(select(func.count(), func.min(Message.given_up_at)).where(*NOT_SEEN)).one()
    return number, oldest


def list_given_up(session: Session, *, limit: int = 100) -> Sequence[Message]:
    """The oldest first."""
    return session.scalars(select(Message).where(*NOT_SEEN).order_by(Message.given_up_at).limit(limit)).all()

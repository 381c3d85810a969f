"""Questions about what was sent."""

import hmac
import re

from sqlalchemy.orm import Session

from app.notifications.deliver_messages import message_id
from app.notifications.model import Message

OURS = re.compile(r"<([0-9]{1,18})\.[0-9a-f]{32}@gise\.example>")


def find_sent_mail(session: Session, its_id: str) -> Message | None:
    """:param its_id: a Message-ID that somebody says is one of ours; ``None`` if it never was"""
    if not (match := OURS.fullmatch(its_id)):
        return None
    message = session.get(Message, int(match[1]))
    return message if message and message.channel == "mail" and hmac.compare_digest(message_id(message), its_id) else None

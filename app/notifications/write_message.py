"""Put a message into the outbox, in the transaction of its occasion."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.notifications.model import Message
from app.text import one_line


def write_sms(session: Session, *, key: str, to: str, body: str, now: datetime, secret_until: datetime | None = None) -> None:
    """
    :param key: the occasion, such as ``payment.outcome:P251122-…``; a second message with it is not written
    :param secret_until: nobody may read the text here once it is sent, and after this moment it is not sent any more
    """
    _write(session, Message(key=key, channel="sms", recipient=to, body=body, created_at=now, next_try_at=now, secret_until=secret_until))


def write_mail(
    session: Session,
    *,
    key: str,
    to: str,
    subject: str,
    body: str,
    now: datetime,
    attachment_name: str = "",
    attachment: bytes | None = None,
    is_reply: bool = False,
    answers: str = "",
    thread: str = "",
    secret_until: datetime | None = None,
) -> None:
    """
    :param secret_until: as for an SMS
    :param is_reply: to a mail somebody wrote; no machine will answer it (RFC 3834)
    :param answers: that mail's Message-ID with its brackets, if it had one; :param thread: those of the conversation, spaces between
    """
    _write(
        session,
        Message(
            key=key, channel="mail", recipient=one_line(to), subject=one_line(subject), body=body, created_at=now, next_try_at=now,
            attachment_name=one_line(attachment_name), attachment=attachment,
            is_reply=is_reply, answers=one_line(answers, longest=250), thread=one_line(thread, longest=4000),
            secret_until=secret_until,
        ),
    )  # fmt: skip


def is_written(session: Session, key: str) -> bool:
    """Whether this occasion has its message already, on its way or sent."""
    return session.scalars(select(Message.id).filter_by(key=key)).first() is not None


def _write(session: Session, message: Message) -> None:
    columns = {column.key: value for column in Message.__table__.columns if (value := getattr(message, column.key)) is not None}
    session.execute(insert(Message).values(columns).on_conflict_do_nothing(index_elements=["key"]))

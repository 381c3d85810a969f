"""Messages on their way."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Message(Base):
    """
    One SMS or mail.

    :ivar answers: the Message-ID of the mail it answers, and ``thread`` those before it; :ivar is_reply: somebody wrote first
    :ivar key: names the occasion; the same occasion never makes two messages
    :ivar secret_until: its text is a secret, such as a one-time code, and worth nothing later: emptied once it is sent or too late
    :ivar token: part of the mail's Message-ID that nobody can guess
    :ivar seen_at: when a person looked at one that was given up
    :ivar next_try_at: moved on before each try, so that two workers never send at once; ``None`` when it is over
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("channel IN ('sms', 'mail')", name="message_channel_known"),
        CheckConstraint("NOT (sent_at IS NOT NULL AND given_up_at IS NOT NULL)", name="message_ends_once"),
        CheckConstraint("(next_try_at IS NULL) = (sent_at IS NOT NULL OR given_up_at IS NOT NULL)", name="message_tried_until_the_end"),
        CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="message_seen_by_someone"),
        CheckConstraint("seen_at IS NULL OR given_up_at IS NOT NULL", name="message_seen_once_given_up"),
        Index("message_given_up", "given_up_at", postgresql_where=text("given_up_at IS NOT NULL AND seen_at IS NULL")),
        CheckConstraint("secret_until IS NULL OR next_try_at IS NOT NULL OR body = ''", name="secret_leaves_the_outbox"),
        Index("message_waiting", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str]
    attachment_name: Mapped[str] = mapped_column(server_default="")
    attachment: Mapped[bytes | None] = mapped_column(LargeBinary)
    answers: Mapped[str] = mapped_column(server_default="")
    thread: Mapped[str] = mapped_column(server_default="")
    is_reply: Mapped[bool] = mapped_column(server_default="false")
    token: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(server_default="")
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None]
    secret_until: Mapped[datetime | None]

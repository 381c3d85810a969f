"""What people ask from away, and who wants bills by mail."""

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

ANSWERED, NOTHING_OWED, NO_BILL = "answered", "nothing-owed", "no-bill"
NOT_FOUND, CLOSED, UNREACHABLE = "not-found", "closed", "unreachable"  # P-28
UNREADABLE, INCOMPLETE = "unreadable", "incomplete"
IGNORED, TOO_MANY, BOUNCE = "ignored", "too-many", "bounce"
OUTCOMES = (
    ANSWERED, NOTHING_OWED, NO_BILL, NOT_FOUND, CLOSED, UNREACHABLE, UNREADABLE, INCOMPLETE, IGNORED, TOO_MANY, BOUNCE,
)  # fmt: skip
TOLD = (ANSWERED, NOTHING_OWED)  # what the customer pays for †


class Inquiry(Base):
    """
    One SMS or mail that came in, kept once. What was understood of it is kept, its text is not.

    :ivar id: ``Q261122-7K3M9QXA2B4C``; ``SMS-`` and this is the reference of its price
    :ivar source: how the gateway or the mailbox names the message; :ivar position: the gateway's running number
    :ivar language: of the reply
    :ivar by_paper: delivery by post or fax was wished for
    :ivar too_long: only the head of the mail was read
    :ivar answers: the Message-ID of the mail, and ``thread`` those before it
    :ivar next_try_at: when the biller is asked (again); ``None`` when it is over
    :ivar next_charge_at: when the price is put onto the line (again); ``None`` when there is nothing to charge any more
    :ivar charged_to: the subscriber whose line pays
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        UniqueConstraint("channel", "source"),
        CheckConstraint("channel IN ('sms', 'mail')", name="inquiry_channel_known"),
        CheckConstraint(f"outcome IN ({', '.join(map(repr, OUTCOMES))})", name="inquiry_outcome_known"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="inquiry_ended_somehow"),
        CheckConstraint("(next_try_at IS NULL) = (outcome IS NOT NULL)", name="inquiry_tried_until_the_end"),
        CheckConstraint("outcome IS NOT NULL OR (biller IS NOT NULL AND subscriber IS NOT NULL)", name="inquiry_about_someone"),
        CheckConstraint("(charged_at IS NULL) = (charged_to IS NULL)", name="inquiry_charged_to_someone"),
        CheckConstraint("next_charge_at IS NULL OR (charged_at IS NULL AND outcome IS NOT NULL)", name="inquiry_charged_once_at_the_end"),
        Index("inquiry_waiting", "channel", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
        Index("inquiry_to_charge", "next_charge_at", postgresql_where=text("next_charge_at IS NOT NULL")),
        Index("inquiry_position", "channel", "position"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    source: Mapped[str]
    position: Mapped[int | None]
    sender: Mapped[str]
    recipient: Mapped[str] = mapped_column(server_default="")
    biller: Mapped[str | None] = mapped_column(ForeignKey("biller.code"))
    subscriber: Mapped[str | None]
    period: Mapped[str | None]
    language: Mapped[str]
    by_paper: Mapped[bool] = mapped_column(server_default="false")
    too_long: Mapped[bool] = mapped_column(server_default="false")
    subject: Mapped[str] = mapped_column(server_default="")
    answers: Mapped[str] = mapped_column(server_default="")
    thread: Mapped[str] = mapped_column(server_default="")
    arrived_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default="0")
    next_try_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    charge_tries: Mapped[int] = mapped_column(server_default="0")
    next_charge_at: Mapped[datetime | None]
    charged_at: Mapped[datetime | None]
    charged_to: Mapped[str | None]


class EBill(Base):
    """
    A subscriber who agreed, at a counter, to get bills by mail. Switching off ends the record; another address is another record.

    :ivar bills_from: bills issued on this day or later are new; :ivar seen: but not those that were there already, or were mailed
    :ivar next_tell_at: when the biller is told (again) how it stands; ``None`` when it knows
    :ivar told_biller_at: when it last accepted that
    :ivar bounced_at: a mail came back; nothing is mailed until the customer has given the right address
    :ivar next_look_at: when its bills are looked at again; ``None`` when it is off
    """

    __tablename__ = "e_bill"
    __table_args__ = (
        CheckConstraint("(off_at IS NULL) = (off_by IS NULL)", name="e_bill_switched_off_by_someone"),
        CheckConstraint("(off_at IS NULL) = (next_look_at IS NOT NULL)", name="e_bill_looked_at_until_off"),
        CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="e_bill_email_shape"),
        Index("e_bill_live", "biller", "subscriber", unique=True, postgresql_where=text("off_at IS NULL")),
        Index("e_bill_of_email", "email"),
        Index("e_bill_to_look_at", "next_look_at", postgresql_where=text("next_look_at IS NOT NULL")),
        Index("e_bill_to_tell", "next_tell_at", postgresql_where=text("next_tell_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    biller: Mapped[str] = mapped_column(ForeignKey("biller.code"))
    subscriber: Mapped[str]
    email: Mapped[str]
    agent: Mapped[str]
    consent_at: Mapped[datetime]
    consent_by: Mapped[str]
    bills_from: Mapped[date]
    seen: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    told_biller_at: Mapped[datetime | None]
    tells: Mapped[int] = mapped_column(BigInteger, server_default="0")
    next_tell_at: Mapped[datetime | None]
    off_at: Mapped[datetime | None]
    off_by: Mapped[str | None]
    bounced_at: Mapped[datetime | None]
    last_bill_mailed: Mapped[str] = mapped_column(server_default="")
    next_look_at: Mapped[datetime | None]

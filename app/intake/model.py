"""What came in, by mail or over a desk, and what became of each of its papers."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, PrimaryKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MAIL, COUNTER = "mail", "counter"


class Doubt(StrEnum):
    """Why a person has to look at it; its words are in :mod:`app.intake.words`."""

    STRANGER = "stranger"
    NO_REFERENCE = "no-reference"
    REGISTERED = "registered"
    SEVERAL = "several"
    WHICH_PAPER = "which-paper"
    TAKES_NONE = "takes-none"
    CANCELLATION = "cancellation"
    NO_PAPER = "no-paper"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"


class Outcome(StrEnum):
    FILED = "filed"
    DRAFT = "draft"
    ANSWERED = "answered"
    NOT_OURS = "not-ours"
    TOO_MANY = "too-many"


class Intake(Base):
    """
    One mail, or one paper that a shop brought. It waits until it has an outcome; nothing is ever deleted.

    :ivar source: names it for ever: the mail's Message-ID and sender, or its place in the mailbox; made up for what was brought
    :ivar sender: mail address; empty for what was brought, by ``brought_by``
    :ivar body: the plain text of the mail; emptied, with sender and subject, when it is forgotten
    :ivar answers: the Message-ID of the mail, and ``thread`` those before it; :ivar may_answer: no machine wrote it
    :ivar arrived_at: in our mailbox, as its server says; a request counts from when it is recorded, not from here (C-01)
    :ivar agent: the shop whose registered address wrote, or whose person brought it
    :ivar reference: of the change or payment it is about, once that is clear; else empty
    """

    __tablename__ = "intake"
    __table_args__ = (
        UniqueConstraint("source"),
        CheckConstraint("channel IN ('mail', 'counter')", name="intake_channel_known"),
        CheckConstraint(f"doubt IN ({', '.join(repr(str(word)) for word in Doubt)})", name="intake_doubt_known"),
        CheckConstraint(f"outcome IN ({', '.join(repr(str(word)) for word in Outcome)})", name="intake_outcome_known"),
        CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL) AND (outcome IS NULL) = (ended_by IS NULL)", name="intake_ended_by_someone"
        ),
        CheckConstraint("outcome IS NOT NULL OR doubt IS NOT NULL", name="intake_waits_for_a_reason"),
        CheckConstraint("(channel = 'counter') = (brought_by <> '')", name="intake_brought_by_someone"),
        Index("intake_waiting", "arrived_at", postgresql_where=text("outcome IS NULL")),
        Index("intake_about", "reference", postgresql_where=text("reference <> ''")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    channel: Mapped[str]
    source: Mapped[str]
    sender: Mapped[str] = mapped_column(server_default="")
    subject: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str] = mapped_column(server_default="")
    answers: Mapped[str] = mapped_column(server_default="")
    thread: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str]
    may_answer: Mapped[bool] = mapped_column(server_default="false")
    brought_by: Mapped[str] = mapped_column(server_default="")
    arrived_at: Mapped[datetime]
    kept_at: Mapped[datetime]
    agent: Mapped[str | None] = mapped_column(ForeignKey("agent.number"))
    reference: Mapped[str] = mapped_column(server_default="")
    doubt: Mapped[str | None]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class IntakePaper(Base):
    """
    One attachment: a scan, or the sentence why it could not be made one.

    :ivar place: its number in the mail, from 1 on
    :ivar codes: references that our own codes on its pages name
    :ivar problem: marked with ``N_``
    :ivar filed_as: which paper of the request ``filed_to`` it is, such as ``form``
    """

    __tablename__ = "intake_paper"
    __table_args__ = (
        PrimaryKeyConstraint("intake", "place"),
        UniqueConstraint("scan"),
        CheckConstraint("(scan IS NULL) = (problem <> '')", name="intake_paper_is_a_scan_or_says_why_not"),
        CheckConstraint("(filed_to = '') = (filed_as = '') AND (filed_to = '') = (filed_by IS NULL)", name="intake_paper_filed_by_someone"),
        CheckConstraint("filed_to = '' OR scan IS NOT NULL", name="intake_paper_filed_is_a_scan"),
    )

    intake: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    place: Mapped[int]
    scan: Mapped[str | None] = mapped_column(ForeignKey("scan.name"))
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    problem: Mapped[str] = mapped_column(server_default="")
    filed_to: Mapped[str] = mapped_column(server_default="")
    filed_as: Mapped[str] = mapped_column(server_default="")
    filed_by: Mapped[str | None]

"""Announcements, their words in each language, their files, and who has read them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, PrimaryKeyConstraint, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.markets import MARKETS

MEDIA_TYPES = ("application/pdf", "image/jpeg")
LARGEST_FILE = 5 * 1024 * 1024


class Announcement(Base):
    """
    What was published stands; it can only be ended.

    :ivar market: whose people; empty for all
    :ivar roles: for whom
    :ivar urgent: stands on every page until it is read
    :ivar last_day: is shown too; ``None`` until somebody ends it. Days are those of the reader's market
    """

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint(f"market IN ('', {', '.join(map(repr, MARKETS))})", name="announcement_market_known"),
        CheckConstraint("cardinality(roles) > 0", name="announcement_for_somebody"),
        CheckConstraint("last_day >= first_day", name="announcement_ends_after_it_begins"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="announcement_ended_by_someone"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    market: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    urgent: Mapped[bool]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class Words(Base):
    """In one language."""

    __tablename__ = "announcement_text"
    __table_args__ = (
        PrimaryKeyConstraint("announcement", "language"),
        CheckConstraint("title <> '' AND body <> ''", name="announcement_says_something"),
    )

    announcement: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    language: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]


class File(Base):
    """Never opened by us: it is handed out as a download without any rights (C11)."""

    __tablename__ = "announcement_file"
    __table_args__ = (
        CheckConstraint(f"media_type IN ({', '.join(map(repr, MEDIA_TYPES))})", name="announcement_file_media_type_known"),
        CheckConstraint(f"octet_length(content) BETWEEN 1 AND {LARGEST_FILE}", name="announcement_file_not_too_large"),
        Index("announcement_file_announcement_idx", "announcement"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    announcement: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)


class Reading(Base):
    """A person said that it is read."""

    __tablename__ = "announcement_reading"
    __table_args__ = (PrimaryKeyConstraint("announcement", "person"), Index("announcement_reading_of_person", "person"))

    announcement: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    person: Mapped[int] = mapped_column(ForeignKey("person.id"))
    read_at: Mapped[datetime]

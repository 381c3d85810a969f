"""Scans that came in, who looked at them and how they ended; numbered papers that went out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

MEDIA_TYPES = ("image/jpeg", "application/pdf")
MOST_PAGES = 10


class Retention(Base):
    """How many days a kind of scan is kept after its matter is closed."""

    __tablename__ = "scan_retention"
    __table_args__ = (CheckConstraint("days >= 0", name="retention_days_not_negative"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]


class Scan(Base):
    """
    A picture of a paper or an identity card, made anew from what was uploaded, and sealed (C-08).

    Its name is made up; nothing of the uploaded file's name, format or properties is kept.

    :ivar about: the thing it belongs to, such as a payment's reference
    :ivar size: bytes of the picture itself
    :ivar wrapped_key: its own random key, wrapped by the key ``key_id`` that is not in the database
    :ivar closed_at: when its matter ended; the days until its destruction count from here
    :ivar certificate: of its destruction; picture and key are gone then
    """

    __tablename__ = "scan"
    __table_args__ = (
        CheckConstraint("name ~ '^[0-9a-f]{32}$'", name="scan_name_is_made_up"),
        CheckConstraint(f"media_type IN ({', '.join(map(repr, MEDIA_TYPES))})", name="scan_media_type_known"),
        CheckConstraint(f"pages BETWEEN 1 AND {MOST_PAGES} AND size > 0", name="scan_has_content"),
        CheckConstraint(
            "(sealed IS NULL) = (wrapped_key IS NULL) AND (sealed IS NULL) = (certificate IS NOT NULL)", name="sealed_or_destroyed"
        ),
        CheckConstraint("certificate IS NULL OR closed_at IS NOT NULL", name="destroyed_once_closed"),
        Index("scan_about_idx", "about"),
        Index("scan_to_destroy", "closed_at", postgresql_where=text("closed_at IS NOT NULL AND certificate IS NULL")),
        Index("scan_key", "key_id", postgresql_where=text("certificate IS NULL")),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("scan_retention.kind"))
    about: Mapped[str]
    media_type: Mapped[str]
    pages: Mapped[int]
    size: Mapped[int]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    key_id: Mapped[str]
    kept_at: Mapped[datetime]
    kept_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    certificate: Mapped[int | None] = mapped_column(ForeignKey("scan_certificate.id"))


class ScanView(Base):
    """Somebody looked at a scan, and why (C-08). For ever."""

    __tablename__ = "scan_view"
    __table_args__ = (CheckConstraint("reason <> ''", name="viewed_with_a_reason"), Index("scan_view_scan_idx", "scan"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    scan: Mapped[str] = mapped_column(ForeignKey("scan.name"))
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]


class Certificate(Base):
    """
    A scan was destroyed: what it was, by which rule, and how often it had been looked at. For ever.

    :ivar digest: SHA-256 of the sealed bytes: a copy that turns up in a backup can be recognised, not opened
    """

    __tablename__ = "scan_certificate"
    __table_args__ = (
        UniqueConstraint("scan"),
        CheckConstraint("destroyed_at >= closed_at + make_interval(days => CAST(days AS integer))", name="not_destroyed_too_early"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    scan: Mapped[str]
    kind: Mapped[str]
    about: Mapped[str]
    kept_at: Mapped[datetime]
    kept_by: Mapped[str]
    closed_at: Mapped[datetime]
    days: Mapped[int]
    views: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime]
    destroyed_by: Mapped[str]


class PaperSeries(Base):
    """The last number of a series, such as ``D-2026``: numbers have no gaps."""

    __tablename__ = "paper_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Paper(Base):
    """
    A numbered paper, and what it says: every copy says the same for ever.

    :ivar kind: its template in ``forms_templates/``
    :ivar about: the thing it proves; one paper of a kind for each
    :ivar facts: its sentences and values in ``language``
    """

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("kind", "about"),
        CheckConstraint("number ~ '^[A-Z]-[0-9]{4}-[0-9]{6,}$'", name="paper_number_shape"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    about: Mapped[str]
    language: Mapped[str]
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]


class PaperCopy(Base):
    """A numbered paper was printed: copy 0 is the original."""

    __tablename__ = "paper_copy"
    __table_args__ = (PrimaryKeyConstraint("number", "copy"),)

    number: Mapped[str] = mapped_column(ForeignKey("paper.number"))
    copy: Mapped[int]
    printed_at: Mapped[datetime]
    by: Mapped[str]

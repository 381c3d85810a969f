"""Requests of people about their own data, and how many days each kind of data is kept."""

from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, Identity, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

COPY, ERASURE = "copy", "erasure"


class DataRetention(Base):
    """After how many days a kind of personal data is replaced by a pseudonym, counted from the end of what it was for."""

    __tablename__ = "data_retention"
    __table_args__ = (CheckConstraint("days >= 0", name="data_retention_days_not_negative"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]


class PrivacyRequest(Base):
    """
    Somebody wants a copy of the own data, or their erasure. Two persons: one writes it down, another decides.

    :ivar kind: ``copy`` or ``erasure``
    :ivar asked_by: who asked, in which role: the person, a guardian, an authority
    :ivar identity_check: how it was made sure that it is that person
    :ivar identifiers: phones (E.164) and mail addresses; empty once the data are erased
    :ivar matters: references of payments and requests whose scans show the person
    :ivar forms_too: signed forms are destroyed as well as identity cards
    :ivar done: how many rows of which table were changed
    """

    __tablename__ = "privacy_request"
    __table_args__ = (
        CheckConstraint("kind IN ('copy', 'erasure')", name="privacy_request_kind_known"),
        CheckConstraint("asked_by <> '' AND identity_check <> ''", name="privacy_request_identity_checked"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)",
            name="privacy_request_decided_by_someone",
        ),
        CheckConstraint("decided_by <> recorded_by", name="privacy_request_decided_by_another"),
        CheckConstraint("granted IS NOT FALSE OR decision_reason <> ''", name="privacy_request_denied_with_a_reason"),
        CheckConstraint("NOT (kind = 'erasure' AND granted IS TRUE AND cardinality(identifiers) > 0)", name="privacy_request_forgets_too"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str]
    asked_by: Mapped[str]
    identity_check: Mapped[str]
    identifiers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    matters: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    forms_too: Mapped[bool] = mapped_column(server_default="false")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    granted: Mapped[bool | None]
    decision_reason: Mapped[str] = mapped_column(server_default="")
    done: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")

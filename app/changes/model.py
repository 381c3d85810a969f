"""Changes as records: what is wanted, who asked, who approved, which papers there are, and why it could not be done."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.changes.references import SHAPE
from app.db import Base
from app.errors import N_
from app.markets import MARKETS


class State(StrEnum):
    DRAFT = N_("draft")
    INCOMPLETE = N_("incomplete")
    ASKED = N_("asked")
    APPROVED_ONCE = N_("approved-once")
    GRANTED = N_("granted")
    APPLIED = N_("applied")
    DENIED = N_("denied")
    WITHDRAWN = N_("withdrawn")
    FAILED = N_("failed")


OPEN = (State.DRAFT, State.INCOMPLETE, State.ASKED, State.APPROVED_ONCE, State.GRANTED, State.FAILED)
TO_DECIDE = (State.ASKED, State.APPROVED_ONCE, State.FAILED)
SOURCES = ("screen", "api", "paper", "mail")

STATE = (
    "CASE WHEN withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN denied_at IS NOT NULL THEN 'denied'"
    " WHEN applied_at IS NOT NULL THEN 'applied' WHEN failed_at IS NOT NULL THEN 'failed' WHEN granted_at IS NOT NULL THEN 'granted'"
    " WHEN approvals > 0 THEN 'approved-once' WHEN complete_at IS NOT NULL THEN 'asked' WHEN asked_at IS NOT NULL THEN 'incomplete'"
    " ELSE 'draft' END"
)


class Change(Base):
    """
    A request to change a shop or a person. There are no flags: opening, asking, approvals, denial, withdrawal, applying and
    failing are records with a time, and ``state`` is what they add up to.

    :ivar kind: of ``app/changes/kinds``; :ivar agent: whose record it is about, :ivar person_id: the person it concerns
    :ivar matter: what it is about in one word; of a kind one open change for each
    :ivar on_behalf_of: who of the shop signed, as ``person:7``, when somebody of the institution keys it in; else empty
    :ivar complete_at: when the last required paper was there
    :ivar wanted: new values by field; :ivar before: the old ones when it was asked for; :ivar version: names these
    :ivar effective_on: the day in the market's zone on which it is applied; ``None`` for at once
    :ivar weight: by which ``persons_needed`` was found, see :class:`Limit`
    :ivar round: of approving; a change that could not be applied is decided again from the beginning
    :ivar approvals: of this round; counted by the database alone
    :ivar outcome: what applying it made, such as the new person's number
    """

    __tablename__ = "change"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("id", "asked_by", "on_behalf_of", "concerns", name="change_who_asked"),
        CheckConstraint(f"reference ~ '^{SHAPE}$'", name="change_reference_shape"),
        CheckConstraint("kind ~ '^[a-z]+(-[a-z]+)*$'", name="change_kind_shape"),
        CheckConstraint(f"market IN ({', '.join(map(repr, MARKETS))})", name="change_market_known"),
        CheckConstraint(f"source IN ({', '.join(map(repr, SOURCES))})", name="change_source_known"),
        CheckConstraint("(asked_at IS NULL) = (asked_by IS NULL)", name="change_asked_by_someone"),
        CheckConstraint("(complete_at IS NULL) = (complete_by IS NULL)", name="change_completed_by_someone"),
        CheckConstraint("complete_at IS NULL OR asked_at IS NOT NULL", name="change_complete_once_asked"),
        CheckConstraint("persons_needed IN (1, 2)", name="change_needs_one_or_two"),
        CheckConstraint("approvals = 0 OR complete_at IS NOT NULL", name="change_approved_once_complete"),
        CheckConstraint("(granted_at IS NULL) = (granted_by IS NULL)", name="change_granted_by_someone"),
        CheckConstraint("granted_at IS NULL OR approvals >= persons_needed", name="change_granted_by_enough"),
        CheckConstraint("(denied_at IS NULL) = (denied_by IS NULL)", name="change_denied_by_someone"),
        CheckConstraint("denied_at IS NULL OR complete_at IS NOT NULL", name="change_denied_once_complete"),
        CheckConstraint("denied_at IS NULL OR denial_reason <> ''", name="change_denied_with_a_reason"),
        CheckConstraint("denied_by NOT IN (asked_by, on_behalf_of, concerns)", name="change_denied_by_another"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="change_withdrawn_by_someone"),
        CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="change_applied_by_someone"),
        CheckConstraint("applied_at IS NULL OR (granted_at IS NOT NULL AND failed_at IS NULL)", name="change_applied_once_granted"),
        CheckConstraint("failed_at IS NULL OR granted_at IS NOT NULL", name="change_failed_once_granted"),
        CheckConstraint("num_nonnulls(denied_at, withdrawn_at, applied_at) <= 1", name="change_ends_once"),
        CheckConstraint(
            "(denied_at IS NULL AND withdrawn_at IS NULL) OR granted_at IS NULL OR failed_at IS NOT NULL OR effective_on IS NOT NULL",
            name="change_granted_stands",
        ),
        Index(
            "one_open_change",
            "kind",
            "matter",
            unique=True,
            postgresql_where=text("asked_at IS NOT NULL AND denied_at IS NULL AND withdrawn_at IS NULL AND applied_at IS NULL"),
        ),
        Index(
            "posting_reversed_once",
            text("(wanted ->> 'reverses')"),
            unique=True,
            postgresql_where=text("kind = 'manual-posting-reversal' AND applied_at IS NOT NULL"),
        ),
        Index("change_of_agent", "agent", "id"),
        Index("change_of_person", "person_id"),
        Index("change_open", "state", "id", postgresql_where=text("denied_at IS NULL AND withdrawn_at IS NULL AND applied_at IS NULL")),
    )
    __mapper_args__ = {"eager_defaults": True}  # ``state`` comes back with every change

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    reference: Mapped[str]
    kind: Mapped[str]
    market: Mapped[str]
    agent: Mapped[str | None] = mapped_column(ForeignKey("agent.number"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    matter: Mapped[str]
    source: Mapped[str]
    on_behalf_of: Mapped[str] = mapped_column(server_default="")
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[str | None]
    complete_at: Mapped[datetime | None]
    complete_by: Mapped[str | None]
    wanted: Mapped[dict[str, object]] = mapped_column(JSONB)
    before: Mapped[dict[str, object]] = mapped_column(JSONB)
    version: Mapped[str]
    effective_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(server_default="")
    weight: Mapped[int] = mapped_column(server_default="0")
    persons_needed: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    round: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    approvals: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    granted_at: Mapped[datetime | None]
    granted_by: Mapped[str | None]
    denied_at: Mapped[datetime | None]
    denied_by: Mapped[str | None]
    denial_reason: Mapped[str] = mapped_column(server_default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    applied_at: Mapped[datetime | None]
    applied_by: Mapped[str | None]
    outcome: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    failed_at: Mapped[datetime | None]
    concerns: Mapped[str] = mapped_column(
        Computed("CASE WHEN person_id IS NULL THEN '' ELSE 'person:' || CAST(person_id AS text) END", persisted=True)
    )
    state: Mapped[str] = mapped_column(Computed(STATE, persisted=True))

    @property
    def was_taken_back(self) -> bool:
        """Granted for a later day, and revoked or withdrawn before it."""
        return self.granted_at is not None and self.failed_at is None and (self.denied_at or self.withdrawn_at) is not None


class Approval(Base):
    """
    One person's yes, for ever. Never of who asked, on whose behalf, or whom it concerns: they stand here too, so that the
    database can hold it.
    """

    __tablename__ = "change_approval"
    __table_args__ = (
        PrimaryKeyConstraint("change", "round", "by"),
        ForeignKeyConstraint(
            ["change", "asked_by", "on_behalf_of", "concerns"],
            ["change.id", "change.asked_by", "change.on_behalf_of", "change.concerns"],
            name="change_approval_of_what_was_asked",
        ),
        CheckConstraint("by <> asked_by AND by <> on_behalf_of AND by <> concerns", name="change_approved_by_another"),
    )

    change: Mapped[int]
    round: Mapped[int] = mapped_column(SmallInteger)
    by: Mapped[str]
    at: Mapped[datetime]
    asked_by: Mapped[str]
    on_behalf_of: Mapped[str]
    concerns: Mapped[str]


class Failure(Base):
    """
    Why a granted change could not be applied, for ever.

    :ivar say: a :class:`app.remarks.Remark`
    """

    __tablename__ = "change_failure"
    __table_args__ = (PrimaryKeyConstraint("change", "round"),)

    change: Mapped[int] = mapped_column(ForeignKey("change.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    say: Mapped[dict[str, object]] = mapped_column(JSONB)


class ChangeScan(Base):
    """:ivar which: the paper's name in its kind, such as ``form``"""

    __tablename__ = "change_scan"
    __table_args__ = (PrimaryKeyConstraint("change", "which"), UniqueConstraint("scan"))

    change: Mapped[int] = mapped_column(ForeignKey("change.id"))
    which: Mapped[str]
    scan: Mapped[str] = mapped_column(ForeignKey("scan.name"))


class Limit(Base):
    """
    Up to this weight one person decides about a kind of change alone, above it two; the newest rule valid on a day counts.

    :ivar most: in the unit of the kind's weight: minor units of the market's currency, or how many delicate fields change
    """

    __tablename__ = "change_limit"
    __table_args__ = (
        PrimaryKeyConstraint("market", "kind", "valid_from", "set_at"),
        CheckConstraint(f"market IN ({', '.join(map(repr, MARKETS))})", name="change_limit_market_known"),
        CheckConstraint("most >= 0", name="change_limit_not_negative"),
    )

    market: Mapped[str]
    kind: Mapped[str]
    valid_from: Mapped[date]
    most: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]

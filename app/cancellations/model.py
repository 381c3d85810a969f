"""Requests to undo a payment, what was reported to the biller, requests that came too late, and until when one may ask."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Identity, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.errors import N_
from app.markets import MARKETS


class State(StrEnum):
    """The seven words of the outside (product.md §3)."""

    ASKED = N_("asked")
    GRANTED = N_("granted")
    REPORTED = N_("reported")
    DONE = N_("done")
    DENIED = N_("denied")
    REFUSED = N_("refused")
    WITHDRAWN = N_("withdrawn")


LIVE = (State.ASKED, State.GRANTED, State.REPORTED, State.DONE)
DAY_CLASSES = ("workday", "saturday", "sunday", "half-day", "holiday")


class Cancellation(Base):
    """
    A request to undo one payment. There is no "cancelled" flag: request, decision, report and the biller's answer
    are records with a person and a time, and ``state`` is what they add up to.

    :ivar form: the scan of the signed form; :ivar identity: of the identity card (C-02)
    :ivar cut_off_at: until when one could ask, by the rule of that moment (C-01)
    :ivar report_until: until when the biller wants to hear of it (C-04)
    :ivar next_report_at: when the biller is asked next; ``None`` when nothing is to be asked
    :ivar word: the biller's own
    """

    __tablename__ = "cancellation"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="asked_with_a_reason"),
        CheckConstraint("asked_at < cut_off_at", name="asked_before_the_cut_off"),
        CheckConstraint("form <> identity", name="form_and_identity"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)", name="decided_by_someone"
        ),
        CheckConstraint("decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint("granted IS NOT FALSE OR decision_reason <> ''", name="denied_with_a_reason"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by_someone"),
        CheckConstraint("withdrawn_at IS NULL OR decided_at IS NULL", name="withdrawn_or_decided"),
        CheckConstraint("reported_at IS NULL OR granted IS TRUE", name="reported_once_granted"),
        CheckConstraint("(reported_at IS NULL) = (times_reported = 0)", name="reported_at_least_once"),
        CheckConstraint("outcome IN ('done', 'refused')", name="cancellation_outcome_known"),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answered_with_an_outcome"),
        CheckConstraint("answered_at IS NULL OR reported_at IS NOT NULL", name="answered_once_reported"),
        CheckConstraint("(next_report_at IS NOT NULL) = (granted IS TRUE AND outcome IS NULL)", name="reported_until_the_end"),
        Index(
            "one_live_cancellation",
            "payment",
            unique=True,
            postgresql_where=text("state = ANY (ARRAY['asked', 'granted', 'reported', 'done'])"),
        ),
        Index("cancellation_payment_idx", "payment"),
        Index("cancellation_of_agent", "agent", "id"),
        Index("cancellation_open", "state", "id", postgresql_where=text("state = ANY (ARRAY['asked', 'granted', 'reported'])")),
        Index("cancellation_to_report", "biller", "next_report_at", postgresql_where=text("next_report_at IS NOT NULL")),
    )
    __mapper_args__ = {"eager_defaults": True}  # ``state`` comes back with every change

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment: Mapped[str] = mapped_column(ForeignKey("payment.reference"))
    agent: Mapped[str]
    biller: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    reason: Mapped[str]
    form: Mapped[str] = mapped_column(ForeignKey("scan.name"))
    identity: Mapped[str] = mapped_column(ForeignKey("scan.name"))
    cut_off_at: Mapped[datetime]
    report_until: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    granted: Mapped[bool | None]
    decision_reason: Mapped[str] = mapped_column(server_default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    next_report_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    times_reported: Mapped[int] = mapped_column(server_default="0")
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    word: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(
        Computed(
            "CASE WHEN withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN granted IS FALSE THEN 'denied' WHEN outcome IS NOT NULL THEN outcome"
            " WHEN reported_at IS NOT NULL THEN 'reported' WHEN granted THEN 'granted' ELSE 'asked' END",
            persisted=True,
        )
    )

    @property
    def reported_in_time(self) -> bool | None:
        """C-04; ``None`` while nothing was reported."""
        return self.reported_at < self.report_until if self.reported_at else None


class Report(Base):
    """
    Proof of sending (C-04): what went to the biller and when, written down before it went, and what came back.

    :ivar in_time: sent before the biller's own limit
    :ivar verdict: ``yes``, ``no`` or ``unknown``; ``None`` if we died before an answer could be written down
    """

    __tablename__ = "cancellation_report"
    __table_args__ = (
        PrimaryKeyConstraint("cancellation", "attempt"),
        CheckConstraint("(answered_at IS NULL) = (verdict IS NULL)", name="report_answered_with_a_verdict"),
        CheckConstraint("verdict IN ('yes', 'no', 'unknown')", name="report_verdict_known"),
    )

    cancellation: Mapped[int] = mapped_column(ForeignKey("cancellation.id"))
    attempt: Mapped[int]
    sent_at: Mapped[datetime]
    sent: Mapped[dict[str, object]] = mapped_column(JSONB)
    in_time: Mapped[bool]
    answered_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    word: Mapped[str] = mapped_column(server_default="")
    biller_reference: Mapped[str] = mapped_column(server_default="")


class LateAttempt(Base):
    """Somebody asked after the cut-off: no request, but a fact that stands on the dekont (C-06). For ever."""

    __tablename__ = "late_attempt"
    __table_args__ = (CheckConstraint("at >= cut_off_at", name="late_after_the_cut_off"), Index("late_attempt_payment_idx", "payment"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment: Mapped[str] = mapped_column(ForeignKey("payment.reference"))
    agent: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    reason: Mapped[str]
    cut_off_at: Mapped[datetime]


class Case(Base):
    """
    The biller's later word contradicts the end of a cancellation (B19): two persons decide, nothing happens silently.

    ``late-yes``: it was refused, and then cancelled after all; the customer may have got the money there.
    ``late-no``: it was done, and the biller did not cancel.

    :ivar outcome: ``refund`` (the payment is undone), ``charge-agent`` (the agent pays the biller) or ``noted``
    :ivar note: why, and which document proves it
    """

    __tablename__ = "cancellation_case"
    __table_args__ = (
        UniqueConstraint("cancellation", "kind"),
        CheckConstraint(
            "(kind = 'late-yes' AND coalesce(outcome, 'noted') IN ('refund', 'noted'))"
            " OR (kind = 'late-no' AND coalesce(outcome, 'noted') IN ('charge-agent', 'noted'))",
            name="cancellation_case_outcome_fits",
        ),
        CheckConstraint(
            "(proposed_at IS NULL) = (proposed_by IS NULL) AND (proposed_at IS NULL) = (outcome IS NULL)",
            name="cancellation_case_proposed_by_someone",
        ),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="cancellation_case_decided_by_someone"),
        CheckConstraint("decided_at IS NULL OR proposed_at IS NOT NULL", name="cancellation_case_decided_once_proposed"),
        CheckConstraint("decided_by <> proposed_by", name="cancellation_case_decided_by_another"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    cancellation: Mapped[int] = mapped_column(ForeignKey("cancellation.id"))
    kind: Mapped[str]
    word: Mapped[str]
    opened_at: Mapped[datetime]
    outcome: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    proposed_at: Mapped[datetime | None]
    proposed_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]


class CutOff(Base):
    """
    Until when one may ask, and until when the biller wants to hear of it, on one class of days from a day on (C-02).

    The youngest ``valid_from`` that has come counts; of several for the same day, the one set last. A row is never
    changed: what counted on an earlier day can be seen for ever.

    :ivar biller: its code, or empty for all of the market that have no rows of their own
    :ivar asked_until: in the market's time; ``None``: on such days nothing can be cancelled
    """

    __tablename__ = "cut_off"
    __table_args__ = (
        PrimaryKeyConstraint("market", "biller", "day_class", "valid_from", "set_at"),
        CheckConstraint(f"market IN ({', '.join(map(repr, MARKETS))})", name="cut_off_market_known"),
        CheckConstraint(f"day_class IN ({', '.join(map(repr, DAY_CLASSES))})", name="cut_off_day_class_known"),
        CheckConstraint("(asked_until IS NULL) = (reported_until IS NULL)", name="cut_off_both_or_none"),
        CheckConstraint("asked_until < reported_until", name="asked_before_reported"),
    )

    market: Mapped[str]
    biller: Mapped[str]
    day_class: Mapped[str]
    valid_from: Mapped[date]
    asked_until: Mapped[time | None]
    reported_until: Mapped[time | None]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class BankDay(Base):
    """
    A day that is another than the calendar says: decreed holidays, moved half days, worked Saturdays (C-02).

    Of several for one day the one set last counts; none is ever changed.
    """

    __tablename__ = "bank_day"
    __table_args__ = (
        PrimaryKeyConstraint("market", "on", "set_at"),
        CheckConstraint(f"market IN ({', '.join(map(repr, MARKETS))})", name="bank_day_market_known"),
        CheckConstraint(f"day_class IN ({', '.join(map(repr, DAY_CLASSES))})", name="bank_day_class_known"),
    )

    market: Mapped[str]
    on: Mapped[date]
    day_class: Mapped[str]
    note: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class HoursProposal(Base):
    """
    Other hours, or another kind of day, for today: it moves money today, so a second person agrees. Void when the day is over.

    :ivar kind: ``hours`` (a :class:`CutOff` from ``first_day`` on) or ``day`` (a :class:`BankDay`)
    :ivar note: why, such as the decree that says so
    """

    __tablename__ = "hours_proposal"
    __table_args__ = (
        CheckConstraint("kind IN ('hours', 'day')", name="hours_proposal_kind_known"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (agreed IS NULL)",
            name="hours_proposal_decided_by_someone",
        ),
        CheckConstraint("decided_by <> proposed_by", name="hours_proposal_decided_by_another"),
        Index("hours_proposal_open", "id", postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str]
    market: Mapped[str]
    biller: Mapped[str]
    day_class: Mapped[str]
    first_day: Mapped[date]
    asked_until: Mapped[time | None]
    reported_until: Mapped[time | None]
    note: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    agreed: Mapped[bool | None]

"""Payments, what is still to be asked about them, the papers handed out, and cases for two persons."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.errors import N_
from app.money import Money, is_cash_rounded, round_cash


class State(StrEnum):
    """The four words of the outside (product.md §3)."""

    PENDING = N_("pending")
    PAID = N_("paid")
    REFUSED = N_("refused")
    CANCELLED = N_("cancelled")


class Payment(Base):
    """
    One attempt by one agent to pay one bill.

    ``released`` is true once the bill is free again (refused or cancelled); it exists so that
    the unique index of live payments never changes while a payment is settled as paid.

    :ivar fee: of the customer, on top of ``amount``; :ivar share: of the agent; :ivar tax: of the institution
    :ivar confirmed: the bill's warnings, all of which the customer agreed to; the audit trail says to whom
    :ivar covers: refs of older bills whose debt this one contains (P-25)
    :ivar answered_at: when our own waiting ended; a twin request waits for it (P-08)
    :ivar was_unknown: the cashier was told to wait, so the end stays on the shop's screen (P-13)
    :ivar balance_after: the agent's balance after the payment's last posting
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("agent", "key"),
        CheckConstraint("amount > 0 AND fee >= 0 AND share >= 0 AND tax >= 0", name="payment_amounts_sensible"),
        CheckConstraint("state IN ('pending', 'paid', 'refused', 'cancelled')", name="payment_state_known"),
        CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled_once_not_pending"),
        CheckConstraint("released = (state IN ('refused', 'cancelled'))", name="released_when_refused_or_cancelled"),
        CheckConstraint("length(key) BETWEEN 1 AND 255", name="payment_key_length"),
        Index("one_live_payment", "biller", "subscriber", "bill", "version", unique=True, postgresql_where=text("NOT released")),
        Index("payment_of_agent", "agent", "reference"),
        Index("payment_asked_at", "asked_at", postgresql_using="brin"),
        Index("payment_phone_to_forget", "asked_at", postgresql_where=text("customer_phone <> '' AND customer_phone !~~ '+999%'")),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    reference: Mapped[str] = mapped_column(primary_key=True)
    agent: Mapped[str]
    person_id: Mapped[int]
    key: Mapped[str]
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    biller: Mapped[str]
    subscriber: Mapped[str]
    bill: Mapped[str]
    version: Mapped[str]
    amount: Mapped[int]
    fee: Mapped[int]
    share: Mapped[int]
    tax: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=State.PENDING)
    released: Mapped[bool] = mapped_column(server_default=text("false"))
    confirmed: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    customer_phone: Mapped[str] = mapped_column(server_default="")
    facts: Mapped[dict[str, str]] = mapped_column(JSONB)
    covers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    receipt_code: Mapped[str]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    was_unknown: Mapped[bool] = mapped_column(server_default=text("false"))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    biller_reference: Mapped[str] = mapped_column(server_default="")
    code: Mapped[str] = mapped_column(server_default="")
    balance_after: Mapped[int]

    @property
    def bill_amount(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def customer_fee(self) -> Money:
        return Money(self.fee, self.currency)

    @property
    def whole(self) -> Money:
        """What the customer handed over: bill and fee."""
        return Money(self.amount + self.fee, self.currency)

    @property
    def cash(self) -> Money | None:
        """What that is in coins and notes, where they are rounded (HUF); it is never posted."""
        return round_cash(self.whole) if is_cash_rounded(self.currency) else None

    @property
    def remainder(self) -> Money:
        """P-27: what stays open on the bill after this payment; below zero, what goes to the subscriber's advance."""
        return Money(int(self.facts.get("open", self.amount)) - self.amount, self.currency)


class OpenQuestion(Base):
    """
    A payment whose outcome the biller still owes us. Its key is P-09: one in flight per subscriber.

    :ivar next_ask_at: P-04; whoever asks moves it on first, so that no two ask at once
    :ivar reversing: a reversal was sent (P-06): from then on only its final answer ends the payment
    :ivar alarmed_at: when people were told that it takes long
    """

    __tablename__ = "open_question"
    __table_args__ = (PrimaryKeyConstraint("biller", "subscriber"), UniqueConstraint("reference"))

    biller: Mapped[str]
    subscriber: Mapped[str]
    reference: Mapped[str]
    asked_since: Mapped[datetime]
    next_ask_at: Mapped[datetime]
    times_asked: Mapped[int] = mapped_column(server_default="0")
    reversing: Mapped[bool] = mapped_column(server_default=text("false"))
    last_word: Mapped[str] = mapped_column(server_default="")
    alarmed_at: Mapped[datetime | None]


class CashToReturn(Base):
    """
    Cash that a customer left for a payment that did not stand: it stays on the shop's screen until
    somebody records that it was given back (P-13).
    """

    __tablename__ = "cash_to_return"
    __table_args__ = (
        CheckConstraint("(returned_at IS NULL) = (returned_by IS NULL)", name="returned_by_someone"),
        Index("cash_still_to_return", "agent", postgresql_where=text("returned_at IS NULL")),
    )

    payment: Mapped[str] = mapped_column(ForeignKey("payment.reference"), primary_key=True)
    agent: Mapped[str]
    since: Mapped[datetime]
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[str | None]


class Slip(Base):
    """A paper handed out for a payment (P-10, P-11): its kind, and which copy it was."""

    __tablename__ = "slip"
    __table_args__ = (
        PrimaryKeyConstraint("payment", "kind", "copy"),
        CheckConstraint("kind IN ('receipt', 'pending', 'void', 'dekont')", name="slip_kind_known"),
    )

    payment: Mapped[str] = mapped_column(ForeignKey("payment.reference"))
    kind: Mapped[str]
    copy: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str]


class Case(Base):
    """
    What no program may decide: two persons do, nothing happens silently.

    ``unknown``: nobody could tell what became of a payment (P-04); ``late-yes`` and ``late-no``: an answer
    that contradicts the payment's end came later (P-07, P-08).

    :ivar word: the biller's own word
    :ivar outcome: ``paid`` or ``refused`` for an unknown one; ``charge-agent`` (the biller keeps it, the agent
        pays) or ``noted`` (nothing to move) for a late one
    :ivar note: why, and which document proves it
    """

    __tablename__ = "payment_case"
    __table_args__ = (
        UniqueConstraint("payment", "kind"),
        CheckConstraint("kind IN ('unknown', 'late-yes', 'late-no')", name="case_kind_known"),
        CheckConstraint(
            "(proposed_at IS NULL) = (proposed_by IS NULL) AND (proposed_at IS NULL) = (outcome IS NULL)", name="proposed_by_someone"
        ),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="case_decided_by_someone"),
        CheckConstraint("decided_by <> proposed_by", name="case_decided_by_another"),
        CheckConstraint("outcome IN ('paid', 'refused', 'charge-agent', 'noted')", name="case_outcome_known"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment: Mapped[str] = mapped_column(ForeignKey("payment.reference"))
    kind: Mapped[str]
    word: Mapped[str]
    opened_at: Mapped[datetime]
    outcome: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")
    proposed_at: Mapped[datetime | None]
    proposed_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]

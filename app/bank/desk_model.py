"""Records of the desk: from which sum on two persons decide, what waits for the second one, and money on its way back."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.markets import MARKETS
from app.money import Money

MARKET_KNOWN = f"market IN ({', '.join(map(repr, MARKETS))})"


class DeskLimit(Base):
    """
    Up to this sum one person decides about a deposit, above it two; the newest rule that is valid on a day counts.

    :ivar amount: in minor units of the market's currency
    :ivar uploads_wait: it holds for credits that only uploaded files show, too; else those count at once
    """

    __tablename__ = "desk_limit"
    __table_args__ = (
        PrimaryKeyConstraint("market", "valid_from", "set_at"),
        CheckConstraint(MARKET_KNOWN, name="desk_limit_market_known"),
        CheckConstraint("amount >= 0", name="desk_limit_not_negative"),
    )

    market: Mapped[str]
    valid_from: Mapped[date]
    amount: Mapped[int]
    uploads_wait: Mapped[bool] = mapped_column(server_default=true())
    set_at: Mapped[datetime]
    set_by: Mapped[str]


class DepositProposal(Base):
    """
    What one person wants to be done with a deposit, until another one has decided. One at a time for each deposit.

    :ivar kind: ``credit`` is the match itself: its money came only in a file that ``proposed_by`` uploaded
    :ivar agent: who is to get it; :ivar target: which account, if it is no top-up
    :ivar granted: ``None`` also when it was withdrawn, or events overtook it
    :ivar answer: why not
    """

    __tablename__ = "deposit_proposal"
    __table_args__ = (
        CheckConstraint("kind IN ('credit', 'assign', 'reassign', 'return', 'dismiss')", name="deposit_proposal_kind_known"),
        CheckConstraint("(agent IS NOT NULL) = (kind IN ('credit', 'assign', 'reassign'))", name="proposed_for_an_agent"),
        CheckConstraint("(target IS NOT NULL) = (kind = 'dismiss')", name="dismissed_to_an_account"),
        CheckConstraint("note <> '' OR kind = 'credit'", name="proposed_with_a_note"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="proposal_decided_by_someone"),
        CheckConstraint("granted IS NULL OR decided_at IS NOT NULL", name="granted_by_a_decision"),
        CheckConstraint("granted IS NULL OR decided_by <> proposed_by", name="proposal_decided_by_another"),
        CheckConstraint("granted IS NOT FALSE OR answer <> ''", name="proposal_refused_with_a_reason"),
        Index("one_open_proposal", "deposit", unique=True, postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    deposit: Mapped[str] = mapped_column(ForeignKey("deposit.reference"))
    kind: Mapped[str]
    agent: Mapped[str | None]
    target: Mapped[str | None]
    note: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    granted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(server_default="")


class ReturnBatch(Base):
    """
    Deposits that one file gives back to their senders, and what it pays out to closing shops: gathered by one person, decided by
    another, taken to the bank once.

    :ivar sha256: of the file as it was downloaded, which is how a file at hand is proven to be this one
    :ivar voided_at: it never reached the bank; its transfers can be gathered again
    """

    __tablename__ = "return_batch"
    __table_args__ = (
        CheckConstraint("number > 0 AND amount > 0", name="return_batch_of_something"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)", name="batch_decided_by_someone"
        ),
        CheckConstraint("decided_by <> gathered_by", name="batch_decided_by_another"),
        CheckConstraint("granted IS NOT FALSE OR answer <> ''", name="batch_refused_with_a_reason"),
        CheckConstraint("downloaded_at IS NULL OR granted IS TRUE", name="downloaded_once_granted"),
        CheckConstraint(
            "(downloaded_at IS NULL) = (downloaded_by IS NULL) AND (downloaded_at IS NULL) = (sha256 IS NULL)"
            " AND (downloaded_at IS NULL) = (format IS NULL)",
            name="downloaded_by_someone",
        ),
        CheckConstraint("format IN ('pain.001.001.03', 'pain.001.001.09', 'csv')", name="batch_format_known"),
        CheckConstraint("(voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_note = '')", name="voided_with_a_note"),
        CheckConstraint("voided_at IS NULL OR granted IS TRUE", name="voided_once_granted"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    iban: Mapped[str] = mapped_column(ForeignKey("bank_account.iban"))
    number: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str]
    gathered_at: Mapped[datetime]
    gathered_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    granted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(server_default="")
    format: Mapped[str | None]
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    downloaded_at: Mapped[datetime | None]
    downloaded_by: Mapped[str | None]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None]
    void_note: Mapped[str] = mapped_column(server_default="")

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def state(self) -> str:
        if self.granted is None:
            return "gathered"
        if not self.granted:
            return "refused"
        if self.voided_at:
            return "voided"
        return "downloaded" if self.downloaded_at else "granted"


class AgentPayout(Base):
    """
    What a closing shop gets: the second kind of transfer in a payout file. In the book when it has left the bank.

    :ivar iban: our account, which pays; :ivar to_iban: the shop's, and :ivar name: how the bank knows it
    :ivar return_batch: the file that pays it; :ivar left_by: the booking by which it left the bank
    :ivar withdrawn_at: nothing or something else is to be paid by now, and no file held it
    """

    __tablename__ = "agent_payout"
    __table_args__ = (
        UniqueConstraint("id"),
        CheckConstraint("reference ~ '^A[0-9]{6}-[0-9A-Z]{12}$'", name="agent_payout_reference_shape"),
        CheckConstraint("amount > 0", name="agent_payout_of_something"),
        CheckConstraint("(paid_at IS NULL) = (left_by IS NULL)", name="agent_payout_paid_by_a_booking"),
        CheckConstraint("withdrawn_at IS NULL OR (paid_at IS NULL AND return_batch IS NULL)", name="agent_payout_withdrawn_in_time"),
        Index("one_open_payout", "agent", unique=True, postgresql_where=text("paid_at IS NULL AND withdrawn_at IS NULL")),
        Index("agent_payout_of_agent", "agent", "id"),
        Index("agent_payout_in_batch", "return_batch", postgresql_where=text("return_batch IS NOT NULL")),
        Index("agent_payout_left_by", "left_by", postgresql_where=text("left_by IS NOT NULL")),
    )

    reference: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True))
    agent: Mapped[str] = mapped_column(ForeignKey("agent.number"))
    iban: Mapped[str] = mapped_column(ForeignKey("bank_account.iban"))
    amount: Mapped[int]
    currency: Mapped[str]
    name: Mapped[str]
    to_iban: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    return_batch: Mapped[int | None] = mapped_column(ForeignKey("return_batch.id"))
    left_by: Mapped[int | None] = mapped_column(ForeignKey("bank_booking.id"))
    paid_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def rest(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def is_leaving(self) -> bool:
        """Decided, and not yet seen to leave the bank."""
        return self.paid_at is None and self.withdrawn_at is None


class PayoutDebit(Base):
    """
    Which debit of the bank was a payout that left alone and without its number: one person says it, another agrees. One at a
    time for each payout.

    :ivar answer: why not
    """

    __tablename__ = "payout_debit"
    __table_args__ = (
        CheckConstraint("note <> ''", name="payout_debit_with_a_note"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL)",
            name="payout_debit_decided_by_someone",
        ),
        CheckConstraint("decided_by <> proposed_by", name="payout_debit_decided_by_another"),
        CheckConstraint("granted IS NOT FALSE OR answer <> ''", name="payout_debit_refused_with_a_reason"),
        Index("one_open_payout_debit", "payout", unique=True, postgresql_where=text("decided_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payout: Mapped[str] = mapped_column(ForeignKey("agent_payout.reference"))
    booking: Mapped[int] = mapped_column(ForeignKey("bank_booking.id"))
    note: Mapped[str]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    granted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(server_default="")


class PayoutSentBack(Base):
    """The bank of the shop did not take it: the payout came in again as this deposit."""

    __tablename__ = "payout_sent_back"
    __table_args__ = (UniqueConstraint("deposit"),)

    payout: Mapped[str] = mapped_column(ForeignKey("agent_payout.reference"), primary_key=True)
    deposit: Mapped[str] = mapped_column(ForeignKey("deposit.reference"))
    seen_at: Mapped[datetime]


class BankEvent(Base):
    """
    What a bank pushed to us, once for each of its event ids (B28).

    :ivar sha256: of the body: the same id with another body is refused
    """

    __tablename__ = "bank_event"
    __table_args__ = (PrimaryKeyConstraint("iban", "event"),)

    iban: Mapped[str] = mapped_column(ForeignKey("bank_account.iban"))
    event: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    came_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class TopUpNotice(Base):
    """An owner who wants to be told of each top-up. ``mail`` is an address, or empty."""

    __tablename__ = "top_up_notice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sms: Mapped[bool]
    mail: Mapped[str]
    changed_at: Mapped[datetime]

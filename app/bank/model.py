"""Our bank accounts, what the bank told us about them, and the deposits among it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.bank.statement.statement import Side, Status
from app.db import Base
from app.errors import N_
from app.markets import MARKETS
from app.money import Money

Said = dict[str, object]  # a Remark as JSON


class BankAccount(Base):
    """
    One of our own accounts at a bank.

    :ivar label: for people; :ivar aliases: how the bank's files name the account besides its IBAN
    :ivar push_key: which of its keys signs what the bank pushes; 0 when it pushes nothing
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint("iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$'", name="bank_account_iban_shape"),
        CheckConstraint(f"market IN ({', '.join(map(repr, MARKETS))})", name="bank_account_market_known"),
    )

    iban: Mapped[str] = mapped_column(primary_key=True)
    bank: Mapped[str]
    market: Mapped[str]
    currency: Mapped[str]
    label: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    push_key: Mapped[int] = mapped_column(server_default="0")
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    closed_at: Mapped[datetime | None]


class BankFeed(Base):
    """
    How the bank's feed of one account is doing (E22).

    :ivar news_at: when it last gave a readable answer, with bookings or without
    :ivar days_at: when it last gave whole days with balances, which prove what came intraday
    :ivar error: why the last try failed; empty while all is well
    :ivar alarmed_at: when people were told of the present silence
    """

    __tablename__ = "bank_feed"

    iban: Mapped[str] = mapped_column(ForeignKey("bank_account.iban"), primary_key=True)
    asked_at: Mapped[datetime | None]
    news_at: Mapped[datetime | None]
    days_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")
    alarmed_at: Mapped[datetime | None]


class StatementFile(Base):
    """
    A file as it came, byte for byte and for ever.

    :ivar account: that somebody chose for it, since an export may name none; else empty
    :ivar way: ``feed``, ``push``, ``inbox`` or ``upload``; :ivar unreadable: why there is no statement in it
    """

    __tablename__ = "statement_file"
    __table_args__ = (
        UniqueConstraint("sha256", "account"),
        CheckConstraint("way IN ('feed', 'push', 'inbox', 'upload')", name="statement_file_way_known"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    account: Mapped[str] = mapped_column(server_default="")
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str]
    way: Mapped[str]
    came_at: Mapped[datetime]
    came_by: Mapped[str]
    unreadable: Mapped[Said | None] = mapped_column(JSONB(none_as_null=True))


class StatementState(StrEnum):
    IMPORTED = "imported"
    KNOWN = "known"  # every booking of it was there before
    QUARANTINED = "quarantined"


class BankStatement(Base):
    """
    One statement of a file. Amounts are hundredths of ``currency``.

    :ivar position: in its file, from 1; :ivar account: as the file names it; :ivar iban: ours, or ``None`` for an account that is not
    :ivar balanced: it has balances and adds up, so that it proves its bookings
    :ivar content: a hash of what it says, whatever the file around it looks like
    :ivar reason: why nothing of it is credited; :ivar notes: what is worth knowing: gaps, overlaps, impossible dates
    :ivar new: bookings seen here first
    """

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("file_id", "position"),
        CheckConstraint("state IN ('imported', 'known', 'quarantined')", name="bank_statement_state_known"),
        CheckConstraint("state <> 'quarantined' OR reason IS NOT NULL", name="quarantined_with_a_reason"),
        CheckConstraint("state <> 'quarantined' OR (new = 0 AND known = 0)", name="nothing_counts_in_quarantine"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released_by_someone"),
        CheckConstraint("NOT balanced OR (opening IS NOT NULL AND closing IS NOT NULL)", name="balanced_with_balances"),
        Index("bank_statement_of_account", "account", "last_day"),
        Index("bank_statement_content", "content"),
        Index("bank_statement_in_quarantine", "id", postgresql_where=text("state = 'quarantined'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("statement_file.id"))
    position: Mapped[int]
    format: Mapped[str]
    account: Mapped[str]
    iban: Mapped[str | None] = mapped_column(ForeignKey("bank_account.iban"))
    currency: Mapped[str]
    number: Mapped[int | None]
    page: Mapped[int | None]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    opening: Mapped[int | None]
    closing: Mapped[int | None]
    balanced: Mapped[bool]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str]
    reason: Mapped[Said | None] = mapped_column(JSONB(none_as_null=True))
    notes: Mapped[list[Said]] = mapped_column(JSONB)
    bookings: Mapped[int]
    credits: Mapped[int]
    credits_sum: Mapped[int]
    debits: Mapped[int]
    debits_sum: Mapped[int]
    new: Mapped[int] = mapped_column(server_default="0")
    known: Mapped[int] = mapped_column(server_default="0")
    came_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]
    release_note: Mapped[str] = mapped_column(server_default="")


class BankBooking(Base):
    """
    One line of an account, once, however many files show it (E11).

    The key that makes doubles impossible: account, everything that tells one booking from another, and the how
    manieth of its kind it is; identical real twins have numbers 1, 2, 3 (E13).

    :ivar text_key: the text as every format carries it: only plain letters and digits
    :ivar party_name: who is at the other end
    :ivar statement_id: where it was seen first
    :ivar reversal_state: ``open`` until what it takes back is found; ``done``; ``aside`` when a person put it aside
    """

    __tablename__ = "bank_booking"
    __table_args__ = (
        UniqueConstraint("account", "fingerprint", "occurrence"),
        CheckConstraint("amount >= 0", name="bank_booking_amount_not_negative"),
        CheckConstraint(f"side IN ({', '.join(repr(str(side)) for side in Side)})", name="bank_booking_side_known"),
        CheckConstraint(f"status IN ({', '.join(repr(str(status)) for status in Status)})", name="bank_booking_status_known"),
        CheckConstraint("reversal_state IN ('none', 'open', 'done', 'aside')", name="bank_booking_reversal_state_known"),
        CheckConstraint("occurrence >= 1", name="bank_booking_occurrence_counted"),
        Index("bank_booking_of_day", "account", "day", "amount"),
        Index("bank_booking_reference", "account", text("left(reference_key, 16)"), postgresql_where=text("reference_key <> ''")),
        Index("bank_booking_open_reversal", "id", postgresql_where=text("reversal_state = 'open'")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account: Mapped[str]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    occurrence: Mapped[int]
    side: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    day: Mapped[date]
    day_is_sure: Mapped[bool]
    value_date: Mapped[date]
    booked_at: Mapped[datetime | None]
    status: Mapped[str]
    reversal: Mapped[bool]
    reversal_state: Mapped[str] = mapped_column(server_default="none")
    reference: Mapped[str]
    reference_key: Mapped[str]
    hints: Mapped[list[str]] = mapped_column(ARRAY(Text))
    text: Mapped[str]
    text_key: Mapped[str]
    party_name: Mapped[str]
    party_iban: Mapped[str]
    raw: Mapped[str]
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id"))


class Sighting(Base):
    """A booking in one statement: the first made it ours, the others only saw it again (E11)."""

    __tablename__ = "bank_sighting"
    __table_args__ = (PrimaryKeyConstraint("statement_id", "line"), Index("bank_sighting_of_booking", "booking_id"))

    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id"))
    line: Mapped[int]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bank_booking.id"))


class DepositState(StrEnum):
    SEEN = N_("seen")  # not yet judged, for a moment
    COMING = N_("coming")  # its value date lies ahead (E18)
    CREDITED = N_("credited")
    SUSPENSE = N_("suspense")  # a person decides
    RETURNING = N_("returning")  # decided, and not yet seen to leave the bank
    RETURNED = N_("returned")
    TAKEN_BACK = N_("taken-back")  # by the bank (E14, E15)
    NOT_TOP_UP = N_("not-top-up")  # our own transfer, a biller's refund (E20, E21), or what a person said it is
    NOTED = N_("noted")  # nothing moved: zero, pending, information (E16, E27)


class Deposit(Base):
    """
    A credit line of one of our accounts, or one transfer of a batch (E28).

    The four times of its journey: ``booked_at`` (the bank's own, if it tells it; the day is ``day``), ``seen_at``,
    ``matched_at``, ``credited_at``.

    :ivar line: which transfer of its booking, from 1
    :ivar person_id: whose phone the text names; :ivar trace: in words, why it was matched or not
    :ivar suggested: an agent a person may think of first; never credited by itself (E7, E24)
    :ivar doubt: found at import: a person has to decide whatever the text says
    :ivar turns: how often it was credited to somebody; each turn's postings carry their own ``about``
    :ivar taken_back_by: the booking by which the bank took it back, or our own return left the bank
    :ivar taken_back_sum: what the bank took back of it in parts; ``rest`` is what still stands
    :ivar return_batch: the payout file that gives it back
    """

    __tablename__ = "deposit"
    __table_args__ = (
        UniqueConstraint("booking_id", "line"),
        UniqueConstraint("id"),
        CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in DepositState)})", name="deposit_state_known"),
        CheckConstraint("amount >= 0", name="deposit_amount_not_negative"),
        CheckConstraint("amount > 0 OR state IN ('seen', 'noted')", name="nothing_is_only_noted"),
        CheckConstraint(
            "state <> 'credited' OR (agent IS NOT NULL AND credited_at IS NOT NULL AND turns >= 1)", name="credited_to_somebody"
        ),
        CheckConstraint(
            "state NOT IN ('seen', 'suspense', 'returning', 'noted', 'not-top-up') OR agent IS NULL", name="unmatched_is_nobodys"
        ),
        CheckConstraint("(state IN ('returned', 'taken-back')) = (ended_at IS NOT NULL)", name="deposit_ends_once"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="deposit_ended_by_someone"),
        CheckConstraint("state <> 'taken-back' OR taken_back_by IS NOT NULL", name="taken_back_by_a_booking"),
        CheckConstraint("taken_back_sum >= 0 AND taken_back_sum <= amount", name="taken_back_in_parts"),
        CheckConstraint("return_batch IS NULL OR state IN ('returning', 'returned')", name="batched_is_returned"),
        # One for one; only a return file may leave the bank as one sum, and the book's check adds it up.
        Index(
            "deposit_taken_back_once",
            "taken_back_by",
            unique=True,
            postgresql_where=text("return_batch IS NULL AND taken_back_by IS NOT NULL"),
        ),
        Index("deposit_taken_back_by", "taken_back_by", postgresql_where=text("taken_back_by IS NOT NULL")),
        Index("deposit_waiting", "id", postgresql_where=text("state IN ('seen', 'coming')")),
        Index("deposit_undecided", "id", postgresql_where=text("state = 'suspense'")),
        Index("deposit_returning", "id", postgresql_where=text("state = 'returning'")),
        Index("deposit_in_batch", "return_batch", postgresql_where=text("return_batch IS NOT NULL")),
        # Of the rarer states: nearly all are credited, and found in their order.
        Index("deposit_by_state", "state", "id", postgresql_where=text("state IN ('returned', 'taken-back', 'not-top-up', 'noted')")),
        Index("deposit_in_parts", "iban", postgresql_where=text("taken_back_sum > 0")),
        Index("deposit_of_agent", "agent", "id", postgresql_where=text("agent IS NOT NULL")),
        Index("deposit_sender", "sender_iban", postgresql_where=text("state = 'credited' AND sender_iban <> ''")),
        Index("deposit_amount", "iban", "amount", "day", postgresql_where=text("state <> 'seen'")),
    )

    reference: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True))
    booking_id: Mapped[int] = mapped_column(ForeignKey("bank_booking.id"))
    line: Mapped[int] = mapped_column(SmallInteger)
    iban: Mapped[str] = mapped_column(ForeignKey("bank_account.iban"))
    amount: Mapped[int]
    currency: Mapped[str]
    day: Mapped[date]
    value_date: Mapped[date]
    text: Mapped[str]
    sender_name: Mapped[str]
    sender_iban: Mapped[str]
    bank_reference: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=DepositState.SEEN)
    agent: Mapped[str | None]
    person_id: Mapped[int | None]
    biller: Mapped[str | None]
    own_iban: Mapped[str | None]
    suggested: Mapped[str | None]
    trace: Mapped[list[Said]] = mapped_column(JSONB, server_default="[]")
    doubt: Mapped[Said | None] = mapped_column(JSONB(none_as_null=True))
    booked_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    matched_at: Mapped[datetime | None]
    credited_at: Mapped[datetime | None]
    turns: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    taken_back_by: Mapped[int | None] = mapped_column(ForeignKey("bank_booking.id"))
    taken_back_sum: Mapped[int] = mapped_column(server_default="0")
    return_batch: Mapped[int | None] = mapped_column(ForeignKey("return_batch.id"))

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def rest(self) -> Money:
        return Money(self.amount - self.taken_back_sum, self.currency)

    @property
    def is_leaving(self) -> bool:
        """Decided, and not yet seen to leave the bank."""
        return self.state == DepositState.RETURNING

    def not_before(self, now: datetime) -> datetime:
        """For a job that may have begun before the last of its times: the money clock never runs backwards."""
        return max(now, self.credited_at or self.seen_at)


class DepositDecision(Base):
    """
    What people decided about a deposit, for ever, with a note and a time.

    :ivar kind: ``confirmed`` is the match itself, of what came only in an uploaded file; ``kept`` stops a return
    :ivar second_by: who agreed, where it took two
    """

    __tablename__ = "deposit_decision"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('assigned', 'unassigned', 'confirmed', 'returned', 'kept', 'dismissed', 'taken-back')",
            name="deposit_decision_kind_known",
        ),
        CheckConstraint("(agent IS NOT NULL) = (kind IN ('assigned', 'unassigned', 'confirmed'))", name="assigned_to_an_agent"),
        CheckConstraint("note <> '' OR kind = 'confirmed'", name="decided_with_a_note"),
        CheckConstraint("second_by <> by", name="decision_by_two"),
        Index("deposit_decision_of_deposit", "deposit", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    deposit: Mapped[str] = mapped_column(ForeignKey("deposit.reference"))
    kind: Mapped[str]
    agent: Mapped[str | None]
    note: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    second_by: Mapped[str | None]

"""What people come in with besides a password: one-time codes, second factors, browsers seen before, resets by support."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.markets import MARKETS

PASSWORD, SECOND_FACTOR = "password", "second-factor"


class Device(Base):
    """A browser in which this person has signed in. It holds a random cookie for a year; here is its hash."""

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("token_hash", "person_id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    first_seen_at: Mapped[datetime]


class PasswordCode(Base):
    """
    Somebody asked for a code to set a new password. A row is there for every number, known or not; a job looks later whose it is.

    :ivar browser_hash: of the cookie of the browser that asked; the code works in no other
    :ivar numbers: what was typed, in every market's reading
    :ivar code_hash: keyed, and bound to this row; the code itself stands only in the SMS
    :ivar tries: every guess counts, those after the fifth too
    """

    __tablename__ = "password_code"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) = (code_hash IS NULL)", name="code_for_somebody"),
        CheckConstraint("person_id IS NULL OR looked_up_at IS NOT NULL", name="code_after_a_look"),
        Index("password_code_waiting", "id", postgresql_where=text("looked_up_at IS NULL")),
        Index("password_code_person", "person_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    numbers: Mapped[list[str]] = mapped_column(ARRAY(Text))
    address: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    looked_up_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(server_default="0")
    ended_at: Mapped[datetime | None]


class SecondFactor(Base):
    """
    The secret that a person's authenticator holds too, sealed by a key that is not in the database.

    :ivar confirmed_at: when the first right code was shown; before that it asks nobody for anything
    :ivar last_step: the newest half minute whose code was used: it and all before it are refused
    """

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str]
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(server_default="0")


class RecoveryCode(Base):
    """Stands in for the authenticator once. Shown once, kept as a keyed hash."""

    __tablename__ = "recovery_code"
    __table_args__ = (PrimaryKeyConstraint("person_id", "code_hash"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), autoincrement=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginReset(Base):
    """
    Support checked who somebody is, and lets that person come in anew once the cooling time is over and nobody stopped it.

    :ivar checked: what the identity was checked by, words of :data:`app.people.reset_login.CHECKS`
    :ivar takes_two: a staff password or a lost second factor: another person must agree
    :ivar hours: of cooling, as the market's rule was when it was asked for
    :ivar stop_hash: of the secret in the notice's link, by which its reader stops it
    """

    __tablename__ = "login_reset"
    __table_args__ = (
        CheckConstraint("what IN ('password', 'second-factor')", name="reset_kind_known"),
        CheckConstraint("cardinality(checked) > 0 AND note <> ''", name="reset_after_an_identity_check"),
        CheckConstraint("what <> 'second-factor' OR takes_two", name="second_factor_reset_takes_two"),
        CheckConstraint("asked_by <> 'person:' || person_id AND seconded_by <> 'person:' || person_id", name="reset_by_another"),
        CheckConstraint("(seconded_at IS NULL) = (seconded_by IS NULL) AND seconded_by <> asked_by", name="seconded_by_another"),
        CheckConstraint("(ready_at IS NOT NULL) = (NOT takes_two OR seconded_at IS NOT NULL)", name="cools_once_it_is_agreed"),
        CheckConstraint("(stopped_at IS NULL) = (stopped_by IS NULL)", name="reset_stopped_by_someone"),
        CheckConstraint("done_at IS NULL OR (stopped_at IS NULL AND done_at >= ready_at)", name="reset_done_after_cooling"),
        Index("one_open_reset", "person_id", "what", unique=True, postgresql_where=text("stopped_at IS NULL AND done_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    what: Mapped[str]
    checked: Mapped[list[str]] = mapped_column(ARRAY(Text))
    note: Mapped[str]
    takes_two: Mapped[bool]
    hours: Mapped[int]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    seconded_at: Mapped[datetime | None]
    seconded_by: Mapped[str | None]
    ready_at: Mapped[datetime | None]
    stop_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None]
    done_at: Mapped[datetime | None]


class CoolingTime(Base):
    """How long a reset waits in a market, from a day on."""

    __tablename__ = "cooling_time"
    __table_args__ = (
        CheckConstraint(f"market IN ({', '.join(map(repr, MARKETS))})", name="cooling_time_market_known"),
        CheckConstraint("hours BETWEEN 1 AND 720", name="cooling_time_possible"),
        PrimaryKeyConstraint("market", "valid_from", "set_at"),
    )

    market: Mapped[str]
    valid_from: Mapped[date]
    hours: Mapped[int]
    set_at: Mapped[datetime]
    set_by: Mapped[str]

"""Persons, their phones and their sessions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.people.permissions import AGENT_ROLES, ROLES


class Person(Base):
    """
    Somebody who signs in with a mobile number. Removed, never deleted: every act keeps its person.

    An agent's person has an agent, the institution's own people have none.

    :ivar device_notice: how the person hears of a sign-in from an unknown browser; by SMS as long as no mail address is on file
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(f"role IN ({', '.join(map(repr, ROLES))})", name="person_role_known"),
        CheckConstraint(f"(agent IS NOT NULL) = (role IN ({', '.join(map(repr, AGENT_ROLES))}))", name="agent_role_has_an_agent"),
        CheckConstraint("phone ~ '^[+][0-9]{8,15}$'", name="person_phone_e164"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed_by_someone"),
        CheckConstraint("device_notice IN ('sms', 'mail')", name="device_notice_known"),
        Index("person_phone_in_use", "phone", unique=True, postgresql_where=text("removed_at IS NULL")),
        Index("person_phone_ever", "phone"),
        Index("person_agent_idx", "agent"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    agent: Mapped[str | None] = mapped_column(ForeignKey("agent.number"))
    role: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str]
    password_hash: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]
    device_notice: Mapped[str] = mapped_column(server_default="sms")


class FormerPhone(Base):
    """A number a person had until ``until``: a transfer may still carry it (E9, E23)."""

    __tablename__ = "former_phone"
    __table_args__ = (Index("former_phone_phone_idx", "phone"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    phone: Mapped[str]
    until: Mapped[datetime]


class SignIn(Base):
    """
    A session: a browser's or an API token. The token itself is only with its owner; here is its hash.

    Signing out, removal of the person or a new password end it for good. A ``pending`` one has shown the right password and
    opens nothing until its person has shown the second factor as well.

    :ivar user_agent: what the browser says it is; :ivar device_id: the browser itself, known by its own cookie
    :ivar confirmed_at: when the second factor was last shown in it
    :ivar role: of the person when it began: another role ends it (C2)
    """

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("kind IN ('browser', 'api', 'pending')", name="session_kind_known"),
        Index("session_person_live", "person_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    address: Mapped[str]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(server_default="")
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    confirmed_at: Mapped[datetime | None]
    role: Mapped[str | None]

"""Agents as records, and the file of each."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.errors import N_
from app.markets import MARKETS

ACTIVE, SUSPENDED, CLOSING, CLOSED = N_("active"), N_("suspended"), N_("closing"), N_("closed")
STATES = (ACTIVE, SUSPENDED, CLOSING, CLOSED)


class Agent(Base):
    """
    A shop. ``number`` (ten digits) is the key; its last four digits are the *agent code* used in speech, not unique.

    ``group_name`` chooses the tariff of fees and commission; ``search_name`` is the name folded for searching
    (dotted and dotless i are one there).
    """

    __tablename__ = "agent"
    __table_args__ = (
        CheckConstraint("number ~ '^[0-9]{10}$'", name="agent_number_has_ten_digits"),
        CheckConstraint(f"market IN ({', '.join(repr(code) for code in MARKETS)})", name="agent_market_known"),
        CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="agent_state_known"),
        Index("agent_code", text('right("number", 4)')),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    market: Mapped[str]
    name: Mapped[str]
    search_name: Mapped[str]
    legal_name: Mapped[str] = mapped_column(server_default="")
    tax_number: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    email: Mapped[str] = mapped_column(server_default="")
    iban: Mapped[str] = mapped_column(server_default="")
    group_name: Mapped[str] = mapped_column(server_default="standard")
    state: Mapped[str] = mapped_column(server_default=ACTIVE)
    added_at: Mapped[datetime]
    added_by: Mapped[str]

    @property
    def code(self) -> str:
        return self.number[-4:]


class AgentPaper(Base):
    """
    A paper in the file of a shop, for ever; the last one of its kind counts.

    :ivar which: what it is, see :data:`app.agents.keep_agent_paper.WORDS`
    :ivar expires_on: its last day, if it has one; :ivar change: what brought it
    """

    __tablename__ = "agent_paper"
    __table_args__ = (UniqueConstraint("scan"), Index("agent_paper_of_agent", "agent", "which", "id"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    agent: Mapped[str] = mapped_column(ForeignKey("agent.number"))
    which: Mapped[str]
    scan: Mapped[str] = mapped_column(ForeignKey("scan.name"))
    expires_on: Mapped[date | None]
    change: Mapped[str]
    filed_at: Mapped[datetime]
    filed_by: Mapped[str]

"""
Who did what, when and from where: an append-only trail beside the records themselves.

Nobody waits for anybody to write a line; :mod:`app.audit_chain` seals them afterwards.
"""

from datetime import datetime

from sqlalchemy import Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import UserDefinedType

from app.db import Base


class TransactionNumber(UserDefinedType[str]):
    """PostgreSQL's ``xid8``: one that is never used again."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "xid8"


class AuditLine(Base):
    """
    ``event`` is a dotted name such as ``agent.added``; ``about`` the thing's own number.

    :ivar xact: the transaction that wrote it; once that and all before it have ended, the line can be sealed
    """

    __tablename__ = "audit_line"
    __table_args__ = (Index("audit_line_by", "by", "id"), Index("audit_line_at", "at"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    address: Mapped[str]
    event: Mapped[str]
    about: Mapped[str] = mapped_column(index=True)
    facts: Mapped[dict[str, object]] = mapped_column(JSONB)
    xact: Mapped[str] = mapped_column(TransactionNumber, server_default=text("pg_current_xact_id()"), deferred=True)


def record(session: Session, event: str, *, about: str, by: str, at: datetime, address: str = "", **facts: object) -> None:
    """
    In the transaction of the act itself: both happen or neither.

    :param facts: never a secret or an identity number; what is not known (``None``) is left out
    """
    known = {name: str(value) for name, value in facts.items() if value is not None}
    session.add(AuditLine(at=at, by=by, address=address, event=event, about=about, facts=known))

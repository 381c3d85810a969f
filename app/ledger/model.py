"""The book's two tables. Balances are kept only for accounts with a limit: house accounts have no hot row."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Identity, Index, PrimaryKeyConstraint, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ledger import chart


class LimitedAccount(Base):
    """
    An account that may not fall below its limit: an agent's.

    ``balance`` is changed by the SQL function ``ledger_post`` alone (the product's role may not
    update it); ``blocked`` stops everything that would leave the account.
    """

    __tablename__ = "limited_account"
    __table_args__ = (
        CheckConstraint("address ~ '^agent:[0-9]{10}$'", name="limited_account_is_an_agent"),
        CheckConstraint("credit_limit >= 0", name="credit_limit_not_negative"),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    address: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str]
    balance: Mapped[int] = mapped_column(server_default=text("0"))
    credit_limit: Mapped[int] = mapped_column(server_default=text("0"))
    blocked: Mapped[bool] = mapped_column(server_default=text("false"))


class Posting(Base):
    """
    One move of money, for ever. A correction is a reversing posting.

    The key says that an event about a thing happens once: nothing can be posted twice.
    ``source_balance`` and ``target_balance`` are what an account with a limit held after
    this posting: the running balance of its statement, and a chain that shows any tampering.
    """

    __tablename__ = "posting"
    __table_args__ = (
        PrimaryKeyConstraint("about", "event", "line"),
        UniqueConstraint("id"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("source <> target", name="two_sides"),
        CheckConstraint(f"source ~ '{chart.ADDRESS}' AND target ~ '{chart.ADDRESS}'", name="known_addresses"),
        CheckConstraint(
            "(event || ' ' || split_part(source, ':', 1) || ' ' || split_part(target, ':', 1)) = ANY (ARRAY["
            + ", ".join(f"'{word}'" for word in chart.words())
            + "])",
            name="allowed_by_the_chart",
        ),
        CheckConstraint(
            "(source LIKE 'agent:%') = (source_balance IS NOT NULL) AND (target LIKE 'agent:%') = (target_balance IS NOT NULL)",
            name="running_balance_where_limited",
        ),
        Index("posting_source_statement", "source", "id", postgresql_where=text("source_balance IS NOT NULL")),
        Index("posting_target_statement", "target", "id", postgresql_where=text("target_balance IS NOT NULL")),
        Index("posting_at", "at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True))
    event: Mapped[str]
    about: Mapped[str]
    line: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str]
    target: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    source_balance: Mapped[int | None]
    target_balance: Mapped[int | None]

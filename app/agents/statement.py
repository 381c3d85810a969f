"""An agent's statement: every move of its account with the balance it left behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from app.errors import N_
from app.ledger.chart import agent_account
from app.ledger.model import Posting
from app.money import Money

PAGE = 100
WORDS = {
    "agent.paid-out": N_("Paid out"),
    "deposit.assigned": N_("Top-up, matched by a person"),
    "deposit.credited": N_("Top-up"),
    "deposit.taken-back": N_("Top-up taken back by the bank"),
    "deposit.unassigned": N_("Top-up matched wrongly"),
    "payment.cancellation-not-made": N_("Cancellation not made by the biller"),
    "payment.cancelled": N_("Payment cancelled"),
    "payment.late-yes": N_("Payment confirmed late"),
    "payment.refused": N_("Payment refused, money back"),
    "payment.reserved": N_("Payment"),
    "posting.manual": N_("Posting by hand"),
}


@dataclass(frozen=True)
class StatementLine:
    """:ivar amount: positive into the account, negative out of it; ``balance`` is the running balance after it"""

    id: int
    at: datetime
    event: str
    about: str
    amount: Money
    balance: Money


@dataclass(frozen=True)
class Total:
    """All moves of one event since the beginning; ``amount`` as in :class:`StatementLine`."""

    event: str
    number: int
    amount: Money


def totals(session: Session, agent: str, currency: str) -> Sequence[Total]:
    """By event; into the account and out of it are two lines. What is paid out of the commission stands apart from the bank's."""
    account = agent_account(agent)
    sides = union_all(
        select(Posting.event, literal(1).label("sign"), Posting.amount).where(
            Posting.target == account, Posting.target_balance.is_not(None)
        ),
        select(Posting.event, literal(-1), Posting.amount).where(Posting.source == account, Posting.source_balance.is_not(None)),
    ).subquery()
    question = select(sides.c.event, sides.c.sign, func.count().label("number"), func.sum(sides.c.amount).label("amount"))
    rows = session.execute(question.group_by(sides.c.event, sides.c.sign).order_by(sides.c.sign.desc(), sides.c.event))
    return [Total(row.event, row.number, Money(row.sign * int(row.amount), currency)) for row in rows]


def statement(
    session: Session,
    agent: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: int | None = None,
    limit: int = PAGE,
) -> Sequence[StatementLine]:
    """
    The newest first, by keyset: a page costs the same however long the history is.

    :param cursor: the id of the last line of the page before
    """
    account = agent_account(agent)
    into = select(
        Posting.id,
        Posting.at,
        Posting.event,
        Posting.about,
        literal(1).label("sign"),
        Posting.amount,
        Posting.target_balance.label("balance"),
        Posting.currency,
    )
    out = select(
        Posting.id, Posting.at, Posting.event, Posting.about, literal(-1), Posting.amount, Posting.source_balance, Posting.currency
    )
    sides = []
    for side, account_column, balance_column in (
        (into, Posting.target, Posting.target_balance),
        (out, Posting.source, Posting.source_balance),
    ):
        side = side.where(account_column == account, balance_column.is_not(None))
        if since is not None:
            side = side.where(Posting.at >= since)
        if until is not None:
            side = side.where(Posting.at < until)
        if cursor is not None:
            side = side.where(Posting.id < cursor)
        sides.append(side.order_by(Posting.id.desc()).limit(limit).subquery())
    both = union_all(*(select(side) for side in sides)).subquery()
    rows = session.execute(select(both).order_by(both.c.id.desc()).limit(limit))
    return [
        StatementLine(row.id, row.at, row.event, row.about, Money(row.sign * row.amount, row.currency), Money(row.balance, row.currency))
        for row in rows
    ]  # fmt: skip

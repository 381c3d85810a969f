"""Writing into the book and asking it for balances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from sqlalchemy import case, func, or_, select, text, union_all
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import Many
from app.errors import N_, Refusal
from app.ledger import chart
from app.ledger.model import LimitedAccount, Posting
from app.money import Money


@dataclass(frozen=True, slots=True)
class Move:
    """``amount`` (> 0) goes from ``source`` to ``target``."""

    source: str
    target: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event moved: the moves of one thing (``about``) at one time."""

    event: str
    about: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """
    :ivar blocked: nothing may leave this account
    :ivar available: what may still leave it
    """

    balance: Money
    credit_limit: Money
    blocked: bool

    @property
    def available(self) -> Money:
        return self.balance + self.credit_limit

    @property
    def overdrawn(self) -> bool:
        """Below the limit, which only what the bank takes back can do: nothing leaves it until it is topped up."""
        return self.available.minor < 0


class NotInTheChart(Exception):
    """A move the chart does not allow: always a bug."""


class OverLimit(Refusal):
    say = N_("The balance is not enough: {needed} is needed, {available} is available. Top up by bank transfer and try again.")
    status = 402


class Blocked(Refusal):
    say = N_("Payments of this shop are stopped at the moment. Call support.")
    status = 402


LEDGER_POST = text("SELECT ledger_post(:events, :abouts, :lines, :sources, :targets, :amounts, :currencies, :at, :by, :may_overdraw)")

LEDGER_POST_MANY = text("SELECT ledger_post_many(:events, :abouts, :lines, :sources, :targets, :amounts, :currencies, :at, :by)")


def open_account(session: Session, address: str, *, currency: str) -> None:
    """An account with a limit, empty, its limit zero. House accounts need no opening."""
    session.add(LimitedAccount(address=address, currency=currency))
    session.flush()


def post(session: Session, event: str, *, about: str, moves: Sequence[Move], at: datetime, by: str, may_overdraw: bool = False) -> None:
    """
    Write one event's moves: all or nothing, once for each ``about``.

    :param may_overdraw: only for what the bank or a biller took back and for a late yes:
        the balance may fall below the limit, and a blocked account is no hindrance
    :raises OverLimit: if an account would fall below its limit
    :raises Blocked: if money would leave a blocked account
    :raises sqlalchemy.exc.IntegrityError: if this event about this thing is in the book already
    """
    post_entries(session, [Entry(event, about, tuple(moves))], at=at, by=by, may_overdraw=may_overdraw)


def post_entries(session: Session, entries: Iterable[Entry], *, at: datetime, by: str, may_overdraw: bool = False) -> None:
    """Several entries in one round trip; accounts are locked in one order. All or nothing. See :func:`post`."""
    try:
        session.execute(LEDGER_POST, columns_of(entries) | {"at": at, "by": by, "may_overdraw": may_overdraw})
    except DBAPIError as error:
        raise explain(error) from error


def post_many(session: Session, entries: Iterable[Entry], *, at: datetime, by: str) -> None:
    """
    Thousands of entries by which money comes in, from house accounts alone: nothing can fall below a limit. All or nothing;
    agents' accounts stay locked until the transaction ends, so it is its last act.

    :raises sqlalchemy.exc.DBAPIError: if money would leave an account with a limit, or one of the events is in the book already
    """
    columns = columns_of(entries)
    if columns["events"]:
        session.execute(LEDGER_POST_MANY, columns | {"at": at, "by": by})


def columns_of(entries: Iterable[Entry]) -> dict[str, object]:
    """:raises NotInTheChart: …"""
    rows = [(entry.event, entry.about, line, move) for entry in entries for line, move in enumerate(entry.moves, start=1)]
    for event, _, _, move in rows:
        if (chart.kind(move.source), chart.kind(move.target)) not in chart.CHART.get(event, ()):
            raise NotInTheChart(f"{event}: {move.source} -> {move.target}")
    return {
        "events": Many(event for event, _, _, _ in rows),
        "abouts": Many(about for _, about, _, _ in rows),
        "lines": Many(line for _, _, line, _ in rows),
        "sources": Many(move.source for _, _, _, move in rows),
        "targets": Many(move.target for _, _, _, move in rows),
        "amounts": Many(move.amount.minor for _, _, _, move in rows),
        "currencies": Many(move.amount.currency for _, _, _, move in rows),
    }


def explain(error: DBAPIError) -> Exception:
    """The two refusals of the SQL function as sentences; anything else stays what it is."""
    if not isinstance(error.orig, psycopg.Error) or error.orig.sqlstate not in ("GL001", "GL002"):
        return error
    if error.orig.sqlstate == "GL002":
        return Blocked()
    needed, available, currency = (error.orig.diag.message_detail or "").split()
    return OverLimit(needed=Money(int(needed), currency), available=Money(int(available), currency))


def balance(session: Session, address: str) -> Balance:
    """Of an account with a limit."""
    account = session.execute(select(LimitedAccount).filter_by(address=address)).scalar_one()
    return Balance(Money(account.balance, account.currency), Money(account.credit_limit, account.currency), account.blocked)


def house_balance(session: Session, address: str, *, currency: str) -> Money:
    """Of an account without a limit: in − out, added up from its postings. For rare questions: it looks at the whole book."""
    signed = case((Posting.target == address, Posting.amount), else_=-Posting.amount)
    question = select(func.coalesce(func.sum(signed), 0)).where(or_(Posting.target == address, Posting.source == address))
    return Money(int(session.execute(question.where(Posting.currency == currency)).scalar_one()), currency)


def set_blocked(session: Session, address: str, *, blocked: bool) -> None:
    """Waits for whoever is paying from it right now; afterwards nothing leaves."""
    account = session.execute(select(LimitedAccount).filter_by(address=address).with_for_update()).scalar_one()
    account.blocked = blocked
    session.flush()


def set_credit_limit(session: Session, address: str, limit: Money) -> Money:
    """
    Waits for whoever is paying from it right now.

    :returns: the limit it had
    """
    account = session.execute(select(LimitedAccount).filter_by(address=address).with_for_update()).scalar_one()
    if limit.currency != account.currency or limit.minor < 0:
        raise ValueError(f"no credit limit of {address}: {limit}")
    before, account.credit_limit = Money(account.credit_limit, account.currency), limit.minor
    session.flush()
    return before


def trial_balance(session: Session, *, at: datetime | None = None) -> list[tuple[str, Money]]:
    """
    Every account's balance (in − out), house accounts too; they add up to zero in each currency.

    :param at: as the book stood just before that time; ``None`` for now
    """
    sides = union_all(
        select(Posting.target.label("account"), Posting.currency, Posting.amount.label("delta"), Posting.at),
        select(Posting.source.label("account"), Posting.currency, (-Posting.amount).label("delta"), Posting.at),
    ).subquery()
    question = select(sides.c.account, sides.c.currency, func.sum(sides.c.delta)).group_by(sides.c.account, sides.c.currency)
    if at is not None:
        question = question.where(sides.c.at < at)
    return [
        (account, Money(int(delta), currency))
        for account, currency, delta in session.execute(question.order_by(sides.c.account, sides.c.currency))
    ]

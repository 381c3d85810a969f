"""Deposits that wait for a verdict, as the judge looks at them: plain values, a batch in a few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select, text
from sqlalchemy.orm import Session

from app import db
from app.bank.desk_limit import desk_limits, markets_whose_uploads_wait
from app.bank.judge import Case
from app.bank.model import BankAccount, BankBooking, Deposit, DepositState
from app.bank.reference import phones_in
from app.bank.unshown import only_uploaded, uploaded_first
from app.markets import MARKETS, Market
from app.money import Money
from app.remarks import Remark

AT_ONCE = 1000  # deposits in one transaction: agents' accounts are not held for long

# Where each thousand of them begins and ends: a batch that asked for "the next thousand" would look at all that wait.
PARTS = text("""
    SELECT min(id), max(id)
    FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / :at_once AS part FROM deposit WHERE state IN ('seen', 'coming')) waiting
    GROUP BY part ORDER BY part
""")

Purse = tuple[str, str]  # who brought it, and its currency


@dataclass(frozen=True, slots=True)
class Part:
    """The ids of some that wait, one after the other."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """:ivar brought_by: and ``limit``, ``phones``: see :class:`app.bank.judge.Case`"""

    id: int
    reference: str
    text: str
    phones: tuple[str, ...]
    sender_iban: str
    amount: Money
    value_date: date
    doubt: Remark | None
    iban: str
    account_currency: str
    market: Market
    status: str
    comes_back: bool
    brought_by: str
    limit: Money
    seen_at: datetime

    @property
    def purse(self) -> Purse:
        return self.brought_by, self.amount.currency

    def case(self, *, before: Money | None = None) -> Case:
        """:param before: what is credited already today on its bringer's word alone"""
        return Case(
            text=self.text,
            phones=self.phones,
            sender_iban=self.sender_iban,
            amount=self.amount,
            iban=self.iban,
            currency=self.account_currency,
            market=self.market,
            status=self.status,
            value_date=self.value_date,
            comes_back=self.comes_back,
            doubt=self.doubt,
            brought_by=self.brought_by,
            limit=self.limit,
            before=before,
        )


def deposits_to_judge() -> Select[*tuple[Any, ...]]:
    """What :func:`waiting_of` is made from, in the order they came."""
    return (
        select(
            Deposit.id,
            Deposit.reference,
            Deposit.text,
            Deposit.sender_iban,
            Deposit.amount,
            Deposit.currency,
            Deposit.value_date,
            Deposit.doubt,
            Deposit.iban,
            Deposit.booking_id,
            Deposit.seen_at,
            BankBooking.statement_id,
            BankBooking.status,
            BankBooking.reversal,
            BankAccount.currency.label("account_currency"),
            BankAccount.market,
        )
        .join(BankBooking, BankBooking.id == Deposit.booking_id)
        .join(BankAccount, BankAccount.iban == Deposit.iban)
        .order_by(Deposit.id)
    )


def waiting_parts() -> list[Part]:
    """In the order they came, some at a time."""
    with db.reading() as session:
        return [Part(first, last) for first, last in session.execute(PARTS, {"at_once": AT_ONCE})]


def take_waiting(session: Session, part: Part, *, now: datetime) -> list[Waiting]:
    """New ones, and those whose value date has come (E18). What another worker has in hand is left to it."""
    due = or_(*(and_(BankAccount.market == code, Deposit.value_date <= today_in(market, now)) for code, market in MARKETS.items()))
    question = (
        deposits_to_judge()
        .where(Deposit.id.between(part.first, part.last))
        .where(or_(Deposit.state == DepositState.SEEN, and_(Deposit.state == DepositState.COMING, due)))
        .with_for_update(skip_locked=True, of=Deposit)
    )
    return with_what_brought_them(session, session.execute(question).all(), now=now)


def with_what_brought_them(session: Session, rows: Sequence[Row[*tuple[Any, ...]]], *, now: datetime) -> list[Waiting]:
    if not rows:
        return []
    limits, wait = desk_limits(session, now=now), markets_whose_uploads_wait(session, now=now)
    first = uploaded_first(session, {row.booking_id: row.statement_id for row in rows if row.market in wait})
    uploaded = only_uploaded(session, first)
    return [waiting_of(row, brought_by=uploaded.get(row.booking_id, ""), limit=limits[row.market]) for row in rows]


def waiting_of(row: Row[*tuple[Any, ...]], *, brought_by: str, limit: Money) -> Waiting:
    market = MARKETS[row.market]
    return Waiting(
        id=row.id,
        reference=row.reference,
        text=row.text,
        phones=tuple(phones_in(row.text, market)),
        sender_iban=row.sender_iban,
        amount=Money(row.amount, row.currency),
        value_date=row.value_date,
        doubt=Remark.from_json(row.doubt) if row.doubt else None,
        iban=row.iban,
        account_currency=row.account_currency,
        market=market,
        status=row.status,
        comes_back=row.reversal,
        brought_by=brought_by,
        limit=limit,
        seen_at=row.seen_at,
    )


def today_in(market: Market, now: datetime) -> date:
    return now.astimezone(market.zone).date()

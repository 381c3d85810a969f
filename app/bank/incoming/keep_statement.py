"""The record of a statement: what it says about itself, and what is worth knowing about it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bank.incoming.pair import Line
from app.bank.model import BankAccount, BankStatement, StatementState
from app.bank.statement.statement import Booking, Side, Statement, Status, shown
from app.errors import N_
from app.money import EXPONENTS
from app.remarks import Remark

# As they stand in the hash of a statement's content: written a hundred thousand times.
SIDES, STATUSES = {side: repr(side) for side in Side}, {status: repr(status) for status in Status}


@dataclass(frozen=True)
class Place:
    """Where a statement stands: in which file, at which place, and on which of our accounts, if any."""

    file_id: int
    position: int
    account: BankAccount | None


def keep_statement(session: Session, statement: Statement, place: Place, *, content: bytes, now: datetime) -> BankStatement:
    """:param content: see :func:`content_of`"""
    row = record_of(statement, place, content=content, now=now)
    row.state = StatementState.IMPORTED if statement.bookings or not said_before(session, content) else StatementState.KNOWN
    row.balanced = statement.has_balances and statement.trouble is None
    row.reason = None if place.account else Remark.of(N_("The account is not ours: nothing is credited.")).as_json()
    row.notes += [note.as_json() for note in neighbours(session, row)]
    session.add(row)
    session.flush()
    return row


def quarantine(session: Session, statement: Statement, place: Place, *, content: bytes, now: datetime) -> BankStatement:
    assert statement.trouble
    row = record_of(statement, place, content=content, now=now)
    row.state, row.reason, row.balanced = StatementState.QUARANTINED, statement.trouble.as_json(), False
    session.add(row)
    session.flush()
    return row


def record_of(statement: Statement, place: Place, *, content: bytes, now: datetime) -> BankStatement:
    came_in = [booking.amount for booking in statement.bookings if booking.side is Side.CREDIT]
    went_out = [booking.amount for booking in statement.bookings if booking.side is Side.DEBIT]
    return BankStatement(
        file_id=place.file_id,
        position=place.position,
        format=statement.format,
        account=place.account.iban if place.account else statement.account,
        iban=place.account.iban if place.account else None,
        currency=statement.currency,
        number=statement.number,
        page=statement.page,
        first_day=statement.first_day,
        last_day=statement.last_day,
        opening=statement.opening,
        closing=statement.closing,
        content=content,
        notes=[note.as_json() for note in (*statement.notes, *outside_the_book(statement.bookings))],
        bookings=len(statement.bookings),
        credits=len(came_in),
        credits_sum=sum(came_in),
        debits=len(went_out),
        debits_sum=sum(went_out),
        came_at=now,
    )


def said_before(session: Session, content: bytes) -> bool:
    return session.scalars(select(BankStatement.id).filter_by(content=content)).first() is not None


def content_of(statement: Statement, lines: Sequence[Line]) -> bytes:
    """
    The same for a file that was made again: names and times around the statement do not count.

    :param lines: of its bookings, as it gives them
    """
    head = (statement.format, statement.account, statement.currency, statement.number, statement.page, statement.opening, statement.closing)
    told = ", ".join(
        f"({SIDES[each.side]}, {line.amount}, {line.currency!r}, {each.day!r}, {line.reference!r}, {line.text!r},"
        f" {STATUSES[each.status]}, {each.reversal})"
        for each, line in zip(statement.bookings, lines, strict=True)
    )
    return hashlib.sha256(f"({head!r}, [{told}])".encode()).digest()


def outside_the_book(bookings: Sequence[Booking]) -> list[Remark]:
    currencies = sorted({booking.currency for booking in bookings} - set(EXPONENTS))
    return [
        Remark.of(N_("Our book does not keep {currencies}: these bookings are shown, not posted."), currencies=", ".join(currencies))
    ] * bool(currencies)


def neighbours(session: Session, row: BankStatement) -> list[Remark]:
    """Gaps and order are named, not quarantined."""
    if not row.balanced or row.first_day is None or row.last_day is None:
        return []
    others = select(BankStatement).filter_by(account=row.account, currency=row.currency, balanced=True)
    before = session.scalars(
        others.where(BankStatement.last_day < row.first_day).order_by(BankStatement.last_day.desc(), BankStatement.id.desc()).limit(1)
    ).first()
    notes = []
    if before and before.closing != row.opening:
        sentence = N_("It opens with {opening}, but the statement before it closed with {closing}: something in between is missing.")
        notes.append(Remark.of(sentence, opening=shown(row.opening or 0), closing=shown(before.closing or 0)))
    if session.scalars(others.where(BankStatement.first_day > row.last_day).limit(1)).first():
        notes.append(Remark.of(N_("Later statements of this account were here before it.")))
    return notes

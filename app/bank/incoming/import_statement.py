"""One statement into our records, in one transaction: what of it is new, what was here before, what nobody may credit yet."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import structlog
from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from app.bank.incoming.keep_bookings import Reading, keep_bookings
from app.bank.incoming.keep_file import BankFile, find_file, keep_file
from app.bank.incoming.keep_statement import Place, content_of, keep_statement, quarantine, said_before
from app.bank.incoming.known_bookings import known_bookings
from app.bank.incoming.pair import Line, pair
from app.bank.keys import reference_key, text_key
from app.bank.model import BankAccount, BankStatement
from app.bank.statement.statement import Booking, Statement
from app.markets import INSTITUTION, MARKETS, Market

log = structlog.get_logger()

# Everybody who imports this account's statements queues here, so that nobody counts while another adds.
LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('bank:' || :account, 0))")


@dataclass(frozen=True)
class Imported:
    """:ivar statement: its record; :ivar again: this very file was here before and changed nothing"""

    statement: int
    again: bool


def import_statement(session: Session, statement: Statement, file: BankFile, *, position: int, now: datetime) -> Imported | None:
    """
    Importing again changes nothing: every line is the booking that it was the first time (E11).

    A statement in trouble is only kept: nothing of it becomes a booking. One of an account that is not ours posts nothing.

    :param position: of the statement in its file, from 1
    :returns: ``None`` when the bank's feed only repeated what it said before
    """
    account = find_account(session, statement.account)
    lock(session, account, statement)
    file_id = find_file(session, file)
    if there := find_statement(session, file_id, position):
        return Imported(there.id, again=True)
    if statement.trouble is None:
        row = bring_in(session, statement, file, position=position, account=account, now=now)
        return Imported(row.id, again=False) if row else None
    content = content_of(statement, [line_of(booking) for booking in statement.bookings])
    if file.way == "feed" and said_before(session, content):
        return None
    place = Place(keep_file(session, file, now=now), position, account)
    log.warning("bank.quarantined", file=place.file_id, position=position, format=statement.format)
    return Imported(quarantine(session, statement, place, content=content, now=now).id, again=False)


def bring_in(
    session: Session,
    statement: Statement,
    file: BankFile,
    *,
    position: int,
    account: BankAccount | None,
    now: datetime,
    released: BankStatement | None = None,
) -> BankStatement | None:
    """
    A statement that adds up, or one that a person ``released``. Take the :func:`lock` first.

    :returns: its record; ``None`` as in :func:`import_statement`
    """
    market = MARKETS[account.market] if account else INSTITUTION
    bookings = [local(booking, market) for booking in statement.bookings] if account else list(statement.bookings)
    lines = [line_of(booking) for booking in bookings]
    content, file_id = content_of(statement, lines), find_file(session, file)
    known = known_bookings(
        session,
        account.iban if account else statement.account,
        statement,
        lines,
        content=content,
        file_id=file_id,
        position=position,
        zone=market.zone,
    )
    balanced = statement.has_balances and statement.trouble is None
    reading = Reading(bookings, lines, pair(lines, known.lines, format=statement.format, balanced=balanced), known)
    if file.way == "feed" and not released and not worth_keeping(statement, reading, today=now.astimezone(market.zone).date()):
        return None
    place = Place(file_id or keep_file(session, file, now=now), position, account)
    row = released or keep_statement(session, statement, place, content=content, now=now)
    keep_bookings(session, row, reading, account=account, now=now)
    log.info("bank.statement", statement=row.id, format=row.format, state=row.state, new=row.new, known=row.known)
    return row


def find_account(session: Session, name: str) -> BankAccount | None:
    """Ours, by its IBAN or by what else the bank's files call it."""
    ours = or_(BankAccount.iban == name, BankAccount.aliases.contains([name]))
    return session.scalars(select(BankAccount).where(ours).order_by(BankAccount.iban != name)).first()


def lock(session: Session, account: BankAccount | None, statement: Statement) -> None:
    session.execute(LOCK, {"account": account.iban if account else statement.account})


def find_statement(session: Session, file_id: int | None, position: int) -> BankStatement | None:
    return session.scalars(select(BankStatement).filter_by(file_id=file_id, position=position)).one_or_none()


def local(booking: Booking, market: Market) -> Booking:
    """The day is the account's own, whichever zone the bank wrote its time in."""
    if booking.booked_at is None:
        return booking
    moment = booking.booked_at if booking.booked_at.tzinfo else booking.booked_at.replace(tzinfo=market.zone)
    return replace(booking, booked_at=moment, day=moment.astimezone(market.zone).date())


def line_of(booking: Booking) -> Line:
    return Line(
        side=booking.side,
        amount=booking.amount,
        currency=booking.currency,
        day=booking.day,
        day_is_sure=booking.day_is_sure,
        reference=reference_key(booking.reference),
        text=text_key(booking.text),
        booked_at=booking.booked_at,
    )


def worth_keeping(statement: Statement, reading: Reading, *, today: date) -> bool:
    """The feed repeats itself every half minute. Kept is what is new, shows what was only uploaded, or proves a day that is over."""
    if reading.new or reading.now_booked or reading.paired & reading.known.only_uploaded:
        return True
    unproven = any(not line.proven for line in reading.known.lines if line.id in reading.paired)
    return statement.has_balances and statement.last_day is not None and statement.last_day < today and unproven

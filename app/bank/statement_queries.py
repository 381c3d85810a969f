"""Questions about statements: what became of each, what is in quarantine, what no day's statement has proven yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.bank.model import BankBooking, BankStatement, Deposit, DepositState, Sighting, StatementFile, StatementState
from app.bank.statement.statement import Side, Status
from app.money import EXPONENTS
from app.remarks import Remark


@dataclass(frozen=True)
class StatementReport:
    """
    What became of a statement. Amounts are hundredths of ``currency``, which may be one that our book does not keep.

    :ivar reason: why nothing of it is credited; :ivar notes: what else is worth knowing
    """

    id: int
    file: str
    format: str
    account: str
    currency: str
    first_day: date | None
    last_day: date | None
    state: str
    reason: Remark | None
    notes: tuple[Remark, ...]
    bookings: int
    credits: tuple[int, int]
    debits: tuple[int, int]
    opening: int | None
    closing: int | None
    new: int
    known: int
    credited: int
    suspense: int


def reports_of(session: Session, statements: Sequence[int]) -> list[StatementReport]:
    """In the order of their files; ``credited`` and ``suspense`` count the deposits that were new here, as they stand now."""
    counts = (
        select(
            BankBooking.statement_id,
            func.count().filter(Deposit.state == DepositState.CREDITED).label("credited"),
            func.count().filter(Deposit.state == DepositState.SUSPENSE).label("suspense"),
        )
        .join(Deposit, Deposit.booking_id == BankBooking.id)
        .where(BankBooking.statement_id.in_(statements))
        .group_by(BankBooking.statement_id)
        .subquery()
    )
    question = (
        select(BankStatement, StatementFile.name, func.coalesce(counts.c.credited, 0), func.coalesce(counts.c.suspense, 0))
        .join(StatementFile, StatementFile.id == BankStatement.file_id)
        .outerjoin(counts, counts.c.statement_id == BankStatement.id)
        .where(BankStatement.id.in_(statements))
        .order_by(BankStatement.file_id, BankStatement.position)
    )
    return [report(*row) for row in session.execute(question)]


def report(row: BankStatement, file: str, credited: int, suspense: int) -> StatementReport:
    return StatementReport(
        id=row.id,
        file=file,
        format=row.format,
        account=row.account,
        currency=row.currency,
        first_day=row.first_day,
        last_day=row.last_day,
        state=row.state,
        reason=Remark.from_json(row.reason) if row.reason else None,
        notes=tuple(Remark.from_json(note) for note in row.notes),
        bookings=row.bookings,
        credits=(row.credits, row.credits_sum),
        debits=(row.debits, row.debits_sum),
        opening=row.opening,
        closing=row.closing,
        new=row.new,
        known=row.known,
        credited=credited,
        suspense=suspense,
    )


def quarantined_statements(session: Session) -> list[StatementReport]:
    """The oldest first."""
    waiting = session.scalars(select(BankStatement.id).filter_by(state=StatementState.QUARANTINED).order_by(BankStatement.id)).all()
    return reports_of(session, waiting)


def unreadable_files(session: Session) -> Sequence[StatementFile]:
    return session.scalars(select(StatementFile).where(StatementFile.unreadable.is_not(None)).order_by(StatementFile.id)).all()


def unproven_bookings(session: Session, *, before: date) -> Sequence[BankBooking]:
    """Booked on our accounts before that day, but in no statement that adds up: the day's statement has the last word."""
    proof = (
        select(Sighting.booking_id)
        .join(BankStatement, BankStatement.id == Sighting.statement_id)
        .where(Sighting.booking_id == BankBooking.id, BankStatement.balanced)
    )
    question = select(BankBooking).join(BankStatement, BankStatement.id == BankBooking.statement_id)
    unproven = question.where(
        BankStatement.iban.is_not(None), BankBooking.status == Status.BOOKED, BankBooking.day < before, ~exists(proof)
    )
    return session.scalars(unproven.order_by(BankBooking.id)).all()


def credits_outside_the_book(session: Session) -> Sequence[BankBooking]:
    """Money in a currency that our book does not keep: shown, for a person to see to."""
    question = (
        select(BankBooking)
        .join(BankStatement, BankStatement.id == BankBooking.statement_id)
        .where(BankStatement.iban.is_not(None), BankBooking.side == Side.CREDIT, BankBooking.currency.not_in(EXPONENTS))
    )
    return session.scalars(question.order_by(BankBooking.id)).all()

"""Questions about statements: what became of each, what is in quarantine, what no day's statement has proven yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased, defer

from app.bank.desk_model import DepositProposal
from app.bank.incoming.import_statement import Imported
from app.bank.model import BankBooking, BankStatement, Deposit, DepositState, Sighting, StatementFile, StatementState
from app.bank.statement.statement import Status
from app.errors import N_
from app.remarks import Remark

PAGE, MOST_SHOWN = 50, 500


@dataclass(frozen=True)
class StatementReport:
    """
    What became of a statement. Amounts are hundredths of ``currency``, which may be one that our book does not keep.

    :ivar position: in its file, from 1
    :ivar reason: why nothing of it is credited; :ivar notes: what else is worth knowing
    :ivar held: of those in ``suspense`` the ones that are matched and wait for a second person
    """

    id: int
    file: str
    position: int
    came_at: datetime
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
    held: int

    @property
    def why(self) -> Remark | None:
        """In one sentence what its bringer should know, if anything."""
        if self.reason or not self.held:
            return self.reason
        return Remark.of(
            N_("{held} credits are matched and wait in suspense for a second person: only this file shows them, and they are large."),
            held=self.held,
        )


def reports_on(session: Session, imported: Sequence[Imported]) -> list[StatementReport]:
    """What an import just did: of a file that was here before, nothing is new (E11)."""
    again = {each.statement for each in imported if each.again}
    reports = reports_of(session, [each.statement for each in imported])
    return [seen_again(report) if report.id in again else report for report in reports]


def totals(reports: Sequence[StatementReport]) -> dict[str, int]:
    """What a file brought, all its statements together."""
    return {
        "statements": len(reports),
        "new": sum(report.new for report in reports),
        "known": sum(report.known for report in reports),
        "credited": sum(report.credited for report in reports),
        "suspense": sum(report.suspense for report in reports),
        "quarantined": sum(report.state == StatementState.QUARANTINED for report in reports),
    }


def seen_again(report: StatementReport) -> StatementReport:
    if report.state == StatementState.QUARANTINED:
        return report
    return replace(report, state=StatementState.KNOWN, new=0, known=report.new + report.known, credited=0, suspense=0, held=0)


def reports_of(session: Session, statements: Sequence[int]) -> list[StatementReport]:
    """In the order of their files; ``credited`` and ``suspense`` count the deposits that were new here, as they stand now."""
    counts = (
        select(
            BankBooking.statement_id,
            func.count().filter(Deposit.state == DepositState.CREDITED).label("credited"),
            func.count().filter(Deposit.state == DepositState.SUSPENSE).label("suspense"),
            func.count(DepositProposal.id).label("held"),
        )
        .join(Deposit, Deposit.booking_id == BankBooking.id)
        .outerjoin(
            DepositProposal,
            and_(DepositProposal.deposit == Deposit.reference, DepositProposal.kind == "credit", DepositProposal.decided_at.is_(None)),
        )
        .where(BankBooking.statement_id.in_(statements))
        .group_by(BankBooking.statement_id)
        .subquery()
    )
    question = (
        select(
            BankStatement,
            StatementFile.name,
            func.coalesce(counts.c.credited, 0),
            func.coalesce(counts.c.suspense, 0),
            func.coalesce(counts.c.held, 0),
        )
        .join(StatementFile, StatementFile.id == BankStatement.file_id)
        .outerjoin(counts, counts.c.statement_id == BankStatement.id)
        .where(BankStatement.id.in_(statements))
        .order_by(BankStatement.file_id, BankStatement.position)
    )
    return [report(*row) for row in session.execute(question)]


def report(row: BankStatement, file: str, credited: int, suspense: int, held: int) -> StatementReport:
    return StatementReport(
        id=row.id,
        file=file,
        position=row.position,
        came_at=row.came_at,
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
        held=held,
    )


def quarantined_statements(session: Session) -> list[StatementReport]:
    """The oldest first."""
    waiting = session.scalars(select(BankStatement.id).filter_by(state=StatementState.QUARANTINED).order_by(BankStatement.id)).all()
    return reports_of(session, waiting)


def quarantine_queue(session: Session) -> tuple[int, datetime | None]:
    """How many statements wait for a person, and since when the oldest does."""
    question = select(func.count(), func.min(BankStatement.came_at)).where(BankStatement.state == StatementState.QUARANTINED)
    count, since = session.execute(question).one()
    return count, since


def unreadable_files(session: Session, *, since: datetime | None = None) -> Sequence[StatementFile]:
    """But not those that we learned to read since (``replay``), nor those that were brought again with their account."""
    same = aliased(StatementFile)
    read = exists().where(BankStatement.file_id == same.id, same.sha256 == StatementFile.sha256)
    question = select(StatementFile).where(StatementFile.unreadable.is_not(None), ~read)
    if since is not None:
        question = question.where(StatementFile.came_at >= since)
    return session.scalars(question.order_by(StatementFile.id).options(defer(StatementFile.raw))).all()


def last_statements(session: Session, *, state: str | None = None, before: int | None = None, limit: int = PAGE) -> list[StatementReport]:
    """The newest first."""
    question = select(BankStatement.id)
    if state is not None:
        question = question.where(BankStatement.state == state)
    if before is not None:
        question = question.where(BankStatement.id < before)
    newest = session.scalars(question.order_by(BankStatement.id.desc()).limit(limit)).all()
    return sorted(reports_of(session, newest), key=lambda report: -report.id)


def unproven_days(session: Session, *, before: date) -> list[tuple[str, date, int, datetime]]:
    """
    Booked on our accounts before that day, but in no statement that adds up: the day's statement has the last word.

    :returns: by account and day how many, and since when we know of the first
    """
    question = (
        select(BankBooking.account, BankBooking.day, func.count(), func.min(BankStatement.came_at))
        .join(BankStatement, BankStatement.id == BankBooking.statement_id)
        .where(*unproven(before))
        .group_by(BankBooking.account, BankBooking.day)
        .order_by(BankBooking.day, BankBooking.account)
    )
    return [(account, day, count, since) for account, day, count, since in session.execute(question)]


def unproven(before: date) -> tuple[ColumnElement[bool], ...]:
    """Of a booking, joined with the statement that showed it first."""
    proof = (
        select(Sighting.booking_id)
        .join(proving := aliased(BankStatement), proving.id == Sighting.statement_id)
        .where(Sighting.booking_id == BankBooking.id, proving.balanced)
    )
    return (BankStatement.iban.is_not(None), BankBooking.status == Status.BOOKED, BankBooking.day < before, ~exists(proof))


def bookings_in(session: Session, statement: int) -> list[tuple[BankBooking, str | None, str | None]]:
    """Its lines as we keep them, in the statement's order, each with its deposit and what became of that."""
    question = (
        select(BankBooking, Deposit.reference, Deposit.state)
        .join(Sighting, Sighting.booking_id == BankBooking.id)
        .outerjoin(Deposit, Deposit.booking_id == BankBooking.id)
        .where(Sighting.statement_id == statement)
        .order_by(Sighting.line, Deposit.line)
        .limit(MOST_SHOWN)
    )
    return [(booking, reference, state) for booking, reference, state in session.execute(question)]

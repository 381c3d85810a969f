"""Money that needs a person: deposits nobody can match, statements that do not add up, a bank that is silent."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.amounts import hundredths
from app.attention import Attention
from app.bank.desk_queries import open_proposals
from app.bank.incoming.statement_queries import quarantined_statements, unproven_days, unreadable_files
from app.bank.model import BankBooking, BankStatement, Deposit, DepositState
from app.bank.queries import journey, silent_accounts
from app.bank.statement.statement import Status
from app.errors import N_
from app.remarks import Remark

UNREADABLE_FOR = timedelta(days=7)  # the bank brings them again; what people bring is refused at once
MOST_LATE = 500
LATE = {
    "seen": N_("{amount} of {sender} is late: the bank told us late."),
    "matched": N_("{amount} of {sender} is late: it is seen and not matched. Is the worker running?"),
    "credited": N_("{amount} of {sender} is late: it is matched and not credited. Is the worker running?"),
}
PROVEN_WITHIN = timedelta(days=2)


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    yield from silence(session, now)
    yield from late(session, now)
    yield from suspense(session)
    yield from proposed(session)
    yield from open_reversals(session)
    yield from quarantine(session)
    yield from unreadable(session, now)
    yield from unproven(session, now)


def silence(session: Session, now: datetime) -> Iterator[Attention]:
    """E22"""
    for account, feed in silent_accounts(session, now=now):
        yield Attention(
            kind="bank-feed.silent",
            ref=account.iban,
            since=feed.news_at or account.added_at,
            say=N_("{bank} says nothing about account {iban} since {since}. Call the bank."),
            endpoint="statements.statements",
            facts={"bank": account.bank, "iban": account.iban, "since": feed.news_at or account.added_at},
        )


def late(session: Session, now: datetime) -> Iterator[Attention]:
    """After four minutes, which stage the transfer waits for: nobody has judged it, or it was told of late."""
    waiting = select(Deposit).where(Deposit.state == DepositState.SEEN).order_by(Deposit.id).limit(MOST_LATE)
    for deposit in session.scalars(waiting):
        if stage := journey(deposit).late_at(now=now):
            yield Attention(
                kind="deposit.late",
                ref=deposit.reference,
                since=deposit.booked_at or deposit.seen_at,
                say=LATE[stage],
                endpoint="deposits.deposit",
                facts={"amount": deposit.money, "sender": deposit.sender_name or "—"},
                arguments={"reference": deposit.reference},
            )


def proposed(session: Session) -> Iterator[Attention]:
    """C18: two persons, and the second one has not decided yet."""
    for proposal, deposit in open_proposals(session):
        yield Attention(
            kind="deposit.proposed",
            ref=deposit.reference,
            since=proposal.proposed_at,
            say=N_("What to do with {amount} of {sender} is proposed; a second person decides it."),
            endpoint="deposits.deposit",
            facts={"amount": deposit.rest, "sender": deposit.sender_name or "—"},
            arguments={"reference": deposit.reference},
        )


def suspense(session: Session) -> Iterator[Attention]:
    waiting = select(Deposit).where(Deposit.state == DepositState.SUSPENSE).order_by(Deposit.id)
    for deposit in session.scalars(waiting):
        yield Attention(
            kind="deposit.unmatched",
            ref=deposit.reference,
            since=deposit.seen_at,
            say=N_("{amount} of {sender} waits in suspense. {why}"),
            endpoint="deposits.deposit",
            facts={"amount": deposit.money, "sender": deposit.sender_name or "—", "why": Remark.from_json(deposit.trace[-1])},
            arguments={"reference": deposit.reference},
        )


def open_reversals(session: Session) -> Iterator[Attention]:
    question = (
        select(BankBooking, BankStatement.came_at)
        .join(BankStatement, BankStatement.id == BankBooking.statement_id)
        .where(BankBooking.reversal_state == "open", BankBooking.reversal, BankBooking.status == Status.BOOKED)
        .order_by(BankBooking.id)
    )
    for booking, came_at in session.execute(question):
        yield Attention(
            kind="reversal.open",
            ref=str(booking.id),
            since=came_at,
            say=N_("The bank took {amount} back and nobody knows which deposit it was: {text}."),
            endpoint="reversals.reversal",
            facts={"amount": hundredths(booking.amount, booking.currency), "text": booking.text or "—"},
            arguments={"number": str(booking.id)},
        )


def quarantine(session: Session) -> Iterator[Attention]:
    for report in quarantined_statements(session):
        yield Attention(
            kind="statement.quarantined",
            ref=str(report.id),
            since=report.came_at,
            say=N_("Statement {position} of {file} is in quarantine. {why}"),
            endpoint="statements.statement",
            facts={"position": report.position, "file": report.file, "why": report.reason},
            arguments={"number": str(report.id)},
        )


def unreadable(session: Session, now: datetime) -> Iterator[Attention]:
    for file in unreadable_files(session, since=now - UNREADABLE_FOR):
        yield Attention(
            kind="statement.unreadable",
            ref=str(file.id),
            since=file.came_at,
            say=N_("File {file} cannot be read. {why}"),
            endpoint="statements.statements",
            facts={"file": file.name, "why": Remark.from_json(file.unreadable or {})},
        )


def unproven(session: Session, now: datetime) -> Iterator[Attention]:
    """The day's balanced statement has the last word; it is two days late."""
    for account, day, bookings, since in unproven_days(session, before=(now - PROVEN_WITHIN).date()):
        yield Attention(
            kind="statement.missing",
            ref=f"{account}/{day.isoformat()}",
            since=since,
            say=N_(
                "{bookings} bookings of {day} on account {iban} are in no statement that adds up. Ask the bank for that day's statement."
            ),
            endpoint="statements.statements",
            facts={"bookings": bookings, "day": day, "iban": account},
        )

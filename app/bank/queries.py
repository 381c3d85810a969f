"""Questions about deposits. A stranger's deposit is not found, never forbidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bank.desk_model import AgentPayout, DepositProposal, ReturnBatch
from app.bank.find_original import STANDING, reversed_by, shares_a_sign, stands_at
from app.bank.model import (
    BankAccount,
    BankBooking,
    BankFeed,
    BankStatement,
    Deposit,
    DepositDecision,
    DepositState,
    Sighting,
    StatementFile,
)
from app.bank.statement.statement import Status
from app.errors import NotFound
from app.markets import Market
from app.money import Money

PAGE, LAST_TOP_UPS, PAYOUT_PAGE = 50, 5, 500
LATE_AFTER = timedelta(minutes=4)
SILENT_AFTER = timedelta(minutes=3)  # E22
TO_AN_AGENT = (DepositState.COMING, DepositState.CREDITED, DepositState.TAKEN_BACK)


@dataclass(frozen=True)
class Journey:
    """
    The four times of a transfer.

    :ivar booked_at: the bank's own time; ``None`` if it tells only the day
    """

    booked_at: datetime | None
    seen_at: datetime
    matched_at: datetime | None
    credited_at: datetime | None

    def lasted(self, *, now: datetime) -> timedelta:
        """The stopwatch: from the bank's booking to the credit, or until now."""
        return max((self.credited_at or now) - (self.booked_at or self.seen_at), timedelta(0))

    def late_at(self, *, now: datetime) -> str | None:
        """After four minutes, the stage that it waits for: ``seen``, ``matched`` or ``credited``."""
        if self.lasted(now=now) <= LATE_AFTER:
            return None
        if self.credited_at:
            stages = (("seen", self.seen_at, self.booked_at), ("matched", self.matched_at, self.seen_at))
            return next((stage for stage, end, start in stages if end and start and end - start > LATE_AFTER), "credited")
        return "credited" if self.matched_at else "matched"


def journey(deposit: Deposit) -> Journey:
    return Journey(deposit.booked_at, deposit.seen_at, deposit.matched_at, deposit.credited_at)


def find_deposit(session: Session, reference: str, *, agent: str | None) -> Deposit:
    """
    :param agent: whose top-ups the asker may see; ``None`` for the institution
    :raises NotFound: if there is none, or it is another agent's
    """
    deposit = session.get(Deposit, reference)
    if deposit is None or (agent is not None and deposit.agent != agent):
        raise NotFound
    return deposit


def list_deposits(
    session: Session,
    *,
    agent: str | None = None,
    state: str | None = None,
    since: datetime | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> Sequence[Deposit]:
    """The oldest first: they wait the longest. ``agent`` as in :func:`find_deposit`; ``after`` is the last id of the page before."""
    question = select(Deposit)
    if agent is not None:
        question = question.where(Deposit.agent == agent)
    if state is not None:
        question = question.where(Deposit.state == state)
    if since is not None:
        question = question.where(Deposit.seen_at >= since)
    if after is not None:
        question = question.where(Deposit.id > after)
    return session.scalars(question.order_by(Deposit.id).limit(limit)).all()


def top_ups_of(session: Session, agent: str, *, before: int | None = None, limit: int = PAGE) -> Sequence[Deposit]:
    """What came for this agent, the newest first; also what is still coming, and what the bank took back."""
    question = select(Deposit).where(Deposit.agent == agent, Deposit.state.in_(TO_AN_AGENT))
    if before is not None:
        question = question.where(Deposit.id < before)
    return session.scalars(question.order_by(Deposit.id.desc()).limit(limit)).all()


def decisions_about(session: Session, deposit: str) -> Sequence[DepositDecision]:
    return session.scalars(select(DepositDecision).filter_by(deposit=deposit).order_by(DepositDecision.id)).all()


def suspense_by_currency(session: Session) -> list[tuple[Money, int, datetime]]:
    """What waits for a person: its sum, its number, and since when the oldest waits."""
    question = (
        select(Deposit.currency, func.sum(Deposit.amount), func.count(), func.min(Deposit.seen_at))
        .where(Deposit.state == DepositState.SUSPENSE)
        .group_by(Deposit.currency)
        .order_by(Deposit.currency)
    )
    return [(Money(int(total), currency), count, since) for currency, total, count, since in session.execute(question)]


def unmatched_deposits(session: Session) -> tuple[int, datetime | None]:
    """How many wait for a person, and since when the oldest does."""
    question = select(func.count(), func.min(Deposit.seen_at)).where(Deposit.state == DepositState.SUSPENSE)
    count, since = session.execute(question).one()
    return count, since


def deposit_of_proposal(session: Session, number: int) -> str:
    """:raises NotFound: …"""
    proposal = session.get(DepositProposal, number)
    if proposal is None:
        raise NotFound
    return proposal.deposit


def returning_deposits(session: Session) -> Sequence[Deposit]:
    """On their way back, and in no file yet; the oldest first."""
    question = select(Deposit).where(Deposit.state == DepositState.RETURNING, Deposit.return_batch.is_(None))
    return session.scalars(question.order_by(Deposit.iban, Deposit.id).limit(PAYOUT_PAGE)).all()


def waiting_payouts(session: Session) -> Sequence[AgentPayout]:
    """To closing shops, in no file yet; the oldest first."""
    question = select(AgentPayout).filter_by(paid_at=None, withdrawn_at=None, return_batch=None)
    return session.scalars(question.order_by(AgentPayout.id).limit(PAYOUT_PAGE)).all()


def payouts_of_batch(session: Session, number: int) -> Sequence[AgentPayout]:
    return session.scalars(select(AgentPayout).filter_by(return_batch=number).order_by(AgentPayout.id)).all()


def return_batches(session: Session) -> Sequence[ReturnBatch]:
    """The newest first."""
    return session.scalars(select(ReturnBatch).order_by(ReturnBatch.id.desc()).limit(PAGE)).all()


def find_return_batch(session: Session, number: int) -> ReturnBatch:
    """:raises NotFound: …"""
    batch = session.get(ReturnBatch, number)
    if batch is None:
        raise NotFound
    return batch


def deposits_of_batch(session: Session, number: int) -> Sequence[Deposit]:
    return session.scalars(select(Deposit).filter_by(return_batch=number).order_by(Deposit.id)).all()


def bank_accounts_of(session: Session, market: Market) -> Sequence[BankAccount]:
    """Where the agents of a market send their money."""
    open_ones = select(BankAccount).filter_by(market=market.code).where(BankAccount.closed_at.is_(None))
    return session.scalars(open_ones.order_by(BankAccount.label, BankAccount.iban)).all()


def open_accounts(session: Session) -> Sequence[BankAccount]:
    """Of every market."""
    return session.scalars(select(BankAccount).filter_by(closed_at=None).order_by(BankAccount.market.desc(), BankAccount.label)).all()


def silent_accounts(session: Session, *, now: datetime, market: Market | None = None) -> list[tuple[BankAccount, BankFeed]]:
    """E22: accounts of which the bank has said nothing for three minutes; the agents' page says so too."""
    question = (
        select(BankAccount, BankFeed)
        .join(BankFeed, BankFeed.iban == BankAccount.iban)
        .where(BankAccount.closed_at.is_(None), func.coalesce(BankFeed.news_at, BankAccount.added_at) < now - SILENT_AFTER)
        .order_by(BankAccount.label)
    )
    if market is not None:
        question = question.where(BankAccount.market == market.code)
    return list(session.execute(question))


def open_reversals(session: Session) -> Sequence[BankBooking]:
    """What the bank took back without saying what: a person finds the deposit, or puts it aside."""
    question = select(BankBooking).filter_by(reversal_state="open", reversal=True, status=Status.BOOKED)
    return session.scalars(question.order_by(BankBooking.id)).all()


def find_open_reversal(session: Session, booking_id: int) -> BankBooking:
    """:raises NotFound: if there is none, or it is settled"""
    booking = session.get(BankBooking, booking_id)
    if booking is None or booking.reversal_state != "open":
        raise NotFound
    return booking


def could_be_taken_back(session: Session, booking: BankBooking) -> Sequence[Deposit]:
    """
    What still stands on its account with its amount, the newest first: one of them is what it takes back, if any. Then
    what holds more and shares a sign with it: the bank may have taken only a part.
    """
    ours = select(Deposit).filter_by(iban=booking.account, currency=booking.currency).where(*STANDING)
    equal = session.scalars(ours.where(stands_at(booking.amount)).order_by(Deposit.id.desc()).limit(PAGE)).all()
    sign = shares_a_sign(booking, reversed_by(booking))
    larger = ours.join(BankBooking, BankBooking.id == Deposit.booking_id).where(
        Deposit.amount - Deposit.taken_back_sum > booking.amount, sign
    )
    return [*equal, *session.scalars(larger.order_by(Deposit.id.desc()).limit(PAGE)).all()]


def seen_in(session: Session, deposit: Deposit) -> list[tuple[BankStatement, str]]:
    """E11: every statement that shows its booking, with its file's name; the first made it ours."""
    question = (
        select(BankStatement, StatementFile.name)
        .join(Sighting, Sighting.statement_id == BankStatement.id)
        .join(StatementFile, StatementFile.id == BankStatement.file_id)
        .where(Sighting.booking_id == deposit.booking_id)
        .order_by(BankStatement.id)
    )
    return [(row, name) for row, name in session.execute(question)]

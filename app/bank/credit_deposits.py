"""Credit what came in: each new deposit is judged and posted, once. The matching itself is in ``reference.py``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, defer

from app import db
from app.bank.judge import Case, Knowledge, Verdict, judge
from app.bank.many_rows import update_rows
from app.bank.model import BankAccount, BankBooking, Deposit, DepositState
from app.bank.owners import agents_by_beginning, agents_by_sender, owners_of
from app.bank.reference import cut_phones_in, phones_in
from app.bank.references import about
from app.bank.take_back_deposit import take_back_deposits
from app.billers.model import Biller
from app.ledger.book import Entry, post_entries
from app.markets import MARKETS, Market
from app.remarks import Remark

log = structlog.get_logger()

BY = "job:credit-deposits"
AT_ONCE = 500  # deposits in one transaction: agents' accounts are not held for long


@dataclass(frozen=True)
class Waiting:
    deposit: Deposit
    booking: BankBooking
    account: BankAccount

    @property
    def market(self) -> Market:
        return MARKETS[self.account.market]


def credit_deposits(*, now: datetime) -> int:
    """
    A journey with transactions of its own, one for each batch: whoever dies on the way, the next run goes on.
    Then what the bank took back is taken back (E14, E15).

    :returns: how many deposits were judged
    """
    judged = 0
    while done := credit_batch(now=now):
        judged += done
    take_back_deposits(now=now)
    return judged


def credit_batch(*, now: datetime) -> int:
    with db.transaction() as session:
        waiting = take_waiting(session, now=now)
        known = knowledge_about(session, waiting, now=now)
        verdicts = [judge(case_of(each), known, today=today_in(each.market, now)) for each in waiting]
        written = [write_down(each.deposit, verdict, now=now) for each, verdict in zip(waiting, verdicts, strict=True)]
        update_rows(session, Deposit, written, key="reference")
        post_entries(
            session,
            [
                Entry(verdict.event, about(each.deposit.reference), verdict.moves)
                for each, verdict in zip(waiting, verdicts, strict=True)
                if verdict.moves
            ],
            at=now,
            by=BY,
        )
    if waiting:
        log.info("deposits.judged", count=len(waiting), credited=sum(verdict.state is DepositState.CREDITED for verdict in verdicts))
    return len(waiting)


def take_waiting(session: Session, *, now: datetime) -> list[Waiting]:
    """New ones, and those whose value date has come (E18). What another worker has in hand is left to it."""
    due = or_(*(and_(BankAccount.market == code, Deposit.value_date <= today_in(market, now)) for code, market in MARKETS.items()))
    question = (
        select(Deposit, BankBooking, BankAccount)
        .join(BankBooking, BankBooking.id == Deposit.booking_id)
        .join(BankAccount, BankAccount.iban == Deposit.iban)
        .where(or_(Deposit.state == DepositState.SEEN, and_(Deposit.state == DepositState.COMING, due)))
        .order_by(Deposit.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Deposit)
        .options(defer(BankBooking.raw))
    )
    return [Waiting(*row) for row in session.execute(question)]


def knowledge_about(session: Session, waiting: Sequence[Waiting], *, now: datetime) -> Knowledge:
    """Everything the batch needs, in a handful of queries."""
    phones = {phone for each in waiting for phone in phones_in(each.deposit.text, each.market)}
    owners = owners_of(session, phones, now=now)
    senders = {each.deposit.sender_iban for each in waiting} - {""}
    refunds: dict[str, set[tuple[str, str]]] = {}
    for biller in session.scalars(select(Biller).where(Biller.ibans != [])) if senders else ():
        for iban in biller.ibans:
            refunds.setdefault(iban, set()).add((biller.code, biller.market))
    return Knowledge(
        look_up=lambda wanted: {phone: owners.get(phone, ()) for phone in wanted},
        own_accounts={account.iban: account.currency for account in session.scalars(select(BankAccount))},
        billers={iban: codes.pop() for iban, codes in refunds.items() if len(codes) == 1},
        senders=agents_by_sender(session, senders),
        beginnings=agents_by_beginning(
            session, (beginning for each in waiting for beginning in cut_phones_in(each.deposit.text, each.market))
        ),
    )


def case_of(each: Waiting) -> Case:
    deposit, booking = each.deposit, each.booking
    return Case(
        text=deposit.text,
        sender_iban=deposit.sender_iban,
        amount=deposit.money,
        iban=deposit.iban,
        currency=each.account.currency,
        market=each.market,
        status=booking.status,
        value_date=deposit.value_date,
        comes_back=booking.reversal,
        doubt=Remark.from_json(deposit.doubt) if deposit.doubt else None,
    )


def today_in(market: Market, now: datetime) -> date:
    return now.astimezone(market.zone).date()


def write_down(deposit: Deposit, verdict: Verdict, *, now: datetime) -> dict[str, object]:
    credited = verdict.state is DepositState.CREDITED
    return {
        "reference": deposit.reference,
        "state": verdict.state,
        "trace": [remark.as_json() for remark in verdict.trace],
        "agent": verdict.agent,
        "person_id": verdict.person,
        "biller": verdict.biller,
        "own_iban": verdict.own_iban,
        "suggested": verdict.suggested,
        "matched_at": now if verdict.agent and deposit.matched_at is None else deposit.matched_at,
        "credited_at": now if credited else deposit.credited_at,
        "turns": 1 if credited else deposit.turns,
    }

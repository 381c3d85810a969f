"""Credit what came in: each new deposit is judged and posted, once. The matching itself is in ``reference.py``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.attributes import set_committed_value

from app import db
from app.bank.confirm_credit import confirm_credit, credited_unshown, end_proposals, hold, only_uploaded, shown_by_the_bank
from app.bank.decision import Two
from app.bank.desk_limit import desk_limits, markets_whose_uploads_wait
from app.bank.judge import Case, Knowledge, Verdict, judge
from app.bank.many_rows import update_rows
from app.bank.model import BankAccount, BankBooking, Deposit, DepositState
from app.bank.owners import agents_by_beginning, agents_by_sender, owners_of
from app.bank.propose_decision import open_proposal
from app.bank.reference import cut_phones_in, phones_in
from app.bank.references import about
from app.bank.take_back_deposit import take_back_deposits
from app.bank.tell_credited import tell_credited
from app.billers.model import Biller
from app.ledger.book import Entry, post_entries
from app.markets import MARKETS, Market
from app.money import Money
from app.remarks import Remark

log = structlog.get_logger()

BY = "job:credit-deposits"
AT_ONCE = 500  # deposits in one transaction: agents' accounts are not held for long

Purse = tuple[str, str]  # who brought it, and its currency


@dataclass(frozen=True)
class Waiting:
    """:ivar brought_by: and ``limit``: see :class:`app.bank.judge.Case`"""

    deposit: Deposit
    booking: BankBooking
    account: BankAccount
    brought_by: str
    limit: Money

    @property
    def purse(self) -> Purse:
        return self.brought_by, self.deposit.currency

    @property
    def market(self) -> Market:
        return MARKETS[self.account.market]


def credit_deposits(*, now: datetime) -> int:
    """
    A journey with transactions of its own, one for each batch: whoever dies on the way, the next run goes on.
    Then what was held until the bank showed it is credited, and what the bank took back is taken back (E14, E15).

    :returns: how many deposits were judged
    """
    judged, full = 0, set[Purse]()
    while done := credit_batch(full, now=now):
        judged += done
    for reference in shown_by_the_bank():
        with db.transaction() as session:
            credit_shown(session, reference, now=now)
    take_back_deposits(now=now)
    return judged


def credit_batch(full: set[Purse], *, now: datetime) -> int:
    """:param full: who needs a second person for whatever they brought, from one batch of the journey to the next"""
    with db.transaction() as session:
        waiting = take_waiting(session, now=now)
        known = knowledge_about(session, waiting, now=now)
        verdicts = judge_in_turn(waiting, known, credited_before(session, waiting, full, now=now), full, now=now)
        written = [write_down(each.deposit, verdict, now=now) for each, verdict in zip(waiting, verdicts, strict=True)]
        update_rows(session, Deposit, written, key="reference")
        for each, verdict, values in zip(waiting, verdicts, written, strict=True):
            remember(each.deposit, values)
            if verdict.held:
                hold(session, each.deposit, agent=str(verdict.suggested), brought_by=each.brought_by, now=now)
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
        tell_credited(session, [each.deposit for each in waiting], now=now)
    if waiting:
        log.info("deposits.judged", count=len(waiting), credited=sum(verdict.state is DepositState.CREDITED for verdict in verdicts))
    return len(waiting)


def credited_before(session: Session, waiting: Sequence[Waiting], full: set[Purse], *, now: datetime) -> dict[Purse, Money]:
    """What is credited today on the word of those whose files are among them."""
    uploaded = [each for each in waiting if each.brought_by and each.purse not in full]
    if not uploaded:
        return {}
    since = min(datetime.combine(today_in(each.market, now), time.min, each.market.zone) for each in uploaded)
    return credited_unshown(session, (each.brought_by for each in uploaded), since=since)


def judge_in_turn(
    waiting: Sequence[Waiting], known: Knowledge, before: dict[Purse, Money], full: set[Purse], *, now: datetime
) -> list[Verdict]:
    """Each with what was credited before it; once one is too many, so is all that follows."""
    verdicts = []
    for each in waiting:
        so_far = each.limit if each.purse in full else before.get(each.purse, Money(0, each.deposit.currency))
        case = case_of(each, before=so_far)
        verdict = judge(case, known, today=today_in(each.market, now))
        if each.brought_by and verdict.state is DepositState.CREDITED:
            before[each.purse] = so_far + case.amount
        if verdict.held and not case.is_large:
            full.add(each.purse)
        verdicts.append(verdict)
    return verdicts


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
    return with_what_brought_them(
        session, [(deposit, booking, account) for deposit, booking, account in session.execute(question)], now=now
    )


def with_what_brought_them(session: Session, rows: Sequence[tuple[Deposit, BankBooking, BankAccount]], *, now: datetime) -> list[Waiting]:
    uploaded = only_uploaded(session, (booking.id for _, booking, _ in rows))
    limits = desk_limits(session, now=now) if rows else {}
    wait = markets_whose_uploads_wait(session, now=now) if uploaded else set()
    return [
        Waiting(deposit, booking, account, uploaded.get(booking.id, "") if account.market in wait else "", limits[account.market])
        for deposit, booking, account in rows
    ]


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


def case_of(each: Waiting, *, before: Money | None = None) -> Case:
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
        brought_by=each.brought_by,
        limit=each.limit,
        before=before,
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
        "matched_at": now if (verdict.agent or verdict.held) and deposit.matched_at is None else deposit.matched_at,
        "credited_at": now if credited else deposit.credited_at,
        "turns": 1 if credited else deposit.turns,
    }


def remember(deposit: Deposit, values: Mapping[str, object]) -> None:
    """What the database has been told already, so that the object says the same and is not written a second time."""
    for name, value in values.items():
        set_committed_value(deposit, name, value)


def credit_shown(session: Session, reference: str, *, now: datetime) -> None:
    """
    The bank itself shows now what was only uploaded: judged again, it is credited or left to a person. Whoever was
    quicker is respected.
    """
    question = (
        select(Deposit, BankBooking, BankAccount)
        .join(BankBooking, BankBooking.id == Deposit.booking_id)
        .join(BankAccount, BankAccount.iban == Deposit.iban)
        .where(Deposit.reference == reference, Deposit.state == DepositState.SUSPENSE)
        .with_for_update(skip_locked=True, of=Deposit)
    )
    rows = [(deposit, booking, account) for deposit, booking, account in session.execute(question)]
    proposal = open_proposal(session, reference) if rows else None
    if proposal is None or proposal.kind != "credit":
        return
    (waiting,) = with_what_brought_them(session, rows, now=now)
    deposit = waiting.deposit
    verdict = judge(case_of(waiting), knowledge_about(session, [waiting], now=now), today=today_in(waiting.market, now))
    if verdict.state is not DepositState.CREDITED or deposit.taken_back_sum:
        end_proposals(session, deposit, by=BY, now=now)
        deposit.trace, deposit.suggested = [remark.as_json() for remark in verdict.trace], verdict.suggested or verdict.agent
        return
    proposal.decided_at, proposal.decided_by, proposal.granted = now, BY, True
    deposit.trace, deposit.person_id, deposit.suggested = [remark.as_json() for remark in verdict.trace], verdict.person, None
    confirm_credit(session, deposit, agent=str(verdict.agent), by=Two(proposal.proposed_by, BY), now=now)
    log.info("deposit.shown", deposit=reference)

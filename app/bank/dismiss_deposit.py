"""A person says that a deposit in suspense is no top-up, and what it is: the money goes where it belongs in the book."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.bank.assign_deposit import find_waiting, needed
from app.bank.decision import By, enough, write_decision
from app.bank.model import BankAccount, Deposit, DepositState
from app.bank.references import about
from app.billers.model import Biller
from app.errors import N_, Invalid
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import BANK_COSTS, SUSPENSE, bank_account, biller_account, kind


def dismiss_deposit(session: Session, reference: str, *, target: str, note: str, by: By, now: datetime) -> Deposit:
    """
    suspense → biller, bank or cost.

    :param target: one of :func:`possible_targets`
    :raises Invalid: if it is none of them, or without a note
    :raises NotFound: if there is no such deposit
    :raises NotWaiting: if it is not in suspense (any more)
    :raises TakesTwo: if the sum needs a second person, and ``by`` names one
    """
    deposit, note = find_waiting(session, reference, DepositState.SUSPENSE), needed(note)
    check_target(session, deposit, target)
    by = enough(session, deposit, by, now=now)
    moves = [Move(SUSPENSE, target, deposit.rest)]
    book.post(session, "deposit.dismissed", about=about(reference, turn=deposit.turns), moves=moves, at=now, by=by.last)
    whose = target.partition(":")[2]
    deposit.state, deposit.suggested = DepositState.NOT_TOP_UP, None
    deposit.biller = whose if kind(target) == "biller" else None
    deposit.own_iban = whose if kind(target) == "bank" else None
    write_decision(session, deposit, "dismissed", note=note, by=by, now=now)
    session.flush()
    return deposit


def check_target(session: Session, deposit: Deposit, target: str) -> None:
    if target not in {address for address, _ in possible_targets(session, deposit)}:
        raise Invalid(target=N_("Say what it is: a biller's refund, a transfer of our own, or the bank's."))


def possible_targets(session: Session, deposit: Deposit) -> Sequence[tuple[str, str]]:
    """What it can be, as account and name: a biller of its market, another account of ours, or the bank's interest and charges."""
    account = session.get_one(BankAccount, deposit.iban)
    if deposit.currency != account.currency:
        return []
    billers = session.scalars(select(Biller).filter_by(market=account.market).order_by(Biller.name)).all()
    ours = session.scalars(
        select(BankAccount)
        .filter_by(currency=account.currency)
        .where(BankAccount.iban != account.iban, or_(BankAccount.closed_at.is_(None), BankAccount.iban == deposit.sender_iban))
        .order_by(BankAccount.label)
    ).all()
    return [
        *((biller_account(biller.code), biller.name) for biller in billers),
        *((bank_account(each.iban), f"{each.label} {each.iban}") for each in ours),
        (BANK_COSTS, ""),
    ]

"""Money back to senders and out to closing shops by a file for the bank: gathered by one, decided by another, downloaded once."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from stdnum import iban as iban_numbers

from app import audit
from app.agents.model import Agent
from app.bank.assign_deposit import needed
from app.bank.desk_model import AgentPayout, ReturnBatch
from app.bank.model import BankAccount, Deposit
from app.bank.payouts.payout_csv import payout_csv
from app.bank.payouts.payout_pain import VERSIONS, payout_pain
from app.bank.payouts.payout_plan import Payout, Transfer
from app.bank.return_deposit import check_shown
from app.errors import N_, Invalid, NotFound, OwnRequest, Refusal
from app.ledger import book
from app.ledger.chart import agent_account
from app.markets import MARKETS
from app.people.permissions import ASSIGN_DEPOSITS
from app.people.second_person import ProposalChanged, first_must_still_count, is_the_asker, mark_of

FORMATS = (*VERSIONS, "csv")
MOST = 500  # transfers in one file

Leaving = Deposit | AgentPayout  # what a file pays: back to a sender, or out to a shop


class BatchDecided(Refusal):
    say = N_("Return file {batch} was decided at {at}; that stands.")
    known_as = "decided"


class NotGranted(Refusal):
    say = N_("Return file {batch} was not agreed to by a second person.")
    known_as = "pending"


class Downloaded(Refusal):
    say = N_("Return file {batch} was downloaded at {at}; it exists once. If it never reached the bank, an approver makes it void.")
    known_as = "decided"


class SomeLeft(Refusal):
    say = N_("Transfers of return file {batch} have left the bank already; it cannot be made void.")
    known_as = "decided"


class SomeGoneBack(Refusal):
    say = N_(
        "A transfer of return file {batch} is not to be paid any more, or not wholly. Refuse the file or make it void, and gather the rest."
    )
    known_as = "decided"


@dataclass(frozen=True)
class PayoutFile:
    name: str
    media_type: str
    content: bytes


def gather_returns(session: Session, iban: str, references: Sequence[str], *, by: str, now: datetime) -> ReturnBatch:
    """
    :param iban: our account that pays
    :param references: deposits that are being returned, and payouts to shops, that are in no file yet
    :raises Invalid: if there are none, too many, or one cannot be paid by this file
    :raises NotShown: if one of them is only in an uploaded file
    :raises SomeGoneBack: if a shop's account does not hold any more what was to be paid out to it
    """
    wanted = sorted(set(references))
    if not 0 < len(wanted) <= MOST:
        raise Invalid(deposits=N_("Choose the deposits that are to be given back, at most 500."))
    deposits = session.scalars(select(Deposit).where(Deposit.reference.in_(wanted)).order_by(Deposit.id).with_for_update()).all()
    payouts = session.scalars(select(AgentPayout).where(AgentPayout.reference.in_(wanted)).order_by(AgentPayout.id).with_for_update()).all()
    leaving: list[Leaving] = [*deposits, *payouts]
    if len(leaving) != len(wanted) or not all(payable(each, iban) for each in leaving):
        raise Invalid(deposits=N_("One of them is not waiting to be returned any more, or its sender's IBAN is not known."))
    check_shown(session, deposits)
    if len({each.currency for each in leaving}) != 1:
        raise Invalid(deposits=N_("One file holds one currency."))
    total = sum(each.rest.minor for each in leaving)
    batch = ReturnBatch(iban=iban, number=len(leaving), amount=total, currency=leaving[0].currency, gathered_at=now, gathered_by=by)
    session.add(batch)
    session.flush()
    for each in leaving:
        each.return_batch = batch.id
    still_to_pay(session, batch)
    audit.record(session, "return-batch.gathered", about=about(batch), by=by, at=now, number=batch.number, amount=batch.money)
    session.flush()
    return batch


def payable(each: Leaving, iban: str) -> bool:
    return each.is_leaving and each.return_batch is None and each.iban == iban and iban_numbers.is_valid(receiver_of(each))


def receiver_of(each: Leaving) -> str:
    """An IBAN as it was told to us."""
    return each.sender_iban if isinstance(each, Deposit) else each.to_iban


def decide_batch(session: Session, number: int, *, granted: bool, answer: str, seen: str, by: str, now: datetime) -> ReturnBatch:
    """
    The second person agrees to the whole file or refuses it; refused, its transfers can be gathered again.

    :param seen: :func:`mark` of the file that was on the screen
    :raises NotFound: …
    :raises BatchDecided: …
    :raises ProposalChanged: …
    :raises OwnRequest: for who gathered it (C18)
    :raises FirstCountsNoMore: if it is agreed to, and that person has no right to gather it any more
    :raises SomeGoneBack: if it is agreed to, and the bank has shown meanwhile that less is to be paid
    :raises Invalid: if it is refused without a reason
    """
    batch = lock(session, number)
    if batch.decided_at is not None:
        raise BatchDecided(batch=number, at=batch.decided_at)
    if seen != mark(batch):
        raise ProposalChanged
    if is_the_asker(session, batch.gathered_by, by, now=now):
        raise OwnRequest
    if granted:
        first_must_still_count(session, batch.gathered_by, ASSIGN_DEPOSITS)
        still_to_pay(session, batch)
    batch.decided_at, batch.decided_by, batch.granted = now, by, granted
    if not granted:
        batch.answer = needed(answer)
        free(session, batch)
    word = "granted" if granted else "refused"
    audit.record(session, f"return-batch.{word}", about=about(batch), by=by, at=now, gathered_by=batch.gathered_by, answer=batch.answer)
    session.flush()
    return batch


def download_batch(session: Session, number: int, *, format: str, by: str, now: datetime) -> PayoutFile:
    """
    Made, recorded and given out in one transaction; its hash stands in the record and in the audit trail.

    :param format: one of :data:`FORMATS`
    :raises NotFound: …
    :raises NotGranted: …
    :raises Downloaded: …
    :raises SomeGoneBack: if the bank has shown since it was agreed to that less is to be paid
    :raises Invalid: if there is no such format
    """
    if format not in FORMATS:
        raise Invalid(format=N_("This kind of file is not known."))
    batch = lock(session, number)
    if not batch.granted or batch.voided_at:
        raise NotGranted(batch=number)
    if batch.downloaded_at is not None:
        raise Downloaded(batch=number, at=batch.downloaded_at)
    payout = payout_of(session, batch, still_to_pay(session, batch), now=now)
    content = payout_csv(payout) if format == "csv" else payout_pain(payout, version=format)
    batch.downloaded_at, batch.downloaded_by, batch.format = now, by, format
    batch.sha256 = hashlib.sha256(content).digest()
    audit.record(session, "return-batch.downloaded", about=about(batch), by=by, at=now, format=format, sha256=batch.sha256.hex())
    session.flush()
    ending, media_type = ("csv", "text/csv; charset=utf-8") if format == "csv" else ("xml", "application/xml")
    return PayoutFile(f"{payout.reference}.{ending}", media_type, content)


def void_batch(session: Session, number: int, *, note: str, by: str, now: datetime) -> ReturnBatch:
    """
    It never reached the bank: whoever says so is not who gathered it. What was never downloaded cannot have reached it,
    whatever has become of its transfers.

    :raises NotFound: …
    :raises NotGranted: if nobody agreed to it, or it is void
    :raises OwnRequest: for who gathered it
    :raises SomeLeft: if it was downloaded and the bank has shown one of its transfers
    :raises Invalid: without a note
    """
    batch, note = lock(session, number), needed(note)
    if not batch.granted or batch.voided_at:
        raise NotGranted(batch=number)
    if is_the_asker(session, batch.gathered_by, by, now=now):
        raise OwnRequest
    if batch.downloaded_at and not all(each.is_leaving for each in leaving_in(session, batch)):
        raise SomeLeft(batch=number)
    batch.voided_at, batch.voided_by, batch.void_note = now, by, note
    free(session, batch)
    audit.record(session, "return-batch.voided", about=about(batch), by=by, at=now, note=note)
    session.flush()
    return batch


def free(session: Session, batch: ReturnBatch) -> None:
    for kind in (Deposit, AgentPayout):
        session.execute(update(kind).where(kind.return_batch == batch.id).values(return_batch=None))


def payout_of(session: Session, batch: ReturnBatch, leaving: Sequence[Leaving], *, now: datetime) -> Payout:
    account = session.get_one(BankAccount, batch.iban)
    local = now.astimezone(MARKETS[account.market].zone)
    return Payout(
        reference=f"IADE-{local:%y%m%d}-{batch.id}",
        made_at=local,
        day=local.date(),
        iban=account.iban,
        bank=account.bank,
        currency=batch.currency,
        transfers=tuple(transfer_of(each) for each in leaving),
    )


def transfer_of(each: Leaving) -> Transfer:
    iban = str(iban_numbers.compact(receiver_of(each)))
    if isinstance(each, Deposit):
        return Transfer(reference=each.reference, amount=each.rest, name=each.sender_name, iban=iban)
    return Transfer(reference=each.reference, amount=each.rest, name=each.name, iban=iban, word="HESAP KAPAMA")


def still_to_pay(session: Session, batch: ReturnBatch) -> Sequence[Leaving]:
    """
    Locked: what the bank takes back in this moment waits until the file is written.

    :raises SomeGoneBack: unless all of it is still to be paid
    """
    leaving = leaving_in(session, batch)
    if not all(each.is_leaving for each in leaving) or sum(each.rest.minor for each in leaving) != batch.amount:
        raise SomeGoneBack(batch=batch.id)
    if not all(is_as_opened(session, each) for each in leaving if isinstance(each, AgentPayout)):
        raise SomeGoneBack(batch=batch.id)
    return leaving


def is_as_opened(session: Session, payout: AgentPayout) -> bool:
    """The shop's balance and IBAN are still what it was opened for; else :mod:`app.changes.close_shop` opens another one."""
    agent = session.get_one(Agent, payout.agent, populate_existing=True)
    return payout.to_iban == agent.iban and book.balance(session, agent_account(payout.agent)).balance == payout.rest


def leaving_in(session: Session, batch: ReturnBatch) -> Sequence[Leaving]:
    """Locked."""
    deposits = select(Deposit).filter_by(return_batch=batch.id).order_by(Deposit.id).with_for_update()
    payouts = select(AgentPayout).filter_by(return_batch=batch.id).order_by(AgentPayout.id).with_for_update()
    return [*session.scalars(deposits), *session.scalars(payouts)]


def lock(session: Session, number: int) -> ReturnBatch:
    batch = session.scalars(select(ReturnBatch).filter_by(id=number).with_for_update()).one_or_none()
    if batch is None:
        raise NotFound
    return batch


def mark(batch: ReturnBatch) -> str:
    return mark_of(f"{batch.id} {batch.number} {batch.amount}", batch.gathered_by, batch.gathered_at)


def about(batch: ReturnBatch) -> str:
    return f"return-batch:{batch.id}"

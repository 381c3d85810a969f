"""What is known about a batch of deposits before they are judged: everything it needs in a handful of queries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bank.judge import Knowledge
from app.bank.model import BankAccount
from app.bank.owners import agents_by_beginning, agents_by_sender, owners_of
from app.bank.reference import cut_phones_in, whose
from app.bank.waiting import Waiting
from app.billers.model import Biller


def knowledge_about(session: Session, waiting: Sequence[Waiting], *, now: datetime) -> Knowledge:
    owners = owners_of(session, {phone for each in waiting for phone in each.phones}, now=now)
    findings = {(market.code, phones): whose(phones, market, owners) for market, phones in {(each.market, each.phones) for each in waiting}}
    unmatched = [each for each in waiting if findings[each.market.code, each.phones].owner is None]
    return Knowledge(
        findings=findings,
        own_accounts={own.iban: own.currency for own in session.execute(select(BankAccount.iban, BankAccount.currency))},
        billers=billers_by_iban(session),
        senders=agents_by_sender(session, (each.sender_iban for each in unmatched)),
        beginnings=agents_by_beginning(session, (beginning for each in unmatched for beginning in cut_phones_in(each.text, each.market))),
    )


def billers_by_iban(session: Session) -> dict[str, tuple[str, str]]:
    """IBAN → code and market, where it is one biller's alone (E21)."""
    found: dict[str, set[tuple[str, str]]] = {}
    for code, market, ibans in session.execute(select(Biller.code, Biller.market, Biller.ibans).where(Biller.ibans != [])):
        for iban in ibans:
            found.setdefault(iban, set()).add((code, market))
    return {iban: billers.pop() for iban, billers in found.items() if len(billers) == 1}

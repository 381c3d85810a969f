"""Who decides about a deposit: one person up to the market's limit, two above it; and the record of what they decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from app import audit
from app.bank.desk_limit import desk_limit, markets_whose_uploads_wait
from app.bank.model import BankAccount, Deposit, DepositDecision
from app.bank.unshown import credited_with
from app.errors import N_, OwnRequest, Refusal
from app.people.second_person import is_the_asker

Kind = Literal["assigned", "unassigned", "confirmed", "returned", "kept", "dismissed", "taken-back"]


class TakesTwo(Refusal):
    say = N_("Deposit {deposit} is above {limit}: one person proposes, another one decides.")


@dataclass(frozen=True)
class Two:
    """:ivar first: who wanted it; :ivar second: who agreed, ``None`` where one was enough"""

    first: str
    second: str | None = None

    @property
    def last(self) -> str:
        """By whose act it happens."""
        return self.second or self.first


By = str | Two


def takes_two(session: Session, deposit: Deposit, *, now: datetime) -> bool:
    """
    A sum in another currency than the account's has no limit to stay below. What only an uploaded file shows counts with all
    that is credited on that person's word: nobody writes a file in pieces and gives each of them to a shop.
    """
    market = session.get_one(BankAccount, deposit.iban).market
    limit = desk_limit(session, market, now=now)
    if deposit.currency != limit.currency or limit < deposit.rest:
        return True
    return market in markets_whose_uploads_wait(session, now=now) and limit < credited_with(session, deposit)


def enough(session: Session, deposit: Deposit, by: By, *, now: datetime) -> Two:
    """
    :raises TakesTwo: if it takes two persons and ``by`` is one
    :raises OwnRequest: if the second one is the first (C18)
    """
    by = by if isinstance(by, Two) else Two(by)
    if by.second is not None and is_the_asker(session, by.first, by.second, now=now):
        raise OwnRequest
    if by.second is None and takes_two(session, deposit, now=now):
        raise TakesTwo(deposit=deposit.reference, limit=desk_limit(session, session.get_one(BankAccount, deposit.iban).market, now=now))
    return by


def write_decision(session: Session, deposit: Deposit, kind: Kind, *, note: str, by: Two, now: datetime) -> None:
    """Both names stand in the record and in the audit trail."""
    agent = deposit.agent if kind in ("assigned", "unassigned", "confirmed") else None
    session.add(DepositDecision(deposit=deposit.reference, kind=kind, agent=agent, note=note, at=now, by=by.first, second_by=by.second))
    facts = ({"agent": agent} if agent else {}) | ({"note": note} if note else {}) | ({"proposed_by": by.first} if by.second else {})
    audit.record(session, f"deposit.{kind}", about=deposit.reference, by=by.last, at=now, **facts)

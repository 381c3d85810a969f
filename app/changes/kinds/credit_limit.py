"""How far below zero the shop's balance may go."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agents.set_credit_limit import set_credit_limit
from app.changes.kind import Field, Kind, Subject, Values
from app.changes.model import Change
from app.errors import N_
from app.ledger import book
from app.ledger.chart import agent_account
from app.money import Money


def before(session: Session, subject: Subject) -> dict[str, Any]:
    return {"credit_limit": book.balance(session, agent_account(subject.shop.number)).credit_limit.minor}


def weigh(_subject: Subject, wanted: Values) -> int:
    """The new limit, in minor units."""
    return int(wanted["credit_limit"])


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    limit = change.wanted["credit_limit"]
    assert isinstance(limit, int)
    set_credit_limit(session, subject.shop.number, Money(limit, subject.market.currency), by=by, now=now)
    return {}


KIND = Kind(
    name="credit-limit",
    title=N_("Credit limit"),
    explains=N_(
        "The shop may pay until its balance is this much below zero. If it is lower than what is used, payments stop until a top-up."
    ),
    asked_by=frozenset({"operator", "approver"}),
    changes_only=True,
    needs_reason=True,
    fields=(Field("credit_limit", N_("Credit limit"), is_needed=True, is_money=True),),
    before=before,
    weigh=weigh,
    apply=apply,
)

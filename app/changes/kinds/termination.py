"""The shop stops for ever: it is blocked at once, and what is left of its money goes to its IBAN."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agents.change_information import change_information
from app.agents.model import ACTIVE, CLOSING, SUSPENDED
from app.agents.suspend_agent import NotInThatState
from app.bank.model import Deposit, DepositState
from app.changes import shapes
from app.changes.close_shop import close_shop, must_be_settled
from app.changes.kind import IDENTITY_CARD, SIGNED_FORM, Field, Kind, Subject, Values
from app.changes.kinds import suspend
from app.changes.model import Change
from app.errors import N_
from app.ledger import book
from app.ledger.chart import agent_account
from app.money import Money
from app.remarks import Remark

MOST = 20  # deposits that are named


def before(_session: Session, subject: Subject) -> dict[str, Any]:
    return {"state": subject.shop.state, "iban": subject.shop.iban}


def check(session: Session, subject: Subject, _wanted: Values) -> None:
    """:raises NotInThatState: … and what :func:`app.changes.close_shop.must_be_settled` raises"""
    if subject.shop.state not in (ACTIVE, SUSPENDED):
        raise NotInThatState(number=subject.shop.number, state=subject.shop.state)
    must_be_settled(session, subject.shop.number)


def weigh(subject: Subject, wanted: Values) -> int:
    """Money that goes to another IBAN than the known one is delicate."""
    return int(bool(wanted.get("iban")) and wanted["iban"] != subject.shop.iban)


def warn(session: Session, subject: Subject) -> list[Remark]:
    """What is left or owed, and the deposits on their way: they will wait in suspense (E10)."""
    left = book.balance(session, agent_account(subject.shop.number)).balance
    coming = select(Deposit).where(
        ((Deposit.agent == subject.shop.number) & (Deposit.state == DepositState.COMING))
        | ((Deposit.suggested == subject.shop.number) & (Deposit.state == DepositState.SUSPENSE))
    )
    return [*about_money(left), *(on_its_way(each) for each in session.scalars(coming.order_by(Deposit.id).limit(MOST)))]


def about_money(left: Money) -> list[Remark]:
    if left.minor > 0:
        return [Remark.of(N_("The balance is {amount} now; with the commission it is paid out."), amount=left)]
    if left.minor < 0:
        return [Remark.of(N_("The shop owes {amount} now; it stays closing until that has come."), amount=-left)]
    return []


def on_its_way(deposit: Deposit) -> Remark:
    if deposit.state == DepositState.COMING:
        say = N_("Deposit {deposit} of {amount} is credited on {day} only: it will wait in suspense.")
        return Remark.of(say, deposit=deposit.reference, amount=deposit.rest, day=deposit.value_date)
    return Remark.of(
        N_("Deposit {deposit} of {amount} waits in suspense and may be this shop's."), deposit=deposit.reference, amount=deposit.rest
    )


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    number, iban = subject.shop.number, str(change.wanted.get("iban", ""))
    if iban and iban != subject.shop.iban:
        change_information(session, number, {"iban": iban}, by=by, now=now)
    agent = close_shop(session, change, number, by=by, now=now)
    return {"state": agent.state}


KIND = Kind(
    name="termination",
    title=N_("Terminate the agency"),
    explains=N_(
        "Nothing can be paid any more at once; the shop's people only read. The final statement is made, and balance and commission go "
        "to the IBAN by bank transfer. When the bank has paid, the account stands at zero, the logins end and the papers are archived."
    ),
    asked_by=frozenset({"owner", "operator"}),
    papers=(SIGNED_FORM, IDENTITY_CARD),
    fixed={"state": CLOSING},
    fields=(
        suspend.STATE,
        Field(
            "iban",
            N_("IBAN for the pay-out"),
            shapes.iban,
            is_private=True,
            longest=50,
            hint=N_("As it stands in the shop's record, or another one."),
        ),
    ),
    before=before,
    check=check,
    weigh=weigh,
    warn=warn,
    apply=apply,
)

"""A payout that the shop's bank sent back goes out once more, to the known IBAN or to a corrected one; who asked never grants it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agents.change_information import change_information
from app.agents.close_agent import reopen_closing
from app.agents.model import CLOSED, CLOSING
from app.agents.suspend_agent import NotInThatState
from app.bank.desk_model import AgentPayout
from app.bank.model import Deposit, DepositState
from app.bank.payouts.sent_back import is_known_back, note_sent_back, payout_that_came_back
from app.bank.post_by_hand import HandPosting, lock_deposit, post_by_hand
from app.changes import shapes
from app.changes.close_shop import pay_out_the_rest
from app.changes.kind import Field, Kind, Subject, Values
from app.changes.kinds.manual_posting import two_of
from app.changes.model import Change
from app.errors import N_, Refusal

NAME = "payout-again"


class NotSentBack(Refusal):
    say = N_("Deposit {deposit} is no payout of agent {agent} that came back and waits in suspense.")


def before(_session: Session, subject: Subject) -> dict[str, Any]:
    return {"iban": subject.shop.iban}


def check(session: Session, subject: Subject, wanted: Values) -> None:
    """:raises NotInThatState: if the shop is not at its end :raises NotSentBack: …"""
    if subject.shop.state not in (CLOSING, CLOSED):
        raise NotInThatState(number=subject.shop.number, state=subject.shop.state)
    what_came_back(session, lock_deposit(session, str(wanted["deposit"])), subject.shop.number)


def what_came_back(session: Session, deposit: Deposit, agent: str) -> AgentPayout:
    payout = payout_that_came_back(session, deposit, agent) if deposit.state == DepositState.SUSPENSE else None
    if payout is None or payout.paid_at is None:
        raise NotSentBack(deposit=deposit.reference, agent=agent)
    return payout


def weigh(subject: Subject, wanted: Values) -> int:
    """Money that goes to another IBAN than the known one is delicate."""
    return int(bool(wanted.get("iban")) and wanted["iban"] != subject.shop.iban)


def matter(_subject: Subject, wanted: Values) -> str:
    return str(wanted["deposit"])


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    """The money goes back to the shop's account, which is closing again until the bank has paid; the rest is as at its end."""
    number, iban = subject.shop.number, str(change.wanted.get("iban", ""))
    deposit = lock_deposit(session, str(change.wanted["deposit"]))
    payout = what_came_back(session, deposit, number)
    if not is_known_back(session, payout):
        note_sent_back(session, payout, deposit, by=by, now=now)
    agent = reopen_closing(session, number, reason=change.reason, by=by, now=now)
    if iban and iban != agent.iban:
        change_information(session, number, {"iban": iban}, by=by, now=now)
    posting = HandPosting(name=change.reference, agent=number, amount=deposit.rest, to_agent=True, deposit=deposit.reference)
    post_by_hand(session, posting, decided_by=two_of(change), by=by, now=now)
    opened = pay_out_the_rest(session, agent, by=by, now=now)
    return {"payout": opened.reference} if opened else {}


KIND = Kind(
    name=NAME,
    title=N_("Pay out again"),
    explains=N_(
        "A payout to a shop that has ended came back from its bank. Its money moves from suspense to the shop's account, which is closing "
        "again, and a new payout waits for the next return file. When the bank has paid, the shop is closed once more."
    ),
    asked_by=frozenset({"operator", "approver"}),
    needs_reason=True,
    for_closed=True,
    fields=(
        Field(
            "deposit",
            N_("Deposit that came back"),
            shapes.deposit_reference,
            is_needed=True,
            longest=40,
            hint=N_("Such as D251122-7K3M9QXA2B4C."),
        ),
        Field("iban", N_("IBAN for the pay-out"), shapes.iban, longest=50, hint=N_("As it stands in the shop's record, or another one.")),
    ),
    before=before,
    check=check,
    weigh=weigh,
    matter=matter,
    apply=apply,
)

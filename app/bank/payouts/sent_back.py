"""
A payout that the shop's bank did not take comes in again as a deposit, when the shop is closed already. By the number that it
carries through both banks it is known what it is; two persons pay it out once more (:mod:`app.changes.kinds.payout_again`).
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from app import audit
from app.bank.desk_model import AgentPayout, PayoutSentBack
from app.bank.model import BankBooking, Deposit
from app.bank.returned import payouts_named_in
from app.errors import N_
from app.remarks import Remark

log = structlog.get_logger()


def name_sent_back(session: Session, deposits: Sequence[int], *, by: str, now: datetime) -> int:
    """
    :param deposits: ids of those that have just been put into suspense
    :returns: how many of them are payouts of ours
    """
    if not deposits:
        return 0
    question = select(Deposit, BankBooking).join(BankBooking, BankBooking.id == Deposit.booking_id)
    named = 0
    for deposit, booking in session.execute(question.where(Deposit.id.in_(deposits)).order_by(Deposit.id)).all():
        payout = payout_of(session, booking, deposit)
        if payout is None:
            continue
        note_sent_back(session, payout, deposit, by=by, now=now)
        say = N_("Sent back: payout {payout} of agent {agent}.")
        deposit.suggested = payout.agent
        deposit.trace = [*deposit.trace, Remark.of(say, payout=payout.reference, agent=payout.agent).as_json()]
        named += 1
    session.flush()
    return named


def payout_of(session: Session, booking: BankBooking, deposit: Deposit) -> AgentPayout | None:
    """Paid or on its way, not known to be back yet, of the same account; a bank may have kept a charge."""
    numbers = payouts_named_in(booking.reference, *booking.hints, booking.text)
    if not numbers:
        return None
    return session.scalars(could_be_back(deposit).where(AgentPayout.reference.in_(numbers))).first()


def payout_that_came_back(session: Session, deposit: Deposit, agent: str) -> AgentPayout | None:
    """Known by its number, else the shop's latest that could be it."""
    if known := payout_known_as(session, deposit):
        return known if known.agent == agent else None
    return session.scalars(could_be_back(deposit).where(AgentPayout.agent == agent)).first()


def could_be_back(deposit: Deposit) -> Select[AgentPayout]:
    return (
        select(AgentPayout)
        .where(
            or_(AgentPayout.paid_at.is_not(None), AgentPayout.return_batch.is_not(None)),
            AgentPayout.amount >= deposit.rest.minor,
            ~exists().where(PayoutSentBack.payout == AgentPayout.reference),
        )
        .filter_by(iban=deposit.iban, currency=deposit.currency)
        .order_by(AgentPayout.id.desc())
        .with_for_update()
    )


def is_known_back(session: Session, payout: AgentPayout) -> bool:
    return session.get(PayoutSentBack, payout.reference) is not None


def note_sent_back(session: Session, payout: AgentPayout, deposit: Deposit, *, by: str, now: datetime) -> None:
    session.add(PayoutSentBack(payout=payout.reference, deposit=deposit.reference, seen_at=now))
    session.flush()
    say = "agent-payout.sent-back"
    audit.record(session, say, about=payout.reference, by=by, at=now, agent=payout.agent, amount=deposit.rest, deposit=deposit.reference)
    log.warning("agent-payout.sent-back", payout=payout.reference, agent=payout.agent, deposit=deposit.reference)


def payout_known_as(session: Session, deposit: Deposit) -> AgentPayout | None:
    """That came in again as this deposit."""
    question = select(AgentPayout).join(PayoutSentBack, PayoutSentBack.payout == AgentPayout.reference)
    return session.scalars(question.where(PayoutSentBack.deposit == deposit.reference)).one_or_none()


def sent_back(session: Session, agent: str) -> dict[str, Deposit]:
    """The shop's payouts that came back, with the deposits they are now."""
    question = (
        select(PayoutSentBack.payout, Deposit)
        .join(AgentPayout, AgentPayout.reference == PayoutSentBack.payout)
        .join(Deposit, Deposit.reference == PayoutSentBack.deposit)
        .where(AgentPayout.agent == agent)
    )
    return {row.payout: row.Deposit for row in session.execute(question)}

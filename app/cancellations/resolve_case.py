"""A case: one person proposes what is to happen, with the document that proves it, another one decides (B19)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.cancellations.model import Cancellation, Case
from app.cancellations.queries import name_of
from app.cancellations.undo_payment import lock_payment, undo_payment
from app.collections.model import Payment
from app.errors import N_, Invalid, NotFound, OwnRequest, Refusal
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import agent_account, biller_account
from app.people.permissions import RESOLVE_PAYMENTS
from app.people.second_person import ProposalChanged, first_must_still_count, is_the_asker, mark_of
from app.text import one_line

OUTCOMES = {"late-yes": ("refund", "noted"), "late-no": ("charge-agent", "noted")}


class CaseDecided(Refusal):
    say = N_("Case {case} was decided by {who} at {when}; that stands.")
    known_as = "decided"


class NotProposed(Refusal):
    say = N_("Nobody has proposed an outcome for case {case} yet; it takes two persons.")


def propose_outcome(session: Session, number: int, *, outcome: str, note: str, by: str, now: datetime) -> Case:
    """
    A new proposal replaces the one before.

    :param outcome: see :class:`app.cancellations.model.Case`
    :raises NotFound: …
    :raises CaseDecided: …
    :raises Invalid: if the outcome does not fit the case, or nothing proves it
    """
    case = lock_case(session, number)
    errors = {}
    if outcome not in OUTCOMES[case.kind]:
        errors["outcome"] = N_("This outcome does not fit the case.")
    if not one_line(note):
        errors["note"] = N_("Say which document proves it.")
    if errors:
        raise Invalid(**errors)
    case.outcome, case.note, case.proposed_at, case.proposed_by = outcome, one_line(note), now, by
    session.flush()
    audit.record(session, "cancellation-case.proposed", about=str(number), by=by, at=now, outcome=outcome, note=case.note)
    return case


def decide_case(session: Session, number: int, *, seen: str, by: str, now: datetime) -> Case:
    """
    The second person agrees, and it happens.

    :param seen: :func:`app.people.second_person.mark_of` the proposal that was on the screen
    :raises NotFound: …
    :raises CaseDecided: …
    :raises NotProposed: …
    :raises ProposalChanged: if another one stands there by now
    :raises OwnRequest: for who proposed it
    :raises FirstCountsNoMore: if that person resolves nothing any more
    """
    payment = lock_payment(session, find_payment_of(session, number))  # account and payment before the case: one order for all
    case = lock_case(session, number)
    if case.proposed_by is None:
        raise NotProposed(case=number)
    if seen != mark_of(case.outcome, case.proposed_by, case.proposed_at):
        raise ProposalChanged
    if is_the_asker(session, case.proposed_by, by, now=now):
        raise OwnRequest
    first_must_still_count(session, case.proposed_by, RESOLVE_PAYMENTS)
    case.decided_at, case.decided_by = now, by
    session.flush()
    match case.outcome:
        case "refund":
            undo_payment(session, payment.reference, by=by, now=now)
        case "charge-agent":
            charge_agent(session, payment, by=by, now=now)
    audit.record(session, "cancellation-case.decided", about=str(number), by=by, at=now, outcome=case.outcome, proposed_by=case.proposed_by)
    return case


def find_payment_of(session: Session, number: int) -> str:
    found = select(Cancellation.payment).join(Case, Case.cancellation == Cancellation.id).where(Case.id == number)
    payment = session.execute(found).scalar_one_or_none()
    if payment is None:
        raise NotFound
    return payment


def charge_agent(session: Session, payment: Payment, *, by: str, now: datetime) -> None:
    """The biller did not cancel: what the agent got back is the biller's after all, even if the balance falls below its limit."""
    moves = [Move(agent_account(payment.agent), biller_account(payment.biller), payment.bill_amount)]
    book.post(session, "payment.cancellation-not-made", about=payment.reference, moves=moves, at=now, by=by, may_overdraw=True)


def lock_case(session: Session, number: int) -> Case:
    locked = select(Case).filter_by(id=number).with_for_update().execution_options(populate_existing=True)
    case = session.execute(locked).scalar_one_or_none()
    if case is None:
        raise NotFound
    if case.decided_at is not None:
        raise CaseDecided(case=number, who=name_of(session, case.decided_by or ""), when=case.decided_at)
    return case

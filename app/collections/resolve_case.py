"""
What no program may decide about a payment, two persons do: one proposes with a document, another decides
(P-04, P-07, P-08).
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import audit, clock, db
from app.billers.gateway import Answer, Gateway, Verdict
from app.collections.model import Case, OpenQuestion, Payment, State
from app.collections.pay_bill import order_of
from app.collections.settle import settle
from app.collections.settle_pending import ALARM_AFTER
from app.errors import N_, Invalid, NotFound, OwnRequest, Refusal
from app.ledger import book
from app.ledger.book import Move
from app.ledger.chart import agent_account, biller_account
from app.people.permissions import RESOLVE_PAYMENTS
from app.people.second_person import ProposalChanged, first_must_still_count, is_the_asker, mark_of
from app.text import one_line

OUTCOMES = {"unknown": ("paid", "refused"), "late-yes": ("charge-agent", "noted"), "late-no": ("noted",)}
SHORTEST_NOTE, LONGEST_NOTE = 10, 1000


class TooEarly(Refusal):
    say = N_("Payment {payment} is still being asked about. People decide only after half an hour without an outcome.")


class Decided(Refusal):
    say = N_("This was decided already by {by} at {at}.")


class Proposed(Refusal):
    say = N_("Somebody proposed an outcome already; another person decides it now.")


def open_unknown(session: Session, reference: str, *, by: str, now: datetime) -> Case:
    """
    Put an unknown payment before two persons.

    :raises NotFound: if no outcome is waited for
    :raises TooEarly: within the first half hour
    """
    question = session.execute(select(OpenQuestion).filter_by(reference=reference)).scalar_one_or_none()
    if question is None:
        raise NotFound
    if now - question.asked_since < ALARM_AFTER:
        raise TooEarly(payment=reference)
    case = insert(Case).values(payment=reference, kind="unknown", word=question.last_word, opened_at=now)
    session.execute(case.on_conflict_do_nothing(index_elements=["payment", "kind"]))
    audit.record(session, "case.opened", about=reference, by=by, at=now)
    return session.execute(select(Case).filter_by(payment=reference, kind="unknown")).scalar_one()


def propose(session: Session, number: int, *, outcome: str, note: str, by: str, now: datetime) -> Case:
    """
    :param note: why, and which document proves it
    :raises Invalid: if the outcome does not fit, or the note says too little
    :raises Proposed: if somebody did already
    :raises Decided: …
    """
    case = lock(session, number)
    if case.proposed_by is not None:
        raise Proposed
    errors = {}
    if outcome not in OUTCOMES[case.kind]:
        errors["outcome"] = N_("This outcome is not possible here.")
    if len(one_line(note)) < SHORTEST_NOTE:
        errors["note"] = N_("Say why, and which document proves it.")
    if errors:
        raise Invalid(**errors)
    case.outcome, case.note, case.proposed_by, case.proposed_at = outcome, one_line(note, longest=LONGEST_NOTE), by, now
    audit.record(session, "case.proposed", about=case.payment, by=by, at=now, outcome=outcome, note=case.note)
    return case


def decide(number: int, gateway: Gateway, *, granted: bool, seen: str, by: str, now: datetime) -> None:
    """
    A journey. An unknown payment's biller is asked once more before anything moves, and its own clear word counts (P-05).

    A refused proposal leaves the case open for another one.

    :param seen: :func:`app.people.second_person.mark_of` the proposal that was on the screen
    :raises ProposalChanged: if another one stands there by now
    :raises OwnRequest: for who proposed
    :raises FirstCountsNoMore: if it is agreed to, and that person resolves nothing any more
    :raises Decided: naming who and when
    """
    with db.transaction() as session:
        case = may_decide(session, number, granted=granted, seen=seen, by=by, now=now)
        payment = session.get_one(Payment, case.payment)
        if not granted:
            case.outcome = case.proposed_by = case.proposed_at = None
            audit.record(session, "case.proposal-refused", about=case.payment, by=by, at=now)
            return
    if case.kind == "unknown":
        settle_by_decision(case, payment, gateway, by=by)
    with db.transaction() as session:
        case = may_decide(session, number, granted=True, seen=seen, by=by, now=now)
        case.decided_by, case.decided_at = by, now
        if case.outcome == "charge-agent":
            moves = [Move(agent_account(payment.agent), biller_account(payment.biller), payment.bill_amount)]
            book.post(session, "payment.late-yes", about=payment.reference, moves=moves, at=now, by=by, may_overdraw=True)
        audit.record(session, "case.decided", about=case.payment, by=by, at=now, outcome=case.outcome or "")


def settle_by_decision(case: Case, payment: Payment, gateway: Gateway, *, by: str) -> None:
    """Before the case is closed: if we stop in between, the payment has its end and the case is decided again."""
    payment.was_unknown = True
    seconds = int((clock.now() - payment.asked_at).total_seconds())
    answer = gateway.status(order_of(payment), seconds_since_sent=seconds)
    if answer.verdict is Verdict.UNKNOWN:
        settle(payment, Answer(Verdict.YES if case.outcome == State.PAID else Verdict.NO, code="decided"), by=by, now=clock.now())
    else:
        settle(payment, answer, by="job:settle-pending", now=clock.now())


def may_decide(session: Session, number: int, *, granted: bool, seen: str, by: str, now: datetime) -> Case:
    case = lock(session, number)
    if case.proposed_by is None:
        raise NotFound
    if seen != mark_of(case.outcome, case.proposed_by, case.proposed_at):
        raise ProposalChanged
    if is_the_asker(session, case.proposed_by, by, now=now):
        raise OwnRequest
    if granted:
        first_must_still_count(session, case.proposed_by, RESOLVE_PAYMENTS)
    return case


def lock(session: Session, number: int) -> Case:
    case = session.execute(select(Case).filter_by(id=number).with_for_update()).scalar_one_or_none()
    if case is None:
        raise NotFound
    if case.decided_at is not None:
        raise Decided(by=case.decided_by, at=case.decided_at)
    return case

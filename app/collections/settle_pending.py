"""Ask billers again about payments whose outcome is unknown, until it is known (P-03 … P-06, P-12)."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, clock, db
from app.billers.gateway import Answer, Gateway, Verdict
from app.billers.gateways import Gateways
from app.billers.queries import all_billers
from app.collections.model import OpenQuestion, Payment, State
from app.collections.pay_bill import order_of
from app.collections.settle import settle

log = structlog.get_logger()

BY = "job:settle-pending"
# P-04, counted from the end of our own waiting; afterwards every hour
ASK_AFTER = [timedelta(seconds=s) for s in (5, 15, 30, 60, 120, 300, 900)]
THEN_EVERY = timedelta(hours=1)
NEVER_BEFORE = timedelta(seconds=15)
ALARM_AFTER = timedelta(minutes=30)
AT_ONE_BILLER_AT_ONCE = 8
ONE_RUN_LASTS = 10  # seconds; the next run begins where this one stopped


@dataclass(frozen=True)
class Due:
    """A question that this run has taken: nobody else asks it until its next time."""

    payment: Payment
    reversing: bool


def settle_pending(gateways: Gateways, *, now: datetime) -> None:
    """Each biller is asked in threads of its own: one that hangs keeps no other waiting."""
    billers = [biller for biller in all_billers() if biller.code in billers_with_questions(now)]
    if not billers:
        return
    with ThreadPoolExecutor(len(billers)) as pool:
        list(pool.map(lambda biller: ask_biller(biller.code, gateways.of(biller)), billers))


def billers_with_questions(now: datetime) -> set[str]:
    with db.reading() as session:
        return set(session.execute(select(OpenQuestion.biller).where(OpenQuestion.next_ask_at <= now).distinct()).scalars())


def ask_biller(code: str, gateway: Gateway) -> None:
    deadline = monotonic() + ONE_RUN_LASTS
    with ThreadPoolExecutor(AT_ONE_BILLER_AT_ONCE) as pool:
        while monotonic() < deadline and (due := take_due(code, now=clock.now())):
            list(pool.map(lambda question: ask(question, gateway), due))


def take_due(biller: str, *, now: datetime) -> list[Due]:
    """Whoever takes a question moves its next time on first: two workers never ask at once, a killed one loses nothing."""
    with db.transaction() as session:
        waiting = (
            select(OpenQuestion)
            .where(OpenQuestion.biller == biller, OpenQuestion.next_ask_at <= now)
            .order_by(OpenQuestion.next_ask_at)
            .limit(AT_ONE_BILLER_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        questions = list(session.execute(waiting).scalars())
        payments = payments_of(session, (question.reference for question in questions))
        for question in questions:
            payment = payments[question.reference]
            question.next_ask_at = next_time(question, payment, now=now)
            question.times_asked += 1
            alarm(session, question, now=now)
        return [Due(payments[question.reference], question.reversing) for question in questions]


def payments_of(session: Session, references: Iterable[str]) -> dict[str, Payment]:
    found = session.execute(select(Payment).where(Payment.reference.in_(list(references)))).scalars()
    return {payment.reference: payment for payment in found}


def next_time(question: OpenQuestion, payment: Payment, *, now: datetime) -> datetime:
    waited_until = payment.answered_at or question.asked_since
    upcoming = [waited_until + after for after in ASK_AFTER if waited_until + after > max(now, question.asked_since + NEVER_BEFORE)]
    return upcoming[0] if upcoming else now + THEN_EVERY


def alarm(session: Session, question: OpenQuestion, *, now: datetime) -> None:
    """P-04: after half an hour people are told, once; ``/exceptions`` shows it from then on."""
    if question.alarmed_at is None and now - question.asked_since >= ALARM_AFTER:
        question.alarmed_at = now
        log.error("payment.unknown-for-long", payment=question.reference, biller=question.biller, since=question.asked_since.isoformat())
        audit.record(session, "payment.alarm", about=question.reference, by=BY, at=now, biller=question.biller, word=question.last_word)


def ask(due: Due, gateway: Gateway) -> None:
    """One question, no transaction open meanwhile; a clear answer settles."""
    payment = due.payment
    if payment.state != State.PENDING:
        return
    answer = ask_status(payment, gateway)
    if gateway.on_unknown == "reverse" and (answer.verdict is Verdict.UNKNOWN or (due.reversing and answer.verdict is Verdict.YES)):
        answer = reverse(payment, gateway)
    payment.was_unknown = True  # whoever was at the counter has been told to wait
    settle(payment, answer, by=BY, now=clock.now())


def ask_status(payment: Payment, gateway: Gateway) -> Answer:
    seconds = int((clock.now() - payment.asked_at).total_seconds())
    return gateway.status(order_of(payment), seconds_since_sent=seconds)


def reverse(payment: Payment, gateway: Gateway) -> Answer:
    """
    P-06: written down before it is sent; from then on only the reversal's own final answer counts.

    A refused reversal is over, and the payment should stand: the status is asked once more, and only
    its own clear yes makes the payment paid.

    :returns: the answer about the *payment*: taken back is a no
    """
    note_reversing(payment, under_way=True)
    answer = gateway.reverse(order_of(payment), reason="unknown")
    match answer.verdict:
        case Verdict.YES:
            return Answer(Verdict.NO, "reversed")
        case Verdict.NO:
            note_reversing(payment, under_way=False)
            return ask_status(payment, gateway)
        case _:
            return answer


def note_reversing(payment: Payment, *, under_way: bool) -> None:
    with db.transaction() as session:
        session.execute(update(OpenQuestion).where(OpenQuestion.reference == payment.reference).values(reversing=under_way))

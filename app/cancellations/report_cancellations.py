"""
Granted cancellations go to the biller within seconds, and again every hour until it answers (C-04, C-05, C-06).

What is sent is written down before it is sent: proof of sending, whatever happens afterwards.
"""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, db
from app.billers.gateway import Answer, Gateway
from app.billers.gateways import Gateways
from app.billers.queries import all_billers
from app.cancellations.end_cancellation import end_cancellation
from app.cancellations.model import Cancellation, Report
from app.collections.model import Payment
from app.collections.pay_bill import order_of

log = structlog.get_logger()

BY = "job:report-cancellations"
REASON = "customer"
AGAIN_AFTER = timedelta(hours=1)
BEFORE_THE_LIMIT = timedelta(minutes=1)
AT_ONE_BILLER_AT_ONCE = 4
LOOK_EVERY, ONE_RUN_LASTS = 0.5, 8  # seconds; a grant waits for its report less than 10 s (C-04)


@dataclass(frozen=True)
class Due:
    """A report that this run has taken: nobody else sends it."""

    cancellation: int
    attempt: int
    payment: Payment


def report_cancellations(gateways: Gateways, *, now: datetime) -> None:
    """A job. Each biller is told in threads of its own: while one hangs, the others' new grants are looked for and sent."""
    billers = {biller.code: biller for biller in all_billers()}
    telling: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(max(1, len(billers))) as pool:
        while True:
            for code in billers_to_tell(now) & billers.keys():
                if code not in telling or is_over(telling[code]):
                    telling[code] = pool.submit(tell_biller, code, gateways.of(billers[code]))
            busy = [one for one in telling.values() if not is_over(one)]
            if not busy:
                return
            wait(busy, timeout=LOOK_EVERY)
            now = clock.now()


def is_over(telling: "Future[None]") -> bool:
    """A bug in a thread is as loud as one anywhere else."""
    return telling.done() and telling.result() is None


def billers_to_tell(now: datetime) -> set[str]:
    with db.reading() as session:
        return set(session.scalars(select(Cancellation.biller).where(Cancellation.next_report_at <= now).distinct()))


def tell_biller(code: str, gateway: Gateway) -> None:
    deadline = monotonic() + ONE_RUN_LASTS
    with ThreadPoolExecutor(AT_ONE_BILLER_AT_ONCE) as pool:
        while monotonic() < deadline and (due := take_due(code, now=clock.now())):
            list(pool.map(lambda report: send(report, gateway), due))


def take_due(biller: str, *, now: datetime) -> list[Due]:
    """Whoever takes one moves its next time on first: two workers never send at once, a killed one loses nothing."""
    with db.transaction() as session:
        waiting = (
            select(Cancellation)
            .where(Cancellation.biller == biller, Cancellation.next_report_at <= now)
            .order_by(Cancellation.report_until, Cancellation.id)
            .limit(AT_ONE_BILLER_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        taken = session.scalars(waiting).all()
        payments = payments_of(session, (cancellation.payment for cancellation in taken))
        return [take(session, cancellation, payments[cancellation.payment], now=now) for cancellation in taken]


def payments_of(session: Session, references: Iterable[str]) -> dict[str, Payment]:
    found = session.scalars(select(Payment).where(Payment.reference.in_(list(references))))
    return {payment.reference: payment for payment in found}


def take(session: Session, cancellation: Cancellation, payment: Payment, *, now: datetime) -> Due:
    cancellation.reported_at = cancellation.reported_at or now
    cancellation.times_reported += 1
    cancellation.next_report_at = next_time(cancellation.report_until, now=now)
    session.add(
        Report(
            cancellation=cancellation.id,
            attempt=cancellation.times_reported,
            sent_at=now,
            sent=what_is_sent(cancellation, payment),
            in_time=now < cancellation.report_until,
        )
    )
    session.flush()
    return Due(cancellation.id, cancellation.times_reported, payment)


def next_time(report_until: datetime, *, now: datetime) -> datetime:
    """Hourly, and once more while the biller still takes reports of today."""
    last_chance = report_until - BEFORE_THE_LIMIT
    return min(now + AGAIN_AFTER, last_chance) if last_chance > now else now + AGAIN_AFTER


def what_is_sent(cancellation: Cancellation, payment: Payment) -> dict[str, object]:
    return {
        "reference": payment.reference,
        "biller_reference": payment.biller_reference,
        "biller": payment.biller,
        "subscriber": payment.subscriber,
        "bill": payment.bill,
        "amount": payment.amount,
        "currency": payment.currency,
        "reason": REASON,
        "asked_at": cancellation.asked_at.isoformat(),
    }


def send(due: Due, gateway: Gateway) -> None:
    """One question, no transaction open meanwhile; a clear answer ends the cancellation."""
    answer = gateway.reverse(order_of(due.payment), reason=REASON)
    now = clock.now()
    log.info("cancellation.reported", cancellation=due.cancellation, attempt=due.attempt, verdict=answer.verdict, word=answer.code)
    with db.transaction() as session:
        end_cancellation(session, due.cancellation, answer, by=BY, now=now)
        write_down(session, due, answer, now=now)


def write_down(session: Session, due: Due, answer: Answer, *, now: datetime) -> None:
    report = session.get_one(Report, (due.cancellation, due.attempt))
    report.answered_at, report.verdict = now, answer.verdict
    report.word, report.biller_reference = answer.code, answer.biller_reference

"""What cancellations prove about the book; registered where the rooms are put together."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ledger.self_check import Check

# On every account the payment's own postings and their reversals add up to nothing.
REVERSED = text("""
    SELECT s.about, s.account, s.currency, sum(s.delta) AS rest
    FROM (
        SELECT about, event, target AS account, currency, amount AS delta FROM posting
        UNION ALL
        SELECT about, event, source, currency, -amount FROM posting
    ) s
    JOIN payment p ON p.reference = s.about AND p.state = 'cancelled'
    WHERE s.event IN ('payment.reserved', 'payment.paid', 'payment.cancelled')
    GROUP BY s.about, s.account, s.currency
    HAVING sum(s.delta) <> 0
    ORDER BY s.about, s.account
""")

WRONGLY_REVERSED = text("""
    SELECT DISTINCT s.about, p.state FROM posting s LEFT JOIN payment p ON p.reference = s.about
    WHERE s.event = 'payment.cancelled' AND p.state IS DISTINCT FROM 'cancelled'
    ORDER BY s.about
""")

# Each cancelled payment has a request that was done, or a case by which two persons undid it.
WITHOUT_REASON = text("""
    SELECT p.reference FROM payment p
    WHERE p.state = 'cancelled' AND NOT EXISTS (
        SELECT FROM cancellation c
        LEFT JOIN cancellation_case k ON k.cancellation = c.id AND k.outcome = 'refund' AND k.decided_at IS NOT NULL
        WHERE c.payment = p.reference AND (c.outcome = 'done' OR k.id IS NOT NULL)
    )
    ORDER BY p.reference
""")

DONE_IN_NAME_ONLY = text("""
    SELECT c.id, c.payment, p.state FROM cancellation c JOIN payment p ON p.reference = c.payment
    WHERE c.outcome = 'done' AND p.state <> 'cancelled'
    ORDER BY c.id
""")

CASH_FORGOTTEN = text("""
    SELECT p.reference FROM payment p
    WHERE p.state = 'cancelled' AND NOT EXISTS (SELECT FROM cash_to_return r WHERE r.payment = p.reference)
    ORDER BY p.reference
""")


def cancelled_payments_are_reversed(session: Session) -> Iterator[str]:
    for row in session.execute(REVERSED):
        yield f"cancelled payment {row.about} still moves {row.rest} {row.currency} on {row.account} (minor units)"


def only_cancelled_payments_are_reversed(session: Session) -> Iterator[str]:
    for row in session.execute(WRONGLY_REVERSED):
        yield f"payment {row.about} was reversed in the book, but is {row.state or 'not there'}"


def cancelled_payments_have_a_reason(session: Session) -> Iterator[str]:
    for row in session.execute(WITHOUT_REASON):
        yield f"payment {row.reference} is cancelled, and nobody's request was done"


def done_requests_have_cancelled_their_payment(session: Session) -> Iterator[str]:
    for row in session.execute(DONE_IN_NAME_ONLY):
        yield f"cancellation {row.id} is done, but payment {row.payment} is {row.state}"


def cash_of_cancelled_payments_is_on_a_screen(session: Session) -> Iterator[str]:
    for row in session.execute(CASH_FORGOTTEN):
        yield f"payment {row.reference} is cancelled, and no shop is told to give the customer's cash back"


CHECKS: list[Check] = [
    cancelled_payments_are_reversed,
    only_cancelled_payments_are_reversed,
    cancelled_payments_have_a_reason,
    done_requests_have_cancelled_their_payment,
    cash_of_cancelled_payments_is_on_a_screen,
]

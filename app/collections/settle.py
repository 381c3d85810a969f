"""A payment meets the biller's answer: settled as paid, given back, or still unknown."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app import db, languages
from app.amounts import plain_money
from app.billers.gateway import Answer, Verdict
from app.billers.model import Biller, QuotedBill
from app.collections.model import Case, Payment, State
from app.errors import N_
from app.ledger.book import Move
from app.ledger.chart import BSMV, FEES, TRANSIT, agent_account, biller_account, commission_account
from app.markets import MARKETS
from app.money import Money

log = structlog.get_logger()

FIRST_QUESTION_AFTER = timedelta(seconds=5)  # of the end of our own waiting, and never within 15 s of the hold (P-04)

SETTLE = """
    SELECT changed, state, balance FROM settle_payment(
        %(reference)b, %(agent)b, %(state)b, %(biller_reference)b, %(code)b, %(at)b, %(by)b,
        %(sources)b::text[], %(targets)b::text[], %(amounts)b::bigint[], %(currency)b, %(sms_to)b, %(sms_text)b)
"""

STAYS_UNKNOWN = """
    WITH told AS (
        UPDATE payment SET answered_at = coalesce(answered_at, %(now)b), was_unknown = true
        WHERE reference = %(reference)b AND state = 'pending' RETURNING reference
    )
    UPDATE open_question SET last_word = %(word)b, next_ask_at = CASE WHEN times_asked > 0 THEN next_ask_at
        ELSE greatest(%(first_question_at)b, next_ask_at) END
    WHERE reference = (SELECT reference FROM told) RETURNING reference
"""

PAID_SMS = N_("Your bill {number} of {amount} was paid. Reference {reference}.")
REFUSED_SMS = N_("Your bill {number} of {amount} could not be paid. Please ask the shop for your money back. Reference {reference}.")


def settle(payment: Payment, answer: Answer, *, by: str, now: datetime) -> Payment:
    """
    Write the answer down, once: a payment that has ended stays as it is, and an answer that
    contradicts its end opens a case for two persons (P-07, P-08).

    :returns: the payment in its present state
    """
    if answer.verdict is Verdict.UNKNOWN:
        return stay_unknown(payment, answer, now=now)
    state, moves = (State.PAID, moves_when_paid(payment)) if answer.verdict is Verdict.YES else (State.REFUSED, moves_when_refused(payment))
    sms_text = outcome_sms(payment, state) if payment.was_unknown and payment.customer_phone else ""
    row = db.call(
        SETTLE,
        {
            "reference": payment.reference,
            "agent": payment.agent,
            "state": state,
            "biller_reference": answer.biller_reference,
            "code": answer.code,
            "at": now,
            "by": by,
            "sources": [move.source for move in moves],
            "targets": [move.target for move in moves],
            "amounts": [move.amount.minor for move in moves],
            "currency": payment.currency,
            "sms_to": payment.customer_phone if sms_text else "",
            "sms_text": sms_text,
        },
    )
    if not row.changed:
        return compare_late_answer(payment, answer, now=now)
    payment.state, payment.released, payment.settled_at, payment.settled_by = state, state is State.REFUSED, now, by
    payment.answered_at = payment.answered_at or now
    payment.biller_reference, payment.code, payment.balance_after = answer.biller_reference, answer.code, row.balance
    if answer.code == "already_paid":
        mark_paid_elsewhere(payment)
    return payment


def moves_when_paid(payment: Payment) -> list[Move]:
    """transit → biller and fee; from the fee the agent's share and the institution's tax."""
    moves = [
        Move(TRANSIT, biller_account(payment.biller), payment.bill_amount),
        Move(TRANSIT, FEES, payment.customer_fee),
        Move(FEES, commission_account(payment.agent), Money(payment.share, payment.currency)),
        Move(FEES, BSMV, Money(payment.tax, payment.currency)),
    ]
    return [move for move in moves if move.amount]


def moves_when_refused(payment: Payment) -> list[Move]:
    return [Move(TRANSIT, agent_account(payment.agent), payment.whole)]


def mark_paid_elsewhere(payment: Payment) -> None:
    """P-23: until the biller is asked again, nobody tries this bill a second time."""
    with db.transaction() as session:
        shown = update(QuotedBill).filter_by(
            biller=payment.biller, subscriber=payment.subscriber, bill=payment.bill, version=payment.version
        )
        session.execute(shown.values(refuse="closed"))


def stay_unknown(payment: Payment, answer: Answer, *, now: datetime) -> Payment:
    """P-03: the hold stays; somebody asks again, no timer releases it."""
    log.info("payment.unknown", payment=payment.reference, biller=payment.biller, word=answer.code)
    db.call(
        STAYS_UNKNOWN, {"reference": payment.reference, "now": now, "first_question_at": now + FIRST_QUESTION_AFTER, "word": answer.code}
    )
    payment.was_unknown, payment.answered_at = True, payment.answered_at or now
    return payment


def compare_late_answer(payment: Payment, answer: Answer, *, now: datetime) -> Payment:
    with db.transaction() as session:
        present = session.get_one(Payment, payment.reference)
        said = State.PAID if answer.verdict is Verdict.YES else State.REFUSED
        if present.state not in (said, State.CANCELLED):  # a cancelled one was paid once and is paid no more: both words are true
            kind = "late-yes" if said is State.PAID else "late-no"
            log.warning("payment.contradiction", payment=payment.reference, kind=kind, stands=present.state)
            word = answer.code or answer.biller_reference
            case = insert(Case).values(payment=payment.reference, kind=kind, word=word, opened_at=now)
            session.execute(case.on_conflict_do_nothing(index_elements=["payment", "kind"]))
        return present


def outcome_sms(payment: Payment, state: State) -> str:
    """P-13, in the market's language; the number tells the customer which bill it was."""
    sentence = PAID_SMS if state is State.PAID else REFUSED_SMS
    with db.reading() as session:
        market = MARKETS[session.get_one(Biller, payment.biller).market]
    language = languages.supported(market.languages[0])
    return languages.say(
        sentence,
        language,
        number=payment.facts.get("number", payment.bill),
        amount=plain_money(payment.whole, language),
        reference=payment.reference,
    )

"""
The dekont: a numbered proof of a payment, and after a cancellation that was denied, refused or too late also of what
was tried, with where the customer goes now (C-06).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app import amounts
from app.cancellations.model import Cancellation, LateAttempt, State
from app.cancellations.queries import cancellations_of, late_attempts_of, name_of
from app.collections.model import Payment
from app.collections.model import State as PaymentState
from app.collections.print_slip import Slips, amount_rows, bill_facts, proof, remainder, shop_lines, slips_of
from app.documents.model import Paper
from app.documents.number_paper import issue_paper, print_numbered
from app.documents.print_paper import qr
from app.errors import N_, Refusal
from app.web import display

KIND = "dekont"
ENDED_BADLY = (State.DENIED, State.REFUSED)


class NoDekont(Refusal):
    say = N_("Payment {payment} is {state}; a dekont is for bills that stand as paid.")


@dataclass(frozen=True)
class Attempt:
    """
    A cancellation that did not come about.

    :ivar name: makes its paper another one than the payment's plain dekont; all that came too late share one
    """

    name: str
    asked_at: datetime
    asked_by: str
    reason: str
    result: str
    ended_at: datetime


def print_dekont(session: Session, payment: Payment, *, check_at: str, by: str, now: datetime) -> bytes:
    """
    The payment's dekont as PDF; one that tells of an attempt stands before the plain one.

    :param check_at: the public address that says whether the payment is genuine
    :raises NoDekont: if the bill does not stand as paid
    """
    # Two who ask at the same moment get the same number, and what is being undone meanwhile is no longer paid.
    session.refresh(payment, with_for_update={"key_share": True})
    if payment.state != PaymentState.PAID:
        raise NoDekont(payment=payment.reference, state=payment.state)
    attempts = attempts_of(session, payment)
    latest = max(attempts, key=lambda attempt: attempt.ended_at, default=None)
    paper = issue(session, payment, latest, by=by, now=now)
    return print_numbered(session, paper, also={"qr": qr(check_at)}, by=by, now=now)


def dekont_of_cancellation(session: Session, payment: Payment, cancellation: Cancellation, *, by: str, now: datetime) -> Paper:
    """Its number is there in the same moment as the denial or the biller's refusal."""
    return issue(session, payment, attempt_of_cancellation(session, payment, cancellation), by=by, now=now)


def dekont_of_late_attempt(session: Session, payment: Payment, attempt: LateAttempt, *, by: str, now: datetime) -> Paper:
    return issue(session, payment, attempt_of_late(session, payment, attempt), by=by, now=now)


def issue(session: Session, payment: Payment, attempt: Attempt | None, *, by: str, now: datetime) -> Paper:
    """What it says is kept as it is today: a copy in ten years says the same."""
    slips = slips_of(session, payment)
    facts = plain_facts(slips, now=now) | (attempt_facts(slips, attempt) if attempt else {})
    about = payment.reference + (f" {attempt.name}" if attempt else "")
    return issue_paper(session, KIND, about=about, facts=facts, language=slips.language, by=by, now=now)


def attempts_of(session: Session, payment: Payment) -> Sequence[Attempt]:
    cancelled = (
        attempt_of_cancellation(session, payment, c) for c in cancellations_of(session, payment.reference) if c.state in ENDED_BADLY
    )
    late = (attempt_of_late(session, payment, attempt) for attempt in late_attempts_of(session, payment.reference))
    return [*cancelled, *late]


def attempt_of_cancellation(session: Session, payment: Payment, cancellation: Cancellation) -> Attempt:
    slips = slips_of(session, payment)
    if cancellation.state == State.DENIED:
        result, ended_at = slips.say(N_("Denied: {reason}"), reason=cancellation.decision_reason), cancellation.decided_at
    else:
        result = slips.say(N_("Refused by {biller} ({word})"), biller=slips.biller.name, word=cancellation.word or "—")
        ended_at = cancellation.answered_at
    assert ended_at is not None
    asked_by = name_of(session, cancellation.asked_by)
    return Attempt(f"cancellation {cancellation.id}", cancellation.asked_at, asked_by, cancellation.reason, result, ended_at)


def attempt_of_late(session: Session, payment: Payment, attempt: LateAttempt) -> Attempt:
    slips = slips_of(session, payment)
    result = slips.say(N_("Too late: possible until {until} only"), until=slips.moment(attempt.cut_off_at))
    return Attempt("late", attempt.at, name_of(session, attempt.by), attempt.reason, result, attempt.at)


def plain_facts(slips: Slips, *, now: datetime) -> dict[str, object]:
    return {
        "language": slips.language,
        "title": slips.say(N_("Dekont")),
        "institution": "Gişe",
        "shop": {"name": slips.agent.name, "lines": shop_lines(slips)},
        "number-label": slips.say(N_("Number")),
        "head": [(slips.say(N_("Issued at")), slips.moment(now))],
        "payment": {"title": slips.say(N_("The bill was paid")), "rows": [*bill_facts(slips), *remainder(slips), *proof(slips)]},
        "amounts": amount_rows(slips),
        "total": (slips.say(N_("Total paid")), amounts.money(slips.payment.whole, slips.language)),
        "code": slips.payment.receipt_code,
        "check": slips.say(
            N_("The code shows whether this payment is genuine. Made by machine; valid with the shop's stamp and signature.")
        ),
        "signature": slips.say(N_("Shop: stamp, name, signature")),
        "foot": slips.say(N_("This dekont proves that the bill named above was paid.")),
    }


def attempt_facts(slips: Slips, attempt: Attempt) -> dict[str, object]:
    """C-06: the facts of the attempt, and where the customer goes: name, phone, address, what to bring."""
    go = [
        (slips.say(N_("Go to")), slips.biller.name),
        (slips.say(N_("Address")), slips.biller.desk),
        (slips.say(N_("Phone")), display.phone(slips.biller.phone)),
        (slips.say(N_("Bring")), slips.say(N_("this dekont, your identity card and the bill"))),
    ]
    return {
        "attempt": {
            "title": slips.say(N_("The payment could not be cancelled here")),
            "rows": [
                (slips.say(N_("Asked at")), slips.moment(attempt.asked_at)),
                (slips.say(N_("Asked by")), attempt.asked_by),
                (slips.say(N_("Reason")), attempt.reason),
                (slips.say(N_("Result")), attempt.result),
            ],
        },
        "next": {
            "title": slips.say(N_("Only the biller can give the money back now")),
            "rows": [row for row in go if row[1]],
        },
    }

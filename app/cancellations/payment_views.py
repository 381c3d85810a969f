"""What a cancellation adds to the pages of a payment; ``create_app`` fills their slots with it."""

from datetime import timedelta

from flask import request
from markupsafe import Markup

from app import clock, db
from app.cancellations.cut_off import limits_of
from app.cancellations.dossier import steps_of
from app.cancellations.model import LIVE, State
from app.cancellations.queries import cancellations_of, late_attempts_of, live_cancellation
from app.cancellations.request_cancellation import TooLate
from app.collections.model import Payment
from app.collections.model import State as PaymentState
from app.config import Config
from app.errors import Invalid, Refusal
from app.people.permissions import ASK_CANCELLATION
from app.web.actor import actor
from app.web.parts import part
from app.web.slots import drawn, fill

A_DAY = timedelta(days=1)  # an older payment need not be looked at: its cut-off lies on its own day


def install() -> None:
    fill("beside-payment", beside_payment)
    fill("under-payment", under_payment)
    fill("after-refusal", after_refusal)


def beside_payment(payment: Payment, look: str = "") -> Markup:
    """
    "Cancel — 1:23:45 left", as long as it can be asked for.

    :param look: a class for small buttons; those stand alone, without the papers
    """
    return drawn("cancellations/_beside_payment.html", payment=payment, look=look, seconds_left=seconds_left(payment))


def seconds_left(payment: Payment) -> int:
    now, person = clock.now(), actor()
    if payment.state != PaymentState.PAID or not person.may(ASK_CANCELLATION) or now - payment.asked_at > A_DAY:
        return 0
    with db.reading() as session:
        if live_cancellation(session, payment.reference):
            return 0
        return limits_of(session, payment, override=part(Config).cut_off).seconds_left(now)


def under_payment(payment: Payment) -> Markup:
    """How the requests stand, the newest first, and what came too late."""
    with db.reading() as session:
        cancellations = cancellations_of(session, payment.reference)
        stories = [(cancellation, list(steps_of(session, cancellation))) for cancellation in cancellations]
        late = late_attempts_of(session, payment.reference)
    under_way = any(cancellation.state in LIVE and cancellation.state != State.DONE for cancellation in cancellations)
    return drawn("cancellations/_under_payment.html", payment=payment, stories=stories, late=late, under_way=under_way)


def after_refusal(refusal: Refusal) -> Markup:
    """C-06: too late means a dekont at once. A scan that cannot be taken means another try."""
    wrong = list(refusal.errors) if isinstance(refusal, Invalid) and request.endpoint == "cancellations.ask" else []
    again = request.path if wrong else ""
    too_late = isinstance(refusal, TooLate)
    return drawn("cancellations/_after_refusal.html", too_late=too_late, facts=refusal.facts, wrong=wrong, again=again)

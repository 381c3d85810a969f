"""What came in for the cancellation of a payment: on the payment's page, and the form that completes it (C-02)."""

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.model import Biller
from app.cancellations.cut_off import limits_of
from app.cancellations.queries import live_cancellation
from app.cancellations.request_cancellation import why_not
from app.collections.model import Payment
from app.collections.queries import find_payment
from app.collections.visible import visible_agent
from app.config import Config
from app.errors import Invalid, NotFound
from app.intake.complete_cancellation import Rest, came_in, complete_cancellation
from app.intake.forms import CompleteForm
from app.people.permissions import ASK_CANCELLATION
from app.web.actor import actor
from app.web.files import upload
from app.web.guards import guard
from app.web.parts import part
from app.web.slots import drawn, fill

blueprint = Blueprint("intake_payments", __name__, template_folder="templates")


def install() -> None:
    fill("under-payment", under_payment)


def under_payment(payment: Payment) -> Markup:
    """A form that came and is not asked for yet, to whoever can ask."""
    if not actor().may(ASK_CANCELLATION):
        return Markup("")
    with db.reading() as session:
        there = [] if live_cancellation(session, payment.reference) else came_in(session, payment.reference)
    return drawn("intake/_under_payment.html", payment=payment, there=there)


@blueprint.get("/payments/<reference>/cancellation/papers")
@guard(ASK_CANCELLATION)
def complete(reference: str) -> str:
    return show(reference, CompleteForm(formdata=None))


def show(reference: str, form: CompleteForm) -> str:
    """:raises NotFound: if nothing came in for it, or it is another shop's"""
    now = clock.now()
    with db.reading() as session:
        payment = find_payment(session, reference, agent=visible_agent())
        there = came_in(session, payment.reference)
        if refusal := why_not(session, payment):
            raise refusal
        if not there:
            raise NotFound
        limits = limits_of(session, payment, override=part(Config).cut_off)
        biller = session.get_one(Biller, payment.biller)
    return render_template(
        "intake/complete.html",
        payment=payment,
        biller=biller,
        there={one.which: one.at for one in there},
        form=form,
        limits=limits,
        seconds_left=limits.seconds_left(now),
    )


@blueprint.post("/payments/<reference>/cancellation/papers")
@guard(ASK_CANCELLATION)
def ask(reference: str) -> Response | tuple[str, int]:
    form = CompleteForm()
    if not form.validate_on_submit():
        return show(reference, form), 422
    rest = Rest(
        payment=reference,
        agent=visible_agent(),
        by=actor().by,
        reason=form.in_words(),
        files={name: content for name in ("form", "identity") if name in request.files and (content := upload(name))},
        dekont_at=url_for("cancellation_papers.dekont", reference=reference),
    )
    try:
        complete_cancellation(rest, keys=part(Config).scan_keys, override=part(Config).cut_off)
    except Invalid as invalid:
        for field, sentence in invalid.errors.items():
            form[field].errors = [sentence]
        return show(reference, form), 422
    return redirect(url_for("collections.payment", reference=reference), 303)

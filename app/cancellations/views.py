"""Second thoughts at the counter: ask for a payment to be cancelled, or take the request back."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.model import Biller
from app.cancellations.cut_off import limits_of
from app.cancellations.forms import AskForm
from app.cancellations.request_cancellation import Wish, request_cancellation, why_not
from app.cancellations.withdraw_cancellation import withdraw_cancellation
from app.collections.queries import find_payment
from app.collections.visible import visible_agent
from app.config import Config
from app.people.permissions import ASK_CANCELLATION
from app.web.actor import actor
from app.web.files import upload
from app.web.guards import guard
from app.web.parts import part

blueprint = Blueprint("cancellations", __name__, template_folder="templates")


@blueprint.get("/payments/<reference>/cancellation")
@guard(ASK_CANCELLATION)
def form(reference: str) -> str:
    return ask_page(reference, AskForm())


def ask_page(reference: str, form: AskForm) -> str:
    """Until the cut-off how to ask, after it where the customer goes (C-06)."""
    now = clock.now()
    with db.reading() as session:
        payment = find_payment(session, reference, agent=visible_agent())
        if refusal := why_not(session, payment):
            raise refusal
        limits = limits_of(session, payment, override=part(Config).cut_off)
        biller = session.get_one(Biller, payment.biller)
    page = "ask" if limits.allow(now) else "too_late"
    return render_template(
        f"cancellations/{page}.html", payment=payment, biller=biller, limits=limits, seconds_left=limits.seconds_left(now), form=form
    )


@blueprint.post("/payments/<reference>/cancellation")
@guard(ASK_CANCELLATION)
def ask(reference: str) -> Response | tuple[str, int]:
    form = AskForm()
    if not form.validate_on_submit():
        return ask_page(reference, form), 422
    wish = Wish(
        payment=reference,
        agent=visible_agent(),
        by=actor().by,
        reason=form.in_words(),
        form=upload("form"),
        identity=upload("identity"),
        dekont_at=url_for("cancellation_papers.dekont", reference=reference),
    )
    request_cancellation(wish, keys=part(Config).scan_keys, override=part(Config).cut_off)
    return redirect(url_for("collections.payment", reference=reference), 303)


@blueprint.post("/cancellations/<number:number>/withdrawal")
@guard(ASK_CANCELLATION)
def withdraw(number: int) -> Response:
    with db.transaction() as session:
        cancellation = withdraw_cancellation(session, number, agent=visible_agent(), by=actor().by, now=clock.now())
    return redirect(url_for("collections.payment", reference=cancellation.payment), 303)

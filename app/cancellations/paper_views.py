"""The papers of second thoughts as PDF: the form that a customer signs, and the dekont."""

from flask import Blueprint, Response, url_for

from app import clock, db
from app.cancellations.issue_dekont import print_dekont
from app.cancellations.print_form import print_cancellation
from app.collections.queries import find_payment
from app.collections.visible import visible_agent
from app.config import Config
from app.people.permissions import ASK_CANCELLATION
from app.web.actor import actor
from app.web.files import paper
from app.web.guards import guard, signed_in
from app.web.parts import part

blueprint = Blueprint("cancellation_papers", __name__)


@blueprint.get("/payments/<reference>/cancellation/form")
@guard(ASK_CANCELLATION)
def form(reference: str) -> Response:
    with db.reading() as session:
        payment = find_payment(session, reference, agent=visible_agent())
        return paper(print_cancellation(session, payment, override=part(Config).cut_off, now=clock.now()), f"form-{reference}")


@blueprint.get("/payments/<reference>/dekont")
@signed_in
def dekont(reference: str) -> Response:
    """Numbered; each one after the first says which copy it is."""
    with db.transaction() as session:
        payment = find_payment(session, reference, agent=visible_agent())
        check_at = url_for("collections.genuine", code=payment.receipt_code, _external=True)
        return paper(print_dekont(session, payment, check_at=check_at, by=actor().by, now=clock.now()), f"dekont-{reference}")

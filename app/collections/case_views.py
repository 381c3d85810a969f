"""Pages of the cases that two persons decide."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.gateways import Gateways
from app.collections.model import Case, Payment
from app.collections.resolve_case import OUTCOMES, decide, open_unknown, propose
from app.collections.views import biller_named
from app.errors import NotFound
from app.people.confirmed import confirmed
from app.people.permissions import DECIDE_PAYMENTS, RESOLVE_PAYMENTS, SEE_EXCEPTIONS
from app.people.second_person import mark_of
from app.web.actor import actor
from app.web.guards import guard
from app.web.parts import part

blueprint = Blueprint("cases", __name__, template_folder="templates")


@blueprint.post("/payments/<reference>/case")
@guard(RESOLVE_PAYMENTS)
def open_case(reference: str) -> Response:
    with db.transaction() as session:
        number = open_unknown(session, reference, by=actor().by, now=clock.now()).id
    return redirect(url_for("cases.case", number=number), 303)


@blueprint.get("/cases/<number:number>")
@guard(SEE_EXCEPTIONS)
def case(number: int) -> str:
    with db.reading() as session:
        found = session.get(Case, number)
        if found is None:
            raise NotFound
        payment = session.get_one(Payment, found.payment)
    return render_template(
        "collections/case.html",
        case=found,
        mark=mark_of(found.outcome, found.proposed_by, found.proposed_at),
        payment=payment,
        biller=biller_named(payment.biller),
        outcomes=OUTCOMES[found.kind],
    )


@blueprint.post("/cases/<number:number>/proposal")
@guard(RESOLVE_PAYMENTS)
def propose_outcome(number: int) -> Response:
    form = request.form
    with db.transaction() as session:
        propose(session, number, outcome=form.get("outcome", ""), note=form.get("note", ""), by=actor().by, now=clock.now())
    return redirect(url_for("cases.case", number=number), 303)


@blueprint.post("/cases/<number:number>/decision")
@guard(DECIDE_PAYMENTS)
@confirmed
def decide_outcome(number: int) -> Response:
    with db.reading() as session:
        found = session.get(Case, number)
        if found is None:
            raise NotFound
        payment = session.get_one(Payment, found.payment)
    gateway = part(Gateways).of(biller_named(payment.biller))
    decide(number, gateway, granted=request.form.get("granted") == "yes", seen=request.form.get("seen", ""), by=actor().by, now=clock.now())
    return redirect(url_for("cases.case", number=number), 303)

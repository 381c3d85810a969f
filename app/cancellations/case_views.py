"""The biller's later word contradicts the end of a cancellation: two persons decide (B19)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.model import Biller
from app.cancellations.model import Cancellation, Case
from app.cancellations.queries import name_of
from app.cancellations.resolve_case import OUTCOMES, decide_case, propose_outcome
from app.collections.model import Payment
from app.errors import NotFound
from app.people.confirmed import confirmed
from app.people.permissions import DECIDE_CANCELLATIONS, RESOLVE_PAYMENTS, SEE_EXCEPTIONS
from app.people.second_person import mark_of
from app.web.actor import actor
from app.web.guards import guard

blueprint = Blueprint("cancellation_cases", __name__, template_folder="templates")


@blueprint.get("/cancellations/cases/<number:number>")
@guard(SEE_EXCEPTIONS)
def case(number: int) -> str:
    with db.reading() as session:
        found = session.get(Case, number)
        if found is None:
            raise NotFound
        cancellation = session.get_one(Cancellation, found.cancellation)
        payment = session.get_one(Payment, cancellation.payment)
        return render_template(
            "cancellations/case.html",
            case=found,
            cancellation=cancellation,
            payment=payment,
            biller=session.get_one(Biller, payment.biller),
            outcomes=OUTCOMES[found.kind],
            mark=mark_of(found.outcome, found.proposed_by, found.proposed_at),
            proposed_by=name_of(session, found.proposed_by or ""),
            decided_by=name_of(session, found.decided_by or ""),
        )


@blueprint.post("/cancellations/cases/<number:number>/proposal")
@guard(RESOLVE_PAYMENTS)
def propose(number: int) -> Response:
    said = request.form
    with db.transaction() as session:
        propose_outcome(session, number, outcome=said.get("outcome", ""), note=said.get("note", ""), by=actor().by, now=clock.now())
    return redirect(url_for("cancellation_cases.case", number=number), 303)


@blueprint.post("/cancellations/cases/<number:number>/decision")
@guard(DECIDE_CANCELLATIONS)
@confirmed
def decide(number: int) -> Response:
    with db.transaction() as session:
        decide_case(session, number, seen=request.form.get("seen", ""), by=actor().by, now=clock.now())
    return redirect(url_for("cancellation_cases.case", number=number), 303)

"""``/cancellations/cases``: the biller's later word contradicts the end of a cancellation, and two persons decide (B19)."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.model import Biller
from app.cancellations.forms import OutcomeForm
from app.cancellations.model import Cancellation, Case
from app.cancellations.queries import name_of, open_cases
from app.cancellations.resolve_case import OUTCOMES, decide_case, propose_outcome
from app.collections.model import Payment
from app.errors import NotFound
from app.people.confirmed import confirmed
from app.people.permissions import DECIDE_CANCELLATIONS, RESOLVE_PAYMENTS, SEE_EXCEPTIONS
from app.people.second_person import is_the_asker, mark_of
from app.web.actor import actor
from app.web.guards import guard

blueprint = Blueprint("cancellation_cases", __name__, template_folder="templates")


@blueprint.get("/cancellations/cases")
@guard(SEE_EXCEPTIONS)
def queue() -> str:
    with db.reading() as session:
        return render_template("cancellations/cases.html", case=None, **left_side(session))


def left_side(session: Session) -> dict[str, Any]:
    cases = [(case, session.get_one(Cancellation, case.cancellation)) for case in open_cases(session)]
    return {"cases": [(case, session.get_one(Payment, about.payment)) for case, about in cases], "now": clock.now()}


@blueprint.get("/cancellations/cases/<number:number>")
@guard(SEE_EXCEPTIONS)
def case(number: int) -> str:
    return page(number, OutcomeForm(formdata=None))


def page(number: int, form: OutcomeForm) -> str:
    with db.reading() as session:
        found = session.get(Case, number)
        if found is None:
            raise NotFound
        cancellation = session.get_one(Cancellation, found.cancellation)
        payment = session.get_one(Payment, cancellation.payment)
        waits = found.proposed_by is not None and found.decided_at is None
        own = waits and is_the_asker(session, found.proposed_by or "", actor().by, now=clock.now())
        return render_template(
            "cancellations/cases.html",
            case=found,
            cancellation=cancellation,
            payment=payment,
            biller=session.get_one(Biller, payment.biller),
            outcomes=OUTCOMES[found.kind],
            form=form,
            mark=mark_of(found.outcome, found.proposed_by, found.proposed_at),
            proposed_by=name_of(session, found.proposed_by or ""),
            decided_by=name_of(session, found.decided_by or ""),
            may_decide=waits and not own and actor().may(DECIDE_CANCELLATIONS),
            **left_side(session),
        )


@blueprint.post("/cancellations/cases/<number:number>/proposal")
@guard(RESOLVE_PAYMENTS)
def propose(number: int) -> Response | tuple[str, int]:
    form = OutcomeForm()
    if not form.validate_on_submit():
        return page(number, form), 422
    with db.transaction() as session:
        propose_outcome(session, number, outcome=form.outcome.data, note=form.in_words(), by=actor().by, now=clock.now())
    return redirect(url_for("cancellation_cases.case", number=number), 303)


@blueprint.post("/cancellations/cases/<number:number>/decision")
@guard(DECIDE_CANCELLATIONS)
@confirmed
def decide(number: int) -> Response:
    with db.transaction() as session:
        decide_case(session, number, seen=request.form.get("seen", ""), by=actor().by, now=clock.now())
    return redirect(url_for("cancellation_cases.case", number=number), 303)

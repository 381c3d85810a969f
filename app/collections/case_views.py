"""``/cases``: payments that nobody knows the outcome of, and what two persons decide about payments."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.gateways import Gateways
from app.collections.forms import OutcomeForm
from app.collections.model import Case, Payment
from app.collections.queries import find_payment, list_cases, list_stuck
from app.collections.resolve_case import OUTCOMES, decide, open_unknown, propose
from app.collections.settle_pending import ALARM_AFTER
from app.collections.views import biller_named
from app.errors import NotFound
from app.people.confirmed import confirmed
from app.people.permissions import DECIDE_PAYMENTS, RESOLVE_PAYMENTS, SEE_EXCEPTIONS
from app.people.queries import names_by
from app.people.second_person import is_the_asker, mark_of
from app.web.actor import actor
from app.web.guards import guard
from app.web.parts import part

blueprint = Blueprint("cases", __name__, template_folder="templates")


@blueprint.get("/cases")
@guard(SEE_EXCEPTIONS)
def queue() -> str:
    with db.reading() as session:
        return render_template("collections/cases.html", case=None, asked=None, **left_side(session))


def left_side(session: Session) -> dict[str, Any]:
    """Cases first, for they wait for somebody else; then what is only asked about, the oldest first."""
    now = clock.now()
    return {"cases": list_cases(session), "stuck": list_stuck(session, asked_before=now - ALARM_AFTER), "now": now}


@blueprint.get("/cases/payments/<reference>")
@guard(SEE_EXCEPTIONS)
def stuck(reference: str) -> str | Response:
    """Once it has its outcome, or is before two persons, its own page says so. :raises NotFound: …"""
    with db.reading() as session:
        payment = find_payment(session, reference, agent=None)
        left = left_side(session)
        asked = next((asked for asked, waiting in left["stuck"] if waiting.reference == reference), None)
        if asked is None:
            return redirect(url_for("collections.payment", reference=reference), 303)
        biller = biller_named(payment.biller)
        return render_template("collections/cases.html", case=None, asked=asked, payment=payment, biller=biller, **left)


@blueprint.post("/payments/<reference>/case")
@guard(RESOLVE_PAYMENTS)
def open_case(reference: str) -> Response:
    with db.transaction() as session:
        number = open_unknown(session, reference, by=actor().by, now=clock.now()).id
    return redirect(url_for("cases.case", number=number), 303)


@blueprint.get("/cases/<number:number>")
@guard(SEE_EXCEPTIONS)
def case(number: int) -> str:
    return page(number, OutcomeForm(formdata=None))


def page(number: int, form: OutcomeForm) -> str:
    with db.reading() as session:
        found = session.get(Case, number)
        if found is None:
            raise NotFound
        payment = session.get_one(Payment, found.payment)
        waits = found.proposed_by is not None and found.decided_at is None
        own = waits and is_the_asker(session, found.proposed_by or "", actor().by, now=clock.now())
        return render_template(
            "collections/cases.html",
            case=found,
            asked=None,
            mark=mark_of(found.outcome, found.proposed_by, found.proposed_at),
            payment=payment,
            biller=biller_named(payment.biller),
            outcomes=OUTCOMES[found.kind],
            form=form,
            names=names_by(session, {found.proposed_by or "", found.decided_by or ""}),
            may_propose=found.proposed_by is None and found.decided_at is None and actor().may(RESOLVE_PAYMENTS),
            may_decide=waits and not own and actor().may(DECIDE_PAYMENTS),
            **left_side(session),
        )


@blueprint.post("/cases/<number:number>/proposal")
@guard(RESOLVE_PAYMENTS)
def propose_outcome(number: int) -> Response | tuple[str, int]:
    form = OutcomeForm()
    if not form.validate_on_submit():
        return page(number, form), 422
    with db.transaction() as session:
        propose(session, number, outcome=form.outcome.data, note=form.in_words(), by=actor().by, now=clock.now())
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

"""Cancellations: asked for with two scans, decided by another, withdrawn."""

from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from app import clock, db
from app.api.book import number as cursor_number
from app.api.parsing import Blueprint
from app.api.schemas import CancellationList, CancellationOut, CancellationQuery, DecisionRequest
from app.api.step_up import PARAMETER, confirmed_by_header
from app.api.times import stamp, stamp_or_none
from app.cancellations import queries
from app.cancellations.decide_cancellation import decide_cancellation
from app.cancellations.model import Cancellation
from app.cancellations.queries import find_cancellation, list_cancellations, name_of
from app.cancellations.request_cancellation import Wish, request_cancellation
from app.cancellations.withdraw_cancellation import withdraw_cancellation
from app.collections.visible import visible_agent
from app.config import Config
from app.errors import N_, Invalid
from app.people.permissions import ASK_CANCELLATION, DECIDE_CANCELLATIONS, SEE_CANCELLATIONS
from app.web.actor import actor
from app.web.files import upload
from app.web.guards import guard
from app.web.parts import part
from app.web.refusals import WrongType

blueprint = Blueprint("api-cancellations", __name__, url_prefix="/api/v1", description="Cancellations")

REASON, FILES = "reason", ("form", "identity")
BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [REASON, *FILES],
                "additionalProperties": False,
                "properties": {
                    REASON: {"type": "string", "maxLength": 300, "description": "Why the customer wants the payment cancelled"},
                    "form": {"type": "string", "contentMediaType": "application/octet-stream", "description": "Scan of the signed form"},
                    "identity": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": "Scan of the identity card",
                    },
                },
            },
            "encoding": {name: {"contentType": "image/jpeg, image/png, application/pdf"} for name in FILES},
        }
    },
}


@blueprint.route("/payments/<reference>/cancellation", methods=["POST"])
@guard(ASK_CANCELLATION)
@blueprint.doc(requestBody=BODY)
@blueprint.response(201, CancellationOut)
def ask(reference: str) -> dict[str, Any]:
    """Ask for a payment to be cancelled; strictly before the cut-off, complete or not at all."""
    wish = Wish(
        payment=reference,
        agent=visible_agent(),
        by=actor().by,
        reason=said_reason(),
        form=upload("form"),
        identity=upload("identity"),
        dekont_at=url_for("api-papers.dekont", reference=reference),
    )
    made = request_cancellation(wish, keys=part(Config).scan_keys, override=part(Config).cut_off)
    with db.reading() as session:
        return cancellation_json(session, made)


def said_reason() -> str:
    """The body is read as strictly as JSON: no field that is not known, none twice."""
    if request.mimetype != "multipart/form-data":
        raise WrongType
    unknown = [name for name in request.form if name not in (REASON, *FILES)] + [name for name in request.files if name not in FILES]
    if unknown:
        raise Invalid(**{name: N_("This field is not known here.") for name in unknown})
    reasons = request.form.getlist(REASON)
    if len(reasons) > 1:
        raise Invalid(reason=N_("This field is there twice."))
    return "".join(reasons)


@blueprint.route("/cancellations", methods=["GET"])
@guard(SEE_CANCELLATIONS)
@blueprint.arguments(CancellationQuery(), location="query")
@blueprint.response(200, CancellationList)
def cancellations(query: dict[str, str]) -> dict[str, Any]:
    """The newest first; an agent's person sees the own agent's."""
    with db.reading() as session:
        found = list_cancellations(session, agent=visible_agent(), state=query.get("state"), cursor=cursor_number(query.get("cursor")))
        items = [cancellation_json(session, one) for one in found]
    return {"items": items, "next": str(found[-1].id) if len(found) == queries.PAGE else None}


@blueprint.route("/cancellations/<number:number>", methods=["GET"])
@guard(SEE_CANCELLATIONS)
@blueprint.response(200, CancellationOut)
def cancellation(number: int) -> dict[str, Any]:
    """One request's present truth."""
    with db.reading() as session:
        return cancellation_json(session, find_cancellation(session, number, agent=visible_agent()))


@blueprint.route("/cancellations/<number:number>/decision", methods=["POST"])
@guard(DECIDE_CANCELLATIONS)
@confirmed_by_header
@blueprint.doc(parameters=[PARAMETER])
@blueprint.arguments(DecisionRequest())
@blueprint.response(200, CancellationOut)
def decide(body: dict[str, Any], number: int) -> dict[str, Any]:
    """Grant or deny; once, and never by who asked."""
    with db.transaction() as session:
        made = decide_cancellation(session, number, granted=body["granted"], reason=body["reason"], by=actor().by, now=clock.now())
        return cancellation_json(session, made)


@blueprint.route("/cancellations/<number:number>", methods=["DELETE"])
@guard(ASK_CANCELLATION)
@blueprint.response(200, CancellationOut)
def withdraw(number: int) -> dict[str, Any]:
    """Take the request back before it is decided."""
    with db.transaction() as session:
        made = withdraw_cancellation(session, number, agent=visible_agent(), by=actor().by, now=clock.now())
        return cancellation_json(session, made)


def cancellation_json(session: Session, cancellation: Cancellation) -> dict[str, Any]:
    return {
        "id": cancellation.id,
        "state": str(cancellation.state),
        "payment": cancellation.payment,
        "agent": cancellation.agent,
        "biller": cancellation.biller,
        "reason": cancellation.reason,
        "asked_at": stamp(cancellation.asked_at),
        "asked_by": name_of(session, cancellation.asked_by),
        "cut_off_at": stamp(cancellation.cut_off_at),
        "report_until": stamp(cancellation.report_until),
        "withdrawn_at": stamp_or_none(cancellation.withdrawn_at),
        "decided_at": stamp_or_none(cancellation.decided_at),
        "decided_by": name_of(session, cancellation.decided_by) if cancellation.decided_by else None,
        "decision_reason": cancellation.decision_reason,
        "reported_at": stamp_or_none(cancellation.reported_at),
        "reported_in_time": cancellation.reported_in_time,
        "answered_at": stamp_or_none(cancellation.answered_at),
        "biller_word": cancellation.word,
    }

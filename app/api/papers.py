"""A payment's papers as PDF."""

from flask import Response, url_for

from app import clock, db
from app.api.parsing import Blueprint
from app.cancellations.issue_dekont import print_dekont
from app.collections.print_slip import print_slip, slips_of
from app.collections.queries import find_payment
from app.collections.visible import visible_agent
from app.web.actor import actor
from app.web.files import paper
from app.web.guards import signed_in

blueprint = Blueprint("api-papers", __name__, url_prefix="/api/v1", description="A payment's papers")

PDF = {"content": {"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}}, "description": "The paper"}


@blueprint.route("/payments/<reference>/receipt", methods=["GET"])
@signed_in
@blueprint.doc(responses={"200": PDF})
def receipt(reference: str) -> Response:
    """Receipt, pending slip or void slip: what is true now."""
    with db.transaction() as session:
        payment = find_payment(session, reference, agent=visible_agent())
        slips = slips_of(session, payment, check_at=check_at(payment.receipt_code))
        return paper(print_slip(session, slips, by=actor().by, now=clock.now()), f"receipt-{reference}")


@blueprint.route("/payments/<reference>/dekont", methods=["GET"])
@signed_in
@blueprint.doc(responses={"200": PDF})
def dekont(reference: str) -> Response:
    """The numbered proof of a paid bill, with what was tried to cancel it."""
    with db.transaction() as session:
        payment = find_payment(session, reference, agent=visible_agent())
        pdf = print_dekont(session, payment, check_at=check_at(payment.receipt_code), by=actor().by, now=clock.now())
    return paper(pdf, f"dekont-{reference}")


def check_at(receipt_code: str) -> str:
    return url_for("collections.genuine", code=receipt_code, _external=True)

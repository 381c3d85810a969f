"""A payment's slip as PDF, for printers that want one and for mails."""

from flask import Blueprint, Response, url_for

from app import clock, db
from app.collections.print_slip import print_slip, slips_of
from app.collections.queries import find_payment
from app.collections.visible import visible_agent
from app.web.actor import actor
from app.web.files import paper
from app.web.guards import signed_in

blueprint = Blueprint("collection_papers", __name__)


@blueprint.get("/payments/<reference>/receipt.pdf")
@signed_in
def receipt(reference: str) -> Response:
    """Receipt, pending slip or void slip: what is true now (P-10)."""
    with db.transaction() as session:
        payment = find_payment(session, reference, agent=visible_agent())
        check_at = url_for("collections.genuine", code=payment.receipt_code, _external=True)
        pdf = print_slip(session, slips_of(session, payment, check_at=check_at), by=actor().by, now=clock.now())
    return paper(pdf, f"receipt-{reference}")

"""A bill that the customer says is wrong (P-29)."""

from typing import Any

from app import clock
from app.api.parsing import Blueprint
from app.api.schemas import DisputeOut, DisputeRequest
from app.api.times import stamp, stamp_or_none
from app.billers.gateways import Gateways
from app.billers.model import Dispute
from app.collections.dispute_bill import Complaint, dispute_bill
from app.collections.visible import visible_biller
from app.people.permissions import DISPUTE_BILLS
from app.web.actor import actor
from app.web.guards import guard
from app.web.parts import part

blueprint = Blueprint("api-disputes", __name__, url_prefix="/api/v1", description="Disputed bills")


@blueprint.route("/bills/<biller>/<subscriber>/<ref>/dispute", methods=["POST"])
@guard(DISPUTE_BILLS)
@blueprint.arguments(DisputeRequest())
@blueprint.response(201, DisputeOut)
def dispute(body: dict[str, str], biller: str, subscriber: str, ref: str) -> dict[str, Any]:
    """Written down here and told to the biller; ``asked`` while it has not answered, and then it is told again by itself."""
    record = visible_biller(biller)
    complaint = Complaint(record, subscriber, ref, body["reason"], agent=actor().agent, by=actor().by)
    return dispute_json(dispute_bill(complaint, part(Gateways).of(record), now=clock.now()))


def dispute_json(dispute: Dispute) -> dict[str, Any]:
    return {
        "id": dispute.id,
        "state": dispute.state,
        "biller": dispute.biller,
        "subscriber": dispute.subscriber,
        "bill": dispute.bill,
        "asked_at": stamp(dispute.asked_at),
        "told_at": stamp_or_none(dispute.told_at),
        "biller_reference": dispute.biller_reference,
    }

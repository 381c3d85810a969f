"""What a dispute adds to the page of a bill, and the form that begins one; ``create_app`` fills the slots with it (P-29)."""

from flask import Blueprint, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import clock, db
from app.billers.gateways import Gateways
from app.billers.look_up_bills import Quote
from app.billers.model import Biller, Dispute
from app.billing.bill import Subscriber
from app.collections.dispute_bill import LONGEST_REASON, Complaint, dispute_bill
from app.collections.forms import DisputeForm
from app.collections.visible import visible_biller
from app.errors import N_, Invalid
from app.people.permissions import DISPUTE_BILLS
from app.people.queries import names_by
from app.web.actor import actor
from app.web.guards import guard
from app.web.parts import part
from app.web.slots import drawn, fill

blueprint = Blueprint("disputes", __name__, template_folder="templates")


def install() -> None:
    fill("beside-bill", beside_bill)
    fill("under-bill", under_bill)


@blueprint.post("/bills/<biller>/<subscriber>/<ref>/dispute")
@guard(DISPUTE_BILLS)
def dispute(biller: str, subscriber: str, ref: str) -> Response:
    form = DisputeForm()
    if not form.validate_on_submit():
        raise Invalid(reason=N_("Say what is wrong with the bill."))
    record = visible_biller(biller)
    complaint = Complaint(record, subscriber, ref, form.reason.data or "", agent=actor().agent, by=actor().by)
    dispute_bill(complaint, part(Gateways).of(record), now=clock.now())
    period = request.args.get("period") or None
    return redirect(url_for("bills.bill", biller=biller, subscriber=subscriber, ref=ref, period=period, _anchor="dispute"), 303)


def beside_bill(biller: Biller, subscriber: Subscriber, quote: Quote) -> Markup:
    return drawn("collections/_beside_bill.html", may=actor().may(DISPUTE_BILLS), dispute=latest(biller, subscriber, quote))


def under_bill(biller: Biller, subscriber: Subscriber, quote: Quote) -> Markup:
    """How the dispute stands, and the form while there is none; what another shop wrote down stays there."""
    found = latest(biller, subscriber, quote)
    is_ours = found is not None and (actor().agent is None or found.agent == actor().agent)
    with db.reading() as session:
        asked_by = names_by(session, [found.asked_by]).get(found.asked_by, "") if found and is_ours else ""
    return drawn(
        "collections/_under_bill.html",
        may=actor().may(DISPUTE_BILLS),
        biller=biller,
        subscriber=subscriber,
        bill=quote.bill,
        dispute=found,
        is_ours=is_ours,
        asked_by=asked_by,
        period=request.args.get("period") or None,
        form=DisputeForm(formdata=None),
        longest=LONGEST_REASON,
    )


def latest(biller: Biller, subscriber: Subscriber, quote: Quote) -> Dispute | None:
    of_bill = select(Dispute).filter_by(biller=biller.code, subscriber=subscriber.number, bill=quote.bill.ref)
    with db.reading() as session:
        return session.scalars(of_bill.order_by(Dispute.id.desc()).limit(1)).one_or_none()

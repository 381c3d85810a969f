"""Under a subscriber's bills: how they reach the customer, and the e-bill's switch."""

from flask import Blueprint, flash, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import clock, db, languages
from app.billers.gateways import Gateways
from app.billers.model import Biller
from app.billers.queries import find_biller
from app.billing.bill import Subscriber
from app.errors import N_, Invalid, Refusal
from app.inquiries import figures
from app.inquiries.forms import ActForm, DeliveryForm, EBillForm
from app.inquiries.model import EBill
from app.inquiries.refuse_paper import KINDS, refuse_paper
from app.inquiries.switch_e_bill import Consent, switch_off, switch_on
from app.markets import MARKETS
from app.notifications.addresses import masked
from app.people.permissions import PAY
from app.web.actor import actor, shop
from app.web.guards import guard
from app.web.language import _, language
from app.web.parts import part
from app.web.slots import drawn, fill

blueprint = Blueprint("e_bills", __name__, template_folder="templates")


def install() -> None:
    fill("under-account", under_account)
    fill("after-refusal", after_refusal)


def under_account(biller: Biller, subscriber: Subscriber) -> Markup:
    """Asked for again at each visit: the right address of who did not get the last mail."""
    with db.reading() as session:
        e_bill = session.scalars(select(EBill).filter_by(biller=biller.code, subscriber=subscriber.number, off_at=None)).first()
    return drawn(
        "inquiries/_delivery.html",
        biller=biller,
        number=subscriber.number,
        e_bill=e_bill,
        address=masked(e_bill.email) if e_bill else "",
        elsewhere=masked(subscriber.e_bill) if subscriber.e_bill and not e_bill else "",
        price=figures.written_price(biller.sms_price, MARKETS[biller.market].currency, language()),
        may=actor().may(PAY),
        form=EBillForm(formdata=None),
    )


def after_refusal(_refusal: Refusal) -> Markup:
    """Whoever was refused one of these goes on with the same customer."""
    here, about = request.blueprint == blueprint.name, request.view_args or {}
    back = url_for("bills.bills", biller=about["biller"], subscriber=about["subscriber"]) if here else ""
    return drawn("inquiries/_after_refusal.html", back=back)


@blueprint.post("/bills/<biller>/<subscriber>/e-bill")
@guard(PAY)
def on(biller: str, subscriber: str) -> Response:
    record, form = find_biller(biller, actor().market), EBillForm()
    if not form.validate_on_submit():
        raise Invalid(email=N_("This is no e-mail address."))
    consent = Consent(subscriber=subscriber, email=form.email.data, given=bool(form.consent.data), agent=shop(), by=actor().by)
    e_bill = switch_on(record, part(Gateways).of(record), consent, now=clock.now())
    flash(_(N_("E-bill switched on.")) if e_bill.told_biller_at else to_be_told(record))
    return back(record, subscriber)


@blueprint.post("/bills/<biller>/<subscriber>/e-bill/end")
@guard(PAY)
def off(biller: str, subscriber: str) -> Response:
    record, form = find_biller(biller, actor().market), ActForm()
    form.validate_on_submit()
    e_bill = switch_off(record, part(Gateways).of(record), subscriber, by=actor().by, now=clock.now())
    flash(to_be_told(record) if e_bill and e_bill.next_tell_at else _(N_("E-bill switched off.")))
    return back(record, subscriber)


@blueprint.post("/bills/<biller>/<subscriber>/delivery")
@guard(PAY)
def delivery(biller: str, subscriber: str) -> Response:  # noqa: ARG001 — whoever it is: nobody gets it on paper
    """
    :raises PaperEnded: since when the biller delivers nothing on paper
    :raises NoPaper: …
    """
    record, form = find_biller(biller, actor().market), DeliveryForm()
    if form.kind.data not in KINDS:
        raise Invalid(kind=N_("Choose one of the ways that are offered."))
    raise refuse_paper(record)


def to_be_told(biller: Biller) -> str:
    return languages.say(N_("Noted. {biller} does not answer now and is told as soon as it does."), language(), biller=biller.name)


def back(biller: Biller, subscriber: str) -> Response:
    return redirect(url_for("bills.bills", biller=biller.code, subscriber=subscriber), 303)

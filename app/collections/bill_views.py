"""Bills as people look at them: what a subscriber owes, and one bill opened. The shops' persons and support look, only shops pay."""

import re

from flask import Blueprint, current_app, render_template, request
from werkzeug.wrappers import Response

from app import clock
from app.billers.gateways import Gateways
from app.billers.look_up_bills import LookUp, Quote, look_up_bills
from app.billers.model import Biller
from app.billers.queries import all_billers, billers_of
from app.errors import N_, Invalid, NotFound
from app.people.permissions import LOOK_UP_BILLS
from app.web.actor import actor
from app.web.guards import guard

blueprint = Blueprint("bills", __name__, template_folder="templates")


@blueprint.get("/bills")
@guard(LOOK_UP_BILLS)
def bills() -> Response | str:
    number = re.sub(r"[\s()-]", "", request.args.get("subscriber", ""))
    candidates = guess_billers(number, request.args.get("biller", ""))
    if not number or not candidates:
        raise Invalid(subscriber=N_("No biller has numbers of this shape. Check the number, or choose the biller first."))
    if len(candidates) > 1:
        return render_template("collections/which_biller.html", number=number, billers=candidates)
    biller = candidates[0]
    return render_template("collections/bills.html", biller=biller, found=look_up(biller, number), today=clock.today(actor().market.zone))


def guess_billers(number: str, code: str) -> list[Biller]:
    """The named biller, else those whose numbers look like this one."""
    if code:
        return [biller_seen(code)]
    return [biller for biller in billers_seen() if re.fullmatch(biller.subscriber_pattern, number)]


@blueprint.get("/bills/<biller>/<subscriber>/<ref>")
@guard(LOOK_UP_BILLS)
def bill(biller: str, subscriber: str, ref: str) -> str:
    record = biller_seen(biller)
    found, quote = find_bill(record, subscriber, ref)
    return render_template("collections/bill.html", biller=record, found=found, quote=quote, today=clock.today(actor().market.zone))


def find_bill(biller: Biller, subscriber: str, ref: str) -> tuple[LookUp, Quote]:
    """
    Asks the biller again; an older bill than the last three is found with ``?period=2025-05``.

    :raises NotFound: if the biller shows no such bill
    """
    found = look_up(biller, subscriber)
    for quote in found.quotes:
        if quote.bill.ref == ref:
            return found, quote
    raise NotFound


def look_up(biller: Biller, subscriber: str) -> LookUp:
    return look_up_bills(
        biller,
        subscriber,
        gateways().of(biller),
        asked_by=actor().agent or actor().by,
        now=clock.now(),
        period=request.args.get("period") or None,
    )


def billers_seen() -> list[Biller]:
    """A shop sees the billers of its market; the institution's people see all."""
    return billers_of(actor().market) if actor().agent else list(all_billers())


def biller_seen(code: str) -> Biller:
    """:raises NotFound: if there is none, or it belongs to another market than the shop"""
    for biller in billers_seen():
        if biller.code == code:
            return biller
    raise NotFound


def gateways() -> Gateways:
    made: Gateways = current_app.extensions["gateways"]
    return made

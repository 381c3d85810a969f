"""
Bills as people look at them: what a subscriber owes, and one bill opened line by line. The shops' persons and the institution's
people look, only shops pay.
"""

import re
from collections.abc import Sequence

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app import audit, clock, db
from app.billers.gateways import Gateways
from app.billers.look_up_bills import LookUp, Quote, look_up_bills
from app.billers.model import Biller, WrongBill
from app.billers.subscriber_number import NOISE, fitting, read_subscriber
from app.collections.bill_sheet import MINE, sheet_of
from app.collections.visible import visible_biller, visible_billers
from app.errors import N_, Invalid, NotFound
from app.people.permissions import LOOK_UP_BILLS
from app.web.actor import actor
from app.web.guards import guard
from app.web.language import language
from app.web.parts import part

blueprint = Blueprint("bills", __name__, template_folder="templates")

PERIOD = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@blueprint.get("/bills")
@guard(LOOK_UP_BILLS)
def bills() -> Response | str:
    typed = request.args.get("subscriber", "")
    candidates = guess_billers(typed, request.args.get("biller", ""))
    if not typed or not candidates:
        raise Invalid(subscriber=N_("No biller has numbers of this shape. Check the number, or choose the biller first."))
    if len(candidates) > 1:
        return render_template("collections/which_biller.html", number=typed, billers=[biller for biller, _ in candidates])
    biller, number = candidates[0]
    period = asked_period("period")
    found = look_up(biller, number, period=period)
    note_caller(biller, found)
    return render_template(
        "collections/bills.html",
        biller=biller,
        found=found,
        period=period,
        today=clock.today(actor().market.zone),
    )


def guess_billers(typed: str, code: str) -> list[tuple[Biller, str]]:
    """The named biller, else those whose numbers look like this one; each with the number as the biller writes it."""
    if not code:
        return fitting(visible_billers(), typed)
    biller = visible_biller(code)
    return [(biller, read_subscriber(biller, typed) or NOISE.sub("", typed))]


@blueprint.get("/bills/<biller>/<subscriber>/<ref>")
@guard(LOOK_UP_BILLS)
def bill(biller: str, subscriber: str, ref: str) -> str:
    record = visible_biller(biller)
    found, quote = find_bill(record, subscriber, ref)
    note_caller(record, found, bill=ref)
    others = [other.bill for other in (*found.quotes, *compared_with(record, subscriber))]
    with db.reading() as session:
        wrong = session.get(WrongBill, (record.code, subscriber, ref))
    return render_template(
        "collections/bill.html",
        biller=record,
        found=found,
        quote=quote,
        sheet=sheet_of(record, quote.explained, others, reader=language(), chosen=request.args.get("in", MINE)),
        was_wrong=wrong if wrong and wrong.righted_at else None,
        today=clock.today(actor().market.zone),
    )


def find_bill(biller: Biller, subscriber: str, ref: str) -> tuple[LookUp, Quote]:
    """
    Asks the biller again; an older bill than the last three is found with ``?period=2025-05``.

    :raises NotFound: if the biller shows no such bill
    """
    for period in dict.fromkeys([None, asked_period("period")]):
        found = look_up(biller, subscriber, period=period)
        for quote in found.quotes:
            if quote.bill.ref == ref:
                return found, quote
    raise NotFound


def compared_with(biller: Biller, subscriber: str) -> Sequence[Quote]:
    """``?with=2025-04``: the bills of a month that is not among the last three."""
    period = asked_period("with")
    return look_up(biller, subscriber, period=period).quotes if period else ()


def asked_period(name: str) -> str | None:
    text = request.args.get(name, "").strip()
    if text and not PERIOD.fullmatch(text):
        raise Invalid(**{name: N_("A period is a month such as 2026-10.")})
    return text or None


def look_up(biller: Biller, subscriber: str, *, period: str | None = None) -> LookUp:
    return look_up_bills(
        biller, subscriber, part(Gateways).of(biller), asked_by=actor().agent or actor().by, now=clock.now(), period=period
    )


def note_caller(biller: Biller, found: LookUp, *, bill: str = "") -> None:
    """The institution's people look for somebody who calls: who looked, and at whose bills, is written down."""
    person = actor()
    if person.agent is None:
        with db.transaction() as session:
            audit.record(
                session,
                "bill.seen-for-caller",
                about=found.subscriber.number,
                by=person.by,
                at=clock.now(),
                address=request.remote_addr or "",
                biller=biller.code,
                bill=bill,
            )

"""Billers, look-ups and payments."""

import string
from typing import Any

from flask import Response, jsonify, request

from app import clock, db
from app.api.parsing import Blueprint
from app.api.schemas import InquiryRequest, PaymentList, PaymentOut, PaymentQuery, PaymentRequest
from app.api.times import moment, stamp, stamp_or_none
from app.billers.gateways import Gateways
from app.billers.look_up_bills import Quote, look_up_bills
from app.billers.model import Biller
from app.billers.queries import charges_for, find_biller, opens_at
from app.billing.codec import bill_to_json, subscriber_to_json
from app.collections import queries, weather
from app.collections.model import Payment, State
from app.collections.pay_bill import Wish, pay_bill, why_refused
from app.collections.visible import visible_billers
from app.errors import N_, Invalid, NotAllowed
from app.markets import MARKETS
from app.money import Money
from app.people.permissions import FIND_PAYMENTS, PAY, SEE_OWN_PAYMENTS
from app.people.queries import names
from app.phones import read_phone
from app.web.actor import actor, shop
from app.web.guards import guard, signed_in
from app.web.parts import part

blueprint = Blueprint("api-trade", __name__, url_prefix="/api/v1", description="Billers, look-ups and payments")

KEY_LETTERS = set(string.ascii_letters + string.digits + string.punctuation + " ")


@blueprint.route("/billers", methods=["GET"])
@signed_in
@blueprint.response(200)
def billers() -> Response:
    """Who can be paid in this person's market, and how each is doing."""
    with db.reading() as session:
        seconds = weather.median_seconds(session, now=clock.now())
    mine = visible_billers()
    return jsonify({"items": [biller_json(biller, seconds.get(biller.code)) for biller in mine], "next": None})


def biller_json(biller: Biller, seconds: str | None) -> dict[str, Any]:
    hours = None
    if biller.opens_at and biller.closes_at:
        hours = {"opens": biller.opens_at.isoformat("minutes"), "closes": biller.closes_at.isoformat("minutes")}
    return {
        "code": biller.code,
        "name": biller.name,
        "category": biller.category,
        "market": biller.market,
        "currency": MARKETS[biller.market].currency,
        "parameters": [
            {
                "name": "subscriber",
                "label": biller.subscriber_label,
                "pattern": biller.subscriber_pattern,
                "example": biller.subscriber_example,
            }
        ],
        "amount_rule": biller.amount_rule,
        "hours": hours,
        "status": "closed" if opens_at(biller, clock.now()) else "open",
        "median_seconds": seconds,
    }


@blueprint.route("/inquiries", methods=["POST"])
@guard(PAY)
@blueprint.arguments(InquiryRequest())
@blueprint.response(200)
def inquire(body: dict[str, str]) -> Response:
    """What a subscriber owes: the last three bills, the newest first."""
    biller = find_biller(body["biller"], actor().market)
    found = look_up_bills(
        biller, body["subscriber"], part(Gateways).of(biller), asked_by=shop(), now=clock.now(), period=body.get("period")
    )
    subscriber = subscriber_to_json(found.subscriber) | {"e_bill": bool(found.subscriber.e_bill)}
    return jsonify({"subscriber": subscriber, "bills": [quote_json(biller, quote) for quote in found.quotes]})


def quote_json(biller: Biller, quote: Quote) -> dict[str, Any]:
    """
    The bill, and what may be paid of it now.

    ``covers`` lists older bills that stand on it and are paid with it (P-25); ``after`` those that come before it: it
    may follow within ten minutes once they are paid here (P-21).
    """
    person = actor()
    charges = charges_for(biller, quote.bill.open, agent_group=person.agent_group, on=clock.today(person.market.zone))
    payable = {"smallest": quote.smallest, "largest": quote.largest, "step": quote.step, "options": list(quote.options)}
    return bill_to_json(quote.bill) | {
        "flags": list(quote.must_confirm),
        "fee": charges.fee.minor,
        "payable": payable if not quote.refuse and not quote.after else None,
        "refuse": quote.refuse or ("older-first" if quote.after else None),
        "covers": list(quote.covers),
        "after": list(quote.after),
    }


@blueprint.route("/payments", methods=["POST"])
@guard(PAY)
@blueprint.arguments(PaymentRequest())
@blueprint.response(201, PaymentOut)
@blueprint.alt_response(202, schema=PaymentOut, description="The biller's answer is unclear; ask again, never pay again")
def pay(body: dict[str, Any]) -> Response:
    """Pay one bill. The same key and body answers with the payment's present truth."""
    person = actor()
    biller = find_biller(body["biller"], person.market)
    amount = Money(body["amount"], person.market.currency)
    wish = Wish(
        agent=shop(),
        person=person.person,
        market=person.market,
        biller=biller,
        charges=charges_for(biller, amount, agent_group=person.agent_group, on=clock.today(person.market.zone)),
        key=idempotency_key(),
        subscriber=body["subscriber"],
        bill=body["bill"],
        amount=amount,
        version=body["version"],
        confirmed=tuple(sorted(set(body["confirmed"]))),
        customer_phone=phone(body["customer_phone"]),
    )
    payment = pay_bill(wish, part(Gateways).of(biller), now=clock.now())
    if payment.state == State.REFUSED:
        raise why_refused(payment, biller)
    response = jsonify(payment_json(payment, person.name if payment.person_id == person.person else person_name(payment)))
    response.status_code = {State.PAID: 201, State.PENDING: 202}.get(State(payment.state), 200)
    return response


def idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not 1 <= len(key) <= 255 or not set(key) <= KEY_LETTERS:
        raise Invalid(**{"Idempotency-Key": N_("A header with a key of 1 to 255 printable characters is needed, new for each payment.")})
    return key


def phone(text: str) -> str:
    number = read_phone(text, market=actor().market.code) if text else ""
    if number is None:
        raise Invalid(customer_phone=N_("This is no mobile number."))
    return number


def person_name(payment: Payment) -> str:
    with db.reading() as session:
        return names(session, [payment.person_id]).get(payment.person_id, "")


@blueprint.route("/payments", methods=["GET"])
@signed_in
@blueprint.arguments(PaymentQuery(), location="query")
@blueprint.response(200, PaymentList)
def payments(query: dict[str, str]) -> dict[str, Any]:
    """The newest first; an agent's person sees the own agent's payments."""
    wanted = queries.Filter(
        agent=whose(),
        since=moment(query.get("since"), "from"),
        until=moment(query.get("until"), "to", end=True),
        state=query.get("state"),
        biller=query.get("biller"),
        key=query.get("key"),
        cursor=query.get("cursor"),
    )
    with db.reading() as session:
        found = queries.list_payments(session, wanted)
        persons = names(session, (payment.person_id for payment in found))
    items = [payment_json(payment, persons.get(payment.person_id, "")) for payment in found]
    return {"items": items, "next": found[-1].reference if len(found) == queries.PAGE else None}


@blueprint.route("/payments/<reference>", methods=["GET"])
@signed_in
@blueprint.response(200, PaymentOut)
def payment(reference: str) -> dict[str, Any]:
    """One payment's present truth."""
    with db.reading() as session:
        found = queries.find_payment(session, reference, agent=whose())
        return payment_json(found, names(session, [found.person_id]).get(found.person_id, ""))


def whose() -> str | None:
    """The agent whose payments may be seen; ``None`` for all."""
    person = actor()
    if person.may(FIND_PAYMENTS):
        return None
    if not person.may(SEE_OWN_PAYMENTS):
        raise NotAllowed
    return shop()


def payment_json(payment: Payment, person: str) -> dict[str, Any]:
    return {
        "reference": payment.reference,
        "key": payment.key,
        "state": str(payment.state),
        "biller": payment.biller,
        "subscriber": payment.subscriber,
        "bill": payment.bill,
        "amount": payment.amount,
        "fee": payment.fee,
        "currency": payment.currency,
        "biller_reference": payment.biller_reference,
        "balance_after": payment.balance_after,
        "asked_at": stamp(payment.asked_at),
        "settled_at": stamp_or_none(payment.settled_at),
        "agent": payment.agent,
        "person": person,
        "receipt_code": payment.receipt_code,
    }

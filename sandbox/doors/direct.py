"""The direct door: JSON, one address for each biller, ``on_unknown = ask``."""

import json

from app.billing.bill import Account
from app.billing.codec import bill_to_json, subscriber_to_json
from app.money import Money
from sandbox.billers.answer import Answer
from sandbox.billers.collect import Order
from sandbox.billers.look_up import NoAccount
from sandbox.carriers.carrier import Carrier
from sandbox.doors import common
from sandbox.doors.remembered import Remembered
from sandbox.faults.lies import Said
from sandbox.web.fields import Fields, Invalid
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World


def bills(world: World, request: Request, *, biller: str, subscriber: str) -> Reply:
    carrier, query = common.find(biller, door="direct"), Fields.of_query(request)
    last, period = query.whole("last", common.USUAL_BILLS, least=1, most=common.MOST_BILLS), common.period(query.text("period", None))
    return common.inquire(world, carrier, subscriber, last=last, period=period, say=say_account)


def say_account(said: Said) -> Reply:
    if isinstance(said, Account):
        return Reply(200, spell_account(said).encode())
    assert isinstance(said, NoAccount)
    return json_reply(404 if said.code == "unknown_subscriber" else 410, {"code": said.code})


def spell_account(account: Account) -> str:
    bills = ", ".join(SPELT.of(bill) for bill in account.bills)
    return f'{{"subscriber": {json.dumps(subscriber_to_json(account.subscriber))}, "bills": [{bills}]}}'


SPELT = Remembered(lambda bill: json.dumps(bill_to_json(bill)))


def pay(world: World, request: Request, *, biller: str) -> Reply:
    carrier = common.find(biller, door="direct")
    return common.pay(world, carrier, read_order(request, carrier), say=say_payment)


def read_order(request: Request, carrier: Carrier) -> Order:
    """Members we do not know are none of our business here: a biller's protocol grows."""
    fields = Fields.of_body(request)
    if fields.text("currency") != carrier.currency:
        raise Invalid("currency", f"{carrier.name} is paid in {carrier.currency}.")
    return Order(
        reference=common.reference(request.headers.get("idempotency-key", ""), "Idempotency-Key"),
        subscriber=fields.text("subscriber"),
        bill=fields.text("bill"),
        amount=Money(fields.whole("amount", least=1), carrier.currency),
        version=fields.text("version"),
    )


def say_payment(said: Said) -> Reply:
    assert isinstance(said, Answer)
    if said.state == "accepted":
        return json_reply(201, spoken(said))
    if said.code == "already_paid":
        return json_reply(409, {"code": said.code, "reference": said.reference, "by_reference": said.by_reference, "at": said.at})
    return json_reply(422, {"code": said.code or said.state, "reference": said.reference})


def payment(world: World, request: Request, *, biller: str, reference: str) -> Reply:
    return common.ask(world, common.find(biller, door="direct"), reference, say=say_status)


def say_status(said: Said) -> Reply:
    assert isinstance(said, Answer)
    return json_reply(404, {"code": said.state}) if said.state == "never_seen" else json_reply(200, spoken(said))


def reversal(world: World, request: Request, *, biller: str, reference: str) -> Reply:
    return common.undo(world, common.find(biller, door="direct"), reference, remember=False, say=say_reversal)


def say_reversal(said: Said) -> Reply:
    assert isinstance(said, Answer)
    if said.state == "never_seen":
        return json_reply(404, {"code": said.state})
    data = {name: value for name, value in spoken(said).items() if name in ("state", "reference", "amount")}
    return json_reply(200, data | ({"reason": said.code} if said.code else {}))


def spoken(said: Answer) -> dict[str, object]:
    data: dict[str, object] = {"state": said.state, "reference": said.reference}
    if said.amount is not None:
        data |= {"amount": said.amount.minor, "biller_reference": said.biller_reference}
    if said.code:
        data["code"] = said.code
    return data | ({"by_reference": said.by_reference} if said.by_reference else {})

"""The direct door beyond paying: charges, disputes, the e-bill, the T+1 file."""

import json

from sandbox import clock
from sandbox.billers import service
from sandbox.billers.day_file import DayLine, day_file, is_over
from sandbox.doors import common
from sandbox.web.fields import Fields
from sandbox.web.message import Reply, Request, json_reply, no_content
from sandbox.world import World


def charge(world: World, request: Request, *, biller: str, subscriber: str) -> Reply:
    carrier, fields = common.find(biller, door="direct"), Fields.of_body(request)
    reference, text, amount = fields.text("reference"), fields.text("text"), common.unit_price(fields.text("amount"))
    with world.store.writing() as connection:
        done = service.charge(connection, carrier, subscriber, reference=reference, text=text, amount=amount, now=clock.now())
    return refused(done) if isinstance(done, service.Refused) else json_reply(201, {"reference": done})


def dispute(world: World, request: Request, *, biller: str, bill: str) -> Reply:
    carrier, fields = common.find(biller, door="direct"), Fields.of_body(request)
    subscriber, reason = fields.text("subscriber"), fields.text("reason", longest=1000)
    with world.store.writing() as connection:
        done = service.dispute(connection, carrier, subscriber, bill, reason, now=clock.now())
    return refused(done) if isinstance(done, service.Refused) else json_reply(201, {"reference": done})


def switch_e_bill_on(world: World, request: Request, *, biller: str, subscriber: str) -> Reply:
    return switch_e_bill(world, biller, subscriber, Fields.of_body(request).email("email"))


def switch_e_bill_off(world: World, request: Request, *, biller: str, subscriber: str) -> Reply:
    return switch_e_bill(world, biller, subscriber, "")


def switch_e_bill(world: World, biller: str, subscriber: str, email: str) -> Reply:
    carrier = common.find(biller, door="direct")
    with world.store.writing() as connection:
        no = service.switch_e_bill(connection, carrier, subscriber, email)
    return refused(no) if no else no_content()


def refused(no: service.Refused) -> Reply:
    return json_reply(410 if no.code == "account_closed" else 404, {"code": no.code})


def day(world: World, request: Request, *, biller: str, date: str) -> Reply:
    carrier, wanted = common.find(biller, door="direct"), Fields({"date": date}).day("date")
    if not is_over(carrier, wanted, now=clock.now()):
        return json_reply(404, {"code": "not_yet"})
    with world.store.reading() as connection:
        lines = [day_line(line) for line in day_file(connection, carrier, wanted)]
    return Reply(200, "".join(lines).encode(), "application/x-ndjson")


def day_line(line: DayLine) -> str:
    data = {
        "reference": line.reference,
        "biller_reference": line.biller_reference,
        "subscriber": line.subscriber,
        "bill": line.bill,
        "amount": line.amount.minor,
        "currency": line.amount.currency,
        "state": line.state,
        "at": line.at,
    }
    return json.dumps(data) + "\n"

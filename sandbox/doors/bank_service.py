"""The bank door beyond paying: charges, disputes, the e-bill, the T+1 file."""

from xml.etree import ElementTree

from app.billing.xml import amount_to_text
from sandbox import clock
from sandbox.billers import service
from sandbox.billers.day_file import day_file, is_over
from sandbox.carriers.carrier import Carrier
from sandbox.doors import common
from sandbox.web.fields import Fields
from sandbox.web.message import Reply, xml_reply
from sandbox.world import World


def charge(world: World, carrier: Carrier, fields: Fields) -> Reply:
    subscriber, reference, text = fields.text("subscriber"), fields.text("reference"), fields.text("text")
    amount = common.unit_price(fields.text("amount"))
    with world.store.writing() as connection:
        done = service.charge(connection, carrier, subscriber, reference=reference, text=text, amount=amount, now=clock.now())
    return said("ChargeResult", done)


def dispute(world: World, carrier: Carrier, fields: Fields) -> Reply:
    subscriber, bill, reason = fields.text("subscriber"), fields.text("bill"), fields.text("reason", longest=1000)
    with world.store.writing() as connection:
        done = service.dispute(connection, carrier, subscriber, bill, reason, now=clock.now())
    return said("DisputeResult", done)


def switch_e_bill(world: World, carrier: Carrier, fields: Fields) -> Reply:
    subscriber = fields.text("subscriber")
    email = fields.email("email") if fields.text("email", longest=254, may_be_empty=True) else ""
    with world.store.writing() as connection:
        done = service.switch_e_bill(connection, carrier, subscriber, email)
    return said("EBillResult", done or "")


def said(tag: str, done: str | service.Refused) -> Reply:
    if isinstance(done, service.Refused):
        return xml_reply(ElementTree.Element(tag, code=done.code))
    return xml_reply(ElementTree.Element(tag, {"code": "ok"} | ({"reference": done} if done else {})))


def day(world: World, carrier: Carrier, fields: Fields) -> Reply:
    wanted = fields.day("date")
    if not is_over(carrier, wanted, now=clock.now()):
        return xml_reply(ElementTree.Element("DayFileResult", code="not_yet"))
    element = ElementTree.Element("DayFileResult", code="ok")
    with world.store.reading() as connection:
        for line in day_file(connection, carrier, wanted):
            ElementTree.SubElement(
                element,
                "Payment",
                reference=line.reference,
                bankReference=line.biller_reference,
                subscriber=line.subscriber,
                bill=line.bill,
                amount=amount_to_text(line.amount),
                currency=line.amount.currency,
                state=line.state,
                at=line.at,
            )
    return xml_reply(element)

"""The bank door: XML documents to one address, ``on_unknown = reverse``."""

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.billing.bill import Account
from app.billing.codec import Unreadable
from app.billing.xml import account_to_xml, amount_from_text, amount_to_text, bill_to_xml
from app.money import Money
from sandbox.billers.answer import Answer
from sandbox.billers.collect import Order
from sandbox.billers.look_up import NoAccount
from sandbox.carriers.carrier import Carrier
from sandbox.doors import bank_service, common
from sandbox.doors.remembered import Remembered
from sandbox.faults.lies import Said
from sandbox.web.fields import Fields, Invalid
from sandbox.web.message import Reply, Request, xml_reply, xml_text_reply
from sandbox.world import World

LARGEST_DOCUMENT = 64 * 1024
Serve = Callable[[World, Carrier, Fields], Reply]


def document(world: World, request: Request) -> Reply:
    """One address for every document; its name says what is wanted."""
    try:
        element = read(request.body)
        serve = DOCUMENTS.get(element.tag)
        if serve is None:
            raise Invalid(element.tag[:40], f"One of {', '.join(DOCUMENTS)} is expected.")
        fields = Fields(element.attrib, is_query=True)
        return serve(world, common.find(fields.text("biller"), door="bank"), fields)
    except Invalid as problem:
        return error(400, "invalid", field=problem.field, title=problem.title)
    except common.NoSuchBiller:
        return error(404, "unknown_biller")


def read(body: bytes) -> ElementTree.Element:
    """:raises Invalid: if it is no small XML document without a DTD"""
    if len(body) > LARGEST_DOCUMENT:
        raise Invalid("", "The document is too large.")
    try:
        return fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError) as problem:
        raise Invalid("", f"The document cannot be read: {problem}.") from problem


def error(status: int, code: str, **facts: str) -> Reply:
    return xml_reply(ElementTree.Element("Error", {"code": code} | facts), status)


def inquiry(world: World, carrier: Carrier, fields: Fields) -> Reply:
    last, period = fields.whole("last", common.USUAL_BILLS, least=1, most=common.MOST_BILLS), common.period(fields.text("period", None))
    return common.inquire(world, carrier, fields.text("subscriber"), last=last, period=period, say=say_account)


def say_account(said: Said) -> Reply:
    if isinstance(said, Account):
        return xml_text_reply(spell_account(said))
    assert isinstance(said, NoAccount)
    return xml_reply(ElementTree.Element("InquiryResult", code=said.code))


def spell_account(account: Account) -> str:
    (subscriber,) = account_to_xml(replace(account, bills=()))
    bills = "".join(map(SPELT.of, account.bills))
    return f'<InquiryResult code="ok">{ElementTree.tostring(subscriber, "unicode")}{bills}</InquiryResult>'


SPELT = Remembered(lambda bill: ElementTree.tostring(bill_to_xml(bill), "unicode"))


def collect(world: World, carrier: Carrier, fields: Fields) -> Reply:
    return common.pay(world, carrier, read_order(carrier, fields), say=say_payment)


def read_order(carrier: Carrier, fields: Fields) -> Order:
    if fields.text("currency") != carrier.currency:
        raise Invalid("currency", f"{carrier.name} is paid in {carrier.currency}.")
    return Order(
        reference=common.reference(fields.text("reference"), "reference"),
        subscriber=fields.text("subscriber"),
        bill=fields.text("bill"),
        amount=read_amount(carrier, fields),
        version=fields.text("version"),
    )


def read_amount(carrier: Carrier, fields: Fields) -> Money:
    try:
        amount = amount_from_text(fields.text("amount"), carrier.currency)
    except Unreadable as problem:
        raise Invalid("amount", "An amount with both decimals is expected, such as 390.00.") from problem
    if amount.minor <= 0:
        raise Invalid("amount", "An amount above zero is expected.")
    return amount


def say_payment(said: Said) -> Reply:
    assert isinstance(said, Answer)
    if said.state == "accepted":
        return result("CollectResult", said)
    if said.code == "already_paid":
        return xml_reply(ElementTree.Element("CollectResult", code="already_paid", reference=said.reference, byReference=said.by_reference))
    return xml_reply(ElementTree.Element("CollectResult", code="rejected", reference=said.reference, reason=said.code or said.state))


def ask(world: World, carrier: Carrier, fields: Fields) -> Reply:
    reference = common.reference(fields.text("reference"), "reference")
    return common.ask(world, carrier, reference, say=lambda said: result("StatusResult", said))


def reverse(world: World, carrier: Carrier, fields: Fields) -> Reply:
    reference = common.reference(fields.text("reference"), "reference")
    return common.undo(world, carrier, reference, remember=True, say=lambda said: result("ReverseResult", said))


def result(tag: str, said: Said) -> Reply:
    assert isinstance(said, Answer)
    element = ElementTree.Element(tag, code=said.state, reference=said.reference)
    if said.amount is not None:
        element.set("amount", amount_to_text(said.amount))
        element.set("bankReference", said.biller_reference)
    if said.code:
        element.set("reason", said.code)
    if said.by_reference:
        element.set("byReference", said.by_reference)
    return xml_reply(element)


DOCUMENTS: dict[str, Serve] = {
    "Inquiry": inquiry,
    "Collect": collect,
    "Status": ask,
    "Reverse": reverse,
    "DayFile": bank_service.day,
    "Dispute": bank_service.dispute,
    "EBill": bank_service.switch_e_bill,
    "Charge": bank_service.charge,
}

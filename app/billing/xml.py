"""
Bills as XML, for billers behind a bank: the same fields as JSON in camelCase attributes, amounts as
decimal strings in major units (``390.00``).
"""

from collections.abc import Mapping
from decimal import Decimal
from xml.etree import ElementTree

from app.billing import bill as b
from app.billing.codec import Json, Unreadable, account_from_json, account_to_json, bill_to_json
from app.money import EXPONENTS, Money

AMOUNTS = {"amount", "open", "past_due", "unbilled", "advance"}
CHILDREN = {"bills": "Bill", "sections": "Section", "lines": "Line"}


def account_to_xml(account: b.Account) -> list[ElementTree.Element]:
    """``<Subscriber/>`` and one ``<Bill>`` each, to stand in an ``<InquiryResult>``."""
    data = account_to_json(account)
    currency = data["subscriber"]["currency"]
    return [_to_element("Subscriber", data["subscriber"], currency), *(_to_element("Bill", bill, currency) for bill in data["bills"])]


def bill_to_xml(bill: b.Bill) -> ElementTree.Element:
    """``<Bill>`` alone."""
    return _to_element("Bill", bill_to_json(bill), bill.currency)


def account_from_xml(result: ElementTree.Element) -> b.Account:
    """:raises Unreadable: naming the field"""
    subscriber = result.find("Subscriber")
    if subscriber is None:
        raise Unreadable("Subscriber")
    currency = subscriber.get("currency", "")
    if currency not in EXPONENTS:
        raise Unreadable("Subscriber.currency")
    return account_from_json(
        {"subscriber": _to_json(subscriber, currency), "bills": [_to_json(bill, currency) for bill in result.findall("Bill")]}
    )


def amount_to_text(amount: Money) -> str:
    return str(amount.decimal)


def amount_from_text(text: str | None, currency: str) -> Money:
    """Exactly the currency's decimals: ``390`` and ``390.0`` are not what the protocol promises."""
    whole, _, minor = (text or "").removeprefix("-").partition(".")
    if (
        currency not in EXPONENTS
        or not (whole + minor).isascii()
        or not (whole.isdigit() and minor.isdigit())
        or len(minor) != EXPONENTS[currency]
        or len(whole) > 13
    ):
        raise Unreadable("amount")
    return Money(int(Decimal(text or "").scaleb(EXPONENTS[currency])), currency)


def _to_element(tag: str, data: Json, currency: str) -> ElementTree.Element:
    element = ElementTree.Element(tag)
    for name, value in data.items():
        if value is None or value == "" or value == [] or value == {}:
            continue
        if name in CHILDREN:
            element.extend(_to_element(CHILDREN[name], item, currency) for item in value)
        elif name == "notes":
            for note in value:
                ElementTree.SubElement(element, "Note").text = note
        elif name == "inputs":
            for key, text in value.items():
                ElementTree.SubElement(element, "Input", name=key, value=text)
        elif name == "period":
            element.set("from", value["from"])
            element.set("to", value["to"])
        elif name == "flags":
            element.set("flags", " ".join(value))
        else:
            element.set(_camel(name), amount_to_text(Money(value, currency)) if name in AMOUNTS else value)
    return element


def _to_json(element: ElementTree.Element, currency: str) -> Json:
    data: Json = {}
    for attribute, text in element.attrib.items():
        name = _snake(attribute)
        data[name] = amount_from_text(text, currency).minor if name in AMOUNTS else text
    for children, tag in CHILDREN.items():
        data[children] = [_to_json(child, currency) for child in element.findall(tag)]
    if element.tag == "Bill":
        _only(element.attrib, "currency", currency)
        data["period"] = {"from": data.pop("from", None), "to": data.pop("to", None)}
        data["flags"] = data.get("flags", "").split()
        data["notes"] = [note.text or "" for note in element.findall("Note")]
    if element.tag == "Line":
        data["inputs"] = {child.get("name", ""): child.get("value", "") for child in element.findall("Input")}
    return data


def _only(attributes: Mapping[str, str], name: str, value: str) -> None:
    if attributes.get(name) != value:
        raise Unreadable(name)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _snake(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)

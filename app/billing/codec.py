"""
Bills as JSON, as contract.md §5 spells them: amounts are whole minor units, quantities and unit prices decimal strings.

The doors read what billers send with it, the sandbox writes with it, the API answers with it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from app.billing import bill as b
from app.money import LARGEST, Money

T = TypeVar("T")
Json = dict[str, Any]

LONGEST_TEXT = 2000
MOST_BILLS = 60  # five years of months
LARGEST_POWER, FINEST_POWER = 15, -12  # of ten, in a quantity or a unit price


class Unreadable(ValueError):
    """The biller's answer is not what its protocol promises; names the field."""


def account_to_json(account: b.Account) -> Json:
    return {"subscriber": subscriber_to_json(account.subscriber), "bills": [bill_to_json(bill) for bill in account.bills]}


def subscriber_to_json(subscriber: b.Subscriber) -> Json:
    return {
        "number": subscriber.number,
        "name": subscriber.name,
        "state": subscriber.state,
        "unbilled": subscriber.unbilled.minor,
        "advance": subscriber.advance.minor,
        "currency": subscriber.unbilled.currency,
        "e_bill": subscriber.e_bill,
    }


def bill_to_json(bill: b.Bill) -> Json:
    return {
        "ref": bill.ref,
        "number": bill.number,
        "period": {"from": bill.first_day.isoformat(), "to": bill.last_day.isoformat()},
        "issued_on": bill.issued_on.isoformat(),
        "due_on": bill.due_on.isoformat(),
        "charged_on": bill.charged_on.isoformat() if bill.charged_on else None,
        "currency": bill.currency,
        "amount": bill.amount.minor,
        "open": bill.open.minor,
        "past_due": bill.past_due.minor,
        "state": bill.state,
        "version": bill.version,
        "flags": list(bill.flags),
        "sections": [section_to_json(section) for section in bill.sections],
        "notes": list(bill.notes),
        "iban": bill.iban,
        "biller_phone": bill.biller_phone,
    }


def section_to_json(section: b.Section) -> Json:
    return {
        "kind": section.kind,
        "title": section.title,
        "amount": section.amount.minor,
        "lines": [line_to_json(line) for line in section.lines],
    }


def line_to_json(line: b.Line) -> Json:
    return {
        "text": line.text,
        "from": line.first_day.isoformat() if line.first_day else None,
        "to": line.last_day.isoformat() if line.last_day else None,
        "quantity": str(line.quantity) if line.quantity is not None else None,
        "unit": line.unit,
        "unit_price": str(line.unit_price) if line.unit_price is not None else None,
        "amount": line.amount.minor,
        "rule": line.rule,
        "inputs": line.inputs,
    }


def account_from_json(data: object) -> b.Account:
    """:raises Unreadable: naming the first field that is not as promised"""
    whole = _Reader(data, "answer")
    subscriber = subscriber_from_json(whole.get("subscriber"))
    bills = whole.items("bills", bill_from_json, most=MOST_BILLS)
    if any(bill.currency != subscriber.unbilled.currency for bill in bills):
        raise Unreadable("bill.currency")
    if len({bill.ref for bill in bills}) < len(bills):
        raise Unreadable("bill.ref")
    return b.Account(subscriber, tuple(bills))


def subscriber_from_json(data: object) -> b.Subscriber:
    read = _Reader(data, "subscriber")
    currency = read.text("currency")
    return b.Subscriber(
        number=read.text("number"),
        name=read.text("name"),
        state=read.one_of("state", b.SUBSCRIBER_STATES),
        unbilled=read.money("unbilled", currency),
        advance=read.money("advance", currency),
        e_bill=read.text("e_bill", default=""),
    )


def bill_from_json(data: object) -> b.Bill:
    read = _Reader(data, "bill")
    currency = read.text("currency")
    period = _Reader(read.get("period"), "period")
    return b.Bill(
        ref=read.text("ref"),
        number=read.text("number"),
        first_day=period.day("from"),
        last_day=period.day("to"),
        issued_on=read.day("issued_on"),
        due_on=read.day("due_on"),
        charged_on=read.day_or_none("charged_on"),
        amount=read.money("amount", currency),
        open=read.money("open", currency),
        past_due=read.money("past_due", currency),
        state=read.one_of("state", b.BILL_STATES),
        version=read.text("version"),
        flags=tuple(read.items("flags", _known_flag)),
        sections=tuple(read.items("sections", lambda section: section_from_json(section, currency))),
        notes=tuple(read.items("notes", _text)),
        iban=read.text("iban", default=""),
        biller_phone=read.text("biller_phone", default=""),
    )


def section_from_json(data: object, currency: str) -> b.Section:
    read = _Reader(data, "section")
    return b.Section(
        kind=read.one_of("kind", b.SECTION_KINDS),
        title=read.text("title", default=""),
        amount=read.money("amount", currency),
        lines=tuple(read.items("lines", lambda line: line_from_json(line, currency))),
    )


def line_from_json(data: object, currency: str) -> b.Line:
    read = _Reader(data, "line")
    inputs = read.get("inputs", {})
    if not isinstance(inputs, dict) or not all(_is_text(word) for pair in inputs.items() for word in pair):
        raise Unreadable("line.inputs")
    return b.Line(
        text=read.text("text"),
        amount=read.money("amount", currency),
        first_day=read.day_or_none("from"),
        last_day=read.day_or_none("to"),
        quantity=read.decimal_or_none("quantity"),
        unit=read.text("unit", default=""),
        unit_price=read.decimal_or_none("unit_price"),
        rule=read.text("rule", default=""),
        inputs=inputs,
    )


class _Reader:
    """One JSON object, read field by field; whatever is not as promised is named."""

    def __init__(self, data: object, name: str) -> None:
        if not isinstance(data, Mapping):
            raise Unreadable(name)
        self.data, self.name = data, name

    def get(self, field: str, *default: object) -> object:
        if field not in self.data and not default:
            raise Unreadable(f"{self.name}.{field}")
        return self.data.get(field, *default)

    def text(self, field: str, *, default: str | None = None) -> str:
        value = self.get(field) if default is None else self.data.get(field) or default
        if default is None and not value:
            raise Unreadable(f"{self.name}.{field}")
        return _text(value, name=f"{self.name}.{field}")

    def one_of(self, field: str, words: tuple[str, ...]) -> str:
        if (value := self.text(field)) not in words:
            raise Unreadable(f"{self.name}.{field}")
        return value

    def money(self, field: str, currency: str) -> Money:
        value = self.get(field)
        if type(value) is not int or abs(value) > LARGEST:
            raise Unreadable(f"{self.name}.{field}")
        try:
            return Money(value, currency)
        except TypeError as error:
            raise Unreadable(f"{self.name}.currency") from error

    def day(self, field: str) -> date:
        try:
            return date.fromisoformat(self.text(field))
        except ValueError as error:
            raise Unreadable(f"{self.name}.{field}") from error

    def day_or_none(self, field: str) -> date | None:
        return self.day(field) if self.data.get(field) is not None else None

    def decimal_or_none(self, field: str) -> Decimal | None:
        if self.data.get(field) is None:
            return None
        try:
            value = Decimal(self.text(field))
        except InvalidOperation as error:
            raise Unreadable(f"{self.name}.{field}") from error
        if not value.is_finite() or value.adjusted() > LARGEST_POWER or int(value.as_tuple().exponent) < FINEST_POWER:
            raise Unreadable(f"{self.name}.{field}")
        return value

    def items(self, field: str, read: Callable[[object], T], *, most: int = 10_000) -> list[T]:
        value = self.get(field, [])
        if not isinstance(value, list) or len(value) > most:
            raise Unreadable(f"{self.name}.{field}")
        return [read(item) for item in value]


def _text(value: object, *, name: str = "note") -> str:
    if not isinstance(value, str) or not _is_text(value):
        raise Unreadable(name)
    return value


def _is_text(value: object) -> bool:
    """Not too long, and such that a database and a page can hold it: no NUL, no half of a surrogate pair."""
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value)


def _known_flag(value: object) -> str:
    if value not in b.FLAGS:
        raise Unreadable("flag")
    return str(value)

"""
The bank door: XML over HTTP, a biller reached through a bank (docs/biller-protocol.md). What stays unknown after
a status question is reversed until that is final.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.billers.gateway import AccountClosed, Answer, BillerUnreachable, DayLine, Order, SubscriberNotFound, Verdict
from app.billing.bill import Account
from app.billing.codec import Unreadable
from app.billing.xml import account_from_xml, amount_from_text, amount_to_text
from app.errors import NotFound, Refusal
from app.money import Money
from app.outside import NoAnswer, NoPlace, NothingSent, Peer, Reply

Element = ElementTree.Element


class BankDoor:
    on_unknown: Literal["ask", "reverse"] = "reverse"

    def __init__(self, code: str, name: str, phone: str, *, url: str, secret: str, places: int) -> None:
        self.code, self.name, self.phone = code, name, phone
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/xml"}
        self.peer = Peer(f"{url}/bank/v1", headers=headers, places=places)

    @contextmanager
    def place(self) -> Iterator[None]:
        try:
            with self.peer.place():
                yield
        except NoPlace as error:
            raise self.unreachable() from error

    def inquire(self, subscriber: str, *, period: str | None = None) -> Account:
        result = self._ask("Inquiry", subscriber=subscriber, last="3", **({"period": period} if period else {}))
        match result.get("code"):
            case "ok":
                try:
                    account = account_from_xml(result)
                except Unreadable as error:
                    raise self.unreachable() from error
                if account.subscriber.number != subscriber:
                    raise self.unreachable()
                return account
            case _:
                raise self.no_account(result, subscriber)

    def pay(self, order: Order) -> Answer:
        attributes = {
            "reference": order.reference,
            "subscriber": order.subscriber,
            "bill": order.bill,
            "amount": amount_to_text(order.amount),
            "currency": order.amount.currency,
            "version": order.version,
            "agent": order.agent,
            "at": order.at.isoformat(),
        }
        try:
            result = read_xml(self._send("Collect", attributes), "CollectResult")
        except NothingSent:
            return Answer(Verdict.NO, "unreachable")
        except (NoAnswer, Unreadable):
            return Answer(Verdict.UNKNOWN, "no-answer")
        return judge(order, result)

    def status(self, order: Order, *, seconds_since_sent: int) -> Answer:
        del seconds_since_sent  # here only a reversal ends what was never seen
        try:
            result = self._ask("Status", reference=order.reference)
        except BillerUnreachable:
            return Answer(Verdict.UNKNOWN, "no-answer")
        if result.get("reference") != order.reference:
            return Answer(Verdict.UNKNOWN, "another-payment")
        match result.get("code"):
            case "accepted":
                return judge_yes(order, result)
            case "rejected":
                return Answer(Verdict.NO, result.get("reason", "rejected")[:80])
            case "reversed":
                return Answer(Verdict.NO, "reversed")
            case code:
                return Answer(Verdict.UNKNOWN, (code or "unreadable")[:80])

    def reverse(self, order: Order, *, reason: str) -> Answer:
        try:
            result = self._ask("Reverse", reference=order.reference, reason=reason)
        except BillerUnreachable:
            return Answer(Verdict.UNKNOWN, "no-answer")
        if result.get("reference") != order.reference or result.get("amount", amount_to_text(order.amount)) != amount_to_text(order.amount):
            return Answer(Verdict.UNKNOWN, "another-payment")
        match result.get("code"):
            case "reversed":
                return Answer(Verdict.YES, biller_reference=result.get("bankReference", "")[:80])
            case "refused":
                return Answer(Verdict.NO, result.get("reason", "refused")[:200])
            case code:
                return Answer(Verdict.UNKNOWN, (code or "unreadable")[:80])

    def day(self, on: date) -> list[DayLine] | None:
        result = self._ask("DayFile", date=on.isoformat())
        if result.get("code") == "not_yet":
            return None
        if result.get("code") != "ok":
            raise self.unreachable()
        try:
            return [day_line(line) for line in result.findall("Payment")]
        except (ValueError, KeyError) as error:
            raise self.unreachable() from error

    def dispute(self, *, subscriber: str, bill: str, reason: str) -> str:
        result = self._ask("Dispute", subscriber=subscriber, bill=bill, reason=reason)
        match result.get("code"):
            case "ok":
                return result.get("reference", "")
            case "unknown_bill":
                raise NotFound
            case _:
                raise self.no_account(result, subscriber)

    def charge(self, subscriber: str, *, reference: str, text: str, amount: Decimal) -> None:
        result = self._ask("Charge", subscriber=subscriber, reference=reference, text=text, amount=f"{amount:.4f}")
        if result.get("code") != "ok" or result.get("reference") != reference:
            raise self.no_account(result, subscriber)

    def switch_e_bill(self, subscriber: str, *, email: str) -> None:
        result = self._ask("EBill", subscriber=subscriber, email=email)
        if result.get("code") != "ok":
            raise self.no_account(result, subscriber)

    def no_account(self, result: Element, subscriber: str) -> Refusal:
        """P-28: what an answer that is no yes says about the subscriber; if nothing, the biller counts as unreachable."""
        match result.get("code"):
            case "unknown_subscriber":
                return SubscriberNotFound(biller=self.name, subscriber=subscriber)
            case "account_closed":
                return AccountClosed(biller=self.name, subscriber=subscriber, phone=self.phone)
            case _:
                return self.unreachable()

    def unreachable(self) -> BillerUnreachable:
        return BillerUnreachable(biller=self.name, phone=self.phone)

    def _ask(self, document: str, **attributes: str) -> Element:
        try:
            with self.peer.place():
                return read_xml(self._send(document, attributes), f"{document}Result")
        except (NothingSent, NoAnswer, Unreadable) as error:
            raise self.unreachable() from error

    def _send(self, document: str, attributes: dict[str, str]) -> Reply:
        body = ElementTree.tostring(Element(document, {"biller": self.code} | attributes), encoding="utf-8")
        return self.peer.call("POST", "/collections", body=body)


def read_xml(reply: Reply, tag: str) -> Element:
    """:raises Unreadable: if it is not the expected document, or trouble (anything but HTTP 200)"""
    if reply.status != 200:
        raise Unreadable(f"http-{reply.status}")
    try:
        element: Element = fromstring(reply.body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise Unreadable(tag) from error
    if element.tag != tag:
        raise Unreadable(tag)
    return element


def judge(order: Order, result: Element) -> Answer:
    """P-02: only what the protocol calls a yes or a no is one."""
    if result.get("reference") != order.reference:
        return Answer(Verdict.UNKNOWN, "another-payment")
    match result.get("code"):
        case "accepted":
            return judge_yes(order, result)
        case "rejected":
            return Answer(Verdict.NO, result.get("reason", "rejected")[:80])
        case "already_paid":
            if result.get("byReference") == order.reference:  # P-23: their record carries our reference
                return Answer(Verdict.YES, biller_reference=result.get("bankReference", "")[:80])
            return Answer(Verdict.NO, "already_paid")
        case code:
            return Answer(Verdict.UNKNOWN, (code or "unreadable")[:80])


def judge_yes(order: Order, result: Element) -> Answer:
    try:
        amount: Money | None = amount_from_text(result.get("amount"), order.amount.currency)
    except Unreadable:
        amount = None
    if amount != order.amount:
        return Answer(Verdict.UNKNOWN, "another-amount")
    return Answer(Verdict.YES, biller_reference=result.get("bankReference", "")[:80])


def day_line(line: Element) -> DayLine:
    return DayLine(
        reference=line.attrib["reference"],
        biller_reference=line.attrib["bankReference"],
        subscriber=line.attrib["subscriber"],
        bill=line.attrib["bill"],
        amount=amount_from_text(line.attrib["amount"], line.attrib["currency"]),
        state=line.attrib["state"],
        at=datetime.fromisoformat(line.attrib["at"]),
    )

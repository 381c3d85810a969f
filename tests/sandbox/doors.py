"""The two doors as a test speaks to them: the same questions, and answers in the same words."""

import json
import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass
from xml.etree import ElementTree

import urllib3

from app.billing.bill import Account, Bill
from app.billing.codec import account_from_json
from app.billing.xml import account_from_xml, amount_from_text, amount_to_text
from app.money import Money
from tests.sandbox_process import Json, Sandbox

SECRET = {"Authorization": "Bearer any secret"}
NOBODY_ANSWERED = (urllib3.exceptions.ProtocolError, urllib3.exceptions.TimeoutError)


@dataclass(frozen=True)
class Heard:
    """
    A door's answer about a payment.

    :ivar word: ``accepted``, ``already_paid``, ``rejected``, ``reversed``, ``refused``, ``never_seen``
    :ivar why: the code or reason of a no
    """

    word: str
    why: str = ""
    reference: str = ""
    amount: Money | None = None
    biller_reference: str = ""
    by_reference: str = ""


class Door(ABC):
    biller: str
    currency: str

    def __init__(self, sandbox: Sandbox, *, timeout: float = 10) -> None:
        self.sandbox = sandbox
        self.http = urllib3.PoolManager(maxsize=128, retries=False, timeout=timeout)

    def new_reference(self) -> str:
        return f"P{secrets.token_hex(8).upper()}"

    def new_bill(self, amount: int = 12050) -> tuple[str, Bill]:
        """A practice bill of a subscriber nobody else has."""
        number = self.sandbox.control.plain_subscriber(self.biller)
        ref = self.sandbox.control.bill(self.biller, number, amount)
        return number, self.bill(number, ref)

    def bill(self, number: str, ref: str) -> Bill:
        return next(bill for bill in self.account(number).bills if bill.ref == ref)

    def account(self, number: str, **query: str) -> Account:
        found = self.inquire(number, **query)
        assert isinstance(found, Account), found
        return found

    @abstractmethod
    def inquire(self, number: str, **query: str) -> Account | str:
        """The account, or the code of a no."""

    @abstractmethod
    def pay(self, reference: str, number: str, bill: Bill, *, amount: int | None = None, version: str | None = None) -> Heard: ...

    @abstractmethod
    def status(self, reference: str) -> Heard: ...

    @abstractmethod
    def reverse(self, reference: str) -> Heard: ...

    @abstractmethod
    def day_file(self, date: str) -> list[Json] | None:
        """``None`` until the day is over."""

    @abstractmethod
    def raw(self, operation: str, reference: str, number: str, bill: Bill) -> urllib3.BaseHTTPResponse:
        """One of the four operations, unread."""


class DirectDoor(Door):
    def __init__(self, sandbox: Sandbox, *, biller: str = "masmovil", currency: str = "EUR", timeout: float = 10) -> None:
        super().__init__(sandbox, timeout=timeout)
        self.biller, self.currency = biller, currency

    @property
    def base(self) -> str:
        return f"{self.sandbox.url}/direct/v1/{self.biller}"

    def inquire(self, number: str, **query: str) -> Account | str:
        answer = self.http.request("GET", f"{self.base}/subscribers/{number}/bills", fields=query, headers=SECRET)
        return account_from_json(answer.json()) if answer.status == 200 else str(answer.json()["code"])

    def order(self, number: str, bill: Bill, *, amount: int | None = None, version: str | None = None) -> Json:
        return {
            "bill": bill.ref,
            "subscriber": number,
            "amount": bill.open.minor if amount is None else amount,
            "version": version or bill.version,
            "currency": self.currency,
            "agent": "3000004021",
            "at": "2026-11-22T10:00:00+01:00",
        }

    def pay(self, reference: str, number: str, bill: Bill, *, amount: int | None = None, version: str | None = None) -> Heard:
        order = self.order(number, bill, amount=amount, version=version)
        return self.heard(self.http.request("POST", f"{self.base}/payments", json=order, headers=SECRET | {"Idempotency-Key": reference}))

    def status(self, reference: str) -> Heard:
        return self.heard(self.http.request("GET", f"{self.base}/payments/{reference}", headers=SECRET))

    def reverse(self, reference: str) -> Heard:
        return self.heard(self.http.request("POST", f"{self.base}/payments/{reference}/reversal", headers=SECRET))

    def heard(self, answer: urllib3.BaseHTTPResponse) -> Heard:
        said = answer.json()
        word = said.get("state") or {404: "never_seen", 409: "already_paid", 422: "rejected"}[answer.status]
        return Heard(
            word=word,
            why=said.get("code", said.get("reason", "")) if word != "never_seen" else "",
            reference=said.get("reference", ""),
            amount=Money(said["amount"], self.currency) if "amount" in said else None,
            biller_reference=said.get("biller_reference", ""),
            by_reference=said.get("by_reference", ""),
        )

    def day_file(self, date: str) -> list[Json] | None:
        answer = self.http.request("GET", f"{self.base}/days/{date}", headers=SECRET)
        if answer.status == 404:
            assert answer.json() == {"code": "not_yet"}
            return None
        return [json.loads(line) for line in answer.data.splitlines()]

    def raw(self, operation: str, reference: str, number: str, bill: Bill) -> urllib3.BaseHTTPResponse:
        if operation == "pay":
            headers = SECRET | {"Idempotency-Key": reference}
            return self.http.request("POST", f"{self.base}/payments", json=self.order(number, bill), headers=headers)
        address = {"inquiry": f"subscribers/{number}/bills", "status": f"payments/{reference}", "reverse": f"payments/{reference}/reversal"}
        return self.http.request("POST" if operation == "reverse" else "GET", f"{self.base}/{address[operation]}", headers=SECRET)


class BankDoor(Door):
    biller, currency = "millenicom", "TRY"

    def inquire(self, number: str, **query: str) -> Account | str:
        result = self.ask("Inquiry", subscriber=number, **query)
        return account_from_xml(result) if result.get("code") == "ok" else result.get("code", "")

    def order(self, reference: str, number: str, bill: Bill, *, amount: int | None = None, version: str | None = None) -> dict[str, str]:
        return {
            "reference": reference,
            "subscriber": number,
            "bill": bill.ref,
            "amount": amount_to_text(bill.open if amount is None else Money(amount, self.currency)),
            "currency": self.currency,
            "version": version or bill.version,
            "agent": "1000001042",
            "at": "2026-11-22T10:00:00+03:00",
        }

    def pay(self, reference: str, number: str, bill: Bill, *, amount: int | None = None, version: str | None = None) -> Heard:
        return self.heard(self.ask("Collect", **self.order(reference, number, bill, amount=amount, version=version)))

    def status(self, reference: str) -> Heard:
        return self.heard(self.ask("Status", reference=reference))

    def reverse(self, reference: str) -> Heard:
        return self.heard(self.ask("Reverse", reference=reference, reason="unknown"))

    def heard(self, result: ElementTree.Element) -> Heard:
        amount = result.get("amount")
        return Heard(
            word=result.get("code", ""),
            why=result.get("reason", ""),
            reference=result.get("reference", ""),
            amount=amount_from_text(amount, self.currency) if amount else None,
            biller_reference=result.get("bankReference", ""),
            by_reference=result.get("byReference", ""),
        )

    def day_file(self, date: str) -> list[Json] | None:
        result = self.ask("DayFile", date=date)
        if result.get("code") == "not_yet":
            return None
        lines = [dict(payment.attrib) for payment in result]
        return [line | {"amount": amount_from_text(line["amount"], self.currency).minor} for line in lines]

    def raw(self, operation: str, reference: str, number: str, bill: Bill) -> urllib3.BaseHTTPResponse:
        if operation == "pay":
            return self.send("Collect", **self.order(reference, number, bill))
        if operation == "inquiry":
            return self.send("Inquiry", subscriber=number)
        return self.send(operation.capitalize(), reference=reference)

    def ask(self, document: str, **attributes: str) -> ElementTree.Element:
        answer = self.send(document, **attributes)
        assert answer.status == 200, answer.data
        return ElementTree.fromstring(answer.data)

    def send(self, document: str, **attributes: str) -> urllib3.BaseHTTPResponse:
        element = ElementTree.Element(document, {"biller": self.biller} | attributes)
        headers = SECRET | {"Content-Type": "application/xml"}
        return self.http.request("POST", f"{self.sandbox.url}/bank/v1/collections", body=ElementTree.tostring(element), headers=headers)

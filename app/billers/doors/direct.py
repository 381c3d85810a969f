"""The direct door: JSON over HTTP (docs/biller-protocol.md). A status question settles what is unknown."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote

from app.billers.gateway import AccountClosed, Answer, BillerUnreachable, DayLine, Order, SubscriberNotFound, Verdict
from app.billing.bill import Account
from app.billing.codec import Unreadable, account_from_json
from app.errors import NotFound, Refusal
from app.money import Money
from app.outside import NoAnswer, NoPlace, NothingSent, Peer, Reply

NEVER_SEEN_IS_NO_AFTER = 15  # seconds: until then our own call may still be under way

Json = dict[str, Any]


class DirectDoor:
    on_unknown: Literal["ask", "reverse"] = "ask"

    def __init__(self, code: str, name: str, phone: str, *, url: str, secret: str, places: int) -> None:
        self.code, self.name, self.phone = code, name, phone
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self.peer = Peer(f"{url}/direct/v1/{code}", headers=headers, places=places)

    @contextmanager
    def place(self) -> Iterator[None]:
        try:
            with self.peer.place():
                yield
        except NoPlace as error:
            raise self.unreachable() from error

    def inquire(self, subscriber: str, *, period: str | None = None) -> Account:
        query = "?last=3" + (f"&period={quote(period)}" if period else "")
        reply = self._ask("GET", f"/subscribers/{quote(subscriber, safe='')}/bills{query}")
        match reply.status, read_json(reply).get("code"):
            case 200, _:
                try:
                    account = account_from_json(read_json(reply))
                except Unreadable as error:
                    raise self.unreachable() from error
                if account.subscriber.number != subscriber:
                    raise self.unreachable()
                return account
            case _:
                raise self.no_account(reply, subscriber)

    def pay(self, order: Order) -> Answer:
        body = {
            "bill": order.bill,
            "subscriber": order.subscriber,
            "amount": order.amount.minor,
            "version": order.version,
            "currency": order.amount.currency,
            "agent": order.agent,
            "at": order.at.isoformat(),
        }
        try:
            reply = self.peer.call("POST", "/payments", body=json.dumps(body).encode(), headers={"Idempotency-Key": order.reference})
        except NothingSent:
            return Answer(Verdict.NO, "unreachable")
        except NoAnswer:
            return Answer(Verdict.UNKNOWN, "no-answer")
        return judge(order, reply)

    def status(self, order: Order, *, seconds_since_sent: int) -> Answer:
        try:
            reply = self._ask("GET", f"/payments/{quote(order.reference, safe='')}")
        except BillerUnreachable:
            return Answer(Verdict.UNKNOWN, "no-answer")
        data = read_json(reply)
        if reply.status == 404 and data.get("code") == "never_seen":
            return Answer(Verdict.NO if seconds_since_sent >= NEVER_SEEN_IS_NO_AFTER else Verdict.UNKNOWN, "never_seen")
        if reply.status != 200 or data.get("reference") != order.reference:
            return Answer(Verdict.UNKNOWN, "unreadable")
        match data.get("state"):
            case "accepted":
                return judge_yes(order, data)
            case "rejected":
                return Answer(Verdict.NO, str(data.get("code") or "rejected")[:80])
            case "reversed":
                return Answer(Verdict.NO, "reversed")
            case "processing":
                return Answer(Verdict.UNKNOWN, "processing")
            case _:
                return Answer(Verdict.UNKNOWN, "unreadable")

    def reverse(self, order: Order, *, reason: str) -> Answer:
        try:
            reply = self._ask("POST", f"/payments/{quote(order.reference, safe='')}/reversal", {"reason": reason})
        except BillerUnreachable:
            return Answer(Verdict.UNKNOWN, "no-answer")
        data = read_json(reply)
        if reply.status != 200 or data.get("reference") != order.reference:
            return Answer(
                Verdict.UNKNOWN, "unreadable" if reply.status == 200 else str(data.get("code") or data.get("state") or reply.status)[:80]
            )
        if data.get("amount", order.amount.minor) != order.amount.minor:
            return Answer(Verdict.UNKNOWN, "another-amount")
        match data.get("state"):
            case "reversed":
                return Answer(Verdict.YES, biller_reference=str(data.get("biller_reference") or "")[:80])
            case "refused":
                return Answer(Verdict.NO, str(data.get("reason") or "refused")[:200])
            case _:
                return Answer(Verdict.UNKNOWN, "unreadable")

    def day(self, on: date) -> list[DayLine] | None:
        reply = self._ask("GET", f"/days/{on.isoformat()}")
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise self.unreachable()
        try:
            return [day_line(json.loads(line)) for line in reply.body.decode().splitlines() if line.strip()]
        except (ValueError, KeyError, TypeError) as error:
            raise self.unreachable() from error

    def dispute(self, *, subscriber: str, bill: str, reason: str) -> str:
        reply = self._ask("POST", f"/bills/{quote(bill, safe='')}/dispute", {"subscriber": subscriber, "reason": reason})
        match reply.status, read_json(reply).get("code"):
            case 201, _:
                return str(read_json(reply).get("reference") or "")
            case 404, "unknown_bill":
                raise NotFound
            case _:
                raise self.no_account(reply, subscriber)

    def charge(self, subscriber: str, *, reference: str, text: str, amount: Decimal) -> None:
        reply = self._ask(
            "POST", f"/subscribers/{quote(subscriber, safe='')}/charges", {"reference": reference, "text": text, "amount": f"{amount:.4f}"}
        )
        if reply.status != 201 or read_json(reply).get("reference") != reference:
            raise self.no_account(reply, subscriber)

    def switch_e_bill(self, subscriber: str, *, email: str) -> None:
        address = f"/subscribers/{quote(subscriber, safe='')}/e-bill"
        reply = self._ask("PUT", address, {"email": email}) if email else self._ask("DELETE", address)
        if reply.status != 204:
            raise self.no_account(reply, subscriber)

    def no_account(self, reply: Reply, subscriber: str) -> Refusal:
        """P-28: what an answer that is no yes says about the subscriber; if nothing, the biller counts as unreachable."""
        match reply.status, read_json(reply).get("code"):
            case 404, "unknown_subscriber":
                return SubscriberNotFound(biller=self.name, subscriber=subscriber)
            case 410, "account_closed":
                return AccountClosed(biller=self.name, subscriber=subscriber, phone=self.phone)
            case _:
                return self.unreachable()

    def unreachable(self) -> BillerUnreachable:
        return BillerUnreachable(biller=self.name, phone=self.phone)

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Reply:
        try:
            with self.peer.place():
                return self.peer.call(method, path, body=json.dumps(body).encode() if body is not None else None)
        except (NothingSent, NoAnswer) as error:
            raise self.unreachable() from error


def judge(order: Order, reply: Reply) -> Answer:
    """P-02: only what the protocol calls a yes or a no is one."""
    data = read_json(reply)
    code = str(data.get("code") or "")
    match reply.status, data.get("state"):
        case 201, "accepted":
            return judge_yes(order, data)
        case 202, _:
            return Answer(Verdict.UNKNOWN, "processing")
        case 409, _ if code == "already_paid":
            if data.get("by_reference") == order.reference:  # P-23: their record carries our reference
                return Answer(Verdict.YES, biller_reference=str(data.get("biller_reference") or "")[:80])
            return Answer(Verdict.NO, "already_paid")
        case 422, _ if code in ("amount_changed", "withdrawn", "closed", "unknown_subscriber", "not_allowed"):
            return Answer(Verdict.NO, code)
        case _:
            return Answer(Verdict.UNKNOWN, f"http-{reply.status}")


def judge_yes(order: Order, data: Json) -> Answer:
    if data.get("reference") != order.reference or data.get("amount") != order.amount.minor or type(data.get("amount")) is not int:
        return Answer(Verdict.UNKNOWN, "another-payment")
    return Answer(Verdict.YES, biller_reference=str(data.get("biller_reference") or "")[:80])


def read_json(reply: Reply) -> Json:
    """An object, or an empty one: whoever asks then finds nothing clear in it."""
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def day_line(data: Json) -> DayLine:
    return DayLine(
        reference=data["reference"],
        biller_reference=data["biller_reference"],
        subscriber=data["subscriber"],
        bill=data["bill"],
        amount=Money(data["amount"], data["currency"]),
        state=data["state"],
        at=datetime.fromisoformat(data["at"]),
    )

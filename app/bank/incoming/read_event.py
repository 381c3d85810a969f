"""
A statement in the neutral shape that a bank may push (docs/bank-push.md), and the one door for whatever is kept.

``{"event": …, "account": …, "opening": …, "closing": …, "bookings": [{"side": "credit", "amount": "500.00", …}]}``
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.bank.statement.read import read_statements
from app.bank.statement.statement import (
    LONGEST_RAW,
    LONGEST_TEXT,
    Booking,
    Side,
    Statement,
    Status,
    Unreadable,
    account_name,
    prove,
)
from app.errors import N_
from app.money import EXPONENTS
from app.remarks import Remark

FORMAT = "event"
BRACE = re.compile(rb"\s*\{(?![0-9]:)")
SUM = re.compile(r"-?[0-9]{1,15}\.[0-9]{2}")
MOST_BOOKINGS = 5000
KNOWN = {"side", "amount", "currency", "day", "value_date", "booked_at", "status", "reversal", "reference", "text", "name", "iban"}


class Wrong(Exception):
    """Which field, and what is wrong with it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def read_kept(raw: bytes, *, account: str = "") -> list[Statement]:
    """
    Of any file that we keep, whatever way it came.

    :param account: that somebody chose for it, since an export may name none

    :raises Unreadable: …
    """
    return [read_event(raw)] if is_event(raw) else read_statements(raw, account=account)


def is_event(raw: bytes) -> bool:
    """A SWIFT message may stand in braces too: ``{1:F01…}{4:``."""
    return BRACE.match(raw) is not None


def read_event(raw: bytes) -> Statement:
    """:raises Unreadable: naming the field that is wrong"""
    body = read_body(raw)
    try:
        rows = list_of(body, "bookings")
        bookings = tuple(booking_of(row, place) for place, row in enumerate(rows, start=1))
        opening, closing = optional_sum(body, "opening"), optional_sum(body, "closing")
        if (opening is None) != (closing is None):
            raise Wrong("closing")
        days = [booking.day for booking in bookings]
        return prove(
            Statement(
                format=FORMAT,
                account=account_name(text_in(body, "account", needed=True)),
                line=1,
                currency=bookings[0].currency if bookings else "",
                first_day=min(days, default=None),
                last_day=max(days, default=None),
                opening=opening,
                closing=closing,
                bookings=bookings,
            )
        )
    except Wrong as error:
        raise Unreadable(why=Remark.of(N_("The field {field} of the event is missing or wrong."), field=error.field)) from error


def read_body(raw: bytes) -> Mapping[str, Any]:
    """:raises Unreadable: if it is no JSON object"""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable(why=Remark.of(N_("It is no JSON."))) from error
    if not isinstance(body, dict):
        raise Unreadable(why=Remark.of(N_("It is no JSON.")))
    return body


def booking_of(row: object, place: int) -> Booking:
    where = f"bookings[{place}]"
    if not isinstance(row, dict):
        raise Wrong(where)
    if unknown := sorted(set(row) - KNOWN):
        raise Wrong(f"{where}.{unknown[0]}")
    try:
        amount = sum_in(text_in(row, "amount", needed=True))
        if amount < 0:
            raise Wrong("amount")
        currency = text_in(row, "currency", needed=True)
        if currency not in EXPONENTS and not re.fullmatch("[A-Z]{3}", currency):
            raise Wrong("currency")
        day = day_in(row, "day")
        text = text_in(row, "text")[:LONGEST_TEXT]
        reference = text_in(row, "reference")[:100]
        return Booking(
            line=place,
            side=Side(text_in(row, "side", needed=True)),
            amount=amount,
            currency=currency,
            day=day,
            value_date=day_in(row, "value_date") if "value_date" in row else day,
            booked_at=moment_in(row, "booked_at"),
            status=Status(text_in(row, "status") or "booked"),
            reversal=flag_in(row, "reversal"),
            reference=reference,
            text=text,
            sender_name=text_in(row, "name")[:200],
            sender_iban=account_name(text_in(row, "iban")),
            source=json.dumps(row, ensure_ascii=False, sort_keys=True)[:LONGEST_RAW],
        )
    except Wrong as error:
        raise Wrong(f"{where}.{error.field}") from error
    except ValueError as error:
        raise Wrong(where) from error


def list_of(body: Mapping[str, Any], name: str) -> list[object]:
    rows = body.get(name)
    if not isinstance(rows, list) or len(rows) > MOST_BOOKINGS:
        raise Wrong(name)
    return rows


def text_in(row: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    """Text without NUL and without half of a letter: what PostgreSQL can keep."""
    text = row.get(name, "")
    if not isinstance(text, str) or (needed and not text) or re.search(r"[\x00\ud800-\udfff]", text):
        raise Wrong(name)
    return text


def sum_in(text: str) -> int:
    if not SUM.fullmatch(text):
        raise Wrong("amount")
    return int(text.replace(".", ""))


def optional_sum(body: Mapping[str, Any], name: str) -> int | None:
    if body.get(name) is None:
        return None
    text = text_in(body, name)
    if not SUM.fullmatch(text):
        raise Wrong(name)
    return int(text.replace(".", ""))


def day_in(row: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(text_in(row, name, needed=True))
    except ValueError as error:
        raise Wrong(name) from error


def moment_in(row: Mapping[str, Any], name: str) -> datetime | None:
    text = text_in(row, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Wrong(name) from error
    if moment.tzinfo is None:
        raise Wrong(name)
    return moment


def flag_in(row: Mapping[str, Any], name: str) -> bool:
    flag = row.get(name, False)
    if not isinstance(flag, bool):
        raise Wrong(name)
    return flag

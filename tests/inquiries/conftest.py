"""Somebody who writes from away: a biller with a short number, an SMS gateway and a mailbox as the test says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import clock, db
from app.billing.bill import Account, Bill, Subscriber
from app.inquiries.answer_inquiries import OutsideIsAway
from app.inquiries.model import Inquiry
from app.inquiries.read_sms_inbox import Arrived, read_sms_inbox
from app.money import Money
from app.notifications.model import Message
from tests.conftest import Database
from tests.people import ScriptedBiller, at, open_biller

TEN = at("2026-11-23T10:00:00+03:00")
AYSE = "+994502003015"


def manat(minor: int) -> Money:
    return Money(minor, "AZN")


@dataclass
class SmsGateway:
    """The inbound side: what people wrote, by running number."""

    arrived: list[Arrived] = field(default_factory=list)
    away: bool = False

    def says(self, text: str, *, sender: str = AYSE, to: str = "650") -> None:
        self.arrived.append(Arrived(len(self.arrived) + 1, sender, to, text))

    def after(self, number: int) -> list[Arrived]:
        if self.away:
            raise OutsideIsAway("away")
        return [one for one in self.arrived if one.number > number]


class OneGateway:
    def __init__(self, *billers: ScriptedBiller) -> None:
        self.billers = {biller.record.code: biller for biller in billers}

    def of(self, record: object) -> ScriptedBiller:
        return self.billers[record.code]  # type: ignore[attr-defined]


def read_inbox(gateway: SmsGateway, *billers: ScriptedBiller) -> None:
    """The worker looks once."""
    read_sms_inbox(gateway, OneGateway(*billers), now=clock.now())  # type: ignore[arg-type]


def account(
    biller: ScriptedBiller, number: str, *bills: Bill, advance: int = 0, unbilled: int = 0, currency: str = "AZN", state: str = "active"
) -> str:
    """:param bills: the newest first"""
    subscriber = Subscriber(number, "A*** Y*****", state, unbilled=Money(unbilled, currency), advance=Money(advance, currency))
    biller.accounts[number] = Account(subscriber, bills)
    return number


def open_bill(biller: ScriptedBiller, minor: int, *, month: int = 10, currency: str = "AZN", **facts: object) -> Bill:
    """A bill of that month of 2026, with an amount of its own."""
    bill = biller.bill("1.00", subscriber="scratch")
    money = Money(minor, currency)
    first = at(f"2026-{month:02d}-01T00:00:00+00:00").date()
    changes: dict[str, object] = {
        "ref": f"A-{month}-{bill.ref}",
        "first_day": first,
        "last_day": first.replace(day=28),
        "issued_on": first + timedelta(days=31),
        "due_on": first + timedelta(days=60),
        "amount": money,
        "open": money,
        "past_due": Money(0, currency),
        "sections": (),
    }
    return replace(bill, **(changes | facts))  # type: ignore[arg-type]


def messages() -> list[Message]:
    with db.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def inquiries() -> list[Inquiry]:
    with db.reading() as session:
        return list(session.scalars(select(Inquiry).order_by(Inquiry.position, Inquiry.id)))


def outcomes() -> list[str | None]:
    return [inquiry.outcome for inquiry in inquiries()]


def open_azercell() -> ScriptedBiller:
    azercell = open_biller("azercell", sms_code="650", sms_price="0.0236")
    with db.transaction() as session:
        record = session.merge(azercell.record)
        record.market, record.name, record.phone = "AZ", "Azercell", "111"
        record.subscriber_pattern, record.subscriber_example = "(?:10|50|51)[0-9]{7}", "502003015"
        session.flush()
        session.refresh(record)
        session.expunge(record)
    azercell.record = record
    db._remembered.clear()
    return azercell


@pytest.fixture
def ten_o_clock(database: Database) -> Iterator[Callable[[datetime], None]]:
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller.move_to


@pytest.fixture
def azercell(ten_o_clock: object) -> ScriptedBiller:
    return open_azercell()


@pytest.fixture
def gateway() -> SmsGateway:
    return SmsGateway()

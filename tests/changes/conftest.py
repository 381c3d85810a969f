"""A shop with an owner and a cashier, and people of the institution who key in and decide."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock, db
from app.agents.model import Agent
from app.audit import AuditLine
from app.changes import papers
from app.changes.decide_change import decide_change
from app.changes.model import Change
from app.changes.request_change import Wish, request_change
from app.changes.withdraw_change import withdraw_change
from app.documents.clean_scan import CleanScan, clean_scan
from app.notifications.model import Message
from app.people.model import Person
from tests.conftest import Database
from tests.documents.uploads import photo
from tests.people import Shop, at, hire, open_shop

KEYS = (b"k" * 32,)
TEN = at("2026-11-23T10:00:00+03:00")
IBAN, OTHER_IBAN = "TR330006100519786457841326", "TR760006200000012340000629"


def ask(kind: str, by: Person, wanted: Mapping[str, Any] | None = None, *, keys: tuple[bytes, ...] = KEYS, **more: Any) -> Change:
    return request_change(Wish(kind=kind, by=name(by), wanted=wanted or {}, **more), keys=keys, now=clock.now())


def decide(change: Change, by: Person, *, granted: bool = True, reason: str = "", seen: str | None = None) -> Change:
    return decide_change(change.reference, granted=granted, reason=reason, seen=seen, by=name(by), now=clock.now())


def withdraw(change: Change, by: Person) -> Change:
    with db.transaction() as session:
        return withdraw_change(session, change.reference, by=name(by), now=clock.now())


def name(person: Person) -> str:
    return f"person:{person.id}"


def read(change: Change) -> Change:
    with db.reading() as session:
        return session.get_one(Change, change.id)


def agent(shop: Shop) -> Agent:
    with db.reading() as session:
        return session.get_one(Agent, shop.number)


def person(number: int) -> Person:
    with db.reading() as session:
        return session.get_one(Person, number)


def trail(event: str) -> list[AuditLine]:
    with db.reading() as session:
        return list(session.scalars(select(AuditLine).filter_by(event=event).order_by(AuditLine.id)))


def messages() -> dict[str, str]:
    with db.reading() as session:
        return {message.recipient: message.body for message in session.scalars(select(Message).order_by(Message.id))}


def tomorrow() -> date:
    return date(2026, 11, 24)


@pytest.fixture
def monday(database: Database) -> Iterator[Callable[[datetime], None]]:
    """It is ten o'clock; call it to make it another time."""
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller.move_to


@pytest.fixture
def shop(monday: object) -> Shop:
    return open_shop("1000001042")


@pytest.fixture
def cashier(shop: Shop) -> Person:
    return hire("cashier", shop=shop, name="Mehmet Kaya")


@pytest.fixture
def operator(monday: object) -> Person:
    return hire("operator", name="Burak Demir")


@pytest.fixture
def admin(monday: object) -> Person:
    return hire("approver", name="Deniz Aydın")


@pytest.fixture
def second_admin(monday: object) -> Person:
    return hire("approver", name="Selin Koç")


@pytest.fixture(scope="session")
def small_scan() -> CleanScan:
    return clean_scan(photo(size=(60, 40)), field="form", watermark="test")


@pytest.fixture(autouse=True)
def quick_scans(small_scan: CleanScan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making scans anew has its own tests."""
    monkeypatch.setattr(papers, "clean_scan", lambda content, **rest: small_scan)

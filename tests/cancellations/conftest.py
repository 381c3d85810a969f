"""A Monday in Istanbul: a shop with money, a biller, and people of the institution who decide."""

from collections.abc import Callable, Iterator
from datetime import datetime, time

import pytest
import time_machine

from app import clock, db
from app.cancellations import request_cancellation as requesting
from app.cancellations.decide_cancellation import decide_cancellation
from app.cancellations.model import Cancellation
from app.cancellations.report_cancellations import report_cancellations
from app.cancellations.request_cancellation import Wish, request_cancellation
from app.cancellations.self_check import CHECKS
from app.collections.model import Payment
from app.documents.clean_scan import CleanScan, clean_scan
from app.ledger import self_check
from app.people.add_person import add_person
from app.people.model import Person
from tests.conftest import Database
from tests.documents.uploads import photo
from tests.people import PASSWORD, ScriptedBiller, Shop, at, open_biller, open_shop

KEYS = (b"k" * 32,)
TEN = at("2026-11-23T10:00:00+03:00")
LAST_MOMENT = at("2026-11-23T16:59:59.999999+03:00")
FIVE = at("2026-11-23T17:00:00+03:00")


def hire(role: str, phone: str, *, name: str = "Zeynep Demir", by: str = "test") -> Person:
    with db.transaction() as session:
        return add_person(session, agent=None, role=role, name=name, phone=phone, password=PASSWORD, by=by, now=clock.now())


def wish(payment: Payment, shop: Shop, **other: object) -> Wish:
    said = {
        "reason": "Wrong subscriber",
        "form": b"form",
        "identity": b"card",
        "by": shop.by,
        "agent": shop.number,
        "dekont_at": "/dekont",
    } | other
    return Wish(payment=payment.reference, **said)  # type: ignore[arg-type]


def ask(payment: Payment, shop: Shop, *, override: time | None = None, **other: object) -> Cancellation:
    return request_cancellation(wish(payment, shop, **other), keys=KEYS, override=override)


def decide(cancellation: Cancellation, person: Person, *, granted: bool = True, reason: str = "") -> Cancellation:
    with db.transaction() as session:
        return decide_cancellation(session, cancellation.id, granted=granted, reason=reason, by=f"person:{person.id}", now=clock.now())


def read(cancellation: Cancellation) -> Cancellation:
    with db.reading() as session:
        return session.get_one(Cancellation, cancellation.id)


class OneGateway:
    def __init__(self, *billers: ScriptedBiller) -> None:
        self.billers = {biller.record.code: biller for biller in billers}

    def of(self, record: object) -> ScriptedBiller:
        return self.billers[record.code]  # type: ignore[attr-defined]


def report(*billers: ScriptedBiller) -> None:
    """The worker looks once."""
    report_cancellations(OneGateway(*billers), now=clock.now())  # type: ignore[arg-type]


@pytest.fixture
def monday(database: Database) -> Iterator[Callable[[datetime], None]]:
    """It is ten o'clock; call it to make it another time."""
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller.move_to


@pytest.fixture
def millenicom(monday: object) -> ScriptedBiller:
    return open_biller(desk="Büyükdere Cad. 121, Şişli / İstanbul")


@pytest.fixture
def shop(monday: object) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


@pytest.fixture
def payment(shop: Shop, millenicom: ScriptedBiller) -> Payment:
    return shop.pays(millenicom, millenicom.bill("120.50"), customer_phone="+905321234567")


@pytest.fixture
def admin(monday: object) -> Person:
    return hire("approver", "05340000001")


@pytest.fixture
def second_admin(monday: object) -> Person:
    return hire("approver", "05340000002", name="Kemal Öz")


@pytest.fixture(scope="session")
def small_scan() -> CleanScan:
    return clean_scan(photo(size=(60, 40)), field="identity", watermark="test")


@pytest.fixture(autouse=True)
def quick_scans(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making scans anew has its own tests; here one of them really does it (marker ``real_scans`` in its name)."""
    if "real_scans" not in request.node.name:
        scan = request.getfixturevalue("small_scan")
        monkeypatch.setattr(requesting, "clean_scan", lambda content, **rest: scan)


@pytest.fixture(autouse=True)
def our_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``create_app`` registers them."""
    monkeypatch.setattr(self_check, "CHECKS", [*self_check.CHECKS, *CHECKS])

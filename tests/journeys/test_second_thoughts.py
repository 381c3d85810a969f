"""The third journey of money over real HTTP, with web, worker and sandbox in processes of their own (C-01 … C-06)."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from app.people.model import Person
from tests.conftest import Database
from tests.documents.uploads import photo
from tests.journeys.house import Answer, House, Till, at_once, open_house
from tests.people import PASSWORD, Shop, book_is_right, hire, lira, open_shop

MILLENICOM = "millenicom"
Fields = Mapping[str, str | tuple[str, bytes, str]]
CLOCK = "2026-11-23T10:00:00+03:00"  # a Monday, long before the cut-off


@dataclass
class Second:
    """A house, a shop that has paid a bill, and its request."""

    house: House
    shop: Shop
    till: Till
    payment: dict[str, Any]

    def asks(self) -> Answer:
        card = ("card.jpg", photo(colour="blue"), "image/jpeg")
        fields: Fields = {"reason": "Paid twice", "form": ("form.jpg", photo(), "image/jpeg"), "identity": card}
        path = f"{self.house.url}/api/v1/payments/{self.payment['reference']}/cancellation"
        reply = self.till.http.request("POST", path, fields=fields, headers={"Authorization": f"Bearer {self.till.token}"})
        return Answer(reply.status, reply.json())

    def state(self, number: int) -> str:
        return str(self.till.call("GET", f"/cancellations/{number}").data["state"])

    def effects(self) -> list[str]:
        return [effect["state"] for effect in self.house.sandbox.control.effects(MILLENICOM, reference=self.payment["reference"])]

    def papers(self) -> int:
        path = f"{self.house.url}/api/v1/payments/{self.payment['reference']}/dekont"
        return self.till.http.request("GET", path, headers={"Authorization": f"Bearer {self.till.token}"}).status


@pytest.fixture
def second(database: Database, tmp_path: Path) -> Iterator[Second]:
    with open_house(database.config, tmp_path, GISE_CLOCK=f"{CLOCK}@{int(time.time())}") as house:
        shop = open_shop("1000001042")
        shop.topped_up("500.00")
        control, till = house.sandbox.control, house.till(shop)
        subscriber = control.plain_subscriber(MILLENICOM)
        ref = control.bill(MILLENICOM, subscriber, 12050)
        bill = next(bill for bill in till.look_up(MILLENICOM, subscriber) if bill["ref"] == ref)
        paid = till.pay(MILLENICOM, subscriber, bill, key="one")
        assert paid.status == 201
        yield Second(house, shop, till, paid.data)


def desk_of(house: House, person: Person) -> Till:
    http = urllib3.PoolManager(maxsize=64, retries=False, timeout=30)
    reply = http.request("POST", f"{house.url}/api/v1/tokens", json={"phone": person.phone, "password": PASSWORD})
    return Till(house.url, reply.json()["token"], http)


def wait_until(is_so: Callable[[], bool], *, seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds
        time.sleep(0.1)
    return time.monotonic() - began


def test_paid_asked_granted_reported_and_back(second: Second) -> None:
    """C-04, C-05: reported within ten seconds; the biller's effect is reversed and the money is back"""
    second.house.start_worker()
    asked = second.asks()
    assert (asked.status, asked.data["state"]) == (201, "asked")
    number = asked.data["id"]
    assert second.effects() == ["accepted"]

    granted = desk_of(second.house, hire("approver")).call("POST", f"/cancellations/{number}/decision", {"granted": True})

    assert granted.status == 200
    assert wait_until(lambda: second.state(number) == "done", seconds=20) < 10
    assert second.effects() == ["reversed"]
    assert second.shop.balance == lira("500.00")
    assert second.till.call("GET", f"/payments/{second.payment['reference']}").data["state"] == "cancelled"
    assert second.papers() == 409, "what is cancelled has no dekont"
    assert book_is_right()


def test_refused_by_the_biller_there_is_a_dekont(second: Second) -> None:
    """C-06"""
    second.house.start_worker()
    second.house.sandbox.control.fault(MILLENICOM, "reverse", "refuse")
    number = second.asks().data["id"]
    desk_of(second.house, hire("approver")).call("POST", f"/cancellations/{number}/decision", {"granted": True})

    wait_until(lambda: second.state(number) == "refused", seconds=20)

    assert second.effects() == ["accepted"]
    assert second.shop.balance == lira("379.50")
    assert second.papers() == 200
    assert book_is_right()


def test_twenty_decisions_at_once_are_one(second: Second) -> None:
    """C-03, C20: one outcome; nineteen learn who and when"""
    number = second.asks().data["id"]
    desks = [desk_of(second.house, hire("approver", name=f"Zeynep {letter}")) for letter in "ABCD"]

    def decide(turn: int) -> Answer:
        body = {"granted": turn % 2 == 0, "reason": "not signed"}
        return desks[turn % len(desks)].call("POST", f"/cancellations/{number}/decision", body)

    answers = at_once(decide, list(range(20)))

    assert Counter(answer.status for answer in answers) == {200: 1, 409: 19}
    (first,) = (answer.data for answer in answers if answer.status == 200)
    assert {answer.data["facts"]["who"] for answer in answers if answer.status == 409} == {first["decided_by"]}
    assert second.state(number) == first["state"]


def test_twenty_requests_at_once_are_one(second: Second) -> None:
    answers = at_once(lambda _: second.asks(), [None] * 20)
    statuses = Counter(answer.status for answer in answers)
    assert statuses[201] == 1
    assert set(statuses) <= {201, 409, 503}, "a crowd at the clean room may be asked to try again"

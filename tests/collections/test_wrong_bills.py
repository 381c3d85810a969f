"""
A carrier that sends a wrong line is caught on screen and in ``/exceptions``, and paying it asks for an explicit override: through
the real doors, at all four carriers, by page and by API.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.demo import demo_billers
from app.people import sessions
from app.people.model import Person
from tests.people import Shop, hire, open_shop
from tests.sandbox_process import Sandbox, running_sandbox

MARKETS = {"millenicom": "TR", "azercell": "AZ", "masmovil": "ES", "vodafone-hu": "HU"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def token_of(person: Person, *, kind: str) -> str:
    with db.transaction() as session:
        session.get_one(Person, person.id).language = "en"
        return sessions.begin(session, person, kind=kind, address="127.0.0.1", now=clock.now())[0]


@dataclass
class Case:
    """A shop at one carrier, and a subscriber whose bill will come with a wrong line."""

    app: Flask
    sandbox: Sandbox
    biller: str
    shop: Shop
    subscriber: str
    ref: str

    def lie(self, times: int = 1) -> None:
        self.sandbox.control.fault(self.biller, "inquiry", "wrong_line", times=times, subscriber=self.subscriber)

    def browser(self, person: Person | None = None) -> FlaskClient:
        client = self.app.test_client()
        client.set_cookie("gise", token_of(person or self.shop.owner, kind="browser"))
        return client

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {token_of(self.shop.owner, kind='api')}"}

    @property
    def booked(self) -> list[str]:
        return [effect["bill"] for effect in self.sandbox.control.effects(self.biller) if effect["bill"] == self.ref]


@pytest.fixture(params=MARKETS)
def case(request: pytest.FixtureRequest, app: Flask, sandbox: Sandbox) -> Case:
    with db.transaction() as session:
        for record in demo_billers():
            record.url = sandbox.url
            session.add(record)
    shop = open_shop(market=MARKETS[request.param])
    shop.topped_up("50000.00")
    subscriber = sandbox.control.plain_subscriber(request.param)
    return Case(app, sandbox, request.param, shop, subscriber, sandbox.control.bill(request.param, subscriber, 120500))


def exceptions(case: Case) -> list[dict[str, str]]:
    answer = case.app.test_client().get("/api/v1/exceptions", headers={"Authorization": f"Bearer {token_of(hire('auditor'), kind='api')}"})
    return [item for item in answer.get_json()["items"] if item["kind"] == "bill.does-not-add-up" and item["ref"] == case.ref]


def test_by_page(case: Case) -> None:
    client = case.browser()
    case.lie()
    page = client.get(f"/bills/{case.biller}/{case.subscriber}/{case.ref}").get_data(as_text=True)
    assert "This bill does not add up. The difference is 0.01" in page

    (told,) = exceptions(case)
    assert "does not add up, by 0.01" in told["sentence"] and told["link"].startswith(f"/bills/{case.biller}/{case.subscriber}/{case.ref}")
    assert told["sentence"] in case.browser(hire("operator")).get("/exceptions").get_data(as_text=True)

    confirm = client.get(f"/payments/new?biller={case.biller}&subscriber={case.subscriber}&bill={case.ref}").get_data(as_text=True)
    assert 'name="confirmed" value="does-not-add-up" required' in confirm
    form = dict(re.findall(r'name="((?:bills-0-|biller|subscriber|csrf_token)[^"]*)" value="([^"]*)"', confirm))
    refused = client.post("/payments", data=form, follow_redirects=True)
    assert "confirm that it is paid all the same" in refused.get_data(as_text=True) and case.booked == []

    form["bills-0-key"] += "2"
    paid = client.post("/payments", data=form | {"confirmed": "does-not-add-up"}, follow_redirects=True)
    assert paid.status_code == 200 and case.booked == [case.ref]

    client.get(f"/bills?subscriber={case.subscriber}&biller={case.biller}")
    (righted,) = exceptions(case)
    assert "it was right again on" in righted["sentence"]


def test_by_api(case: Case) -> None:
    client, headers = case.app.test_client(), case.bearer
    case.lie()
    found = client.post("/api/v1/inquiries", json={"biller": case.biller, "subscriber": case.subscriber}, headers=headers).get_json()
    bill = next(bill for bill in found["bills"] if bill["ref"] == case.ref)
    assert bill["flags"] == ["does-not-add-up"]
    assert len(exceptions(case)) == 1

    body = {"biller": case.biller, "subscriber": case.subscriber, "bill": case.ref, "amount": bill["open"], "version": bill["version"]}
    refused = client.post("/api/v1/payments", json=body, headers=headers | {"Idempotency-Key": f"{case.ref}-1"})
    assert refused.status_code == 409 and refused.get_json()["type"].endswith("/must-confirm")
    assert refused.get_json()["facts"]["confirm"] == ["does-not-add-up"] and case.booked == []

    confirmed = body | {"confirmed": ["does-not-add-up"]}
    paid = client.post("/api/v1/payments", json=confirmed, headers=headers | {"Idempotency-Key": f"{case.ref}-2"})
    assert paid.status_code == 201 and case.booked == [case.ref]


def test_what_the_carrier_really_bills_adds_up(case: Case) -> None:
    """No false alarm: everything the sandbox's carriers have on their shelves"""
    client, headers = case.app.test_client(), case.bearer
    for one in case.sandbox.control.subscribers(case.biller)[:40]:
        answer = client.post("/api/v1/inquiries", json={"biller": case.biller, "subscriber": one["number"]}, headers=headers)
        for bill in answer.get_json().get("bills", []):
            assert "does-not-add-up" not in bill["flags"], bill
    assert exceptions(case) == []

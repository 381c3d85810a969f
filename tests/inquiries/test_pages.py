"""At the counter: how bills reach the customer, the e-bill's switch, and what is refused (product.md §11)."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.billers.gateways import Gateways
from app.inquiries.model import EBill
from app.web import parts
from tests.inquiries.conftest import OneGateway, account, open_azercell, open_bill
from tests.inquiries.test_e_bill import records
from tests.people import PASSWORD, ScriptedBiller, Shop, hire, open_shop

PAGE = "/bills?biller=azercell&subscriber=502003015"
E_BILL = "/bills/azercell/502003015/e-bill"


@pytest.fixture
def azercell(app: Flask) -> Iterator[ScriptedBiller]:
    biller = open_azercell()
    account(biller, "502003015", open_bill(biller, 18_40))
    made = app.extensions[parts.PLACE]
    before, made[Gateways] = made[Gateways], OneGateway(biller)
    yield biller
    made[Gateways] = before


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop(market="AZ")


def signed_in(client: FlaskClient, phone: str) -> FlaskClient:
    token = token_on(client.get("/session").text)
    assert client.post("/session", data={"phone": phone, "password": PASSWORD, "csrf_token": token}).status_code == 303
    client.post("/language", data={"language": "en", "csrf_token": token_on(client.get("/help").text)})
    return client


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def press(client: FlaskClient, address: str, **fields: str) -> str:
    page = client.get(PAGE).text
    return client.post(address, data=fields | {"csrf_token": token_on(page)}, follow_redirects=True).text


def test_on_and_off_again(client: FlaskClient, azercell: ScriptedBiller, shop: Shop) -> None:
    signed_in(client, shop.owner.phone)
    page = client.get(PAGE).text
    assert 'name="email"' in page and 'name="consent"' in page and "650" in page and "0.0236" in page
    page = press(client, E_BILL, email="ayse@example.com", consent="y")
    assert "a***@e***.com" in page and "ayse@example.com" not in page and 'name="email"' not in page
    (e_bill,) = records()
    assert (e_bill.agent, e_bill.consent_by) == (shop.number, shop.by)
    page = press(client, f"{E_BILL}/end")
    assert 'name="email"' in page and records()[0].off_by == shop.by and azercell.e_bills == {"502003015": ""}


@pytest.mark.parametrize("fields", [{"email": "ayse@example.com"}, {"email": "ayse", "consent": "y"}, {"consent": "y"}])
def test_without_consent_or_address_it_stays_off(client: FlaskClient, azercell: ScriptedBiller, shop: Shop, fields: dict[str, str]) -> None:
    press(signed_in(client, shop.owner.phone), E_BILL, **fields)
    assert records() == []


def test_the_right_address_is_asked_for_at_each_visit_until_it_is_there(client: FlaskClient, azercell: ScriptedBiller, shop: Shop) -> None:
    signed_in(client, shop.owner.phone)
    press(client, E_BILL, email="ayse@example.com", consent="y")
    with db.transaction() as session:
        session.get_one(EBill, records()[0].id).bounced_at = clock.now()
    for _ in range(2):
        page = client.get(PAGE).text
        assert "<details" in page and " open>" in page and "alert-danger" in page and 'name="email"' in page
    page = press(client, E_BILL, email="a@example.com", consent="y")
    assert "alert-danger" not in page


@pytest.mark.parametrize("kind", ["post", "fax"])
def test_post_and_fax_are_refused_with_reason_and_alternatives(
    client: FlaskClient, azercell: ScriptedBiller, shop: Shop, kind: str
) -> None:
    from datetime import date

    azercell.record.paper_ended_on = date(2020, 1, 25)
    with db.transaction() as session:
        session.merge(azercell.record)
    db._remembered.clear()
    page = press(signed_in(client, shop.owner.phone), "/bills/azercell/502003015/delivery", kind=kind)
    assert "25.01.2020" in page and "650" in page and "/bills?biller=azercell&amp;subscriber=502003015" in page


def test_a_way_that_is_not_offered(client: FlaskClient, azercell: ScriptedBiller, shop: Shop) -> None:
    signed_in(client, shop.owner.phone)
    token = token_on(client.get(PAGE).text)
    assert client.post("/bills/azercell/502003015/delivery", data={"kind": "pigeon", "csrf_token": token}).status_code == 422


def test_support_sees_how_it_stands_and_switches_nothing(client: FlaskClient, azercell: ScriptedBiller, shop: Shop) -> None:
    page = signed_in(client, hire("support").phone).get(PAGE).text
    assert 'id="delivery"' in page and 'name="email"' not in page and E_BILL not in page


def test_another_market_s_biller_is_not_found(client: FlaskClient, azercell: ScriptedBiller) -> None:
    signed_in(client, open_shop().owner.phone)
    token = token_on(client.get("/").text)
    for address in (E_BILL, f"{E_BILL}/end", "/bills/azercell/502003015/delivery"):
        assert client.post(address, data={"csrf_token": token, "email": "a@example.com", "consent": "y", "kind": "post"}).status_code == 404


def test_no_switch_without_its_token(client: FlaskClient, azercell: ScriptedBiller, shop: Shop) -> None:
    """C3"""
    signed_in(client, shop.owner.phone)
    assert client.post(E_BILL, data={"email": "a@example.com", "consent": "y"}).status_code == 400 and records() == []

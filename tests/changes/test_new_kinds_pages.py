"""The pages of a shop's beginning and end, and of postings by hand: on the screen and by the API."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from app import clock, db
from app.agents.model import Agent
from app.changes.close_shop import close_shops
from app.people.model import Person
from tests.bank.bank import IBAN, books, transfer
from tests.cancellations.test_api import Machine, problem
from tests.cancellations.test_pages import Browser, file, shown
from tests.changes.conftest import ask, decide
from tests.changes.test_agent_new import WANTED
from tests.changes.test_pages import form_on
from tests.changes.test_termination import TO, payout, terminate, to_the_bank
from tests.people import Shop, book_is_right, hire, lira, open_shop


@pytest.fixture
def rich(monday: object, app: Flask, shop: Shop) -> Shop:
    shop.topped_up("500.00")
    with db.transaction() as session:
        session.execute(update(Agent).values(iban=TO))
    return shop


def test_a_shop_ends_on_the_screen(rich: Shop, app: Flask, operator: Person, admin: Person) -> None:
    owner, desk, clerk = Browser(app, rich.owner.phone), Browser(app, admin.phone), Browser(app, operator.phone)
    page = owner.reads("/changes/new/termination")
    assert "The balance is 500.00 TL now" in page
    address = owner.send("/changes/new/termination", iban=TO, **form_on(page)).headers["Location"]
    page = desk.reads(address)
    assert "The balance is 500.00 TL now" in page
    assert desk.send(f"{address}/decision", granted="yes", **form_on(page)).status_code == 303

    assert owner.get("/").status_code == 302
    assert "500.00" in owner.reads("/balance")
    assert owner.get("/bills?biller=millenicom&subscriber=5301234567").status_code == 403
    answer = owner.get(f"{address}/final-statement")
    assert (answer.mimetype, answer.data[:4]) == ("application/pdf", b"%PDF")

    assert payout().reference in clerk.reads("/returns")
    batch = clerk.send("/returns", iban=IBAN, deposit=payout().reference).headers["Location"]
    page = desk.reads(batch)
    assert payout().reference in page
    seen = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    assert desk.send(f"{batch}/decision", granted="yes", seen=seen).status_code == 303
    assert payout().reference.encode() in clerk.send(f"{batch}/file", format="csv").data
    books(transfer("500.00", payout().reference, side="debit"))
    close_shops(clock.now())

    assert owner.client.get("/balance").status_code == 303, "the login has ended"
    page = desk.reads(f"/agents/{rich.number}")
    for fact in ("Closed", "Paid to the shop", payout().reference, "Final statement"):
        assert fact in page
    page = desk.reads(batch)
    assert "Paid to the shop" in page and "Booked by the bank" in page
    assert book_is_right()


def test_a_payout_without_its_number_and_one_that_comes_back(rich: Shop, app: Flask, operator: Person, admin: Person) -> None:
    """Said by the operator, agreed to by the approver; then it comes back, and the way on stands on the deposit and on the shop's page"""
    terminate(rich, admin)
    desk, clerk = Browser(app, admin.phone), Browser(app, operator.phone)
    to_the_bank(operator, admin)
    books(transfer("500.00", "GIDEN EFT", side="debit"))
    page = clerk.reads("/returns/1")
    (booking,) = re.findall(r'name="booking" value="([0-9]+)"', page)
    asked = f"/returns/1/payouts/{payout().reference}/debit"
    assert clerk.send(asked, booking=booking, note="").status_code == 422
    assert clerk.send(asked, booking=booking, note="the bank's letter").status_code == 303
    assert "/debits/" not in clerk.reads("/returns/1"), "who says it does not agree to it"
    page = desk.reads("/returns/1")
    (address,) = set(re.findall(r'action="(/returns/1/debits/[0-9]+/decision)"', page))
    seen = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    assert desk.send(address, granted="yes", seen=seen).status_code == 303
    close_shops(clock.now())

    books(transfer("500.00", f"IADE {payout().reference}"))
    page = clerk.reads(f"/agents/{rich.number}")
    assert "Sent back by the bank" in page
    (way,) = re.findall(r'href="(/changes/new/payout-again[^"]*)"', page)
    deposit = re.findall(r"deposit=(D[0-9A-Z-]+)", way)[0]
    assert "Pay it out again" in clerk.reads(f"/deposits/{deposit}")
    page = clerk.reads(unescape(way))
    assert f'value="{deposit}"' in page
    answer = clerk.send("/changes/new/payout-again?agent=" + rich.number, deposit=deposit, iban=TO, reason="works now", **form_on(page))
    page = desk.reads(answer.headers["Location"])
    assert desk.send(f"{answer.headers['Location']}/decision", granted="yes", **form_on(page)).status_code == 303
    assert "To pay from" in clerk.reads("/returns")
    assert book_is_right()


def test_another_shop_sees_no_final_statement(rich: Shop, app: Flask, admin: Person) -> None:
    change = decide(ask("termination", rich.owner), admin)
    stranger = Browser(app, open_shop("1000009999").owner.phone)
    assert stranger.get(f"/changes/{change.reference}/final-statement").status_code == 404
    other = ask("agent-information", open_shop("1000009998").owner, {"name": "X"})
    assert Browser(app, admin.phone).get(f"/changes/{other.reference}/final-statement").status_code == 404


def test_a_shop_is_taken_on_on_the_screen(monday: object, app: Flask, operator: Person, admin: Person, second_admin: Person) -> None:
    clerk, desk, second = Browser(app, operator.phone), Browser(app, admin.phone), Browser(app, second_admin.phone)
    assert "Take a shop on" in clerk.reads("/agents")
    page = clerk.reads("/changes/new/agent-new")
    scans = {name: file() for name in ("contract", "tax-plate", "signature-circular", "identity")}
    answer = sent(clerk, WANTED | {"iban": "TR1"} | form_on(page) | scans)
    assert answer.status_code == 422
    assert "This is no IBAN" in shown(answer)
    scans = {name: file() for name in ("contract", "tax-plate", "signature-circular", "identity")}
    address = sent(clerk, WANTED | form_on(page) | scans).headers["Location"]
    assert "Proof of the IBAN" in clerk.reads(address)
    assert clerk.send(f"{address}/papers", **{"iban-proof": file()}).status_code == 303
    for decider in (desk, second):
        page = decider.reads(address)
        assert decider.send(f"{address}/decision", granted="yes", **form_on(page)).status_code == 303
    page = desk.reads(address)
    assert "The shop has number 1000000001" in page
    assert desk.send(f"{address}/scans/contract", reason="audit").status_code == 200
    page = Browser(app, hire("auditor").phone).reads("/agents/1000000001")
    for fact in ("Papers on file", "Tax plate", "Until 20 Dec 2026", "Nobody has looked at it", "Seen 1 time", "audit"):
        assert fact in page


def test_a_posting_by_the_api(rich: Shop, app: Flask, operator: Person, admin: Person, second_admin: Person) -> None:
    """contract.md §5: GET/POST /changes, kind manual-posting; amounts in minor units"""
    clerk = Machine(app, operator.phone)
    wanted = {"direction": "from-agent", "amount": 12_345, "document_number": "BANK-77"}
    made = clerk.call("POST", "/changes", json={"kind": "manual-posting", "agent": rich.number, "wanted": wanted, "reason": "letter"})
    assert made.status_code == 201, made.get_json()
    assert (made.get_json()["state"], made.get_json()["missing"], made.get_json()["persons_needed"]) == ("incomplete", ["document"], 2)
    address = f"/changes/{made.get_json()['id']}"
    assert problem(clerk.call("POST", f"{address}/papers", data={"x": "1"}, content_type="multipart/form-data")) == (422, "invalid")
    there = clerk.call("POST", f"{address}/papers", data={"document": file()}, content_type="multipart/form-data")
    assert (there.status_code, there.get_json()["state"], there.get_json()["missing"]) == (200, "asked", [])
    for decider, state in ((admin, "approved-once"), (second_admin, "applied")):
        assert Machine(app, decider.phone).call("POST", f"{address}/decision", json={"granted": True}).get_json()["state"] == state
    assert rich.balance == lira("376.55")


def test_a_termination_by_the_api(rich: Shop, app: Flask, admin: Person) -> None:
    made = Machine(app, rich.owner.phone).call("POST", "/changes", json={"kind": "termination", "wanted": {}})
    assert (made.status_code, made.get_json()["state"]) == (201, "asked")
    done = Machine(app, admin.phone).call("POST", f"/changes/{made.get_json()['id']}/decision", json={"granted": True})
    assert (done.get_json()["state"], done.get_json()["outcome"]) == ("applied", {"state": "closing"})
    assert payout().rest == lira("500.00")


def sent(browser: Browser, fields: dict[str, Any]) -> TestResponse:
    """One of its fields is called address."""
    data = fields | {"csrf_token": browser.token()}
    return browser.client.post("/changes/new/agent-new", data=data, content_type="multipart/form-data")

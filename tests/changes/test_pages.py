"""The pages of changes: asked for by the owner, keyed in by an operator, decided in the queue, seen on the record."""

import re
from io import BytesIO
from typing import Any

import pypdf
import pytest
from flask import Flask

from app.changes.model import Change, State
from app.people.model import Person
from tests.cancellations.test_api import Machine, problem
from tests.cancellations.test_pages import Browser, file, shown
from tests.changes.conftest import IBAN, agent, ask, decide, name, read, trail
from tests.changes.test_request_change import NEWCOMER
from tests.people import Shop, hire, open_shop


@pytest.fixture
def owner(monday: object, app: Flask, shop: Shop) -> Browser:
    return Browser(app, shop.owner.phone)


@pytest.fixture
def desk(monday: object, app: Flask, admin: Person) -> Browser:
    return Browser(app, admin.phone)


def form_on(page: str) -> dict[str, str]:
    """What the hidden fields say."""
    return dict(re.findall(r'type="hidden" name="(version|seen)" value="([^"]*)"', page))


def test_an_owner_asks_and_an_approver_grants(owner: Browser, desk: Browser, shop: Shop) -> None:
    page = owner.reads("/changes/new/person-add")
    answer = owner.send("/changes/new/person-add", **NEWCOMER, **form_on(page))
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert address.split("/")[-1] in owner.reads("/persons"), "pending on the record that it would change"

    page = desk.reads(address)
    for fact in ("Can Er", "0535 111 22 33", "Cashier", "One person approves it", shop.number, "Waits for a decision"):
        assert fact in page
    assert desk.send(f"{address}/decision", granted="yes", **form_on(page)).status_code == 303

    assert "Can Er" in owner.reads("/persons")
    assert "Done" in desk.reads(address)


def test_what_is_wrong_stands_beside_its_field(owner: Browser, shop: Shop) -> None:
    said = {"name": "Kızılay İletişim", "iban": "TR1", "tax_number": "1"} | form_on(owner.reads("/changes/new/agent-information"))
    answer = owner.send("/changes/new/agent-information", effective_on="2026-02-30", **said)
    assert answer.status_code == 422
    assert "This is no day." in shown(answer)
    answer = owner.send("/changes/new/agent-information", **said)
    assert answer.status_code == 422
    for sentence in ("This is no IBAN", "neither a VKN", 'value="TR1"'):
        assert sentence in shown(answer)


def test_an_operator_keys_a_paper_in(monday: object, app: Flask, desk: Browser, shop: Shop, operator: Person) -> None:
    """C-08: the scan is for who uploaded it and who decides, each look with a reason; others see who looked"""
    clerk, auditor = Browser(app, operator.phone), Browser(app, hire("auditor").phone)
    address = f"/changes/new/agent-information?agent={shop.number}"
    assert "Which owner signed the paper" in clerk.reads(address)
    said: dict[str, Any] = {
        "name": "Kızılay İletişim",
        "legal_name": "Kızılay Ltd.",
        "login_phone": shop.owner.phone,
        "person": str(shop.owner.id),
    }
    said |= {"on_behalf_of": str(shop.owner.id)} | form_on(clerk.reads(address))
    change = clerk.send(address, **said).headers["Location"]
    assert "Papers are missing" in clerk.reads(change)
    assert clerk.send(f"{change}/papers", form=file()).status_code == 303
    assert "Waits for a decision" in clerk.reads(change)

    assert auditor.send(f"{change}/scans/form", reason="curious").status_code == 404
    assert desk.send(f"{change}/scans/form", reason="").status_code == 422
    assert "data:image/jpeg;base64," in shown(desk.send(f"{change}/scans/form", reason="to decide"))
    assert "to decide" in auditor.reads(change)
    assert [line.by for line in trail("scan.viewed")] == [desk_name(desk)]


def desk_name(desk: Browser) -> str:
    from sqlalchemy import select

    from app import db

    with db.reading() as session:
        return name(session.scalars(select(Person).where(Person.name == "Deniz Aydın")).one())


def test_a_pending_change_is_seen_on_the_shop_s_page(desk: Browser, shop: Shop, cashier: Person) -> None:
    changes = [ask("agent-information", shop.owner, {"address": "A"}), ask("person-remove", shop.owner, person=cashier.id)]
    page = desk.reads(f"/agents/{shop.number}")
    assert all(page.count(change.reference) >= 1 for change in changes)
    assert page.count(changes[1].reference) >= 2, "beside the person, too"
    decide(changes[0], hire("approver", name="Başka"))
    assert changes[0].reference not in desk.reads(f"/agents/{shop.number}")


def test_a_stranger_s_change_is_not_found(monday: object, app: Flask, shop: Shop) -> None:
    """C1: the same answer as for one that does not exist"""
    change = ask("agent-information", shop.owner, {"address": "A"})
    stranger = open_shop("1000002077", name="Moda Kırtasiye").owner
    browser, machine = Browser(app, stranger.phone), Machine(app, stranger.phone)
    for reference in (change.reference, "C-0000-0000-0", "x"):
        assert browser.get(f"/changes/{reference}").status_code == 404
        assert browser.send(f"/changes/{reference}/withdrawal").status_code == 404
        assert browser.send(f"/changes/{reference}/scans/form", reason="x").status_code == 404
        assert problem(machine.call("GET", f"/changes/{reference}")) == (404, "not-found")
        assert problem(machine.call("DELETE", f"/changes/{reference}")) == (404, "not-found")
    assert change.reference not in browser.reads("/changes")
    theirs = ask("agent-information", stranger, {"address": "B"})
    assert change.reference not in browser.reads(f"/changes/{theirs.reference}"), "not among the earlier ones either"
    assert [item["id"] for item in machine.call("GET", "/changes").get_json()["items"]] == [theirs.reference]


def test_the_queue_counts_on_the_first_page(desk: Browser, shop: Shop) -> None:
    ask("agent-information", shop.owner, {"address": "A"})
    assert re.search(r"Changes to decide.{0,200}?\b1\b", desk.reads("/"))


def test_own_requests_have_no_button(monday: object, app: Flask, desk: Browser, admin: Person, shop: Shop) -> None:
    """C-03: and the verb refuses whoever sends it all the same"""
    change = ask("suspend", admin, agent=shop.number, reason="x")
    page = desk.reads(f"/changes/{change.reference}")
    assert "You stand on the side that asks" in page
    assert 'id="grant"' not in page
    assert desk.send(f"/changes/{change.reference}/decision", granted="yes").status_code == 403
    assert read(change).state == State.ASKED


def test_what_is_private_is_masked_for_who_only_reads(monday: object, app: Flask, shop: Shop) -> None:
    """C25: a sole trader's tax number is an identity number"""
    change = ask("agent-information", shop.owner, {"tax_number": "17291716060"})
    for role in ("support", "accountant", "auditor"):
        somebody = hire(role)
        assert "17291716060" not in Browser(app, somebody.phone).reads(f"/changes/{change.reference}")
        answer = Machine(app, somebody.phone).call("GET", f"/changes/{change.reference}").get_data(as_text=True)
        assert "17291716060" not in answer
        assert "60" in answer


def test_an_iban_is_whole_for_who_asks_and_who_decides_alone(monday: object, app: Flask, shop: Shop, operator: Person) -> None:
    """C25: on the page, on the form that is printed, and by the API"""
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    address, spaced = f"/changes/{change.reference}", " ".join(re.findall("..?.?.?", IBAN))
    for person, is_whole in [
        *((somebody, True) for somebody in (shop.owner, operator, hire("approver"))),
        *((hire(role), False) for role in ("support", "accountant", "auditor")),
    ]:
        browser = Browser(app, person.phone)
        printed = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(browser.get(f"{address}/form").data)).pages)
        assert (IBAN in "".join(printed.split())) == is_whole
        assert (IBAN in Machine(app, person.phone).call("GET", address).get_data(as_text=True)) == is_whole
        assert (spaced in browser.reads(address)) == is_whole
        assert IBAN[-2:] in browser.reads(address)


def test_by_the_api(monday: object, app: Flask, shop: Shop, admin: Person, second_admin: Person) -> None:
    """contract.md §5"""
    till, one, two = Machine(app, shop.owner.phone), Machine(app, admin.phone), Machine(app, second_admin.phone)
    answer = till.call("POST", "/changes", json={"kind": "agent-information", "wanted": {"iban": "TR1", "x": "y"}})
    assert problem(answer) == (422, "invalid")
    assert {error["field"] for error in answer.get_json()["errors"]} == {"iban", "x"}

    made = till.call("POST", "/changes", json={"kind": "agent-information", "wanted": {"iban": IBAN}}).get_json()
    assert (made["state"], made["persons_needed"], made["before"]) == ("asked", 2, {"iban": ""})
    again = till.call("POST", "/changes", json={"kind": "agent-information", "wanted": {"iban": IBAN}})
    assert problem(again) == (409, "asked-already")

    decision = f"/changes/{made['id']}/decision"
    first = one.call("POST", decision, json={"granted": True, "seen": made["seen"]}).get_json()
    assert (first["state"], first["approvals"][0]["by"]) == ("approved-once", "Deniz Aydın")
    assert problem(two.call("POST", decision, json={"granted": True, "seen": made["seen"]})) == (409, "proposal-changed")
    assert two.call("POST", decision, json={"granted": True, "seen": first["seen"]}).get_json()["state"] == "applied"
    late = two.call("POST", decision, json={"granted": False, "reason": "no"})
    assert problem(late) == (409, "decided")
    assert late.get_json()["facts"]["who"] == "Selin Koç"
    assert agent(shop).iban == IBAN
    assert problem(till.call("DELETE", f"/changes/{made['id']}")) == (409, "decided")
    assert [item["id"] for item in one.call("GET", "/changes?state=applied").get_json()["items"]] == [made["id"]]


def test_withdrawn_by_the_shop(owner: Browser, shop: Shop, cashier: Person) -> None:
    change: Change = ask("person-remove", shop.owner, person=cashier.id)
    assert owner.send(f"/changes/{change.reference}/withdrawal").status_code == 303
    assert read(change).state == State.WITHDRAWN
    assert change.reference in owner.reads("/changes?state=withdrawn")

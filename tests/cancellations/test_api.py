"""Cancellations and papers by the JSON API (contract.md §5): every status with its name."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.cancellations.model import Cancellation
from app.collections.model import Payment
from app.people.model import Person
from tests.cancellations.conftest import FIVE, ask, decide, report
from tests.people import PASSWORD, UNKNOWN, ScriptedBiller, Shop, book_is_right, hire, lira, open_shop

Move = Callable[[datetime], None]


class Machine:
    """A point of sale with a token of its own."""

    def __init__(self, app: Flask, phone: str) -> None:
        self.client = app.test_client()
        token = self.client.post("/api/v1/tokens", json={"phone": phone, "password": PASSWORD}).get_json()["token"]
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def call(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        return self.client.open(f"/api/v1{path}", method=method, headers=self.headers, **kwargs)

    def asks(self, payment: Payment, **other: Any) -> TestResponse:
        said = {"reason": "Paid twice", "form": file(), "identity": file()} | other
        data = {name: value for name, value in said.items() if value is not None}
        return self.call("POST", f"/payments/{payment.reference}/cancellation", data=data, content_type="multipart/form-data")


def file() -> tuple[BytesIO, str]:
    return BytesIO(b"picture"), "../../photo.jpg"


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.get_json()["type"].rpartition("/")[2]


@pytest.fixture
def till(monday: Move, app: Flask, shop: Shop) -> Machine:
    return Machine(app, shop.owner.phone)


@pytest.fixture
def desk(monday: Move, app: Flask, admin: Person) -> Machine:
    return Machine(app, admin.phone)


def test_asked_granted_done(till: Machine, desk: Machine, payment: Payment, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-02 … C-05"""
    asked = till.asks(payment)
    assert asked.status_code == 201
    made = asked.get_json()
    assert (made["state"], made["asked_at"], made["payment"]) == ("asked", "2026-11-23T10:00:00.000+03:00", payment.reference)

    granted = desk.call("POST", f"/cancellations/{made['id']}/decision", json={"granted": True})
    assert (granted.status_code, granted.get_json()["state"]) == (200, "granted")
    report(millenicom)

    done = till.call("GET", f"/cancellations/{made['id']}").get_json()
    assert (done["state"], done["reported_in_time"], done["decided_by"]) == ("done", True, "Zeynep Demir")
    assert till.call("GET", f"/payments/{payment.reference}").get_json()["state"] == "cancelled"
    assert shop.balance == lira("500.00")
    assert book_is_right()


@pytest.mark.parametrize("missing", ["reason", "form", "identity"])
def test_what_is_missing_is_named(till: Machine, payment: Payment, missing: str) -> None:
    """C-02"""
    answer = till.asks(payment, **{missing: None})
    assert problem(answer) == (422, "incomplete")
    assert [error["field"] for error in answer.get_json()["errors"]] == [missing]


def test_too_late_says_where_the_dekont_is(till: Machine, payment: Payment, monday: Move) -> None:
    """C-01, C-06"""
    monday(FIVE)
    answer = till.asks(payment)
    assert problem(answer) == (409, "too-late")
    facts = answer.get_json()["facts"]
    assert (facts["number"], facts["phone"]) == ("D-2026-000001", "444 0 144")
    paper = till.client.get(facts["dekont"], headers=till.headers)
    assert paper.mimetype == "application/pdf"
    assert "D-2026-000001" in words(paper)


def test_the_last_moment_counts(till: Machine, payment: Payment, monday: Move) -> None:
    """C-01: 16:59:59.999 is in time"""
    monday(FIVE - timedelta(milliseconds=1))
    assert till.asks(payment).status_code == 201


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"granted": "yes"}, "granted"),
        ({"photo": file()}, "photo"),
        ({"form": [file(), file()]}, "form"),
        ({"reason": ["a", "b"]}, "reason"),
    ],
)
def test_the_body_is_read_strictly(till: Machine, payment: Payment, other: dict[str, Any], field: str) -> None:
    """C11, C16"""
    answer = till.asks(payment, **other)
    assert problem(answer) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_json_is_no_form(till: Machine, payment: Payment) -> None:
    """C17"""
    answer = till.call("POST", f"/payments/{payment.reference}/cancellation", json={"reason": "x"})
    assert problem(answer) == (415, "invalid")


def test_pending_cannot_be_cancelled(till: Machine, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-07"""
    millenicom.answers = [UNKNOWN]
    assert problem(till.asks(shop.pays(millenicom, millenicom.bill("1.00")))) == (409, "pending")


def test_asked_once(till: Machine, payment: Payment) -> None:
    assert till.asks(payment).status_code == 201
    assert problem(till.asks(payment)) == (409, "asked-already")


def test_who_asked_cannot_decide(desk: Machine, payment: Payment) -> None:
    """C-03, C18: by the API as by the page"""
    number = desk.asks(payment).get_json()["id"]
    assert problem(desk.call("POST", f"/cancellations/{number}/decision", json={"granted": True})) == (403, "own-request")


def test_the_shop_cannot_decide(till: Machine, payment: Payment) -> None:
    """C2"""
    number = till.asks(payment).get_json()["id"]
    assert problem(till.call("POST", f"/cancellations/{number}/decision", json={"granted": True})) == (403, "not-allowed")


def test_decided_once(desk: Machine, payment: Payment, shop: Shop, second_admin: Person) -> None:
    """C-03"""
    cancellation = decide(ask(payment, shop), second_admin)
    answer = desk.call("POST", f"/cancellations/{cancellation.id}/decision", json={"granted": False, "reason": "not signed"})
    assert problem(answer) == (409, "decided")
    assert answer.get_json()["facts"]["who"] == "Kemal Öz"


@pytest.mark.parametrize(
    "body", [{}, {"granted": "yes"}, {"granted": 1}, {"granted": None}, {"granted": False}, {"granted": True, "by": 1}]
)
def test_a_decision_is_yes_or_no(desk: Machine, payment: Payment, shop: Shop, body: dict[str, Any]) -> None:
    """C16, C17; a no has its reason"""
    number = ask(payment, shop).id
    assert problem(desk.call("POST", f"/cancellations/{number}/decision", json=body)) == (422, "invalid")
    assert desk.call("GET", f"/cancellations/{number}").get_json()["state"] == "asked"


def test_denied_it_has_a_dekont_that_says_why(till: Machine, desk: Machine, payment: Payment, shop: Shop) -> None:
    """C-06"""
    number = ask(payment, shop).id
    body = {"granted": False, "reason": "The form is not signed"}
    assert desk.call("POST", f"/cancellations/{number}/decision", json=body).get_json()["state"] == "denied"
    assert "The form is not signed" in words(till.call("GET", f"/payments/{payment.reference}/dekont"))


def test_withdrawn_before_the_decision(till: Machine, desk: Machine, payment: Payment, shop: Shop, admin: Person) -> None:
    number = ask(payment, shop).id
    assert problem(desk.call("DELETE", f"/cancellations/{number}")) == (403, "not-allowed")
    assert till.call("DELETE", f"/cancellations/{number}").get_json()["state"] == "withdrawn"
    assert till.call("DELETE", f"/cancellations/{number}").status_code == 200
    granted = decide(ask(payment, shop), admin)
    assert problem(till.call("DELETE", f"/cancellations/{granted.id}")) == (409, "decided")


def test_lists_are_by_state_and_page(till: Machine, desk: Machine, shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    made: list[Cancellation] = [ask(shop.pays(millenicom, millenicom.bill("1.00")), shop) for _ in range(52)]
    decide(made[0], admin)
    first = desk.call("GET", "/cancellations?state=asked").get_json()
    second = desk.call("GET", f"/cancellations?state=asked&cursor={first['next']}").get_json()
    assert [one["id"] for one in first["items"] + second["items"]] == [one.id for one in reversed(made[1:])]
    assert second["next"] is None
    assert [one["id"] for one in till.call("GET", "/cancellations?state=granted").get_json()["items"]] == [made[0].id]
    assert problem(till.call("GET", "/cancellations?state=gone")) == (422, "invalid")
    assert problem(till.call("GET", "/cancellations?cursor=-1")) == (422, "invalid")


def test_a_stranger_finds_nothing(app: Flask, payment: Payment, shop: Shop) -> None:
    """C1"""
    number = ask(payment, shop).id
    stranger = Machine(app, open_shop("1000002077").owner.phone)
    assert stranger.call("GET", "/cancellations").get_json() == {"items": [], "next": None}
    for method, path in (
        ("GET", f"/cancellations/{number}"),
        ("DELETE", f"/cancellations/{number}"),
        ("GET", f"/payments/{payment.reference}/receipt"),
        ("GET", f"/payments/{payment.reference}/dekont"),
    ):
        assert problem(stranger.call(method, path)) == (404, "not-found")
    assert problem(stranger.asks(payment)) == (404, "not-found")


@pytest.mark.parametrize("role", ["support", "accountant", "auditor"])
def test_who_only_looks_asks_for_nothing(app: Flask, payment: Payment, shop: Shop, role: str) -> None:
    """C2"""
    machine = Machine(app, hire(role).phone)
    assert problem(machine.asks(payment)) == (403, "not-allowed")
    assert machine.call("GET", f"/cancellations/{ask(payment, shop).id}").status_code == 200


def test_papers_are_pdf(till: Machine, payment: Payment, shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-10"""
    assert payment.receipt_code in words(till.call("GET", f"/payments/{payment.reference}/receipt"))
    millenicom.answers = [UNKNOWN]
    pending = shop.pays(millenicom, millenicom.bill("1.00"))
    assert till.call("GET", f"/payments/{pending.reference}/receipt").status_code == 200
    assert problem(till.call("GET", f"/payments/{pending.reference}/dekont"))[0] == 409


def words(answer: TestResponse) -> str:
    assert answer.mimetype == "application/pdf"
    return " ".join(pypdf.PdfReader(BytesIO(answer.data)).pages[0].extract_text().split())


def test_the_document_describes_the_multipart_body(till: Machine) -> None:
    document = till.client.get("/api/v1/openapi.json").get_json()
    body = document["paths"]["/api/v1/payments/{reference}/cancellation"]["post"]["requestBody"]
    assert body["content"]["multipart/form-data"]["schema"]["required"] == ["reason", "form", "identity"]
    assert list(document["paths"]["/api/v1/payments/{reference}/dekont"]["get"]["responses"]["200"]["content"]) == ["application/pdf"]
    assert "/api/v1/cancellations/{number}/decision" in document["paths"]

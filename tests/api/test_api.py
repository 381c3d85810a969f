"""The JSON API (contract.md §5): the same verbs, every status with its name."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.billers.gateways import Gateways
from app.billing.bill import Bill
from tests.people import PASSWORD, UNKNOWN, ScriptedBiller, Shop, hire, lira, no, open_biller, open_shop

Call = Callable[..., TestResponse]


@pytest.fixture
def shop(app: Flask) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


@pytest.fixture
def millenicom(app: Flask, monkeypatch: pytest.MonkeyPatch) -> ScriptedBiller:
    biller = open_biller()
    monkeypatch.setattr(Gateways, "of", lambda self, record: biller)
    return biller


def token(client: FlaskClient, phone: str) -> str:
    answer = client.post("/api/v1/tokens", json={"phone": phone, "password": PASSWORD})
    assert answer.status_code == 201
    return str(answer.get_json()["token"])


@pytest.fixture
def call(client: FlaskClient, shop: Shop) -> Call:
    """As the shop's owner."""
    bearer = token(client, shop.owner.phone)

    def call(method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {bearer}"} | kwargs.pop("headers", {})
        return client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)

    return call


def body_of(millenicom: ScriptedBiller, bill: Bill, **more: Any) -> dict[str, Any]:
    return {
        "biller": "millenicom",
        "subscriber": millenicom.subscriber_of(bill),
        "bill": bill.ref,
        "amount": bill.open.minor,
        "version": bill.version,
    } | more


def look_up(call: Call, millenicom: ScriptedBiller, bill: Bill) -> dict[str, Any]:
    answer = call("POST", "/inquiries", json={"biller": "millenicom", "subscriber": millenicom.subscriber_of(bill)})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def pay(call: Call, body: dict[str, Any], key: str = "k1") -> TestResponse:
    return call("POST", "/payments", json=body, headers={"Idempotency-Key": key})


def name_of(answer: TestResponse) -> str:
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem["status"] == answer.status_code
    assert problem["reference"].startswith("R-")
    return str(problem["type"]).rpartition("/")[2]


def test_a_token_says_who_it_is(client: FlaskClient, shop: Shop) -> None:
    answer = client.post("/api/v1/tokens", json={"phone": shop.owner.phone, "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.get_json()["person"] == {"name": "Ayşe Yılmaz", "role": "owner", "agent": "1000001042"}
    headers = {"Authorization": f"Bearer {answer.get_json()['token']}"}
    assert client.get("/api/v1/me", headers=headers).get_json() == {"name": "Ayşe Yılmaz", "role": "owner", "agent": "1000001042"}
    assert client.delete("/api/v1/tokens", headers=headers).status_code == 204
    assert name_of(client.get("/api/v1/me", headers=headers)) == "not-signed-in"


def test_a_bill_is_looked_up_paid_and_listed(call: Call, shop: Shop, millenicom: ScriptedBiller) -> None:
    bill = millenicom.bill("120.50")
    found = look_up(call, millenicom, bill)
    assert found["bills"][0]["open"] == 12050
    assert found["bills"][0]["sections"][0]["lines"][0]["amount"] == 12050

    answer = pay(call, body_of(millenicom, bill))
    assert answer.status_code == 201
    payment = answer.get_json()
    assert (payment["state"], payment["amount"], payment["currency"], payment["balance_after"]) == ("paid", 12050, "TRY", 37950)
    assert payment["person"] == "Ayşe Yılmaz"
    assert payment["asked_at"].endswith("+03:00")

    assert call("GET", f"/payments/{payment['reference']}").get_json() == payment
    assert call("GET", "/payments?state=paid&key=k1").get_json() == {"items": [payment], "next": None}
    assert call("GET", "/payments?state=refused").get_json()["items"] == []
    assert call("GET", "/balance").get_json() == {
        "agent": "1000001042", "currency": "TRY", "balance": 37950, "pending": 0, "credit_limit": 0, "available": 37950, "blocked": False,
    }  # fmt: skip
    lines = call("GET", "/statement").get_json()["items"]
    assert [(line["event"], line["amount"], line["balance"]) for line in lines] == [
        ("payment.reserved", -12050, 37950),
        ("deposit.credited", 50000, 50000),
    ]


def test_an_unclear_answer_is_202_and_the_same_key_tells_the_present_truth(call: Call, shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-08"""
    bill = millenicom.bill("120.50")
    look_up(call, millenicom, bill)
    millenicom.answers = [UNKNOWN]
    first = pay(call, body_of(millenicom, bill))
    again = pay(call, body_of(millenicom, bill))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.get_json()["state"] == "pending"
    assert again.get_json()["reference"] == first.get_json()["reference"]
    assert call("GET", "/balance").get_json()["pending"] == 12050


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("amount_changed", 409, "quote-changed"),
        ("already_paid", 409, "already-paid"),
        ("not_allowed", 422, "refused"),
        ("closed", 404, "account-closed"),
        ("unknown_subscriber", 404, "subscriber-not-found"),
        ("unreachable", 503, "biller-unreachable"),
    ],
)
def test_a_refused_payment_is_a_problem_with_the_billers_word(
    call: Call, shop: Shop, millenicom: ScriptedBiller, code: str, status: int, name: str
) -> None:
    bill = millenicom.bill("120.50")
    look_up(call, millenicom, bill)
    millenicom.answers = [no(code)]
    answer = pay(call, body_of(millenicom, bill))
    assert (answer.status_code, name_of(answer)) == (status, name)
    assert answer.get_json()["facts"]["code"] == code
    assert answer.get_json()["facts"]["payment"].startswith("P")
    assert shop.balance == lira("500.00")
    assert name_of(pay(call, body_of(millenicom, bill))) == name  # the same key: still the same truth


def test_every_name_of_a_refusal_before_the_hold(call: Call, shop: Shop, millenicom: ScriptedBiller) -> None:
    dear = millenicom.bill("500.01")
    look_up(call, millenicom, dear)
    over = pay(call, body_of(millenicom, dear))
    assert (over.status_code, name_of(over)) == (402, "over-limit")
    assert over.get_json()["facts"] == {"needed": {"amount": 50001, "currency": "TRY"}, "available": {"amount": 50000, "currency": "TRY"}}

    bill = millenicom.bill("100.00", flags=("standing-order",))
    assert name_of(pay(call, body_of(millenicom, bill))) == "quote-changed"
    look_up(call, millenicom, bill)
    assert name_of(pay(call, body_of(millenicom, bill))) == "must-confirm"
    assert name_of(pay(call, body_of(millenicom, bill, amount=9999, confirmed=["standing-order"]))) == "amount-not-allowed"
    assert pay(call, body_of(millenicom, bill, confirmed=["standing-order"])).status_code == 201
    assert name_of(pay(call, body_of(millenicom, bill, confirmed=["standing-order"]), key="k2")) == "already-paid"
    assert name_of(pay(call, body_of(millenicom, dear))) == "key-reused"


def test_a_strangers_payment_is_not_found(app: Flask, call: Call, millenicom: ScriptedBiller) -> None:
    """C1"""
    other = open_shop("1000002077")
    other.topped_up("50.00")
    payment = other.pays(millenicom, millenicom.bill("10.00"))
    theirs = call("GET", f"/payments/{payment.reference}")
    missing = call("GET", "/payments/P251122-000000000000")
    assert theirs.status_code == missing.status_code == 404
    assert {**theirs.get_json(), "reference": ""} == {**missing.get_json(), "reference": ""}
    assert call("GET", "/payments").get_json()["items"] == []


def test_subscribers_that_are_not_there(call: Call, millenicom: ScriptedBiller) -> None:
    """P-28"""
    missing = call("POST", "/inquiries", json={"biller": "millenicom", "subscriber": "9999999999"})
    assert (missing.status_code, name_of(missing)) == (404, "subscriber-not-found")
    wrong = call("POST", "/inquiries", json={"biller": "millenicom", "subscriber": "12"})
    assert (wrong.status_code, name_of(wrong)) == (422, "invalid")
    assert wrong.get_json()["errors"][0]["field"] == "subscriber"
    assert call("POST", "/inquiries", json={"biller": "nobody", "subscriber": "12"}).status_code == 404
    millenicom.reachable = False
    away = call("POST", "/inquiries", json={"biller": "millenicom", "subscriber": "9999999999"})
    assert (away.status_code, name_of(away)) == (503, "biller-unreachable")
    assert away.headers["Retry-After"]
    assert "444 0 144" in away.get_json()["title"]


def test_walking_through_numbers_is_slowed_for_the_walker_alone(app: Flask, call: Call, millenicom: ScriptedBiller) -> None:
    """C10: found numbers are free, found ones of others too"""
    found = millenicom.bill("10.00")
    answers = [
        call("POST", "/inquiries", json={"biller": "millenicom", "subscriber": f"99{number:08d}"}).status_code for number in range(45)
    ]
    assert answers == [404] * 40 + [429] * 5
    assert call("POST", "/inquiries", json={"biller": "millenicom", "subscriber": "9900000000"}).headers["Retry-After"]
    other = open_shop("1000002077")
    client = app.test_client()
    headers = {"Authorization": f"Bearer {token(client, other.owner.phone)}"}
    body = {"biller": "millenicom", "subscriber": millenicom.subscriber_of(found)}
    assert [client.post("/api/v1/inquiries", json=body, headers=headers).status_code for _ in range(60)] == [200] * 60


@pytest.mark.parametrize("amount", [-1, 0, 1.0, "100", True, None, [100], {"minor": 100}, 10**20, 0.1])
def test_an_amount_is_a_whole_number_of_minor_units(call: Call, shop: Shop, millenicom: ScriptedBiller, amount: object) -> None:
    """C19"""
    bill = millenicom.bill("1.00")
    look_up(call, millenicom, bill)
    answer = pay(call, body_of(millenicom, bill, amount=amount))
    assert (answer.status_code, name_of(answer)) == (422, "invalid")
    assert answer.get_json()["errors"][0]["field"] == "amount"
    assert shop.balance == lira("500.00")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"amount": NaN}', "application/json", 400),
        (b'{"biller": "a", "biller": "b"}', "application/json", 422),
        (b"[" * 10_000 + b"]" * 10_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"biller=millenicom", "application/x-www-form-urlencoded", 415),
        (b'{"biller": "m"}', "text/plain", 415),
        (b'{"biller": "\\u0000", "subscriber": "\\ud800"}', "application/json", 422),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_moves(call: Call, shop: Shop, body: bytes, kind: str, status: int) -> None:
    """C17"""
    answer = call("POST", "/payments", data=body, content_type=kind, headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, name_of(answer)) == (status, "invalid")


def test_unknown_fields_are_refused_by_name(call: Call, millenicom: ScriptedBiller) -> None:
    """C16"""
    bill = millenicom.bill("1.00")
    look_up(call, millenicom, bill)
    answer = pay(call, body_of(millenicom, bill, balance=10**9))
    assert answer.get_json()["errors"] == [{"field": "balance", "message": "Bu alan burada bilinmiyor."}] or answer.status_code == 422
    assert call("GET", "/payments?agent=1000002077").status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 256, "ü", "a\tb"])
def test_a_payment_needs_a_key(call: Call, millenicom: ScriptedBiller, key: str) -> None:
    bill = millenicom.bill("1.00")
    look_up(call, millenicom, bill)
    answer = pay(call, body_of(millenicom, bill), key=key)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"


def test_accountants_see_the_book_and_it_adds_up(client: FlaskClient, shop: Shop, millenicom: ScriptedBiller) -> None:
    shop.pays(millenicom, millenicom.bill("120.50"))
    headers = {"Authorization": f"Bearer {token(client, hire('accountant').phone)}"}
    accounts = client.get("/api/v1/trial-balance", headers=headers).get_json()["items"]
    assert {"account": "biller:millenicom", "currency": "TRY", "balance": 12050} in accounts
    assert sum(account["balance"] for account in accounts) == 0
    journal = client.get("/api/v1/journal", headers=headers).get_json()["items"]
    assert [(line["event"], line["source"], line["target"], line["amount"]) for line in journal] == [
        ("deposit.credited", "bank:TR330006100519786457841326", "agent:1000001042", 50000),
        ("payment.reserved", "agent:1000001042", "transit", 12050),
        ("payment.paid", "transit", "biller:millenicom", 12050),
    ]


def test_the_document_is_openapi_31(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/payments" in document["paths"]
    assert client.get("/api/docs").status_code == 200

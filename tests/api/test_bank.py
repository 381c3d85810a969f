"""Money in over the API (contract.md §5)."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock, db
from app.agents.model import CLOSING, Agent
from app.people.model import Person
from tests.api.test_api import name_of, token
from tests.bank.bank import (
    BUDAPEST_IBAN,
    CUSTOMER_IBAN,
    FORMATS,
    IBAN,
    Paper,
    all_is_right,
    books,
    deposit,
    deposits,
    lira,
    new_reference,
    open_account,
    phone,
    transfer,
)
from tests.people import Shop, hire, open_shop

Call = Callable[..., TestResponse]


@pytest.fixture
def shop(app: Flask) -> Shop:
    open_account()
    return open_shop("1000001042")


@pytest.fixture
def other(shop: Shop) -> Shop:
    return open_shop("1000002077", name="Moda Kırtasiye")


@pytest.fixture
def calls(client: FlaskClient) -> Callable[[Person], Call]:
    """A person with a token of its own."""

    def calls(person: Person) -> Call:
        bearer = token(client, person.phone)

        def call(method: str, path: str, **kwargs: Any) -> TestResponse:
            return client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {bearer}"}, **kwargs)

        return call

    return calls


@pytest.fixture
def owner(shop: Shop, calls: Callable[[Person], Call]) -> Call:
    return calls(shop.owner)


@pytest.fixture
def operator(shop: Shop, calls: Callable[[Person], Call]) -> Call:
    return calls(hire("operator"))


def bring(call: Call, raw: bytes, name: str = "file.sta") -> TestResponse:
    return call("POST", "/bank/statements", data={"file": (BytesIO(raw), name)}, content_type="multipart/form-data")


def test_where_to_send_money_and_what_to_write(owner: Call, shop: Shop) -> None:
    open_account(BUDAPEST_IBAN, "HU")
    assert owner("GET", "/bank-accounts").get_json() == {
        "items": [{"iban": IBAN, "bank": "Liman Bankası", "currency": "TRY", "reference": phone(shop)}],
        "next": None,
    }


def test_a_cashier_writes_the_owners_phone(shop: Shop, calls: Callable[[Person], Call]) -> None:
    cashier = calls(hire("cashier", shop=shop))
    assert cashier("GET", "/bank-accounts").get_json()["items"][0]["reference"] == phone(shop)
    assert name_of(cashier("GET", "/deposits")) == "not-allowed"


def test_an_owner_sees_the_own_deposits_and_nothing_of_why(owner: Call, shop: Shop, other: Shop) -> None:
    booked = clock.now() - timedelta(seconds=30)
    books(transfer("500.00", phone(shop), at=booked), transfer("2.00", phone(other)), transfer("3.00", "kira"))
    mine, theirs, waiting = deposits()
    (only,) = owner("GET", "/deposits").get_json()["items"]
    assert only["reference"] == mine.reference
    assert (only["state"], only["amount"], only["currency"], only["agent"]) == ("credited", 50000, "TRY", shop.number)
    assert (only["account"], only["sender_name"], only["sender_iban"], only["text"]) == (IBAN, "AYSE YILMAZ", CUSTOMER_IBAN, phone(shop))
    assert all(only[stage].endswith("+03:00") for stage in ("booked_at", "seen_at", "matched_at", "credited_at"))
    assert not {"why", "suggested"} & set(only)
    assert owner("GET", f"/deposits/{mine.reference}").get_json() == only
    for stranger in (theirs, waiting):
        assert name_of(owner("GET", f"/deposits/{stranger.reference}")) == "not-found"
    assert name_of(owner("POST", f"/deposits/{waiting.reference}/assignment", json={"agent": shop.number, "note": "x"})) == "not-allowed"


def test_the_institution_sees_all_and_why(operator: Call, shop: Shop) -> None:
    books(transfer("1.00", "kira"), transfer("2.00", phone(shop)))
    (waiting,) = operator("GET", "/deposits?state=suspense").get_json()["items"]
    assert len(waiting["why"]) == 1
    assert len(operator("GET", "/deposits").get_json()["items"]) == 2
    assert operator("GET", f"/deposits?from={(clock.now() + timedelta(days=2)).date()}").get_json()["items"] == []
    assert name_of(operator("GET", "/deposits?state=lost")) == "invalid"
    assert name_of(operator("GET", "/deposits?colour=red")) == "invalid"
    assert name_of(operator("GET", "/deposits?cursor=abc")) == "invalid"


def test_a_long_list_comes_page_by_page(operator: Call, shop: Shop) -> None:
    books(*(transfer(f"{number}.00", f"kira {number}") for number in range(1, 62)))
    first = operator("GET", "/deposits").get_json()
    second = operator("GET", f"/deposits?cursor={first['next']}").get_json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 11, None)
    assert [item["reference"] for item in first["items"] + second["items"]] == [each.reference for each in deposits()]


def test_a_deposit_is_assigned_once(operator: Call, shop: Shop, other: Shop) -> None:
    """E7, E25"""
    books(transfer("500.00", "kira"))
    address = f"/deposits/{deposit().reference}/assignment"
    answer = operator("POST", address, json={"agent": shop.number, "note": "Dekont"})
    assert answer.status_code == 200
    assert (answer.get_json()["state"], answer.get_json()["agent"]) == ("credited", shop.number)
    again = operator("POST", address, json={"agent": other.number, "note": "Dekont"})
    assert (again.status_code, name_of(again)) == (409, "decided")
    assert (shop.balance, other.balance) == (lira("500.00"), lira("0.00"))
    assert all_is_right()


def test_a_wrong_match_is_moved(operator: Call, shop: Shop, other: Shop) -> None:
    """E26"""
    books(transfer("500.00", phone(shop)))
    answer = operator("POST", f"/deposits/{deposit().reference}/reassignment", json={"agent": other.number, "note": "Yanlış"})
    assert answer.get_json()["agent"] == other.number
    assert (shop.balance, other.balance) == (lira("0.00"), lira("500.00"))
    again = operator("POST", f"/deposits/{deposit().reference}/reassignment", json={"agent": other.number, "note": "Yanlış"})
    assert (again.status_code, name_of(again)) == (409, "decided")


def test_an_agent_that_cannot_get_it_is_an_invalid_field(operator: Call, shop: Shop) -> None:
    """E17: another market; and a closing agent is paid out, not credited"""
    books(transfer("500.00", "kira"))
    abroad, closing = open_shop("3000004021", market="ES"), open_shop("1000003033")
    with db.transaction() as session:
        session.get_one(Agent, closing.number).state = CLOSING
    for agent in (abroad, closing):
        answer = operator("POST", f"/deposits/{deposit().reference}/assignment", json={"agent": agent.number, "note": "x"})
        assert (answer.status_code, name_of(answer)) == (422, "invalid")
        assert [error["field"] for error in answer.get_json()["errors"]] == ["agent"]


def test_a_deposit_is_returned(operator: Call, shop: Shop) -> None:
    books(transfer("500.00", "kira"))
    answer = operator("POST", f"/deposits/{deposit().reference}/return", json={"note": "Yanlış gelmiş"})
    assert (answer.status_code, answer.get_json()["state"]) == (200, "returning")
    assert name_of(operator("POST", f"/deposits/{deposit().reference}/return", json={"note": "x"})) == "decided"


def test_a_large_sum_is_proposed_and_decided_by_another(operator: Call, shop: Shop, calls: Callable[[Person], Call]) -> None:
    """C18, over the API"""
    books(transfer("25000.00", "kira"))
    address = f"/deposits/{deposit().reference}"
    answer = operator("POST", f"{address}/assignment", json={"agent": shop.number, "note": "dekont"})
    assert (answer.status_code, answer.get_json()["state"]) == (202, "suspense")
    proposal = answer.get_json()["proposal"]
    assert (proposal["kind"], proposal["agent"]) == ("assign", shop.number)
    assert operator("POST", f"{address}/decision", json={"granted": True, "version": proposal["version"]}).status_code == 403
    approver = calls(hire("approver"))
    assert approver("GET", address).get_json()["proposal"] == proposal
    assert approver("POST", f"{address}/decision", json={"granted": True, "version": "another"}).status_code == 409
    assert approver("POST", f"{address}/decision", json={"granted": False, "version": proposal["version"]}).status_code == 422
    done = approver("POST", f"{address}/decision", json={"granted": True, "version": proposal["version"]}).get_json()
    assert (done["state"], done["agent"], done["proposal"]) == ("credited", shop.number, None)


def test_a_large_credit_in_an_uploaded_file_waits_and_says_so(operator: Call, shop: Shop) -> None:
    raw = Paper().mt940([transfer("25000.00", phone(shop)), transfer("5.00", phone(shop))])
    (statement,) = operator("POST", "/bank/statements", data={"file": (BytesIO(raw), "a.sta")}).get_json()["statements"]
    assert (statement["state"], statement["credited"], statement["suspense"]) == ("imported", 1, 1)
    assert statement["reason"].startswith("1 ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"agent": "1000001042"}, "note"),
        ({"agent": "1000001042", "note": ""}, "note"),
        ({"agent": "1000001042", "note": "  "}, "note"),
        ({"agent": "1042", "note": "x"}, "agent"),
        ({"agent": 1000001042, "note": "x"}, "agent"),
        ({"agent": "1000001042", "note": "x", "amount": 1}, "amount"),
    ],
)
def test_a_body_is_read_strictly(operator: Call, shop: Shop, body: dict[str, Any], field: str) -> None:
    books(transfer("500.00", "kira"))
    answer = operator("POST", f"/deposits/{deposit().reference}/assignment", json=body)
    assert (answer.status_code, name_of(answer)) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_unknown_deposits_and_agents_are_not_found(operator: Call, shop: Shop) -> None:
    books(transfer("500.00", "kira"))
    assert name_of(operator("POST", "/deposits/D1/assignment", json={"agent": shop.number, "note": "x"})) == "not-found"
    assert (
        name_of(operator("POST", f"/deposits/{deposit().reference}/assignment", json={"agent": "1999999999", "note": "x"})) == "not-found"
    )


def test_a_statement_file_answers_as_the_contract_says(operator: Call, shop: Shop) -> None:
    paid = [transfer("500.00", phone(shop)), transfer("0.50", "kira"), transfer("20.00", "ücret", side="debit")]
    answer = bring(operator, Paper().mt940(paid))
    assert answer.status_code == 200
    (statement,) = answer.get_json()["statements"]
    day = paid[0].booked_on.isoformat()
    assert statement == {
        "format": "mt940", "account": IBAN, "currency": "TRY", "from": day, "to": day, "state": "imported", "reason": None,
        "bookings": 3, "credits": {"count": 2, "sum": "500.50"}, "debits": {"count": 1, "sum": "20.00"},
        "opening": "1000.00", "closing": "1480.50", "new": 3, "known": 0, "credited": 1, "suspense": 1,
    }  # fmt: skip
    assert shop.balance == lira("500.00")


@pytest.mark.parametrize("second", FORMATS)
def test_the_same_again_is_known(operator: Call, shop: Shop, second: str) -> None:
    """E11: the same file, and the same booking in any format"""
    paid = [transfer("500.00", phone(shop), reference=new_reference())]
    first = Paper().mt940(paid)
    bring(operator, first)
    for raw in (first, Paper().write(second, paid)):
        (statement,) = bring(operator, raw, "renamed.txt").get_json()["statements"]
        assert [statement[name] for name in ("state", "new", "known", "credited", "suspense")] == ["known", 0, 1, 0, 0]
    assert shop.balance == lira("500.00")
    assert all_is_right()


def test_only_the_statement_that_does_not_add_up_is_quarantined(operator: Call, shop: Shop) -> None:
    good, bad = Paper().mt940([transfer("5.00", phone(shop))]), Paper(number=2).mt940([transfer("500.00", phone(shop))])
    answer = bring(operator, good + bad.replace(b"TRY1500,00", b"TRY1500,09"))
    first, second = answer.get_json()["statements"]
    assert (first["state"], first["credited"]) == ("imported", 1)
    assert (second["state"], second["new"], second["credited"]) == ("quarantined", 0, 0)
    assert "0,09" in second["reason"]
    assert shop.balance == lira("5.00")


def test_an_account_that_is_not_ours_says_so(operator: Call, shop: Shop) -> None:
    (statement,) = bring(operator, Paper(iban=CUSTOMER_IBAN).mt940([transfer("5.00", phone(shop))])).get_json()["statements"]
    assert (statement["state"], statement["credited"], bool(statement["reason"])) == ("imported", 0, True)
    assert shop.balance == lira("0.00")


@pytest.mark.parametrize("raw", [b"", b"Dear customer", b"<html/>", b"\x00\x01\x02", b"<Document"])
def test_a_file_that_cannot_be_read_is_invalid(operator: Call, shop: Shop, raw: bytes) -> None:
    answer = bring(operator, raw)
    assert (answer.status_code, name_of(answer)) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == ["file"]


def test_the_form_is_read_strictly(operator: Call, shop: Shop) -> None:
    raw = Paper().mt940([transfer("5.00", phone(shop))])
    for data, field in (
        ({}, "file"),
        ({"file": "text"}, "file"),
        ({"file": (BytesIO(raw), "a"), "note": "x"}, "note"),
        ({"file": (BytesIO(raw), "a"), "other": (BytesIO(raw), "b")}, "other"),
        ({"file": [(BytesIO(raw), "a"), (BytesIO(raw), "b")]}, "file"),
    ):
        answer = operator("POST", "/bank/statements", data=data, content_type="multipart/form-data")
        assert (answer.status_code, name_of(answer)) == (422, "invalid"), data
        assert [error["field"] for error in answer.get_json()["errors"]] == [field]
    assert deposits() == []


def test_the_document_describes_the_upload(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    upload = document["paths"]["/api/v1/bank/statements"]["post"]
    assert "multipart/form-data" in upload["requestBody"]["content"]
    statement = document["components"]["schemas"]["StatementOut"]["properties"]
    assert {"from", "to", "credits", "opening", "new", "suspense"} <= set(statement)
    assert {"/api/v1/deposits", "/api/v1/deposits/{reference}/assignment", "/api/v1/bank-accounts"} <= set(document["paths"])

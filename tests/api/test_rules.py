"""The rules about amounts, several bills, warnings and disputes through the API (contract.md §5)."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.billers.gateways import Gateways
from app.billing.bill import Bill
from tests.api.test_api import Call, body_of, call, look_up, millenicom, name_of, pay, shop, token
from tests.people import ScriptedBiller, Shop, hire, lira, open_biller, open_shop

__all__ = ["call", "millenicom", "shop"]  # fixtures
SUBSCRIBER = "5301112233"


@pytest.fixture
def other_call(app: Flask, client: FlaskClient, shop: Shop) -> Call:
    """As another shop's owner."""
    other = open_shop("1000002077")
    other.topped_up("5000.00")
    bearer = token(client, other.owner.phone)

    def call(method: str, path: str, **kwargs: Any) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"} | kwargs.pop("headers", {})
        return client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)

    return call


def with_rules(millenicom: ScriptedBiller, monkeypatch: pytest.MonkeyPatch, **rules: object) -> ScriptedBiller:
    """Another biller behind the same door."""
    biller = open_biller("ruled", **rules)
    monkeypatch.setattr(Gateways, "of", lambda self, record: biller)
    return biller


def body(biller: ScriptedBiller, bill: Bill, **more: Any) -> dict[str, Any]:
    return body_of(biller, bill, **more) | {"biller": biller.record.code}


def shown(call: Call, biller: ScriptedBiller, bill: Bill) -> list[dict[str, Any]]:
    answer = call("POST", "/inquiries", json={"biller": biller.record.code, "subscriber": biller.subscriber_of(bill)})
    bills: list[dict[str, Any]] = answer.get_json()["bills"]
    return bills


@pytest.mark.parametrize(
    ("rules", "allowed", "refused", "facts"),
    [
        ({}, 12050, (12049, 12051), {"smallest": 12050, "largest": 12050}),
        ({"amount_rule": "up", "largest": 20000}, 12051, (12049, 20001), {"smallest": 12050, "largest": 20000}),
        ({"amount_rule": "down"}, 1, (12051,), {"smallest": 1, "largest": 12050}),
        ({"amount_rule": "any", "largest": 40000}, 40000, (40001,), {"smallest": 1, "largest": 40000}),
        ({"amount_rule": "range", "smallest": 1000, "largest": 20000}, 1000, (999, 20001), {"smallest": 1000, "largest": 20000}),
        ({"amount_rule": "multiple", "step": 500, "largest": 50000}, 500, (499, 750), {"smallest": 500, "largest": 50000, "step": 500}),
        (
            {"amount_rule": "options", "options": [1000, 2000]},
            2000,
            (1500, 3000),
            {"smallest": 1000, "largest": 2000, "options": [1000, 2000]},
        ),
    ],
    ids=lambda value: value.get("amount_rule", "exact") if isinstance(value, dict) else None,
)
def test_each_amount_rule(
    call: Call,
    millenicom: ScriptedBiller,
    monkeypatch: pytest.MonkeyPatch,
    rules: dict[str, object],
    allowed: int,
    refused: tuple[int, ...],
    facts: dict[str, Any],
) -> None:
    """P-20: shown with the bill, and said again when it is broken"""
    biller = with_rules(millenicom, monkeypatch, **rules)
    bill = biller.bill("120.50")
    (found,) = shown(call, biller, bill)
    assert found["payable"]["smallest"] == facts["smallest"]
    assert found["payable"]["options"] == facts.get("options", [])
    money = {name: [lira_json(one) for one in minor] if isinstance(minor, list) else lira_json(minor) for name, minor in facts.items()}
    for amount in refused:
        answer = pay(call, body(biller, bill, amount=amount))
        assert (answer.status_code, name_of(answer)) == (422, "amount-not-allowed")
        assert answer.get_json()["facts"] == money
    assert pay(call, body(biller, bill, amount=allowed)).status_code == 201


def lira_json(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "TRY"}


def test_the_sentence_names_the_possible_amounts(call: Call, millenicom: ScriptedBiller, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-20: in the reader's language"""
    biller = with_rules(millenicom, monkeypatch, amount_rule="options", options=[1000, 200000])
    bill = biller.bill("120.50")
    shown(call, biller, bill)
    assert "10,00\u00a0TL, 2.000,00\u00a0TL" in pay(call, body(biller, bill)).get_json()["title"]


def test_past_debt_is_collected_once(call: Call, other_call: Call, millenicom: ScriptedBiller) -> None:
    """P-25: two shops with quotes of the same minute"""
    may = millenicom.bill("39.00", subscriber=SUBSCRIBER)
    june = millenicom.bill("39.00", subscriber=SUBSCRIBER, contains=[may])
    assert [bill["covers"] for bill in look_up(call, millenicom, june)["bills"]] == [[may.ref], []]
    look_up(other_call, millenicom, june)
    paid = pay(call, body_of(millenicom, june))
    assert paid.status_code == 201
    twice = pay(other_call, body_of(millenicom, may))
    assert (twice.status_code, name_of(twice)) == (409, "already-paid")
    ours = pay(call, body_of(millenicom, may), key="k2")
    assert (name_of(ours), ours.get_json()["facts"]["payment"]) == ("already-paid", paid.get_json()["reference"])


def test_the_older_one_first_voids_the_newer_quote(call: Call, other_call: Call, millenicom: ScriptedBiller) -> None:
    """P-25"""
    may = millenicom.bill("39.00", subscriber=SUBSCRIBER)
    june = millenicom.bill("39.00", subscriber=SUBSCRIBER, contains=[may])
    for who in (call, other_call):
        look_up(who, millenicom, june)
    assert pay(call, body_of(millenicom, may)).status_code == 201
    old = pay(other_call, body_of(millenicom, june))
    assert (old.status_code, name_of(old)) == (409, "quote-changed")


@pytest.mark.parametrize("order", ["oldest-first", "all"])
def test_what_comes_first_is_named(call: Call, millenicom: ScriptedBiller, monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    """P-21: and afterwards the next one follows from the same look-up"""
    biller = with_rules(millenicom, monkeypatch, bill_order=order)
    may, june = (biller.bill("10.00", subscriber=SUBSCRIBER) for _ in range(2))
    newest, oldest = shown(call, biller, june)
    assert (newest["refuse"], newest["after"], newest["payable"]) == ("older-first", [may.ref], None)
    assert (oldest["refuse"], oldest["after"]) == (None, [])
    early = pay(call, body(biller, june))
    assert (early.status_code, name_of(early)) == (422, "refused")
    assert early.get_json()["facts"] == {"biller": "Ruled", "bill": may.ref, "number": may.number, "code": "older-first"}
    assert may.number in early.get_json()["title"]
    assert pay(call, body(biller, may)).status_code == 201
    assert pay(call, body(biller, june), key="k2").status_code == 201


def test_missing_confirmations_are_codes_for_machines_and_words_for_people(call: Call, millenicom: ScriptedBiller) -> None:
    """P-26, P-29"""
    bill = millenicom.bill("10.00", flags=("standing-order", "disputed", "near-charge-date"))
    assert look_up(call, millenicom, bill)["bills"][0]["flags"] == ["standing-order", "disputed", "near-charge-date"]
    answer = pay(call, body_of(millenicom, bill, confirmed=["disputed"]))
    assert (answer.status_code, name_of(answer)) == (409, "must-confirm")
    assert answer.get_json()["facts"] == {"confirm": ["standing-order", "near-charge-date"]}
    assert "otomatik ödeme talimatı" in answer.get_json()["title"]
    assert "standing" not in answer.get_json()["title"]
    assert pay(call, body_of(millenicom, bill, confirmed=["disputed", "standing-order", "near-charge-date"])).status_code == 201


def test_a_closed_account_is_not_an_unknown_number(call: Call, millenicom: ScriptedBiller, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-28: the two others stand in test_api"""
    from app.billers.gateway import AccountClosed

    def closed(subscriber: str, *, period: str | None = None) -> None:
        raise AccountClosed(biller="Millenicom", subscriber=subscriber, phone="444 0 144")

    monkeypatch.setattr(millenicom, "inquire", closed)
    answer = call("POST", "/inquiries", json={"biller": "millenicom", "subscriber": SUBSCRIBER})
    assert (answer.status_code, name_of(answer)) == (404, "account-closed")
    assert "444 0 144" in answer.get_json()["title"]


def test_nothing_owed_is_no_error(call: Call, millenicom: ScriptedBiller) -> None:
    """P-28"""
    bill = millenicom.bill("10.00", subscriber=SUBSCRIBER, state="paid", open=lira("0.00"))
    found = look_up(call, millenicom, bill)["bills"]
    assert [(one["open"], one["refuse"], one["payable"]) for one in found] == [(0, "closed", None)]


def disputed(call: Call, subscriber: str, ref: str, body: object = None, biller: str = "millenicom") -> Any:
    return call("POST", f"/bills/{biller}/{subscriber}/{ref}/dispute", json=body if body is not None else {"reason": "Too much"})


def test_a_bill_is_disputed(app: Flask, call: Call, other_call: Call, client: FlaskClient, millenicom: ScriptedBiller) -> None:
    """P-29: by a shop, or by support for a caller; the second gets the first"""
    bill = millenicom.bill("10.00", subscriber=SUBSCRIBER)
    answer = disputed(call, SUBSCRIBER, bill.ref)
    assert answer.status_code == 201
    made = answer.get_json()
    assert made["asked_at"].endswith("+03:00")
    assert {**made, "asked_at": "", "told_at": ""} == {
        "id": 1, "state": "told", "biller": "millenicom", "subscriber": SUBSCRIBER, "bill": bill.ref, "asked_at": "", "told_at": "",
        "biller_reference": "DISPUTE-1",
    }  # fmt: skip
    assert disputed(other_call, SUBSCRIBER, bill.ref).get_json() == made
    bearer = token(client, hire("support").phone)
    by_support = client.post(
        f"/api/v1/bills/millenicom/{SUBSCRIBER}/{bill.ref}/dispute", json={"reason": "x"}, headers={"Authorization": f"Bearer {bearer}"}
    )
    assert (by_support.status_code, by_support.get_json()["id"]) == (201, made["id"])
    assert look_up(call, millenicom, bill)["bills"][0]["flags"] == ["disputed"]
    assert name_of(pay(call, body_of(millenicom, bill))) == "must-confirm"
    assert pay(call, body_of(millenicom, bill, confirmed=["disputed"])).status_code == 201


def test_a_dispute_stands_without_the_billers_answer(call: Call, millenicom: ScriptedBiller, monkeypatch: pytest.MonkeyPatch) -> None:
    """P-29"""
    from app.billers.gateway import BillerUnreachable

    def away(**_facts: str) -> str:
        raise BillerUnreachable(biller="Millenicom", phone="444 0 144")

    bill = millenicom.bill("10.00", subscriber=SUBSCRIBER)
    monkeypatch.setattr(millenicom, "dispute", away)
    answer = disputed(call, SUBSCRIBER, bill.ref)
    assert (answer.status_code, answer.get_json()["state"], answer.get_json()["told_at"]) == (201, "asked", None)
    assert answer.get_json()["biller_reference"] == ""


def test_a_dispute_that_cannot_be(call: Call, millenicom: ScriptedBiller) -> None:
    """P-28, P-29"""
    bill = millenicom.bill("10.00", subscriber=SUBSCRIBER)
    for answer, status, name in (
        (disputed(call, SUBSCRIBER, bill.ref, {}), 422, "invalid"),
        (disputed(call, SUBSCRIBER, bill.ref, {"reason": " "}), 422, "invalid"),
        (disputed(call, SUBSCRIBER, bill.ref, {"reason": "x", "amount": 1}), 422, "invalid"),
        (disputed(call, "12", bill.ref), 422, "invalid"),
        (disputed(call, SUBSCRIBER, "no-such-bill"), 404, "not-found"),
        (disputed(call, "5309999999", bill.ref), 404, "subscriber-not-found"),
        (disputed(call, SUBSCRIBER, bill.ref, biller="nobody"), 404, "not-found"),
    ):
        assert (answer.status_code, name_of(answer)) == (status, name)
    millenicom.reachable = False
    away = disputed(call, SUBSCRIBER, "never-looked-up")
    assert (away.status_code, name_of(away)) == (503, "biller-unreachable")


def test_the_twenty_first_dispute_of_an_hour_is_too_many(call: Call, other_call: Call, millenicom: ScriptedBiller) -> None:
    """Through the API as on the page; another shop is not held up"""
    bill = millenicom.bill("10.00", subscriber=SUBSCRIBER)
    assert [disputed(call, SUBSCRIBER, bill.ref).status_code for _ in range(21)] == [201] * 20 + [429]
    assert disputed(other_call, SUBSCRIBER, bill.ref).status_code == 201

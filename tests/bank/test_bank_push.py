"""What a bank pushes: signed, fresh, once for each event, each booking once (B21, B28)."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app import clock, db
from app.bank.incoming.push_secret import new_secret, signature
from app.bank.incoming.take_event import LARGEST
from app.config import Config
from app.web.parts import part
from tests.bank.bank import IBAN, OTHER_IBAN, Paper, all_is_right, books, comes, deposits, lira, open_account, phone, transfer
from tests.people import Shop


@pytest.fixture
def secret(app: Flask, shop: Shop) -> str:
    with db.transaction() as session:
        return new_secret(session, IBAN, config=part(Config, app=app), by="test", now=clock.now())


@pytest.fixture
def door(app: Flask) -> FlaskClient:
    app.test_client_class = FlaskClient
    return app.test_client()


def booking(shop: Shop, amount: object = "500.00", **more: object) -> dict[str, object]:
    return {
        "side": "credit", "amount": amount, "currency": "TRY", "day": clock.now().date().isoformat(), "reference": "F1",
        "text": f"BAKIYE {phone(shop)}", "name": "AYSE YILMAZ", "iban": "TR320010009999901234567890",
    } | more  # fmt: skip


def event(*bookings: object, id: str = "evt-1", account: str = IBAN, **more: object) -> dict[str, Any]:
    return {"event": id, "account": account, "bookings": list(bookings)} | more


def push(
    door: FlaskClient, body: Mapping[str, object] | bytes, secret: str, *, account: str = IBAN, age: int = 0, sign: bytes | None = None
) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int((clock.now() - timedelta(seconds=age)).timestamp()))
    headers = {
        "Gise-Account": account,
        "Gise-Timestamp": timestamp,
        "Gise-Signature": signature(secret, timestamp=timestamp, body=raw if sign is None else sign),
    }
    return door.post("/bank/events", data=raw, headers=headers, content_type="application/json")


def test_a_signed_event_is_credited_at_once(door: FlaskClient, secret: str, shop: Shop) -> None:
    answer = push(door, event(booking(shop)), secret)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "event": "evt-1", "again": False, "statements": 1, "new": 1, "known": 0, "credited": 1, "suspense": 0, "quarantined": 0,
    }  # fmt: skip
    assert shop.balance == lira("500.00")
    assert all_is_right()


@pytest.mark.parametrize("format", ["camt054", "mt942", "camt053"])
def test_a_bank_file_inside_the_event(door: FlaskClient, secret: str, shop: Shop, format: str) -> None:
    raw = base64.b64encode(Paper().write(format, [transfer("500.00", phone(shop))])).decode()
    assert push(door, {"event": "evt-2", "raw": raw}, secret).get_json()["credited"] == 1
    assert shop.balance == lira("500.00")


def test_replayed_out_of_order_or_under_another_id_it_is_credited_once(door: FlaskClient, secret: str, shop: Shop) -> None:
    """B28"""
    first, second = event(booking(shop), id="1"), event(booking(shop, "70.00", reference="F2"), id="2")
    for body in (second, first, second, first, event(booking(shop), id="3")):
        assert push(door, body, secret).status_code == 200
    assert push(door, first, secret).get_json()["again"] is True
    assert shop.balance == lira("570.00")
    assert len(deposits()) == 2
    assert all_is_right()


def test_pushed_polled_and_uploaded_it_is_one_booking(door: FlaskClient, secret: str, shop: Shop) -> None:
    """B21"""
    paid = transfer("500.00", phone(shop))
    push(door, event(booking(shop, reference=paid.reference, text=paid.text)), secret)
    comes(Paper().camt054([paid]), way="feed")
    books(paid, format="camt053")
    assert shop.balance == lira("500.00")
    assert all_is_right()


def test_a_wrong_signature_is_refused_and_logged(door: FlaskClient, secret: str, shop: Shop) -> None:
    """B28"""
    with capture_logs() as logs:
        answers = [
            push(door, event(booking(shop)), "0" * 64),
            push(door, event(booking(shop)), secret, sign=b"another body"),
            door.post("/bank/events", json=event(booking(shop)), headers={"Gise-Account": IBAN}),
        ]
    assert [answer.status_code for answer in answers] == [401] * 3
    assert all(answer.get_json()["type"].endswith("/not-signed") for answer in answers)
    assert [line["why"] for line in logs if line["event"] == "bank-event.refused"] == ["NotSigned"] * 3
    assert deposits() == []


@pytest.mark.parametrize("age", [301, -301, 86400])
def test_an_old_event_is_refused(door: FlaskClient, secret: str, shop: Shop, age: int) -> None:
    """B28: five minutes by our clock, and no further ahead"""
    assert push(door, event(booking(shop)), secret, age=age).status_code == 401
    assert push(door, event(booking(shop)), secret, age=290).status_code == 200


def test_an_account_that_is_not_ours_or_has_no_secret_is_not_found(door: FlaskClient, secret: str, shop: Shop) -> None:
    open_account(OTHER_IBAN)
    for account in (OTHER_IBAN, "TR000000000000000000000000", ""):
        assert push(door, event(booking(shop)), secret, account=account).status_code == 404


def test_a_secret_speaks_for_its_own_account_only(door: FlaskClient, secret: str, shop: Shop) -> None:
    open_account(OTHER_IBAN)
    raw = base64.b64encode(Paper(iban=OTHER_IBAN).camt054([transfer("500.00", phone(shop))])).decode()
    for body in (event(booking(shop), account=OTHER_IBAN), {"event": "evt-9", "raw": raw}):
        assert push(door, body, secret).status_code == 422
    assert deposits() == []


def test_an_id_with_another_content_is_refused(door: FlaskClient, secret: str, shop: Shop) -> None:
    push(door, event(booking(shop)), secret)
    assert push(door, event(booking(shop, "9999.00")), secret).status_code == 409
    assert shop.balance == lira("500.00")


def test_a_new_secret_ends_the_one_before(app: Flask, door: FlaskClient, secret: str, shop: Shop) -> None:
    made = app.test_cli_runner().invoke(args=["bank", "secret", IBAN])
    assert made.exit_code == 0
    assert push(door, event(booking(shop)), secret).status_code == 401
    assert push(door, event(booking(shop)), made.stdout.strip()).status_code == 200
    assert app.test_cli_runner().invoke(args=["bank", "secret", OTHER_IBAN]).exit_code == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 500}, {"amount": "500"}, {"amount": "5e2"}, {"amount": "-5.00"}, {"side": "in"}, {"day": "yesterday"}, {"currency": "T"},
        {"booked_at": "2026-11-26T10:00:00"}, {"reversal": "no"}, {"text": "\u0000"}, {"text": "\ud800"}, {"status": "maybe"}, {"surprise": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(door: FlaskClient, secret: str, shop: Shop, wrong: dict[str, object]) -> None:
    answer = push(door, event(booking(shop) | wrong), secret)
    assert answer.status_code == 422
    assert "bookings[1]" in answer.get_data(as_text=True)
    assert deposits() == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"event": ""}', b'{"event": "1", "raw": "%"}', b'{"event": "1", "raw": 7}'])
def test_what_is_no_event_is_refused(door: FlaskClient, secret: str, body: bytes) -> None:
    assert push(door, body, secret).status_code == 422


def test_balances_are_proven_here_too(door: FlaskClient, secret: str, shop: Shop) -> None:
    """A statement that does not add up is never credited"""
    answer = push(door, event(booking(shop), opening="0.00", closing="499.00"), secret)
    assert answer.get_json()["quarantined"] == 1
    assert shop.balance == lira("0.00")


def test_a_body_without_end_is_cut(door: FlaskClient, secret: str) -> None:
    assert push(door, b"x" * (LARGEST + 1), secret).status_code == 413


def test_a_large_push_is_the_banks_own_word(door: FlaskClient, secret: str, shop: Shop) -> None:
    """No second person: the bank signed it"""
    push(door, event(booking(shop, "250000.00")), secret)
    assert shop.balance == lira("250000.00")


def test_kept_events_are_read_again(app: Flask, door: FlaskClient, secret: str, shop: Shop) -> None:
    push(door, event(booking(shop)), secret)
    result = app.test_cli_runner().invoke(args=["bank", "replay"])
    assert result.exit_code == 0
    assert result.stdout == "Nothing changed.\n"
    assert shop.balance == lira("500.00")

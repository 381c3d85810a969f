"""Disputes, the e-bill, charges and the T+1 file, at both doors; who may come in, and what cannot be read."""

from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sandbox.carriers.directory import CARRIERS
from tests.sandbox.doors import SECRET, BankDoor, DirectDoor, Door
from tests.sandbox_process import Sandbox, running_sandbox


def test_a_disputed_bill_carries_a_flag_and_another_version(direct: DirectDoor) -> None:
    number, bill = direct.new_bill()
    body = {"subscriber": number, "reason": "Bu arama benim değil"}
    answer = direct.http.request("POST", f"{direct.base}/bills/{bill.ref}/dispute", json=body, headers=SECRET)
    assert answer.status == 201 and answer.json()["reference"]
    disputed = direct.bill(number, bill.ref)
    assert disputed.flags == ("disputed",) and disputed.version != bill.version
    assert direct.pay(direct.new_reference(), number, bill).why == "amount_changed"
    assert direct.pay(direct.new_reference(), number, disputed).word == "accepted"


def test_a_dispute_behind_the_bank(bank: BankDoor) -> None:
    number, bill = bank.new_bill()
    said = bank.ask("Dispute", subscriber=number, bill=bill.ref, reason="wrong")
    assert said.get("code") == "ok" and said.get("reference")
    assert bank.bill(number, bill.ref).flags == ("disputed",)
    assert bank.ask("Dispute", subscriber=number, bill="M-0", reason="wrong").get("code") == "unknown_bill"
    assert bank.ask("Dispute", subscriber="0", bill=bill.ref, reason="wrong").get("code") == "unknown_subscriber"


def test_the_e_bill_is_switched_on_and_off(direct: DirectDoor, bank: BankDoor) -> None:
    number, _ = direct.new_bill()
    address = f"{direct.base}/subscribers/{number}/e-bill"
    assert direct.http.request("PUT", address, json={"email": "a@example.com"}, headers=SECRET).status == 204
    assert direct.account(number).subscriber.e_bill == "a@example.com"
    assert direct.http.request("DELETE", address, headers=SECRET).status == 204
    assert direct.account(number).subscriber.e_bill == ""
    assert direct.http.request("PUT", address, json={"email": "nobody"}, headers=SECRET).status == 400

    number, _ = bank.new_bill()
    assert bank.ask("EBill", subscriber=number, email="a@example.com").get("code") == "ok"
    assert bank.account(number).subscriber.e_bill == "a@example.com"
    assert bank.ask("EBill", subscriber=number, email="").get("code") == "ok"
    assert bank.account(number).subscriber.e_bill == ""


def test_charges_are_rounded_over_their_sum(sandbox: Sandbox, bank: BankDoor) -> None:
    """Seven inquiries of 0.0236 are 0.17, not seven times 0.02 (carriers.md)."""
    azercell = DirectDoor(sandbox, biller="azercell", currency="AZN")
    number, _ = azercell.new_bill()
    before = azercell.account(number).subscriber.unbilled.minor
    for turn in (0, 1, 2, 3, 4, 5, 6, 6):
        body = {"reference": f"S-{number}-{turn}", "text": "SMS 650", "amount": "0.0236"}
        answer = azercell.http.request("POST", f"{azercell.base}/subscribers/{number}/charges", json=body, headers=SECRET)
        assert (answer.status, answer.json()) == (201, {"reference": body["reference"]})
    assert azercell.account(number).subscriber.unbilled.minor - before == 17

    number, _ = bank.new_bill()
    before = bank.account(number).subscriber.unbilled.minor
    assert bank.ask("Charge", subscriber=number, reference=f"S-{number}", text="SMS", amount="1.5000").get("code") == "ok"
    assert bank.account(number).subscriber.unbilled.minor - before == 150


def test_who_is_not_there_gets_no_service(direct: DirectDoor) -> None:
    closed = next(one["number"] for one in direct.sandbox.control.subscribers(direct.biller) if one["state"] == "closed")
    body = {"reference": "S-1", "text": "SMS", "amount": "0.1"}
    assert direct.http.request("POST", f"{direct.base}/subscribers/0/charges", json=body, headers=SECRET).status == 404
    assert direct.http.request("POST", f"{direct.base}/subscribers/{closed}/charges", json=body, headers=SECRET).status == 410
    assert direct.http.request("DELETE", f"{direct.base}/subscribers/0/e-bill", headers=SECRET).json() == {"code": "unknown_subscriber"}
    dispute = {"subscriber": direct.new_bill()[0], "reason": "wrong"}
    assert direct.http.request("POST", f"{direct.base}/bills/E-0/dispute", json=dispute, headers=SECRET).json() == {"code": "unknown_bill"}


@pytest.mark.parametrize("biller", ["millenicom", "masmovil"])
def test_the_day_file_comes_when_the_day_is_over_and_nothing_is_undone_after(tmp_path: Path, biller: str) -> None:
    """The clock is moved by starting again, 20 s before midnight and 20 s after, in the carrier's own zone."""
    zone = CARRIERS[biller].zone
    midnight = datetime(2026, 11, 22, tzinfo=zone) + timedelta(days=1)
    with running_sandbox(tmp_path, subscribers=12, clock=(midnight - timedelta(seconds=20)).isoformat()) as sandbox:
        door: Door = BankDoor(sandbox) if biller == "millenicom" else DirectDoor(sandbox)
        kept, undone = door.new_reference(), door.new_reference()
        for reference in (kept, undone):
            number, bill = door.new_bill(7777)
            door.pay(reference, number, bill)
        door.reverse(undone)
        assert door.day_file("2026-11-22") is None
        sandbox.stop()
        sandbox.clock = (midnight + timedelta(seconds=20)).isoformat()
        sandbox.start()
        lines = door.day_file("2026-11-22")
        assert lines is not None and [(line["reference"], line["state"], line["amount"]) for line in lines] == [
            (kept, "accepted", 7777),
            (undone, "reversed", 7777),
        ]
        assert lines[0]["at"].startswith("2026-11-22T23:59:4") and lines[0]["currency"] == door.currency
        assert door.day_file("2026-11-21") == [] and door.day_file("2026-11-23") is None
        refused = door.reverse(kept)
        assert (refused.word, refused.why) == ("refused", "settled")
        assert (door.reverse(undone).word, door.status(kept).word) == ("reversed", "accepted")


def test_without_a_secret_nobody_comes_in(sandbox: Sandbox, direct: DirectDoor) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic abc"}):
        assert direct.http.request("GET", f"{direct.base}/payments/P-1", headers=headers).json()["code"] == "not_signed_in"
        answer = direct.http.request("POST", f"{sandbox.url}/bank/v1/collections", body=b"<Status/>", headers=headers)
        assert answer.status == 401 and ElementTree.fromstring(answer.data).attrib == {"code": "not_signed_in"}


def test_a_biller_stands_behind_one_door(sandbox: Sandbox, direct: DirectDoor, bank: BankDoor) -> None:
    for biller in ("millenicom", "nobody"):
        answer = direct.http.request("GET", f"{sandbox.url}/direct/v1/{biller}/payments/P-1", headers=SECRET)
        assert (answer.status, answer.json()["code"]) == (404, "unknown_biller")
    for biller in ("masmovil", "nobody"):
        answer = bank.send("Status", biller=biller, reference="P-1")
        assert (answer.status, ElementTree.fromstring(answer.data).get("code")) == (404, "unknown_biller")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", ""),
        (b'{"bill": "1", "bill": "2"}', ""),
        (b'{"currency": "EUR", "amount": NaN}', ""),
        (b'{"currency": "EUR", "subscriber": 5, "bill": "1", "amount": 1, "version": "1"}', "subscriber"),
        (b'{"currency": "EUR", "subscriber": "5", "bill": "1", "amount": "1", "version": "1"}', "amount"),
        (b'{"currency": "EUR", "subscriber": "5", "bill": "1", "amount": 1.0, "version": "1"}', "amount"),
        (b'{"currency": "EUR", "subscriber": "5", "bill": "1", "amount": true, "version": "1"}', "amount"),
        (b'{"currency": "EUR", "subscriber": "5", "bill": "1", "amount": 1}', "version"),
        (b'{"currency": "TRY", "subscriber": "5", "bill": "1", "amount": 1, "version": "1"}', "currency"),
        (b'{"currency": "EUR", "subscriber": "5\\u0000", "bill": "1", "amount": 1, "version": "1"}', "subscriber"),
        (b"[" * 100_000, ""),
        (b"\xff\xfe", ""),
    ],
)
def test_an_order_that_cannot_be_read_is_no_refusal(direct: DirectDoor, body: bytes, field: str) -> None:
    answer = direct.http.request("POST", f"{direct.base}/payments", body=body, headers=SECRET | {"Idempotency-Key": "P-1"})
    assert (answer.status, answer.json()["code"], answer.json()["field"]) == (400, "invalid", field)


def test_a_reference_is_needed(direct: DirectDoor) -> None:
    number, bill = direct.new_bill()
    for headers in ({}, {"Idempotency-Key": "lower"}, {"Idempotency-Key": "P" * 41}):
        answer = direct.http.request("POST", f"{direct.base}/payments", json=direct.order(number, bill), headers=SECRET | headers)
        assert (answer.status, answer.json()["field"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"<Collect", ""),
        (b"<Nothing/>", "Nothing"),
        (b'<!DOCTYPE x [<!ENTITY e "x">]><Status biller="millenicom" reference="P-1"/>', ""),
        (b'<?xml version="1.0" encoding="x-nothing"?><Status/>', ""),
        (b'<Status reference="P-1"/>', "biller"),
        (b'<Status biller="millenicom" reference="p"/>', "reference"),
        (b'<DayFile biller="millenicom" date="22.11.2026"/>', "date"),
        (b'<Inquiry biller="millenicom" subscriber="5" last="0"/>', "last"),
        (b'<Inquiry biller="millenicom" subscriber="5" period="2026-13"/>', "period"),
        (b'<Collect biller="millenicom" reference="P" subscriber="5" bill="1" amount="390" currency="TRY" version="1"/>', "amount"),
        (b'<Collect biller="millenicom" reference="P" subscriber="5" bill="1" amount="390.00" currency="EUR" version="1"/>', "currency"),
        (b"<a>" * 30_000, ""),
    ],
)
def test_a_document_that_cannot_be_read(sandbox: Sandbox, bank: BankDoor, body: bytes, field: str) -> None:
    answer = bank.http.request("POST", f"{sandbox.url}/bank/v1/collections", body=body, headers=SECRET)
    said = ElementTree.fromstring(answer.data)
    assert (answer.status, said.tag, said.get("code"), said.get("field")) == (400, "Error", "invalid", field)

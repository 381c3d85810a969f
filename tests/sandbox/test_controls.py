"""Every control says clearly what it does not understand, and never breaks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.sandbox_process import Controls, Json, Sandbox, running_sandbox

BILL: Json = {"biller": "millenicom", "subscriber": "5300001042", "amount": 100}
FAULT: Json = {"biller": "millenicom", "operation": "pay", "mode": "delay"}
TRANSFER: Json = {
    "iban": "TR330006100519786457841326",
    "amount": 100,
    "currency": "TRY",
    "sender_name": "Ayşe",
    "sender_iban": "TR760006200000012340000629",
    "description": "05321234567",
}
SMS: Json = {"from": "05321234567", "to": "650", "text": "x"}
MAIL: Json = {"from": "a@example.com", "to": "b@example.com", "subject": "x", "text": "x", "attachments": []}
ATTACHMENT: Json = {"name": "a.pdf", "type": "application/pdf", "content": "eA=="}
GOOD = {"bills": BILL, "faults": FAULT, "transfers": TRANSFER, "sms": SMS, "mail": MAIL}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("controls"), subscribers=12) as sandbox:
        yield sandbox


def post(sandbox: Sandbox, control: str, body: object) -> urllib3.BaseHTTPResponse:
    return urllib3.request("POST", f"{sandbox.url}/control/{control}", body=json.dumps(body).encode())


@pytest.mark.parametrize("control", GOOD)
def test_each_takes_what_it_should(own: Sandbox, control: str) -> None:
    assert post(own, control, GOOD[control]).status == 201
    own.control.clear_faults()


@pytest.mark.parametrize("control", GOOD)
@pytest.mark.parametrize("body", [None, [], "x", 5, [{}], {"a": {"b": []}}, {}])
def test_each_refuses_what_is_no_order(own: Sandbox, control: str, body: object) -> None:
    answer = post(own, control, body)
    assert answer.status == 422 and answer.json()["code"] == "invalid" and answer.json()["title"]


@pytest.mark.parametrize(("control", "field"), [(control, field) for control, body in GOOD.items() for field in body])
@pytest.mark.parametrize("value", [{}, [[]], 1.5, -1, True, "\x00", "\ud800", "x" * 100_000, 10**30, "١٢"])
def test_each_field_of_the_wrong_kind_is_named(own: Sandbox, control: str, field: str, value: object) -> None:
    answer = post(own, control, GOOD[control] | {field: value})
    if answer.status == 201:
        assert (field, value) in {("text", "١٢"), ("description", "١٢"), ("subject", "١٢"), ("sender_name", "١٢")} | ANY_TEXT | LONG_TEXT
    else:
        assert answer.status in (404, 422) and answer.json()["field"].startswith(field) and answer.json()["title"]


ANY_TEXT = {("from", "١٢"), ("to", "١٢"), ("sender_iban", "١٢")}
LONG_TEXT = {("text", "x" * 100_000)}


@pytest.mark.parametrize(("control", "field"), [(control, field) for control, body in GOOD.items() for field in [*body, "unknown"]])
def test_each_missing_or_unknown_field_is_named(own: Sandbox, control: str, field: str) -> None:
    body = {name: value for name, value in GOOD[control].items() if name != field} if field != "unknown" else GOOD[control] | {"unknown": 1}
    answer = post(own, control, body)
    if control == "mail" and field in ("subject", "text", "attachments"):
        assert answer.status == 201
    else:
        assert (answer.status, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    ("control", "change", "field"),
    [
        ("bills", {"biller": "nobody"}, "biller"),
        ("bills", {"subscriber": "0"}, "subscriber"),
        ("bills", {"amount": 0}, "amount"),
        ("bills", {"amount": 10**13}, "amount"),
        ("bills", {"amount": "100"}, "amount"),
        ("faults", {"operation": "look"}, "operation"),
        ("faults", {"mode": "explode"}, "mode"),
        ("faults", {"times": 0}, "times"),
        ("faults", {"times": 1.0}, "times"),
        ("faults", {"times": True}, "times"),
        ("faults", {"times": 1, "probability": 0.5}, "probability"),
        ("faults", {"probability": 0}, "probability"),
        ("faults", {"probability": 1.01}, "probability"),
        ("faults", {"probability": "0.5"}, "probability"),
        ("faults", {"seconds": 0}, "seconds"),
        ("faults", {"seconds": 601}, "seconds"),
        ("faults", {"subscriber": ""}, "subscriber"),
        ("transfers", {"iban": "X"}, "iban"),
        ("transfers", {"currency": "CHF"}, "currency"),
        ("transfers", {"amount": "1.00"}, "amount"),
        ("transfers", {"booked_at": "2026-11-22"}, "booked_at"),
        ("transfers", {"booked_at": "2999-01-01T00:00:00Z"}, "booked_at"),
        ("transfers", {"booked_at": "0001-01-01T00:00:00+03:00"}, "booked_at"),
        ("transfers", {"value_date": "22.11.2026"}, "value_date"),
        ("transfers", {"side": "left"}, "side"),
        ("transfers", {"reversal_of": "NEVER"}, "reversal_of"),
        ("transfers", {"reversal_of": "R", "side": "credit"}, "side"),
        ("transfers", {"reference": "R" * 36}, "reference"),
        ("transfers", {"sender_name": "a\nb"}, "sender_name"),
        ("mail", {"to": "nobody"}, "to"),
        ("mail", {"from": "a@example.com\r\nBcc: c@example.com"}, "from"),
        ("mail", {"subject": "a\nb"}, "subject"),
        ("mail", {"attachments": [ATTACHMENT, ATTACHMENT | {"type": "x"}]}, "attachments[1].type"),
        ("mail", {"attachments": [ATTACHMENT | {"type": "multipart/mixed"}]}, "attachments[0].type"),
        ("mail", {"attachments": [ATTACHMENT | {"content": "?"}]}, "attachments[0].content"),
        ("mail", {"attachments": [ATTACHMENT | {"size": 1}]}, "attachments[0].size"),
        ("mail", {"attachments": ["x"]}, "attachments[0]"),
        ("mail", {"attachments": [ATTACHMENT] * 21}, "attachments"),
    ],
)
def test_what_is_refused_and_why(own: Sandbox, control: str, change: dict[str, Any], field: str) -> None:
    answer = post(own, control, GOOD[control] | change)
    assert (answer.status, answer.json()["field"]) == (404 if field == "iban" else 422, field), answer.json()


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("subscribers", "biller"),
        ("subscribers?biller=nobody", "biller"),
        ("subscribers?biller=azercell&page=2", "page"),
        ("effects", "biller"),
        ("effects?biller=", "biller"),
        ("messages", "channel"),
        ("messages?channel=fax", "channel"),
        ("messages?channel=sms&to=", "to"),
        ("faults?biller=azercell", "biller"),
    ],
)
def test_a_question_that_is_not_understood(own: Sandbox, address: str, field: str) -> None:
    answer = urllib3.request("GET", f"{own.url}/control/{address}")
    assert (answer.status, answer.json()["field"]) == (422, field)


def test_a_bill_is_on_top_at_once(own: Sandbox) -> None:
    before = next(one for one in own.control.subscribers("millenicom") if one["number"] == "5300001042")
    refs = [own.control.bill("millenicom", "5300001042", amount) for amount in (100, 200)]
    after = next(one for one in own.control.subscribers("millenicom") if one["number"] == "5300001042")
    assert len(set(refs)) == 2
    assert (after["owed"] - before["owed"], after["open_bills"] - before["open_bills"]) == (300, 2)


def test_a_closed_account_gets_no_bill(own: Sandbox) -> None:
    closed = next(one["number"] for one in own.control.subscribers("azercell") if one["state"] == "closed")
    answer = post(own, "bills", {"biller": "azercell", "subscriber": closed, "amount": 1})
    assert (answer.status, answer.json()["field"]) == (422, "subscriber")


def test_faults_are_listed_as_they_were_set(own: Sandbox) -> None:
    own.control.clear_faults()
    own.control.fault("millenicom", "pay", "delay")
    own.control.fault("masmovil", "inquiry", "timeout_after_apply", times=3)
    own.control.fault("masmovil", "reverse", "refuse", probability=0.2, seconds=1, subscriber="600004021")
    keys = ("biller", "operation", "mode", "remaining", "probability", "seconds", "subscriber", "fired")
    assert [tuple(fault[key] for key in keys) for fault in own.control.faults()] == [
        ("millenicom", "pay", "delay", 1, None, 3.0, None, 0),
        ("masmovil", "inquiry", "timeout_after_apply", 3, None, 30.0, None, 0),
        ("masmovil", "reverse", "refuse", None, 0.2, 1.0, "600004021", 0),
    ]
    own.control.clear_faults()
    assert own.control.faults() == []


def test_effects_begin_empty(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, subscribers=12) as sandbox:
        assert all(sandbox.control.effects(biller) == [] for biller in ("millenicom", "azercell", "masmovil", "vodafone-hu"))


def test_an_address_that_is_not_there(own: Sandbox, control: Controls) -> None:
    assert urllib3.request("GET", f"{own.url}/nothing").json()["code"] == "not_found"
    assert urllib3.request("GET", f"{own.url}/%00/%ff").json()["code"] == "not_found"
    answer = urllib3.request("PUT", f"{own.url}/control/faults", body=b"{}")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST, GET, DELETE")

"""Files of reports by the JSON API (contract.md §5): asked for, watched, taken, by nobody else."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock, db
from app.people import sessions
from app.people.model import Person
from app.reports.run_exports import claim, run_exports
from tests.people import Shop, hire, open_biller, open_shop

Call = Callable[..., TestResponse]
WANTED = {"report": "payments", "from": "2020-01-01", "to": "2099-12-31", "format": "csv"}


@pytest.fixture
def shop(app: Flask) -> Shop:
    shop, biller = open_shop("1000001042"), open_biller()
    shop.topped_up("500.00")
    shop.pays(biller, biller.bill("120.50"))
    return shop


def caller(client: FlaskClient, person: Person) -> Call:
    with db.transaction() as session:
        token, _ = sessions.begin(session, person, kind="api", address="127.0.0.1", now=clock.now())

    def call(method: str, path: str, **kwargs: Any) -> TestResponse:
        return client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **kwargs)

    return call


@pytest.fixture
def owner(client: FlaskClient, shop: Shop) -> Call:
    return caller(client, shop.owner)


def name_of(answer: TestResponse) -> str:
    assert answer.content_type == "application/problem+json"
    return str(answer.get_json()["type"]).rpartition("/")[2]


def fields_of(answer: TestResponse) -> list[str]:
    assert (answer.status_code, name_of(answer)) == (422, "invalid")
    return [error["field"] for error in answer.get_json()["errors"]]


def ask(call: Call, **more: object) -> str:
    answer = call("POST", "/exports", json=WANTED | more)
    assert answer.status_code == 202
    assert list(answer.get_json()) == ["id"]
    assert answer.headers["Location"] == f"/api/v1/exports/{answer.get_json()['id']}"
    return str(answer.get_json()["id"])


def test_a_file_is_asked_for_watched_and_taken(owner: Call) -> None:
    id = ask(owner, filters={"state": "paid", "biller": "millenicom"})
    told = owner("GET", f"/exports/{id}").get_json()
    assert (told["state"], told["done"], told["total"], told["seal"], told["error"]) == ("queued", 0, None, None, None)
    assert told["filters"] == {
        "from": "2020-01-01", "to": "2099-12-31", "zone": "Europe/Istanbul", "agent": "1000001042", "state": "paid", "biller": "millenicom",
    }  # fmt: skip
    early = owner("GET", f"/exports/{id}/file")
    assert (early.status_code, name_of(early)) == (409, "pending")

    claim(now=clock.now())
    assert owner("GET", f"/exports/{id}").get_json()["state"] == "running"
    again = ask(owner)
    run_exports(b"key", now=clock.now())

    told = owner("GET", f"/exports/{again}").get_json()
    assert (told["state"], told["done"], told["total"]) == ("ready", 1, 1)
    assert told["expires_at"].endswith("+03:00") and told["seal"]
    answer = owner("GET", f"/exports/{again}/file")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=payments-2020-01-01")
    assert answer.headers["Cache-Control"] == "no-store"
    header, row, *_ = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert dict(zip(header, row, strict=True))["Tutar"] == "120,50"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["format", "from", "report", "to"]),
        (WANTED | {"format": "pdf"}, ["format"]),
        (WANTED | {"from": "01.10.2026"}, ["from"]),
        (WANTED | {"from": "2026-02-30"}, ["from"]),
        (WANTED | {"to": 20261001}, ["to"]),
        (WANTED | {"agent": "1000001042"}, ["agent"]),
        (WANTED | {"filters": {"agent": "1000002077"}}, ["agent"]),
        (WANTED | {"filters": {"role": "admin"}}, ["filters.role"]),
        (WANTED | {"filters": []}, ["filters"]),
        (WANTED | {"filters": {"state": "credited"}}, ["state"]),
        (WANTED | {"self": 1}, ["self"]),
    ],
)
def test_what_is_asked_for_is_read_strictly(owner: Call, body: dict[str, Any], fields: list[str]) -> None:
    """C16: each wrong field by its name; a stranger's agent is as unknown as one that is not there"""
    open_shop("1000002077")
    assert sorted(fields_of(owner("POST", "/exports", json=body))) == fields


def test_a_report_that_is_not_for_the_asker_is_not_found(owner: Call) -> None:
    for report in ("journal", "trial-balance", "no-such-report", "../../etc/passwd"):
        answer = owner("POST", "/exports", json=WANTED | {"report": report})
        assert (answer.status_code, name_of(answer)) == (404, "not-found")


def test_a_strangers_file_is_not_found(client: FlaskClient, owner: Call, shop: Shop) -> None:
    """C1: the same answer as for one that is not there"""
    id = ask(owner)
    run_exports(b"key", now=clock.now())

    for person in (open_shop("1000002077").owner, hire("owner", shop=shop), hire("accountant")):
        stranger = caller(client, person)
        for tail in ("", "/file"):
            theirs, missing = stranger("GET", f"/exports/{id}{tail}"), stranger("GET", f"/exports/X00000000000000000000{tail}")
            assert theirs.status_code == missing.status_code == 404
            assert {**theirs.get_json(), "reference": ""} == {**missing.get_json(), "reference": ""}


def test_nobody_queues_without_end(owner: Call) -> None:
    for _ in range(5):
        ask(owner)
    answer = owner("POST", "/exports", json=WANTED)
    assert (answer.status_code, name_of(answer), answer.headers["Retry-After"]) == (429, "too-many", "30")


def test_the_document_shows_it_as_it_is(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    assert set(paths["/api/v1/exports"]["post"]["responses"]) >= {"202", "422"}
    schema = client.get("/api/v1/openapi.json").get_json()["components"]["schemas"]["ExportRequest"]
    assert sorted(schema["required"]) == ["format", "from", "report", "to"]
    assert "application/octet-stream" in paths["/api/v1/exports/{id}/file"]["get"]["responses"]["200"]["content"]

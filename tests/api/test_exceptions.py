"""Everything a person must look at, by page and by API (contract.md §5)."""

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.people import sessions
from app.people.model import Person
from app.reports import run_exports
from app.reports.catalogue import Asker
from app.reports.request_export import cancel_export, request_export
from tests.people import UNKNOWN, Shop, hire, open_biller, open_shop
from tests.reports.conftest import EVER, owner_of


@pytest.fixture
def shop(app: Flask) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("500.00")
    return shop


def token_of(person: Person, *, kind: str) -> str:
    with db.transaction() as session:
        session.get_one(Person, person.id).language = "en"
        return sessions.begin(session, person, kind=kind, address="127.0.0.1", now=clock.now())[0]


def exceptions(client: FlaskClient, kind: str = "") -> list[dict[str, str]]:
    answer = client.get("/api/v1/exceptions", headers={"Authorization": f"Bearer {token_of(hire('auditor'), kind='api')}"})
    assert answer.status_code == 200
    assert answer.get_json()["next"] is None
    items: list[dict[str, str]] = answer.get_json()["items"]
    return [item for item in items if item["kind"].startswith(kind)]


def page(app: Flask, role: str) -> str:
    client = app.test_client()
    client.set_cookie("gise", token_of(hire(role), kind="browser"))
    answer = client.get("/exceptions")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def ask(asker: Asker) -> str:
    with db.transaction() as session:
        return request_export(session, "payments", EVER, format="csv", asker=asker, now=clock.now()).id


def test_all_is_well(client: FlaskClient, shop: Shop) -> None:
    assert exceptions(client) == []


def test_a_payment_without_outcome_is_told_with_its_page(app: Flask, client: FlaskClient, shop: Shop) -> None:
    """P-15: unknown for more than half an hour"""
    biller = open_biller()
    biller.answers = [UNKNOWN]
    payment = shop.pays(biller, biller.bill("120.50"))

    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        (one,) = exceptions(client, "payment")
        html = page(app, "operator")

    assert (one["kind"], one["ref"], one["link"]) == ("payment.unknown", payment.reference, f"/cases/payments/{payment.reference}")
    assert datetime.fromisoformat(one["since"]).utcoffset() == timedelta(hours=3)
    assert one["sentence"].startswith(f"The outcome of {payment.reference} is unknown for more than half an hour")
    assert one["sentence"] in html and one["link"] in html


def test_a_file_that_nobody_makes_is_told(client: FlaskClient, shop: Shop) -> None:
    id = ask(owner_of(shop))

    assert exceptions(client) == []
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        (one,) = exceptions(client, "export")

    assert (one["kind"], one["ref"], one["link"]) == ("export.waiting", id, f"/audit?thing={id}")
    assert one["sentence"] == f"Nobody makes the file {id} (payments). Look whether the worker runs."


def test_a_file_that_we_could_not_make_is_told_for_a_day(
    app: Flask, client: FlaskClient, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever language its asker reads; a link only for who may follow it"""
    id = ask(owner_of(shop, language="tr"))
    monkeypatch.setattr(run_exports, "make_file", lambda *args, **kwargs: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        run_exports.run_exports(b"key", now=clock.now())

    (one,) = exceptions(client)
    assert (one["kind"], one["ref"]) == ("export.failed", id)
    assert one["sentence"] in page(app, "operator") and one["link"] not in page(app, "operator")
    assert one["link"] in page(app, "auditor")
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        assert exceptions(client, "export") == []


def test_what_its_asker_stopped_is_no_exception(client: FlaskClient, shop: Shop) -> None:
    id = ask(owner_of(shop))
    with db.transaction() as session:
        cancel_export(session, id, asker=owner_of(shop), now=clock.now())
    assert exceptions(client) == []

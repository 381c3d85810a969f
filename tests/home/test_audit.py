"""The audit trail by person, thing and day (screens.md, product.md §1)."""

import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import audit, clock, db
from app.people import sessions
from app.people.model import Person
from tests.people import at, hire, open_shop

NIGHT = at("2027-03-01T00:30:00+03:00")


@pytest.fixture
def auditor(app: Flask) -> FlaskClient:
    person = hire("auditor", name="Denetçi Işık")
    with db.transaction() as session:
        session.get_one(Person, person.id).language = "en"
        token, _ = sessions.begin(session, person, kind="browser", address="127.0.0.1", now=clock.now())
    client = app.test_client()
    client.set_cookie("gise", token)
    return client


def note(event: str, *, by: str, about: str = "X1", at: datetime | None = None, **facts: object) -> None:
    with db.transaction() as session:
        audit.record(session, event, about=about, by=by, at=at or clock.now(), address="10.1.2.3", **facts)


def events(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"/audit?{query}")
    assert answer.status_code == 200
    return re.findall(r"<code>([^<]+)</code>", answer.get_data(as_text=True))


def test_who_did_what_when_from_where_and_why(auditor: FlaskClient) -> None:
    person = hire("operator", name="Zeynep Şahin")
    note("deposit.assigned", by=f"person:{person.id}", about="D261123-1", note="Phone call", agent="")

    html = auditor.get("/audit").get_data(as_text=True)

    line = html[html.index("deposit.assigned") - 600 : html.index("deposit.assigned") + 600]
    for told in ("Zeynep Şahin", "D261123-1", "Phone call", "10.1.2.3"):
        assert told in line
    assert "agent</span>" not in line, "what is empty is not shown"


def test_the_newest_stand_first_and_older_ones_behind_a_link(auditor: FlaskClient) -> None:
    for number in range(60):
        note(f"event.{number}", by="job:test")

    first = auditor.get("/audit?person=job:test")
    assert events(auditor, "person=job:test") == [f"event.{number}" for number in range(59, 9, -1)]
    older = re.search(r'href="/audit\?([^"]*cursor=\d+)"', first.get_data(as_text=True))
    assert older
    assert events(auditor, older[1].replace("&amp;", "&")) == [f"event.{number}" for number in range(9, -1, -1)]


@pytest.mark.parametrize("typed", ["0534 999 00 01", "+905349990001", "ışıl", "ISIL", "Işıl Öz", "isil oz", "person:{id}"])
def test_a_person_is_found_by_phone_name_or_number(auditor: FlaskClient, typed: str) -> None:
    """Dotted and dotless i are found either way"""
    with db.transaction() as session:
        person = session.get_one(Person, hire("operator", name="Işıl Öz").id)
        person.phone = "+905349990001"
    note("one.did", by=f"person:{person.id}")
    note("another.did", by=f"person:{hire('operator', name='Ali Can').id}")
    assert events(auditor, f"person={typed.format(id=person.id)}".replace("+", "%2B")) == ["one.did"]


@pytest.mark.parametrize("typed", ["%", "_", "nobody of this name", "person:abc", "person:99999999999999999999"])
def test_nobody_is_found_by_what_is_no_name(auditor: FlaskClient, typed: str) -> None:
    note("one.did", by="person:1")
    assert events(auditor, f"person={typed.replace('%', '%25')}") == []


def test_a_thing_tells_its_whole_story(auditor: FlaskClient) -> None:
    shop = open_shop("1000001042")
    assert "agent.added" in events(auditor, f"thing={shop.number}")
    assert events(auditor, "thing=1042") == []


def test_a_day_begins_at_midnight_of_the_institution(auditor: FlaskClient) -> None:
    note("before.midnight", by="job:test", at=at("2027-02-28T23:59:59+03:00"))
    note("after.midnight", by="job:test", at=NIGHT)
    assert events(auditor, "day=2027-03-01&person=job:test") == ["after.midnight"]
    assert events(auditor, "day=2027-02-28&person=job:test") == ["before.midnight"]


@pytest.mark.parametrize("query", ["day=yesterday", "day=9999-12-31", "day=2026-02-30", "cursor=x", "cursor=-1", "cursor=" + "9" * 19])
def test_what_cannot_be_meant_is_named(auditor: FlaskClient, query: str) -> None:
    """C16"""
    assert auditor.get(f"/audit?{query}").status_code == 422


def test_texts_are_shown_as_typed(auditor: FlaskClient) -> None:
    """C13"""
    note("posting.manual", by="job:test", about="<b>X</b>", reason="<script>alert(1)</script>")
    assert "<script>alert" not in auditor.get("/audit").get_data(as_text=True)

"""The first page of staff: what waits, how many and for how long (screens.md); and whom a shop can call."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.home.help import ANSWERS
from app.notifications.model import Message
from app.people import sessions
from app.people.model import Person
from tests.people import hire, open_shop


def enter(app: Flask, person: Person) -> FlaskClient:
    with db.transaction() as session:
        session.get_one(Person, person.id).language = "en"
        token, _ = sessions.begin(session, person, kind="browser", address="127.0.0.1", now=clock.now())
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.set_cookie("gise", token)
    return client


@pytest.fixture
def lost_message(app: Flask) -> int:
    now = clock.now()
    with db.transaction() as session:
        message = Message(
            key="lost", channel="sms", recipient="+905320001042", body="x", created_at=now, given_up_at=now - timedelta(hours=3)
        )
        session.add(message)
        session.flush()
        return message.id


def test_a_lost_message_waits_until_an_operator_has_looked_at_it(app: Flask, lost_message: int) -> None:
    operator, auditor = enter(app, hire("operator")), enter(app, hire("auditor"))
    first_page = operator.get("/").get_data(as_text=True)
    assert "The oldest has waited 3 hours" in first_page
    listed = operator.get("/messages").get_data(as_text=True)
    assert "Looked at" in listed
    assert "+905320001042" not in listed, "whoever did not write it sees no whole number"
    assert auditor.post(f"/messages/{lost_message}/seen").status_code == 403
    for _ in range(2):
        assert operator.post(f"/messages/{lost_message}/seen").status_code == 303
    assert "Looked at" not in operator.get("/messages").get_data(as_text=True)
    assert operator.post("/messages/999/seen").status_code == 404


def test_help_answers_each_question_at_its_anchor(app: Flask) -> None:
    html = enter(app, open_shop(market="HU").owner).get("/help").get_data(as_text=True)
    for answer in ANSWERS:
        assert f'<section id="{answer.anchor}">' in html
        assert f'href="#{answer.anchor}"' in html
    assert "06 80 000 000" in html, "the own market's line"


def test_a_refusal_that_needs_a_person_says_whom_to_call(app: Flask) -> None:
    shop = enter(app, open_shop().owner)
    assert "0850 000 00 00" in shop.get("/audit").get_data(as_text=True)
    assert "0850 000 00 00" not in shop.get("/payments/P261123-000000000000").get_data(as_text=True)

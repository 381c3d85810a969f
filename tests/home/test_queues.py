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
    assert f'href="/messages/{lost_message}"' in listed
    page = operator.get(f"/messages/{lost_message}").get_data(as_text=True)
    assert 'id="ready"' in page, "the key r leads there"
    assert 'id="grant"' in page, "the key a leads there"
    assert "+905320001042" not in listed + page, "whoever did not write it sees no whole number"
    assert 'id="grant"' not in auditor.get(f"/messages/{lost_message}").get_data(as_text=True)
    assert auditor.post(f"/messages/{lost_message}/seen").status_code == 403
    for _ in range(2):
        assert operator.post(f"/messages/{lost_message}/seen").status_code == 303
    assert "queue-item" not in operator.get("/messages").get_data(as_text=True)
    assert operator.get(f"/messages/{lost_message}").status_code == 404
    assert operator.post("/messages/999/seen").status_code == 404


def test_a_lost_message_is_sent_again_once_the_gateway_is_well(app: Flask, lost_message: int) -> None:
    operator = enter(app, hire("operator"))
    assert enter(app, hire("approver")).post(f"/messages/{lost_message}/sending").status_code == 403
    assert operator.post(f"/messages/{lost_message}/sending").status_code == 303
    with db.reading() as session:
        message = session.get_one(Message, lost_message)
        assert (message.given_up_at, message.tries, message.key) == (None, 0, "lost"), "the same key: nobody gets it twice"
        assert message.next_try_at is not None
    assert operator.post(f"/messages/{lost_message}/sending").status_code == 404, "it is on its way"


def test_a_code_that_was_given_up_is_not_sent_again(app: Flask, lost_message: int) -> None:
    """Its text is gone, and would be worth nothing."""
    with db.transaction() as session:
        message = session.get_one(Message, lost_message)
        message.secret_until, message.body = clock.now() - timedelta(hours=2), ""
    operator = enter(app, hire("operator"))
    assert 'id="grant"' not in operator.get(f"/messages/{lost_message}").get_data(as_text=True)
    refused = operator.post(f"/messages/{lost_message}/sending")
    assert (refused.status_code, "asks for a new one" in refused.get_data(as_text=True)) == (409, True)


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

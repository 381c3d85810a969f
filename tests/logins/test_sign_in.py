"""Coming in and going out (C3, C4, C6, C7)."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.people import sessions
from tests.people import PASSWORD, hire, open_shop


def token_in(html: str) -> str:
    match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert match
    return match[1]


def sign_in(client: FlaskClient, phone: str, password: str = PASSWORD) -> int:
    token = token_in(client.get("/session").get_data(as_text=True))
    return client.post("/session", data={"csrf_token": token, "phone": phone, "password": password}).status_code


@pytest.fixture
def phone(app: Flask) -> str:
    return open_shop("1000001042").owner.phone


def test_the_owner_sees_number_and_name_top_left(client: FlaskClient, phone: str) -> None:
    assert sign_in(client, phone) == 303
    page = client.get("/").get_data(as_text=True)
    assert "1000001042" in page
    assert "Kızılay İletişim" in page


@pytest.mark.parametrize("shape", ["{local}", "+{full}", "00{full}", "{local} ", "0 {a} {b} {c} {d}"])
def test_the_number_may_be_typed_as_people_write_it(client: FlaskClient, phone: str, shape: str) -> None:
    national = phone[3:]
    typed = shape.format(local="0" + national, full="90" + national, a=national[:3], b=national[3:6], c=national[6:8], d=national[8:])
    assert sign_in(client, typed) == 303
    assert client.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_number_get_the_same_answer(app: Flask, phone: str) -> None:
    """C6"""
    answers = []
    for number, password in ((phone, "wrong-password"), ("05399999999", "wrong-password"), ("no number", "x")):
        client = app.test_client()
        assert sign_in(client, number, password) == 303
        page = client.get("/session").get_data(as_text=True)
        answers.append(re.sub(r'R-[0-9A-F]{8}|value="[^"]+"|nonce="[^"]+"', "", page))
    assert answers[0] == answers[1] == answers[2]
    assert 'role="alert"' in answers[0]


def test_after_ten_tries_the_number_is_slowed_and_the_eleventh_right_one_too(app: Flask, phone: str) -> None:
    """C7"""
    for _ in range(10):
        sign_in(app.test_client(), phone, "wrong-password")
    client = app.test_client()
    sign_in(client, phone)
    assert client.get("/").status_code == 303
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        client = app.test_client()
        sign_in(client, phone)
        assert client.get("/").status_code == 200


def test_a_session_ends_at_sign_out_and_the_old_cookie_is_dead(app: Flask, client: FlaskClient, phone: str) -> None:
    """C4: Flask's signed cookie would outlive it; our rows decide"""
    sign_in(client, phone)
    cookie = client.get_cookie("gise")
    assert cookie
    token = token_in(client.get("/").get_data(as_text=True))
    assert client.post("/session/end", data={"csrf_token": token}).status_code == 303
    thief = app.test_client()
    thief.set_cookie("gise", cookie.value)
    assert thief.get("/").headers["Location"] == "/session"


def test_signing_in_makes_a_new_session_and_a_new_form_secret(client: FlaskClient, phone: str) -> None:
    """C4: fixation"""
    client.set_cookie("gise", "planted")
    before = token_in(client.get("/session").get_data(as_text=True))
    sign_in(client, phone)
    cookie = client.get_cookie("gise")
    assert cookie
    assert cookie.value != "planted"
    assert client.post("/session/end", data={"csrf_token": before}).status_code == 400


@pytest.mark.parametrize(("role", "idle"), [("owner", 60), ("operator", 15)])
def test_idle_sessions_end(app: Flask, role: str, idle: int) -> None:
    """C4"""
    person = open_shop().owner if role == "owner" else hire(role)
    with db.transaction() as session:
        token, _ = sessions.begin(session, person, kind="browser", address="", now=clock.now())
    assert sessions.find_actor(token, kind="browser", now=clock.now() + timedelta(minutes=idle - 1))
    assert sessions.find_actor(token, kind="browser", now=clock.now() + timedelta(minutes=2 * idle)) is None


def test_no_session_lives_longer_than_twelve_hours(app: Flask, phone: str) -> None:
    """C4"""
    person = open_shop().owner
    start = clock.now()
    with db.transaction() as session:
        token, _ = sessions.begin(session, person, kind="browser", address="", now=start)
    for minutes in range(30, 12 * 60, 30):
        assert sessions.find_actor(token, kind="browser", now=start + timedelta(minutes=minutes))
    assert sessions.find_actor(token, kind="browser", now=start + timedelta(hours=12)) is None


def test_rights_taken_away_count_on_the_next_request(client: FlaskClient, phone: str) -> None:
    """C2"""
    from app.people.model import Person

    sign_in(client, phone)
    assert client.get("/").status_code == 200
    with db.transaction() as session:
        person = session.query(Person).filter_by(phone=phone).one()
        person.removed_at, person.removed_by = clock.now(), "test"
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("address", ["/session/end", "/language", "/payments"])
def test_no_change_without_the_forms_token(client: FlaskClient, phone: str, address: str) -> None:
    """C3"""
    sign_in(client, phone)
    assert client.post(address, data={"phone": phone, "password": PASSWORD}).status_code == 400
    assert client.post(address, json={"phone": phone}).status_code == 400
    assert client.get("/").status_code == 200


def test_another_sessions_token_does_not_help(app: Flask, client: FlaskClient, phone: str) -> None:
    """C3"""
    sign_in(client, phone)
    other = app.test_client()
    stolen = token_in(other.get("/session").get_data(as_text=True))
    assert client.post("/session/end", data={"csrf_token": stolen}).status_code == 400


def test_cookies_are_http_only_and_same_site(client: FlaskClient, phone: str) -> None:
    """C4; in production they are also Secure and carry the __Host- prefix"""
    token = token_in(client.get("/session").get_data(as_text=True))
    answer = client.post("/session", data={"csrf_token": token, "phone": phone, "password": PASSWORD})
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(
        cookie.startswith("gise=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Expires" not in cookie for cookie in cookies
    )


def test_a_page_after_sign_out_is_not_in_the_cache(client: FlaskClient, phone: str) -> None:
    """C28"""
    sign_in(client, phone)
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_a_browsers_cookie_opens_no_api_and_a_token_no_page(app: Flask, client: FlaskClient, phone: str) -> None:
    """C3: other sites can send cookies, never tokens"""
    sign_in(client, phone)
    assert client.get("/api/v1/me").status_code == 401
    answer = app.test_client().post("/api/v1/tokens", json={"phone": phone, "password": PASSWORD})
    thief = app.test_client()
    thief.set_cookie("gise", answer.get_json()["token"])
    assert thief.get("/").status_code == 303

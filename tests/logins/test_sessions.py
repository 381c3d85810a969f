"""Who is signed in where, on which browser, and who may end it (C1, C2, C4, C7)."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.people.codes import hash_token
from app.people.devices import in_words
from app.people.model import Person, SignIn
from app.people.sign_in_model import Device
from tests.logins.doors import messages, post
from tests.logins.test_sign_in import sign_in, token_in
from tests.people import PASSWORD, Shop, hire, open_shop

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop("1000001042")


def enters(app: Flask, person: Person, user_agent: str = CHROME) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = user_agent
    assert sign_in(client, person.phone) == 303
    assert client.get("/").status_code == 200
    return client


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("gise")
    assert cookie
    return cookie.value


def listed(client: FlaskClient, address: str = "/sessions") -> list[str]:
    page = client.get(address).get_data(as_text=True)
    return re.findall(r"<strong>([^<]+)</strong>", page.split('class="card mb-3"')[1])


def number_of(client: FlaskClient, address: str = "/sessions") -> str:
    """Of the first session on the page that is not the reader's own."""
    found = re.search(r"/sessions/([0-9]+)/end", client.get(address).get_data(as_text=True))
    assert found
    return found[1]


def test_own_sessions_with_browser_address_and_times(app: Flask, shop: Shop) -> None:
    enters(app, shop.owner, FIREFOX)
    client = enters(app, shop.owner)
    page = client.get("/sessions").get_data(as_text=True)
    assert listed(client) == ["Chrome, Windows", "Firefox, Linux"]
    assert page.count("127.0.0.1") == 2
    assert page.count("bg-green-lt") == 1, "this one is marked once"


def test_one_is_ended_or_all_others(app: Flask, shop: Shop) -> None:
    first, second, third, mine = (enters(app, shop.owner, agent) for agent in (FIREFOX, CHROME, CHROME, CHROME))
    assert post(mine, "/sessions", f"/sessions/{number_of(mine)}/end") == 303
    assert [client.get("/").status_code for client in (first, second, third)].count(303) == 1
    assert post(mine, "/sessions", "/sessions/others/end") == 303
    assert [client.get("/").status_code for client in (first, second, third, mine)] == [303, 303, 303, 200]
    with db.reading() as session:
        assert len(session.scalars(select(AuditLine).filter_by(event="session.ended")).all()) == 3


def test_an_owner_ends_those_of_the_own_shop_support_anybodys_and_strangers_nobodys(app: Flask, shop: Shop) -> None:
    """C1: a stranger's session is not found, like one that does not exist"""
    cashier, other = hire("cashier", shop=shop), open_shop()
    for by, may in (
        (shop.owner, True),
        (other.owner, False),
        (cashier, True),
        (hire("support"), True),
        (hire("approver"), True),
        (hire("operator"), False),
    ):
        victim, reader = enters(app, cashier, FIREFOX), enters(app, by)
        with db.reading() as session:
            newest = session.scalars(select(SignIn.id).filter_by(token_hash=hash_token(cookie_of(victim)))).one()
        token = token_in(reader.get("/sessions").get_data(as_text=True))
        answer = reader.post(f"/sessions/{newest}/end", data={"csrf_token": token})
        missing = reader.post("/sessions/999999/end", data={"csrf_token": token})
        assert answer.status_code == (303 if may else 404), by.role
        assert missing.status_code == 404
        assert victim.get("/").status_code == (303 if may else 200), by.role
        if may and by.id != cashier.id:
            victim = enters(app, cashier, FIREFOX)
            assert post(reader, "/sessions", f"/persons/{cashier.id}/sessions/end") == 303
            assert victim.get("/").status_code == 303
    with db.reading() as session:
        lines = session.scalars(select(AuditLine).filter_by(event="session.ended", about=f"person:{cashier.id}")).all()
    assert f"person:{shop.owner.id}" in {line.by for line in lines}


def test_another_role_ends_the_old_cookie(app: Flask, shop: Shop) -> None:
    """C2, C4"""
    cashier = hire("cashier", shop=shop)
    client = enters(app, cashier)
    with db.transaction() as session:
        session.get_one(Person, cashier.id).role = "owner"
    assert client.get("/").status_code == 303


def test_a_browser_that_was_never_seen_is_told_of_once(app: Flask, shop: Shop) -> None:
    client = enters(app, shop.owner)
    (sms,) = messages(shop.owner.phone)
    assert "Chrome, Windows" in sms.body
    assert "127.0.0.1" in sms.body
    post(client, "/sessions", "/session/end")
    assert sign_in(client, shop.owner.phone) == 303
    assert len(messages(shop.owner.phone)) == 1, "the same browser again"
    enters(app, shop.owner, FIREFOX)
    assert "Firefox" in messages(shop.owner.phone)[-1].body


def test_by_mail_for_who_prefers_it(app: Flask, shop: Shop) -> None:
    with db.transaction() as session:
        session.get_one(Person, shop.owner.id).email = "ayse@dukkan.example"
    client = enters(app, shop.owner)
    assert post(client, "/sessions", "/sessions/notice", channel="mail") == 303
    enters(app, shop.owner, FIREFOX)
    first, second = [
        message for message in messages() if "Chrome" in message.body or ("Firefox" in message.body and message.channel == "mail")
    ][-2:]
    assert (second.channel, second.recipient) == ("mail", "ayse@dukkan.example")
    assert first.id < second.id


def test_ever_new_browsers_cost_ten_messages_a_day(app: Flask, shop: Shop) -> None:
    """C9"""
    for _ in range(13):
        enters(app, shop.owner)
    assert len(messages(shop.owner.phone)) == 10


def test_the_browsers_mark_is_random_lasts_and_is_only_hashed_here(app: Flask, shop: Shop) -> None:
    client = app.test_client()
    client.set_cookie("gise_device", "planted")
    token = token_in(client.get("/session").get_data(as_text=True))
    answer = client.post("/session", data={"csrf_token": token, "phone": shop.owner.phone, "password": PASSWORD})
    (made,) = [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("gise_device=")]
    assert "planted" not in made
    assert "HttpOnly" in made
    assert "Max-Age=34560000" in made
    with db.reading() as session:
        (device,) = session.scalars(select(Device)).all()
    assert made.split("=")[1].split(";")[0].encode() not in device.token_hash


def test_a_known_browser_comes_in_while_others_guess(app: Flask, shop: Shop) -> None:
    """C7: locked softly"""
    mine = enters(app, shop.owner)
    post(mine, "/sessions", "/session/end")
    for _ in range(12):
        sign_in(app.test_client(), shop.owner.phone, "wrong-password")
    stranger = app.test_client()
    assert sign_in(stranger, shop.owner.phone) == 429
    assert sign_in(mine, shop.owner.phone) == 303
    assert mine.get("/").status_code == 200


def test_even_a_known_browser_does_not_guess_for_ever(app: Flask, shop: Shop) -> None:
    mine = enters(app, shop.owner)
    post(mine, "/sessions", "/session/end")
    for _ in range(10):
        assert sign_in(mine, shop.owner.phone, "wrong-password") == 303
    assert sign_in(mine, shop.owner.phone) == 429
    other = open_shop()
    assert sign_in(mine, other.owner.phone) == 303, "another person's number is not known there"


def test_a_thousand_tries_on_one_account_from_fifty_addresses(app: Flask, shop: Shop) -> None:
    """C7: ten are compared; what a client says of its address is not believed"""
    with patch("app.people.sign_in.passwords.is_right", return_value=False) as compared:
        client = app.test_client()
        token = token_in(client.get("/session").get_data(as_text=True))
        for number in range(1000):
            environ = {"REMOTE_ADDR": f"198.51.100.{number % 50}"}
            headers = {"X-Forwarded-For": f"203.0.113.{number % 250}"}
            said = {"csrf_token": token, "phone": shop.owner.phone, "password": "x"}
            answer = client.post("/session", data=said, environ_overrides=environ, headers=headers)
    assert compared.call_count == 10
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 800) == (429, True)


def test_one_try_on_a_thousand_accounts_from_one_address(app: Flask) -> None:
    """C7, C10: a hundred; a neighbour is not slowed"""
    shop = open_shop()
    with patch("app.people.sign_in.passwords.is_right", return_value=False) as compared:
        client = app.test_client()
        token = token_in(client.get("/session").get_data(as_text=True))
        for number in range(300):
            headers = {"X-Forwarded-For": f"203.0.113.{number % 250}"}
            client.post("/session", data={"csrf_token": token, "phone": f"0539{number:07d}", "password": "x"}, headers=headers)
    assert compared.call_count == 100
    token = token_in(client.get("/session").get_data(as_text=True))
    said = {"csrf_token": token, "phone": shop.owner.phone, "password": PASSWORD}
    assert client.post("/session", data=said, environ_overrides={"REMOTE_ADDR": "192.0.2.9"}).status_code == 303


def test_three_sessions_side_by_side_and_idle_ones_are_not_listed(app: Flask, shop: Shop) -> None:
    """C4"""
    start = clock.now()
    clients = [enters(app, shop.owner) for _ in range(3)]
    assert len(listed(clients[0])) == 3
    with time_machine.travel(start + timedelta(minutes=59)):
        assert clients[0].get("/").status_code == 200
    with time_machine.travel(start + timedelta(minutes=61)):
        assert len(listed(clients[0])) == 1
        assert clients[1].get("/").status_code == 303


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (CHROME, "Chrome, Windows"),
        (FIREFOX, "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36", "Samsung Internet, Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge, Windows"),
        ("curl/8.5.0", ""),
        ("<script>alert(1)</script>", ""),
    ],
)  # fmt: skip
def test_a_browser_in_words(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words

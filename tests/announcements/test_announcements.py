"""Announcements: per market and role, dated, in the reader's language, and it is known who has read them (issue 5)."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.announcements.publish import Draft, end, publish
from app.errors import Invalid
from app.people import sessions
from app.people.model import Person
from tests.conftest import Database
from tests.people import hire, open_shop

PDF = b"%PDF-1.7\nmarker"


def today() -> date:
    return clock.now().date()


def draft(**more: Any) -> Draft:
    facts: dict[str, Any] = {
        "market": "",
        "roles": ["owner", "cashier"],
        "urgent": False,
        "first_day": today() - timedelta(days=1),
        "last_day": None,
        "words": {"tr": ("Yeni formlar", "Formlar yenilendi.")},
    }
    return Draft(**(facts | more))


def tell(**more: Any) -> int:
    with db.transaction() as session:
        return publish(session, draft(**more), by="person:1", now=clock.now()).id


def enter(app: Flask, person: Person, language: str = "en") -> FlaskClient:
    with db.transaction() as session:
        session.get_one(Person, person.id).language = language
        token, _ = sessions.begin(session, person, kind="browser", address="127.0.0.1", now=clock.now())
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.set_cookie("gise", token)
    return client


def page(client: FlaskClient, address: str = "/announcements") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("more", "is_shown", "is_found"),
    [
        ({}, True, True),
        ({"market": "TR"}, True, True),
        ({"market": "HU"}, False, False),
        ({"roles": ["cashier"]}, False, False),
        ({"first_day": -3, "last_day": -2}, False, True),
        ({"first_day": 2}, False, False),
    ],
)
def test_for_this_market_this_role_and_these_days(app: Flask, more: dict[str, Any], is_shown: bool, is_found: bool) -> None:
    number = tell(**{name: today() + timedelta(days=value) if isinstance(value, int) else value for name, value in more.items()})
    owner = enter(app, open_shop().owner)
    assert ("Yeni formlar" in page(owner)) is is_shown
    assert owner.get(f"/announcements/{number}").status_code == (200 if is_found else 404)


def test_an_ended_one_is_shown_to_nobody(app: Flask) -> None:
    number = tell(urgent=True)
    with db.transaction() as session:
        end(session, number, by="person:1", now=clock.now())
    owner = enter(app, open_shop().owner)
    assert "Yeni formlar" not in page(owner, "/")
    assert owner.get(f"/announcements/{number}").status_code == 404


def test_an_urgent_one_stands_on_every_page_until_it_is_read(app: Flask) -> None:
    number = tell(urgent=True)
    tell(words={"en": ("Not urgent", "At all")})
    owner = enter(app, open_shop().owner)
    for address in ("/", "/payments", "/help"):
        told = page(owner, address)
        assert "Yeni formlar" in told
        assert "Not urgent" not in told
    assert 'bg-orange-lt">2<' in page(owner, "/"), "the menu counts both"
    assert owner.post(f"/announcements/{number}/reading").status_code == 303
    assert "Yeni formlar" not in page(owner, "/")
    assert 'bg-orange-lt">1<' in page(owner, "/")


@pytest.mark.parametrize(
    ("language", "written", "told"),
    [("hu", ["tr", "hu"], "hu"), ("eu", ["tr", "es"], "es"), ("hu", ["tr", "az"], "tr"), ("eu", ["az"], "az")],
)
def test_in_the_readers_language_else_the_markets_else_turkish(app: Flask, language: str, written: list[str], told: str) -> None:
    tell(words={code: (f"Title {code}", "x") for code in written})
    assert f"Title {told}" in page(enter(app, open_shop(market="ES").owner, language))


def test_staff_sees_who_has_read_it_and_who_has_not(app: Flask) -> None:
    number = tell(market="TR")
    reader, other, stranger = open_shop("1000001042"), open_shop("1000002077"), open_shop("1000003000", market="HU")
    client = enter(app, reader.owner)
    assert client.post(f"/announcements/{number}/reading").status_code == 303
    assert client.post(f"/announcements/{number}/reading").status_code == 303, "twice is once"
    assert enter(app, stranger.owner).post(f"/announcements/{number}/reading").status_code == 404
    told = page(enter(app, hire("approver")), f"/announcements/{number}/readers")
    assert "read by 1 of 2" in told
    assert told.index(other.number) < told.index(reader.number), "who has not read it stands first"
    assert stranger.number not in told


def test_a_file_is_a_download_without_rights(app: Flask) -> None:
    """C11: a picture or a PDF, by content, and never opened by us"""
    number = tell(files=[("form.pdf", PDF)])
    other = tell(market="HU", files=[("secret.pdf", PDF)])
    owner = enter(app, open_shop().owner)
    assert "form.pdf" in page(owner, f"/announcements/{number}")
    answer = owner.get(f"/announcements/{number}/files/1")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == f'attachment; filename="gise-{number}-1.pdf"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert owner.get(f"/announcements/{other}/files/2").status_code == 404
    assert owner.get(f"/announcements/{number}/files/2").status_code == 404, "of another announcement"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"words": {}}, "words"),
        ({"words": {"tr": ("Only a title", " ")}}, "words"),
        ({"words": {"tr": ("Long", "x" * 5001)}}, "words"),
        ({"roles": []}, "roles"),
        ({"market": "DE"}, "market"),
        ({"last_day": date(2020, 1, 1)}, "last_day"),
        ({"files": [("page.pdf", b"<html>")]}, "files"),
        ({"files": [("large.pdf", PDF + bytes(5 * 1024 * 1024))]}, "files"),
        ({"files": [("a.pdf", PDF)] * 6}, "files"),
    ],
)
def test_what_cannot_be_published_is_named(database: Database, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal, db.transaction() as session:
        publish(session, draft(**wrong), by="person:1", now=clock.now())
    assert list(refusal.value.errors) == [field]


def test_an_approver_writes_and_publishes(app: Flask) -> None:
    approver = enter(app, hire("approver"))
    body = {"market": "TR", "roles": "owner", "first_day": today().isoformat(), "title-en": "New forms", "body-en": "<b>bold</b>\nsecond"}
    kept = approver.post("/announcements", data=body | {"first_day": "x"})
    assert kept.status_code == 422
    assert "New forms" in kept.get_data(as_text=True), "what was typed stays"
    answer = approver.post("/announcements", data=body | {"files": (io.BytesIO(PDF), "form.pdf")}, content_type="multipart/form-data")
    assert answer.status_code == 303
    told = page(enter(app, open_shop().owner), answer.headers["Location"])
    assert "&lt;b&gt;bold&lt;/b&gt;\nsecond" in told
    assert "form.pdf" in told
    assert enter(app, hire("operator")).post("/announcements", data=body).status_code == 403

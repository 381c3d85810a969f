"""Ready reasons: dated, in the reader's language, ended and never deleted; one way for every form that asks for a reason (screens.md)."""

import importlib.util
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.audit import AuditLine
from app.errors import Invalid, NotFound
from app.languages import NAMES, translate
from app.people import sessions
from app.people.model import Person
from app.reasons.add_reason import add_reason, end_reason
from app.reasons.built_in import BUILT_IN
from app.reasons.model import PURPOSES, ReadyReason
from app.reasons.queries import everything, sentences
from tests.conftest import Database
from tests.people import hire, open_shop

(MIGRATION,) = (Path(__file__).parents[2] / "migrations" / "versions").glob("*_ready_reasons.py")


def today() -> date:
    return clock.now().date()


def add(**more: Any) -> int:
    facts: dict[str, Any] = {
        "purpose": "cancellation-deny",
        "words": {"tr": "Nüfus cüzdanı süresi dolmuş", "en": "The identity card has expired"},
        "position": 100,
        "first_day": today(),
        "last_day": None,
    }
    with db.transaction() as session:
        return add_reason(session, **(facts | more), by="person:1", now=clock.now()).id


def offered(language: str = "en", *, purpose: str = "cancellation-deny", on: date | None = None) -> list[str]:
    with db.reading() as session:
        return sentences(session, purpose, language=language, on=on or today())


def enter(app: Flask, person: Person, language: str = "en") -> FlaskClient:
    with db.transaction() as session:
        session.get_one(Person, person.id).language = language
        token, _ = sessions.begin(session, person, kind="browser", address="127.0.0.1", now=clock.now())
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.set_cookie("gise", token)
    return client


def test_what_comes_with_the_program_is_in_the_table_and_in_every_language(database: Database) -> None:
    """The migration's copy and the sentences marked for translation are the same."""
    spec = importlib.util.spec_from_file_location("ready_reasons", MIGRATION)
    assert spec
    assert spec.loader
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    assert migration.BUILT_IN == BUILT_IN
    assert set(BUILT_IN) == set(PURPOSES)
    for purpose, english in BUILT_IN.items():
        for language in NAMES:
            assert offered(language, purpose=purpose) == [translate(sentence, language) for sentence in english]
    assert all(len(translate(sentence, language)) <= 98 for english in BUILT_IN.values() for sentence in english for language in NAMES)


def test_one_of_the_own_stands_in_its_place_for_who_reads_it_and_on_its_days(database: Database) -> None:
    add(position=15)
    add(words={"tr": "Yarından sonra"}, first_day=today() + timedelta(days=1), last_day=today() + timedelta(days=2))
    assert offered("en")[1] == "The identity card has expired", "between the first (10) and the second (20)"
    assert offered("tr")[1] == "Nüfus cüzdanı süresi dolmuş"
    assert len(offered("hu")) == len(BUILT_IN["cancellation-deny"]), "nobody is offered what they cannot read"
    later = ["Yarından sonra" in offered("tr", on=today() + timedelta(days=days)) for days in range(4)]
    assert later == [False, True, True, False]


def test_an_ended_one_is_offered_no_more_and_stays_known(database: Database) -> None:
    number = add()
    with db.transaction() as session:
        for _ in range(2):
            end_reason(session, number, by="person:2", now=clock.now())
    assert "The identity card has expired" not in offered()
    with db.reading() as session:
        assert number in {reason.id for reason in everything(session)}
        events = session.scalars(select(AuditLine.event).where(AuditLine.about == f"ready-reason:{number}")).all()
    assert events == ["ready-reason.added", "ready-reason.ended"], "ending it again changes nothing"
    with pytest.raises(NotFound), db.transaction() as session:
        end_reason(session, 999, by="person:2", now=clock.now())


@pytest.mark.parametrize(
    "change", ["DELETE FROM ready_reason", "UPDATE ready_reason SET words = '{}'", "UPDATE ready_reason SET purpose = 'case'"]
)
def test_the_product_can_neither_delete_nor_rewrite_one(database: Database, change: str) -> None:
    add()
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(change))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"purpose": "elsewhere"}, "purpose"),
        ({"words": {"tr": " ", "en": ""}}, "words"),
        ({"words": {"de": "Anders"}}, "words"),
        ({"words": {"tr": "x" * 99}}, "words"),
        ({"position": 1000}, "position"),
        ({"last_day": date(2000, 1, 1)}, "last_day"),
    ],
)
def test_what_does_not_fit_is_named(database: Database, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        add(**more)
    assert list(refusal.value.errors) == [field]


def test_the_page_adds_and_ends_and_only_an_approver_may(app: Flask) -> None:
    body = {
        "purpose": "change-deny",
        "words-tr": "İmza sirküleri eski",
        "words-en": "The signature list is old",
        "position": "5",
        "first_day": today().isoformat(),
    }
    approver, operator = enter(app, hire("approver")), enter(app, hire("operator"))
    assert operator.post("/reasons", data=body).status_code == 403
    assert approver.post("/reasons", data=body | {"position": "first"}).status_code == 422
    assert approver.post("/reasons", data=body | {"first_day": "soon"}).status_code == 422
    assert approver.post("/reasons", data=body).status_code == 303
    assert offered(purpose="change-deny")[0] == "The signature list is old"
    page = operator.get("/reasons").get_data(as_text=True)
    assert "The signature list is old" in page
    assert "Offer it no more" not in page, "who may not end one sees no button"
    with db.reading() as session:
        number = session.scalars(select(ReadyReason.id).where(ReadyReason.position == 5)).one()
    assert operator.post(f"/reasons/{number}/end").status_code == 403
    assert approver.post(f"/reasons/{number}/end").status_code == 303
    assert "The signature list is old" not in offered(purpose="change-deny")
    assert "<s>The signature list is old</s>" in approver.get("/reasons").get_data(as_text=True)


def test_a_shop_is_suspended_with_a_ready_reason(app: Flask) -> None:
    """The recorded reason is text: the ready sentence, and the own words after it."""
    shop = open_shop()
    add(purpose="suspend", words={"en": "The guarantee has run out"})
    operator = enter(app, hire("operator"))
    address = f"/changes/new/suspend?agent={shop.number}"
    page = operator.get(address).get_data(as_text=True)
    assert "The guarantee has run out" in page
    version = page.split('name="version" value="')[1].split('"')[0]
    sent = {"version": version, "ready": "The guarantee has run out", "reason": "letter of May"}
    assert operator.post(address, data=sent | {"ready": "Never offered"}).status_code == 422
    assert operator.post(address, data=sent).status_code == 303
    with db.reading() as session:
        assert session.execute(text("SELECT reason FROM change")).scalar_one() == "The guarantee has run out: letter of May"

"""A draft holds what its shop has sent, and is completed as what it is (C1)."""

from dataclasses import replace

import pytest
from flask import Flask

from app import clock, db
from app.changes.draft import DraftOfAnother, open_draft
from app.changes.kind import Subject
from app.changes.model import Change, State
from app.changes.papers import add_papers
from app.changes.request_change import Wish, request_change
from app.errors import NotFound
from app.markets import MARKETS
from app.people.model import Person
from tests.cancellations.test_pages import Browser
from tests.changes.conftest import IBAN, KEYS, agent, name, read, trail
from tests.changes.test_pages import form_on
from tests.people import Shop, open_shop


@pytest.fixture
def draft(shop: Shop) -> Change:
    """Of a mail with a signed form."""
    with db.transaction() as session:
        made = open_draft(session, "agent-information", subject=Subject(MARKETS["TR"], agent(shop)), by="test", now=clock.now())
    add_papers(made.reference, {"form": b"x"}, agent=None, keys=KEYS, by="job:read-mailbox", now=clock.now())
    return made


@pytest.fixture
def other(monday: object) -> Shop:
    return open_shop("1000002077", name="Moda Kırtasiye")


def completed(draft: Change, shop: Shop, by: Person, **more: object) -> Wish:
    wish = Wish(
        kind="agent-information", by=name(by), agent=shop.number, wanted={"address": "Moda"}, draft=draft.reference, source="mail",
        on_behalf_of=shop.owner.id if by.agent is None else None,
    )  # fmt: skip
    return replace(wish, **more)  # type: ignore[arg-type]


def test_a_draft_of_one_shop_is_not_completed_as_another_s(draft: Change, shop: Shop, other: Shop, operator: Person) -> None:
    """Neither by the institution nor by the other shop's owner, who knows its number"""
    for wish in (completed(draft, other, operator), completed(draft, other, other.owner)):
        with pytest.raises(DraftOfAnother, match=shop.number):
            request_change(wish, keys=KEYS, now=clock.now())
    assert (read(draft).state, read(draft).agent) == (State.DRAFT, shop.number)
    assert trail("change.asked") == []
    assert request_change(completed(draft, shop, operator), keys=KEYS, now=clock.now()).state == State.ASKED


def test_a_draft_stays_of_its_kind(draft: Change, shop: Shop, operator: Person) -> None:
    """Its papers are papers of that kind"""
    wish = completed(draft, shop, operator, kind="suspend", wanted={}, reason="x", on_behalf_of=None)
    with pytest.raises(DraftOfAnother):
        request_change(wish, keys=KEYS, now=clock.now())


def test_the_form_chooses_no_other_shop(app: Flask, draft: Change, shop: Shop, other: Shop, operator: Person) -> None:
    """Whatever stands in the address: the page is about the draft's shop, and so is what it sends"""
    desk, stranger = Browser(app, operator.phone), Browser(app, other.owner.phone)
    address = f"/changes/new/agent-information?draft={draft.reference}&agent={other.number}"
    page = desk.reads(address)
    assert f"{shop.number} Kızılay" in page and "Moda Kırtasiye" not in page
    said = {"name": "Kızılay İletişim", "on_behalf_of": str(shop.owner.id), "person": str(shop.owner.id)}
    assert desk.send(address, **said, **form_on(page), iban=IBAN, login_phone=shop.owner.phone).status_code == 303
    assert (read(draft).state, read(draft).agent) == (State.ASKED, shop.number)
    assert stranger.get(address).status_code == 404
    assert desk.get(f"/changes/new/person-add?draft={draft.reference}").status_code == 409


def test_a_stranger_sees_nothing_of_it(draft: Change, other: Shop) -> None:
    with pytest.raises(NotFound):
        add_papers(draft.reference, {"form": b"mine"}, agent=other.number, keys=KEYS, by=name(other.owner), now=clock.now())

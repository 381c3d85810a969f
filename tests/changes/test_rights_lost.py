"""Where two approve, the first counts only if it still could be given when the second comes (C2, C18, C-03)."""

import pytest
from flask import Flask

from app import db
from app.changes.dossier import Dossier, read_dossier
from app.changes.model import Change, State
from app.people.model import Person
from tests.cancellations.test_pages import Browser
from tests.changes.conftest import IBAN, ask, decide, name, read, trail
from tests.changes.test_four_eyes import execute
from tests.conftest import Database
from tests.people import Shop, hire, leaves


@pytest.fixture
def third_admin(monday: object) -> Person:
    return hire("approver", name="Ada Lale")


def dossier(change: Change) -> Dossier:
    with db.reading() as session:
        return read_dossier(session, session.get_one(Change, change.id), asker=None, sees_private=True)


def loses(how: str, person: Person, database: Database) -> None:
    if how == "login":
        leaves(name(person))
    else:
        execute(database, "UPDATE person SET role = 'auditor' WHERE id = %s", person.id)


@pytest.mark.parametrize("how", ["role", "login"])
def test_an_approval_falls_with_its_giver_s_right(
    shop: Shop, admin: Person, second_admin: Person, third_admin: Person, database: Database, how: str
) -> None:
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    decide(change, admin)
    loses(how, admin, database)

    assert decide(change, second_admin).state == State.APPROVED_ONCE
    assert trail("change.approved")[-1].facts["counts_no_more"] == "Deniz Aydın"
    seen = dossier(change)
    assert (seen.approved_by, seen.counts_no_more, seen.still_needed) == (["Selin Koç"], ["Deniz Aydın"], 1)

    assert decide(change, third_admin).state == State.APPLIED
    assert read(change).approvals == 3


def test_who_has_the_right_again_counts_again(shop: Shop, admin: Person, second_admin: Person, database: Database) -> None:
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    decide(change, admin)
    loses("role", admin, database)
    execute(database, "UPDATE person SET role = 'approver' WHERE id = %s", admin.id)
    assert decide(change, second_admin).state == State.APPLIED


def test_the_page_says_whose_approval_counts_no_more(monday: object, app: Flask, shop: Shop, admin: Person, database: Database) -> None:
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    decide(change, admin)
    desk = Browser(app, hire("approver", name="Selin Koç").phone)
    page = desk.reads(f"/changes/{change.reference}")
    assert "Grant the change" in page
    loses("role", admin, database)
    page = desk.reads(f"/changes/{change.reference}")
    assert "The approval of Deniz Aydın no longer counts" in page
    assert "Approve; a second person follows" in page

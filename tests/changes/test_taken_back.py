"""What is granted for a later day can be taken back until it is done: by its asker, or by somebody who decides (C-03, B18)."""

from datetime import datetime

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from app import clock, db
from app.changes.apply_change import apply_changes
from app.changes.decide_change import Decided
from app.changes.model import Change, State
from app.changes.revoke_change import NotGranted, revoke_change
from app.errors import Invalid, NotAllowed, OwnRequest
from app.notifications.model import Message
from app.people.model import Person
from app.people.second_person import ProposalChanged
from tests.cancellations.test_api import Machine
from tests.cancellations.test_pages import Browser
from tests.changes.conftest import TEN, agent, ask, decide, messages, name, read, tomorrow, trail, withdraw
from tests.changes.test_four_eyes import attempts, execute
from tests.changes.test_pages import form_on
from tests.conftest import Database
from tests.people import Shop, hire


def revoke(change: Change, by: Person, reason: str = "the owner rang", seen: str | None = None) -> Change:
    return revoke_change(change.reference, reason=reason, seen=seen, by=name(by), now=clock.now())


@pytest.fixture
def granted(shop: Shop, admin: Person) -> Change:
    return decide(ask("agent-information", shop.owner, {"address": "Moda"}, effective_on=tomorrow()), admin)


def test_its_asker_takes_it_back(shop: Shop, granted: Change, monday: object) -> None:
    """The shop is told, for it was told the day; nothing happens on it"""
    assert withdraw(granted, shop.owner).state == State.WITHDRAWN
    assert withdraw(granted, shop.owner).state == State.WITHDRAWN, "a second press changes nothing"
    apply_changes(clock.now().replace(day=25))
    assert (read(granted).state, agent(shop).address) == (State.WITHDRAWN, "")
    assert granted.reference in messages()[shop.owner.phone]
    with db.reading() as session:
        keys = session.scalars(select(Message.key).order_by(Message.id)).all()
    assert keys == [f"change.granted:{granted.reference}", f"change.withdrawn:{granted.reference}"]
    assert [datetime.fromisoformat(str(line.facts["granted_at"])) for line in trail("change.withdrawn")] == [TEN]


def test_an_approver_revokes_it_with_a_reason(shop: Shop, granted: Change, second_admin: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        revoke(granted, second_admin, reason=" ")
    assert list(refusal.value.errors) == ["reason"]
    assert revoke(granted, second_admin).state == State.DENIED
    assert "the owner rang" in messages()[shop.owner.phone]
    (line,) = trail("change.revoked")
    assert (line.by, line.facts["asked_by"], line.facts["reason"]) == (name(second_admin), "Ayşe Yılmaz", "the owner rang")
    apply_changes(clock.now().replace(day=25))
    assert agent(shop).address == ""


def test_what_is_done_or_ended_stands(shop: Shop, granted: Change, admin: Person, operator: Person) -> None:
    """Decided, with who and when"""
    apply_changes(clock.now().replace(day=25))
    with pytest.raises(Decided, match="granted by Deniz Aydın"):
        withdraw(granted, shop.owner)
    with pytest.raises(Decided, match="granted by Deniz Aydın"):
        revoke(granted, admin)
    other = ask("suspend", operator, agent=shop.number, reason="unpaid")
    with pytest.raises(NotGranted):
        revoke(other, admin)
    decide(other, admin, granted=False, reason="paid")
    with pytest.raises(Decided, match="denied by Deniz Aydın"):
        revoke(other, admin)
    assert [refusal for _, _, refusal in attempts()] == ["decided", "not-granted", "decided"]


def test_not_by_who_asks_nor_without_the_right_nor_from_an_old_page(
    shop: Shop, admin: Person, second_admin: Person, operator: Person
) -> None:
    """C18: refused and written down"""
    asked = ask("credit-limit", admin, {"credit_limit": 100}, agent=shop.number, reason="x", effective_on=tomorrow())
    decide(asked, second_admin)
    for who, seen, refusal in ((admin, None, OwnRequest), (operator, None, NotAllowed), (second_admin, "old", ProposalChanged)):
        with pytest.raises(refusal):
            revoke(asked, who, seen=seen)
    assert read(asked).state == State.GRANTED
    assert [refused for _, _, refused in attempts()] == ["own-request", "not-allowed", "proposal-changed"]


def test_the_database_lets_no_other_grant_fall(shop: Shop, admin: Person, granted: Change, database: Database) -> None:
    """What was to be done at once is never only granted"""
    other = decide(ask("person-add", shop.owner, {"name": "Can Er", "phone": "05351112233", "role": "cashier"}), admin)
    with pytest.raises(psycopg.errors.CheckViolation):
        execute(database, "UPDATE change SET denied_at = now(), denied_by = 'x', denial_reason = 'x' WHERE id = %s", other.id)


def test_the_page_has_the_buttons(monday: object, app: Flask, shop: Shop, granted: Change) -> None:
    owner, desk = Browser(app, shop.owner.phone), Browser(app, hire("approver").phone)
    address = f"/changes/{granted.reference}"
    assert "Withdraw the request" in owner.reads(address)
    assert "Revoke the grant with this reason" not in owner.reads(address)
    page = desk.reads(address)
    assert "Revoke the grant with this reason" in page
    assert desk.send(f"{address}/revocation", reason="the owner rang", **form_on(page)).status_code == 303
    page = owner.reads(address)
    assert "Revoked" in page and "the owner rang" in page and "taken back before" in page
    assert "Withdraw the request" not in page


def test_by_the_api(monday: object, app: Flask, granted: Change, second_admin: Person) -> None:
    answer = Machine(app, second_admin.phone).call("POST", f"/changes/{granted.reference}/revocation", json={"reason": "the owner rang"})
    assert (answer.status_code, answer.get_json()["state"]) == (200, "denied")

"""
Twelve ways around four eyes (C18, C-03), each refused by the verb and written down with both names; and what the database
itself holds when a program forgets.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app import db
from app.changes.decide_change import ApprovedByYou, Decided, PapersMissing
from app.changes.model import Change, State
from app.changes.versions import RecordChanged, mark
from app.errors import Invalid, NotAllowed, NotFound, OwnRequest
from app.people.add_person import add_person
from app.people.model import Person
from app.people.second_person import ProposalChanged
from tests.cancellations.test_api import Machine, problem
from tests.changes.conftest import IBAN, TEN, agent, ask, decide, name, read, trail, withdraw
from tests.changes.test_request_change import NEWCOMER
from tests.conftest import Database
from tests.people import PASSWORD, Shop, hire


def attempts() -> list[tuple[str, str, str]]:
    """Who tried, whose request it was, and the refusal's name."""
    return [(line.facts["tried_by"], line.facts["asked_by"], line.facts["refusal"]) for line in trail("change.refused-attempt")]  # type: ignore[misc]


def suspending(shop: Shop, by: Person) -> Change:
    return ask("suspend", by, agent=shop.number, reason="unpaid")


def login(role: str, phone: str, *, by: str = "test", name: str = "Ayşe Başka") -> Person:
    with db.transaction() as session:
        return add_person(session, agent=None, role=role, name=name, phone=phone, password=PASSWORD, by=by, now=TEN)


def execute(database: Database, statement: str, *values: object) -> None:
    with psycopg.connect(database.url) as connection:
        connection.execute(statement, values)


@pytest.mark.parametrize("granted", [True, False])
def test_1_the_asker(shop: Shop, admin: Person, granted: bool) -> None:
    change = suspending(shop, admin)
    with pytest.raises(OwnRequest):
        decide(change, admin, granted=granted, reason="I say so")
    assert read(change).state == State.ASKED
    assert attempts() == [("Deniz Aydın", "Deniz Aydın", "own-request")]


def test_2_the_asker_s_phone_in_another_login(shop: Shop, admin: Person, database: Database) -> None:
    """Removed, and hired again in another role"""
    maker = hire("operator", name="Kim Bilir")
    change = suspending(shop, maker)
    execute(database, "UPDATE person SET removed_at = now(), removed_by = 'test' WHERE id = %s", maker.id)
    with pytest.raises(OwnRequest):
        decide(change, login("approver", maker.phone))
    assert attempts() == [("Ayşe Başka", "Kim Bilir", "own-request")]


def test_3_a_login_that_the_asker_made_today(shop: Shop, operator: Person, monday: Callable[[datetime], None]) -> None:
    change = suspending(shop, operator)
    accomplice = login("approver", "05340009999", by=name(operator))
    with pytest.raises(OwnRequest):
        decide(change, accomplice)
    assert attempts() == [("Ayşe Başka", "Burak Demir", "own-request")]
    monday(TEN + timedelta(days=1))
    assert decide(change, accomplice).state == State.APPLIED


def test_4_the_person_whom_it_concerns(shop: Shop, cashier: Person, database: Database) -> None:
    """Who sits at the institution's desk by now"""
    change = ask("person-remove", shop.owner, person=cashier.id)
    execute(database, "UPDATE person SET agent = NULL, role = 'approver' WHERE id = %s", cashier.id)
    with pytest.raises(OwnRequest):
        decide(change, cashier, granted=False, reason="I stay")
    assert attempts() == [("Mehmet Kaya", "Ayşe Yılmaz", "own-request")]


def test_5_another_owner_of_the_same_shop(shop: Shop, database: Database) -> None:
    """Whose telephone was or is in a login of the shop, in whatever login"""
    partner = hire("owner", shop=shop, name="Ortak")
    change = ask("agent-information", shop.owner, {"address": "A"})
    with pytest.raises(NotAllowed):
        decide(change, partner)
    execute(database, "UPDATE person SET removed_at = now(), removed_by = 'test' WHERE id = %s", partner.id)
    with pytest.raises(OwnRequest):
        decide(change, login("approver", partner.phone))
    former = login("approver", "05340009998", name="Eski Ortak")
    execute(database, "INSERT INTO former_phone (person_id, phone, until) VALUES (%s, '+905341112233', now())", partner.id)
    execute(database, "INSERT INTO former_phone (person_id, phone, until) VALUES (%s, '+905341112233', now())", former.id)
    with pytest.raises(OwnRequest):
        decide(change, former)
    assert [refusal for *_, refusal in attempts()] == ["not-allowed", "own-request", "own-request"]


def test_6_on_whose_behalf_it_was_keyed_in(shop: Shop, operator: Person, database: Database) -> None:
    """The signer, who is somebody else's approver by now"""
    hire("owner", shop=shop)
    change = ask("agent-information", operator, {"address": "A"}, agent=shop.number, on_behalf_of=shop.owner.id, scans={"form": b"x"})
    execute(database, "UPDATE person SET agent = NULL, role = 'approver' WHERE id = %s", shop.owner.id)
    with pytest.raises(OwnRequest):
        decide(change, shop.owner)
    assert attempts() == [("Ayşe Yılmaz", "Burak Demir", "own-request")]


def test_7_a_right_that_was_taken_away(shop: Shop, admin: Person, database: Database) -> None:
    """The page was opened as an approver, the button pressed as an accountant, or as nobody"""
    change = ask("agent-information", shop.owner, {"address": "A"})
    execute(database, "UPDATE person SET role = 'accountant' WHERE id = %s", admin.id)
    with pytest.raises(NotAllowed):
        decide(change, admin)
    execute(database, "UPDATE person SET role = 'approver', removed_at = now(), removed_by = 'test' WHERE id = %s", admin.id)
    with pytest.raises(NotAllowed):
        decide(change, admin)
    assert attempts() == [("Deniz Aydın", "Ayşe Yılmaz", "not-allowed")] * 2


def test_8_the_api_instead_of_the_page(monday: object, app: Flask, shop: Shop, admin: Person) -> None:
    """C2, C18: the asker's own token, and an owner's"""
    change = ask("agent-information", shop.owner, {"address": "A"})
    own = suspending(shop, admin)
    for by, path, status in ((shop.owner, change, (403, "not-allowed")), (admin, own, (403, "own-request"))):
        answer = Machine(app, by.phone).call("POST", f"/changes/{path.reference}/decision", json={"granted": True})
        assert problem(answer) == status
    assert attempts() == [("Ayşe Yılmaz", "Ayşe Yılmaz", "not-allowed"), ("Deniz Aydın", "Deniz Aydın", "own-request")]
    assert read(own).state == State.ASKED


def test_9_a_stale_tab(shop: Shop, admin: Person, second_admin: Person) -> None:
    """It showed a change that nobody had approved; the button would make it done"""
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    seen = mark(change)
    assert decide(change, admin, seen=seen).state == State.APPROVED_ONCE
    with pytest.raises(ProposalChanged):
        decide(change, second_admin, seen=seen)
    assert attempts() == [("Selin Koç", "Ayşe Yılmaz", "proposal-changed")]
    assert decide(change, second_admin, seen=mark(read(change))).state == State.APPLIED


def test_10_a_record_that_is_another_by_now(shop: Shop, operator: Person, admin: Person) -> None:
    """Approved is what was shown; it can only be denied"""
    change = ask("credit-limit", operator, {"credit_limit": 100_00}, agent=shop.number, reason="x")
    with db.transaction() as session:
        from app.agents.set_credit_limit import set_credit_limit
        from tests.people import lira

        set_credit_limit(session, shop.number, lira("5.00"), by="test", now=TEN)
    with pytest.raises(RecordChanged):
        decide(change, admin)
    assert attempts() == [("Deniz Aydın", "Burak Demir", "record-changed")]
    assert decide(change, admin, granted=False, reason="ask again").state == State.DENIED


def test_11_the_same_decision_again(shop: Shop, admin: Person, second_admin: Person) -> None:
    """C21: a captured request, sent once more; neither the second approval nor a new decision"""
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    decide(change, admin)
    with pytest.raises(ApprovedByYou):
        decide(change, admin)
    assert read(change).state == State.APPROVED_ONCE
    decide(change, second_admin)
    with pytest.raises(Decided, match="granted by Selin Koç"):
        decide(change, admin, granted=False, reason="no")
    assert [refusal for *_, refusal in attempts()] == ["decided", "decided"]


def test_12_two_logins_of_one_approver(shop: Shop, admin: Person, database: Database) -> None:
    """The second approval is another person's, not another login's"""
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    decide(change, admin)
    execute(database, "UPDATE person SET removed_at = now(), removed_by = 'test' WHERE id = %s", admin.id)
    for other in (login("approver", admin.phone), login("approver", "05340009997", by=name(admin))):
        with pytest.raises(OwnRequest):
            decide(change, other)
    assert read(change).state == State.APPROVED_ONCE
    assert attempts() == [("Ayşe Başka", "Ayşe Yılmaz", "own-request")] * 2


def test_13_before_the_papers_are_there(shop: Shop, operator: Person, admin: Person) -> None:
    change = ask("person-add", operator, NEWCOMER, agent=shop.number, on_behalf_of=shop.owner.id)
    with pytest.raises(PapersMissing, match="form, identity"):
        decide(change, admin)
    assert attempts() == [("Deniz Aydın", "Burak Demir", "incomplete")]


def test_what_does_not_exist_and_what_is_said_wrongly_is_no_attempt(shop: Shop, admin: Person) -> None:
    change = ask("agent-information", shop.owner, {"address": "A"})
    with pytest.raises(Invalid):
        decide(change, admin, granted=False, reason=" \n")
    change.reference = "C-0000-0000-0"
    with pytest.raises(NotFound):
        decide(change, admin)
    assert attempts() == []


APPROVE = "INSERT INTO change_approval SELECT id, round, {by}, now(), asked_by, on_behalf_of, concerns FROM change"


@pytest.mark.parametrize("by", ["asked_by", "on_behalf_of", "concerns"])
def test_the_database_takes_nobody_s_own_approval(shop: Shop, operator: Person, cashier: Person, database: Database, by: str) -> None:
    """C-03: by the CHECK; and nobody can leave out who asked: the key says so"""
    more: dict[str, Any] = {"agent": shop.number, "person": cashier.id, "on_behalf_of": shop.owner.id, "scans": {"form": b"x"}}
    ask("person-remove", operator, **more)
    with pytest.raises(psycopg.errors.CheckViolation, match="change_approved_by_another"):
        execute(database, APPROVE.format(by=by))
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="change_approval_of_what_was_asked"):
        execute(database, APPROVE.format(by="asked_by").replace(", asked_by, on", ", 'nobody', on"))
    with pytest.raises(psycopg.errors.CheckViolation, match="change_denied_by_another"):
        execute(database, f"UPDATE change SET denied_at = now(), denied_by = {by}, denial_reason = 'x'")


def test_the_database_counts(shop: Shop, admin: Person, database: Database) -> None:
    """Two different persons where two are needed; the product's role cannot write the number, nor approve what is over"""
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    decide(change, admin)
    with pytest.raises(psycopg.errors.CheckViolation, match="change_granted_by_enough"):
        execute(database, "UPDATE change SET granted_at = now(), granted_by = 'person:99'")
    with pytest.raises(psycopg.errors.UniqueViolation):
        execute(database, APPROVE.format(by=f"'{name(admin)}'"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"), psycopg.connect(database.url) as connection:
        connection.execute("SET ROLE gise_app")
        connection.execute("UPDATE change SET approvals = 2")
    withdraw(change, shop.owner)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="nothing is to be approved"):
        execute(database, APPROVE.format(by="'person:99'"))
    assert agent(shop).iban == ""

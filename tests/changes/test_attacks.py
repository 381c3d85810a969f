"""Ways that an owner, an operator or an approver might try to have it alone, or to see what is another shop's (C1, C18, C-03)."""

import pytest

from app import clock, db
from app.changes.model import State
from app.changes.papers import add_papers
from app.changes.queries import find_change, list_changes, pending_about_agent, waiting
from app.errors import NotFound, OwnRequest
from app.people.model import Person
from tests.changes.conftest import IBAN, KEYS, ask, decide, name, read, withdraw
from tests.changes.test_four_eyes import execute, login
from tests.changes.test_manual_posting import PAPER, post
from tests.changes.test_request_change import NEWCOMER
from tests.conftest import Database
from tests.people import Shop, open_shop


@pytest.mark.parametrize("kind", ["suspend", "credit-limit", "manual-posting"])
def test_what_the_institution_wants_no_owner_sees_or_takes_back_before_it_is_done(shop: Shop, operator: Person, kind: str) -> None:
    wanted: dict[str, dict[str, object]] = {
        "credit-limit": {"credit_limit": 1},
        "manual-posting": {"amount": 5, "direction": "from-agent", "document_number": "7"},
    }
    change = ask(
        kind, operator, wanted.get(kind), agent=shop.number, reason="fraud suspected", scans=PAPER if kind == "manual-posting" else {}
    )
    with pytest.raises(NotFound):
        withdraw(change, shop.owner)
    with db.reading() as session:
        assert [*list_changes(session, agent=shop.number), *waiting(session, agent=shop.number)] == []
        assert list(pending_about_agent(session, shop.number, asker=shop.number)) == []
        assert [one.id for one in pending_about_agent(session, shop.number, asker=None)] == [change.id]
        with pytest.raises(NotFound):
            find_change(session, change.reference, agent=shop.number)
    assert read(change).state == State.ASKED


def test_what_was_done_to_a_shop_it_may_read(shop: Shop, operator: Person, admin: Person) -> None:
    change = ask("suspend", operator, agent=shop.number, reason="the till does not agree")
    decide(change, admin)
    with db.reading() as session:
        assert find_change(session, change.reference, agent=shop.number).state == State.APPLIED
        with pytest.raises(NotFound):
            find_change(session, change.reference, agent="1000002077")


def test_the_document_of_the_institution_is_not_an_owner_s(shop: Shop, operator: Person) -> None:
    change = post(shop, operator, 100, "to-agent", scans={})
    with pytest.raises(NotFound):
        add_papers(change.reference, {"document": b"mine"}, agent=shop.number, keys=KEYS, by=name(shop.owner), now=clock.now())
    assert read(change).state == State.INCOMPLETE


def test_another_shop_s_newcomer_is_not_told(shop: Shop, admin: Person) -> None:
    """C1: neither its reference nor who asked; the first that is granted gets the phone"""
    first = ask("person-add", shop.owner, NEWCOMER)
    second = ask("person-add", open_shop("1000002077", name="Moda Kırtasiye").owner, NEWCOMER)
    assert decide(first, admin).state == State.APPLIED
    assert decide(second, admin).state == State.FAILED


def test_no_owner_is_no_reason_to_need_no_paper(shop: Shop, operator: Person, database: Database) -> None:
    execute(database, "UPDATE person SET removed_at = now(), removed_by = 'test' WHERE id = %s", shop.owner.id)
    change = ask("agent-information", operator, {"iban": IBAN}, agent=shop.number)
    assert change.state == State.INCOMPLETE


def test_a_login_that_the_decider_made_today_asks(shop: Shop, admin: Person) -> None:
    puppet = login("operator", "05340009999", by=name(admin))
    change = ask("suspend", puppet, agent=shop.number, reason="x")
    with pytest.raises(OwnRequest):
        decide(change, admin)


def test_a_login_that_the_second_made_today_approves_first(shop: Shop, operator: Person, admin: Person) -> None:
    puppet = login("approver", "05340009999", by=name(admin))
    change = ask("agent-information", shop.owner, {"iban": IBAN})
    decide(change, puppet)
    with pytest.raises(OwnRequest):
        decide(change, admin)


def test_who_brought_the_papers_does_not_decide(shop: Shop, operator: Person, admin: Person) -> None:
    change = ask("agent-information", operator, {"address": "Moda"}, agent=shop.number, on_behalf_of=shop.owner.id)
    assert change.state == State.INCOMPLETE
    add_papers(change.reference, {"form": b"forged"}, agent=None, keys=KEYS, by=name(admin), now=clock.now())
    with pytest.raises(OwnRequest):
        decide(change, admin)

"""What a granted change does: at once, on its day, or not, with the reason why."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask

from app import clock, db
from app.changes.apply_change import apply_changes
from app.changes.attention import attention
from app.changes.model import Change, State
from app.changes.queries import failures_of, to_decide
from app.documents.model import Scan
from app.ledger import book
from app.ledger.book import Blocked
from app.ledger.chart import agent_account
from app.people import sessions
from app.people.add_person import add_person
from app.people.model import FormerPhone, Person
from app.remarks import Remark
from tests.bank.bank import Paper, comes, open_account, transfer
from tests.changes.conftest import (
    IBAN,
    OTHER_IBAN,
    TEN,
    agent,
    ask,
    decide,
    messages,
    name,
    person,
    read,
    tomorrow,
    trail,
    withdraw,
)
from tests.changes.test_request_change import NEWCOMER
from tests.conftest import Database
from tests.people import PASSWORD, Shop, at, book_is_right, hire, lira, open_biller, open_shop

OUR_IBAN = "TR330006100519786457841326"
Move = Callable[[datetime], None]


def token_of(somebody: Person) -> str:
    with db.transaction() as session:
        return sessions.begin(session, somebody, kind="api", address="", now=clock.now(), lasts=timedelta(days=3))[0]


def says(change: Change) -> list[str]:
    with db.reading() as session:
        return [str(Remark.from_json(failure.say)) for failure in failures_of(session, change)]


def test_a_person_added_yesterday_pays_today(shop: Shop, admin: Person, monday: Move) -> None:
    """The login is there at once, with a password that nobody knows and a message that says how to get one"""
    change = decide(ask("person-add", shop.owner, NEWCOMER), admin)
    assert change.state == State.APPLIED
    newcomer = person(int(change.outcome["person"]))  # type: ignore[call-overload]
    assert (newcomer.agent, newcomer.role, newcomer.phone) == (shop.number, "cashier", "+905351112233")
    assert "Şifremi unuttum" in messages()[newcomer.phone]

    monday(TEN + timedelta(days=1))
    biller = open_biller()
    shop.topped_up("100.00")
    paid = Shop(shop.number, newcomer, shop.market).pays(biller, biller.bill("40.00"))

    assert (paid.state, shop.balance) == ("paid", lira("60.00"))
    assert book_is_right()


def test_a_person_removed_cannot_from_the_very_next_request(monday: object, app: Flask, shop: Shop, cashier: Person, admin: Person) -> None:
    """C2, C4: on every device; and a transfer with the number goes to nobody (E9)"""
    headers = {"Authorization": f"Bearer {token_of(cashier)}"}
    assert app.test_client().get("/api/v1/balance", headers=headers).status_code == 200

    decide(ask("person-remove", shop.owner, person=cashier.id), admin)

    assert app.test_client().get("/api/v1/balance", headers=headers).status_code == 401
    assert app.test_client().post("/api/v1/tokens", json={"phone": cashier.phone, "password": PASSWORD}).status_code == 401
    open_account(OUR_IBAN, "TR")
    comes(Paper(iban=OUR_IBAN, currency="TRY").camt054([transfer("10.00", cashier.phone)]))
    assert shop.balance == lira("0.00")
    assert trail("person.removed")[0].by == name(admin)


def test_a_changed_phone_tops_up_with_both_for_a_while(
    shop: Shop, admin: Person, second_admin: Person, monday: Move, database: Database
) -> None:
    """E23: the new one now, the old one in its grace time; and both hear of it"""
    old = shop.owner.phone
    change = ask("agent-information", shop.owner, {"login_phone": "0539 000 00 01"})
    assert decide(change, admin).state == State.APPROVED_ONCE, "whoever has the login phone has the shop"
    decide(change, second_admin)
    assert person(shop.owner.id).phone == "+905390000001"
    assert {old, "+905390000001"} <= set(messages())

    open_account(OUR_IBAN, "TR")
    comes(Paper(iban=OUR_IBAN, currency="TRY").camt054([transfer("10.00", "05390000001"), transfer("7.00", old)]))
    assert shop.balance == lira("17.00")

    with psycopg.connect(database.url) as connection:
        connection.execute("UPDATE former_phone SET until = until - interval '31 days'")
    comes(Paper(iban=OUR_IBAN, currency="TRY").camt054([transfer("5.00", old)]))
    assert shop.balance == lira("17.00")


def test_a_changed_phone_signs_out_of_browsers_and_leaves_the_till_alone(shop: Shop, admin: Person, second_admin: Person) -> None:
    """C4: a lost telephone is nobody's way in any more"""
    with db.transaction() as session:
        tokens = {kind: sessions.begin(session, shop.owner, kind=kind, address="", now=clock.now())[0] for kind in ("browser", "api")}
    change = ask("agent-information", shop.owner, {"login_phone": "0539 000 00 01"})
    decide(change, admin)
    assert sessions.find_actor(tokens["browser"], kind="browser", now=clock.now()), "one approval changes nothing yet"
    decide(change, second_admin)
    assert [kind for kind, token in tokens.items() if sessions.find_actor(token, kind=kind, now=clock.now())] == ["api"]


def test_information_is_written_where_everybody_reads_it(shop: Shop, admin: Person, second_admin: Person) -> None:
    wanted = {"name": "Çankaya İletişim", "legal_name": "Çankaya Ltd.", "tax_number": "4540536920", "iban": IBAN, "email": "a@example.com"}
    change = ask("agent-information", shop.owner, wanted)
    assert decide(change, admin).state == State.APPROVED_ONCE
    assert agent(shop).name == "Kızılay İletişim"
    assert decide(change, second_admin).state == State.APPLIED
    found = agent(shop)
    assert (found.name, found.search_name, found.tax_number, found.iban) == ("Çankaya İletişim", "cankaya iletisim", "4540536920", IBAN)
    assert "a@example.com" in messages(), "the shop hears of it"
    assert "4540536920" not in str([line.facts for line in trail("agent.information-changed")])


def test_a_suspended_shop_cannot_pay_and_sees_its_reports(monday: object, app: Flask, shop: Shop, operator: Person, admin: Person) -> None:
    biller = open_biller()
    shop.topped_up("100.00")
    headers = {"Authorization": f"Bearer {token_of(shop.owner)}"}
    decide(ask("suspend", operator, agent=shop.number, reason="unpaid rent"), admin)
    with pytest.raises(Blocked):
        shop.pays(biller, biller.bill("1.00"))
    assert app.test_client().get("/api/v1/statement", headers=headers).status_code == 200

    decide(ask("resume", operator, agent=shop.number, reason="paid"), admin)

    assert shop.pays(biller, biller.bill("1.00")).state == "paid"
    assert [line.facts["reason"] for line in trail("agent.suspended") + trail("agent.resumed")] == ["unpaid rent", "paid"]


def test_a_credit_limit_counts_at_once(shop: Shop, operator: Person, admin: Person) -> None:
    decide(ask("credit-limit", operator, {"credit_limit": 50_00}, agent=shop.number, reason="x"), admin)
    biller = open_biller()
    assert shop.pays(biller, biller.bill("49.00")).state == "paid"
    with db.reading() as session:
        assert book.balance(session, agent_account(shop.number)).available == lira("1.00")
    assert book_is_right()


@pytest.mark.parametrize(("market", "last_moment"), [("TR", "2026-11-23T23:59:59+03:00"), ("ES", "2026-11-23T23:59:59+01:00")])
def test_it_waits_for_its_day_in_the_shop_s_market(monday: Move, operator: Person, admin: Person, market: str, last_moment: str) -> None:
    """B15, B16: not a second before midnight there; the job may run twice, late or not at all"""
    shop = open_shop("1000007777", market=market)
    change = decide(ask("suspend", operator, agent=shop.number, reason="x", effective_on=tomorrow()), admin)
    assert change.state == State.GRANTED
    monday(at(last_moment))
    assert (apply_changes(clock.now()), agent(shop).state) == (0, "active")
    monday(at(last_moment) + timedelta(seconds=1))
    assert (apply_changes(clock.now()), agent(shop).state, read(change).state) == (1, "suspended", State.APPLIED)
    assert apply_changes(clock.now()) == 0
    assert len(trail("agent.suspended")) == len(trail("change.applied")) == 1
    assert read(change).applied_by == "job:apply-changes"


def test_what_could_not_be_done_says_why_and_is_decided_again(shop: Shop, admin: Person, second_admin: Person, monday: Move) -> None:
    """Granted for tomorrow; meanwhile somebody else has the number"""
    change = decide(ask("person-add", shop.owner, NEWCOMER, effective_on=tomorrow()), admin)
    with db.transaction() as session:
        other = add_person(session, agent=None, role="support", name="X Y", phone="05351112233", password=PASSWORD, by="test", now=TEN)
    monday(TEN + timedelta(days=1))

    apply_changes(clock.now())

    assert read(change).state == State.FAILED
    assert says(change) == ["The phone number +905351112233 belongs to another login already."]
    with db.reading() as session:
        assert [found.kind for found in attention(session, now=clock.now())] == ["change.failed"]
        assert to_decide(session)[0] == 1
    with db.transaction() as session:
        session.get_one(Person, other.id).removed_at = clock.now()
        session.get_one(Person, other.id).removed_by = "test"
    assert decide(change, second_admin).state == State.APPLIED, "a new round, in which one person is enough again"
    assert (read(change).round, len(says(change))) == (2, 1)


def test_a_failed_one_that_needs_two_needs_two_again(
    shop: Shop, operator: Person, admin: Person, second_admin: Person, monday: Move
) -> None:
    change = ask("agent-information", shop.owner, {"iban": IBAN}, effective_on=tomorrow())
    decide(change, admin)
    assert decide(change, second_admin).state == State.GRANTED
    with db.transaction() as session:
        from app.agents.model import Agent

        session.get_one(Agent, shop.number).iban = OTHER_IBAN
    monday(TEN + timedelta(days=1))
    apply_changes(clock.now())
    assert read(change).state == State.FAILED
    assert says(change)[0].startswith("The record has changed")
    with db.transaction() as session:
        session.get_one(Agent, shop.number).iban = ""
    assert decide(change, admin).state == State.APPROVED_ONCE
    assert decide(change, second_admin).state == State.APPLIED
    assert agent(shop).iban == IBAN


def test_nothing_is_half_done(shop: Shop, admin: Person, second_admin: Person, monday: Move) -> None:
    """One change, two records: the address and the login's phone; the phone cannot be had"""
    wanted = {"address": "Yeni", "login_phone": "0535 111 22 33"}
    change = ask("agent-information", shop.owner, wanted, effective_on=tomorrow())
    assert [decide(change, each).state for each in (admin, second_admin)] == [State.APPROVED_ONCE, State.GRANTED]
    with db.transaction() as session:
        add_person(session, agent=None, role="support", name="X Y", phone="05351112233", password=PASSWORD, by="test", now=TEN)
    monday(TEN + timedelta(days=1))
    apply_changes(clock.now())
    assert (read(change).state, agent(shop).address, person(shop.owner.id).phone) == (State.FAILED, "", shop.owner.phone)
    assert decide(change, admin, granted=False, reason="another number").state == State.DENIED


@pytest.mark.parametrize("end", ["apply", "deny", "withdraw"])
def test_at_the_end_the_days_of_the_scans_count(shop: Shop, cashier: Person, operator: Person, admin: Person, end: str) -> None:
    """C-08"""
    hire("owner", shop=shop)
    more: dict[str, Any] = {"agent": shop.number, "person": cashier.id, "on_behalf_of": shop.owner.id, "scans": {"form": b"x"}}
    change = ask("person-remove", operator, **more)
    {
        "apply": lambda: decide(change, admin),
        "deny": lambda: decide(change, admin, granted=False, reason="not signed"),
        "withdraw": lambda: withdraw(change, operator),
    }[end]()
    with db.reading() as session:
        assert {scan.closed_at for scan in session.query(Scan)} == {TEN}
        assert session.query(FormerPhone).count() == 0

"""Asked for: each field by its shape, once, from what stands there, on its day (product.md §7)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import psycopg
import pytest

from app import clock, db, languages
from app.changes.draft import NoDraft, open_draft
from app.changes.kind import Subject
from app.changes.limits import set_limit
from app.changes.model import State
from app.changes.papers import PaperThere, add_papers
from app.changes.request_change import AskedAlready
from app.changes.versions import RecordChanged, version_of
from app.errors import Invalid, NotAllowed, NotFound
from app.markets import MARKETS
from app.people.add_person import PhoneTaken
from app.people.model import Person
from app.people.remove_person import LastOwner
from tests.changes.conftest import IBAN, KEYS, agent, ask, decide, name, read, tomorrow, trail, withdraw
from tests.conftest import Database
from tests.people import Shop, at, hire, open_shop

NEWCOMER = {"name": "Can Er", "phone": "0535 111 22 33", "role": "cashier"}


def test_the_owner_asks_and_it_stands_there_whole(shop: Shop) -> None:
    change = ask("agent-information", shop.owner, {"address": "Moda Cad. 7", "iban": IBAN})
    assert (change.state, change.asked_by, change.agent, change.source) == (State.ASKED, shop.by, shop.number, "screen")
    assert change.wanted == {"address": "Moda Cad. 7", "iban": IBAN}
    assert change.before == {"address": "", "iban": ""}
    assert agent(shop).address == "", "until it is decided everything stays as it is"
    (line,) = trail("change.asked")
    assert (line.about, line.facts["fields"]) == (change.reference, "address, iban")
    assert IBAN not in str(line.facts)


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ({"tax_number": "1", "iban": "TR1", "phone": "5", "email": "x", "login_phone": "0312 123 45 67"},
         {"tax_number", "iban", "phone", "email", "login_phone"}),
        ({"name": " \n"}, {"name"}),
        ({"name": "x" * 101}, {"name"}),
        ({"name": 5}, {"name"}),
        ({"state": "closed", "group_name": "vip"}, {"state", "group_name"}),
        ({}, {"wanted"}),
        ({"name": "Kızılay İletişim"}, {"wanted"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_field_by_field(shop: Shop, wanted: dict[str, Any], wrong: set[str]) -> None:
    """C16, C19: and in the reader's language"""
    with pytest.raises(Invalid) as refusal:
        ask("agent-information", shop.owner, wanted)
    assert set(refusal.value.errors) == wrong
    for sentence in refusal.value.errors.values():
        assert languages.translate(sentence, "tr") != sentence


@pytest.mark.parametrize("limit", [-1, "5000", 1.5, True, None, 10**16])
def test_a_credit_limit_is_whole_minor_units(shop: Shop, operator: Person, limit: object) -> None:
    """C19"""
    with pytest.raises(Invalid) as refusal:
        ask("credit-limit", operator, {"credit_limit": limit}, agent=shop.number, reason="busy season")
    assert list(refusal.value.errors) == ["credit_limit"]


def test_of_an_identity_number_only_the_last_digits_are_kept(shop: Shop, database: Database) -> None:
    """C25, C27: it is checked, and then nobody has it"""
    ask("person-add", shop.owner, NEWCOMER | {"identity_number": "17291716060"})
    with psycopg.connect(database.url) as connection:
        rows = connection.execute("SELECT c::text FROM change c UNION ALL SELECT a::text FROM audit_line a").fetchall()
    assert "*********60" in str(rows)
    assert "17291716060" not in str(rows)


def test_a_reason_and_a_day_that_is_not_over(shop: Shop, operator: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        ask("suspend", operator, agent=shop.number, effective_on=date(2026, 11, 22))
    assert set(refusal.value.errors) == {"reason", "effective_on"}
    assert ask("suspend", operator, agent=shop.number, reason="unpaid", effective_on=date(2026, 11, 23)).state == State.ASKED


def test_the_day_is_the_market_s(monday: Callable[[datetime], None], operator: Person) -> None:
    """B16: at 23:30 in Madrid it is tomorrow already in Baku"""
    baku, bilbo = open_shop("2000003015", market="AZ"), open_shop("3000004021", market="ES")
    monday(at("2026-11-23T23:30:00+01:00"))
    with pytest.raises(Invalid):
        ask("suspend", operator, agent=baku.number, reason="x", effective_on=date(2026, 11, 23))
    assert ask("suspend", operator, agent=bilbo.number, reason="x", effective_on=date(2026, 11, 23))


def test_who_may_ask_for_what(shop: Shop, cashier: Person, operator: Person, admin: Person) -> None:
    support = hire("support")
    for by, kind in (
        (cashier, "agent-information"),
        (shop.owner, "credit-limit"),
        (shop.owner, "suspend"),
        (support, "suspend"),
        (admin, "person-add"),
    ):
        with pytest.raises(NotAllowed):
            ask(kind, by, agent=shop.number, reason="x")


def test_another_shop_s_is_not_found(shop: Shop, cashier: Person, operator: Person) -> None:
    """C1"""
    other = open_shop("1000002077", name="Moda Kırtasiye")
    with pytest.raises(NotFound):
        ask("agent-information", other.owner, {"address": "x"}, agent=shop.number)
    with pytest.raises(NotFound):
        ask("person-remove", other.owner, person=cashier.id)
    with pytest.raises(NotFound):
        ask("person-remove", operator, agent=other.number, person=cashier.id, on_behalf_of=other.owner.id)


def test_the_record_changed_while_the_form_was_open(shop: Shop, admin: Person) -> None:
    with db.reading() as session:
        from app.changes.catalogue import KINDS

        seen = version_of(KINDS["agent-information"].before(session, Subject(MARKETS["TR"], agent(shop), shop.owner)))
    decide(ask("agent-information", shop.owner, {"address": "A"}, version=seen), admin)
    with pytest.raises(RecordChanged):
        ask("agent-information", shop.owner, {"address": "B"}, version=seen)


def test_asked_for_once(shop: Shop, cashier: Person) -> None:
    """C21: the same form again, another tab, a second owner"""
    first = ask("person-remove", shop.owner, person=cashier.id)
    with pytest.raises(AskedAlready, match=first.reference):
        ask("person-remove", hire("owner", shop=shop, name="İkinci"), person=cashier.id)
    withdraw(first, shop.owner)
    assert ask("person-remove", shop.owner, person=cashier.id).state == State.ASKED


def test_what_makes_no_sense_is_not_asked_for(shop: Shop, cashier: Person) -> None:
    with pytest.raises(PhoneTaken):
        ask("person-add", shop.owner, NEWCOMER | {"phone": cashier.phone})
    with pytest.raises(LastOwner):
        ask("person-remove", shop.owner, person=shop.owner.id)


def test_a_paper_that_is_keyed_in_needs_its_signer_and_its_scans(shop: Shop, operator: Person) -> None:
    """C-02: a person adds the form today, the identity card tomorrow"""
    other = open_shop("1000002077")
    for signer in (None, other.owner.id, operator.id):
        with pytest.raises(Invalid) as refusal:
            ask("person-add", operator, NEWCOMER, agent=shop.number, on_behalf_of=signer)
        assert list(refusal.value.errors) == ["on_behalf_of"]
    change = ask("person-add", operator, NEWCOMER, agent=shop.number, on_behalf_of=shop.owner.id, scans={"form": b"x"})
    assert (change.state, change.source, change.on_behalf_of) == (State.INCOMPLETE, "paper", shop.by)

    with pytest.raises(PaperThere):
        add_papers(change.reference, {"form": b"x"}, agent=None, keys=KEYS, by=name(operator), now=clock.now())
    with pytest.raises(NotFound):
        add_papers(change.reference, {"identity": b"x"}, agent=other.number, keys=KEYS, by=other.by, now=clock.now())
    add_papers(change.reference.lower(), {"identity": b"x"}, agent=None, keys=KEYS, by=name(operator), now=clock.now())

    assert (read(change).state, read(change).complete_by) == (State.ASKED, name(operator))


def test_a_draft_of_a_mail_is_completed_by_an_operator(shop: Shop, operator: Person) -> None:
    """Of a mail without a reference it is known who writes, and hardly more"""
    with db.transaction() as session:
        draft = open_draft(
            session, "person-add", subject=Subject(MARKETS["TR"], agent(shop)), by="job:read-mailbox", now=clock.now(), on_behalf_of=shop.by
        )
    add_papers(draft.reference, {"form": b"x", "identity": b"x"}, agent=None, keys=KEYS, by="job:read-mailbox", now=clock.now())
    assert read(draft).state == State.DRAFT

    filled: dict[str, Any] = {"agent": shop.number, "on_behalf_of": shop.owner.id, "draft": draft.reference, "source": "mail"}
    change = ask("person-add", operator, NEWCOMER, **filled)

    assert (change.id, change.state, change.opened_by, change.asked_by) == (draft.id, State.ASKED, "job:read-mailbox", name(operator))
    with pytest.raises(NoDraft):
        ask("person-add", operator, NEWCOMER | {"phone": "0535 111 22 34"}, **filled)


def test_the_weight_is_data(shop: Shop, operator: Person) -> None:
    """A limit for each market and kind, dated"""
    more: dict[str, Any] = {"agent": shop.number, "reason": "busy season"}
    assert ask("credit-limit", operator, {"credit_limit": 50_000_00}, **more).persons_needed == 1
    with db.transaction() as session:
        set_limit(session, market="TR", kind="credit-limit", most=1_00, valid_from=None, by="test", now=clock.now())
        set_limit(session, market="TR", kind="credit-limit", most=9_00, valid_from=tomorrow(), by="test", now=clock.now())
        with pytest.raises(Invalid):
            set_limit(session, market="TR", kind="credit-limit", most=1, valid_from=date(2026, 11, 22), by="test", now=clock.now())
    other = open_shop("1000002077")
    assert ask("credit-limit", operator, {"credit_limit": 1_01}, agent=other.number, reason="x").persons_needed == 2
    assert ask("agent-information", shop.owner, {"iban": IBAN}).persons_needed == 2, "where money is paid out to"


def test_what_was_asked_stands(shop: Shop, database: Database) -> None:
    """Whatever a program tries later: by the database"""
    ask("agent-information", shop.owner, {"address": "A"})
    for later in ("wanted = '{}'", "asked_by = 'person:99'", "persons_needed = 2", "on_behalf_of = 'person:4'", "effective_on = now()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stands"), psycopg.connect(database.url) as connection:
            connection.execute(f"UPDATE change SET {later}")

"""A shop is taken on with its papers; somebody hears of it before they expire."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select

from app import clock, db
from app.agents.keep_agent_paper import papers_on_file
from app.agents.model import Agent
from app.changes.attention import attention
from app.changes.model import Change, State
from app.changes.remind_papers import remind_papers
from app.documents.model import Scan
from app.errors import Invalid
from app.ledger import book
from app.ledger.chart import agent_account
from app.notifications.model import Message
from app.people.add_person import PhoneTaken
from app.people.model import Person
from app.people.passwords import is_right
from tests.changes.conftest import IBAN, ask, decide, messages, read
from tests.people import Shop, at, book_is_right, lira

WANTED = {
    "market": "TR",
    "name": "Çınar Büfe",
    "legal_name": "Çınar Büfe Ltd. Şti.",
    "tax_number": "1234567890",
    "address": "Atatürk Caddesi 3, İzmir",
    "phone": "0232 444 55 66",
    "email": "cinar@example.com",
    "iban": IBAN,
    "owner_name": "Derya Çınar",
    "owner_phone": "0533 765 43 21",
    "contract_until": "2028-11-23",
    "tax_plate_until": "2026-12-20",
    "identity_until": "2030-01-01",
}
PAPERS = dict.fromkeys(("contract", "tax-plate", "signature-circular", "identity", "iban-proof"), b"scan")


def take_on(by: Person, scans: dict[str, bytes] = PAPERS, /, **other: str) -> Change:
    return ask("agent-new", by, WANTED | other, scans=scans)


@pytest.fixture
def taken_on(operator: Person, admin: Person, second_admin: Person) -> Agent:
    change = take_on(operator)
    decide(change, admin)
    decide(change, second_admin)
    assert read(change).state == State.APPLIED
    with db.reading() as session:
        return session.get_one(Agent, str(read(change).outcome["agent"]))


def test_applying_makes_the_shop_its_account_and_its_owner(taken_on: Agent) -> None:
    assert (taken_on.number, taken_on.name, taken_on.group_name, taken_on.state) == ("1000000001", "Çınar Büfe", "standard", "active")
    assert (taken_on.tax_number, taken_on.iban, taken_on.email) == ("1234567890", IBAN, "cinar@example.com")
    with db.reading() as session:
        assert book.balance(session, agent_account(taken_on.number)).balance == lira("0.00")
        owner = session.scalars(select(Person).filter_by(agent=taken_on.number)).one()
    assert (owner.name, owner.phone, owner.role) == ("Derya Çınar", "+905337654321", "owner")
    assert "05337654321" in messages()["+905337654321"]
    assert not is_right("", owner.password_hash)
    assert book_is_right()


def test_the_number_is_the_asked_one_or_the_next_free_one(shop: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """The shop 1000001042 is there already"""
    one, other = take_on(operator), take_on(operator, owner_phone="05337654322", number="1999999990")
    for change in (one, other):
        decide(change, admin)
        decide(change, second_admin)
    assert [read(change).outcome["agent"] for change in (one, other)] == ["1000001043", "1999999990"]


def test_each_paper_is_needed_and_two_decide(operator: Person, admin: Person) -> None:
    change = take_on(operator, {"contract": b"scan"})
    assert (change.state, change.persons_needed) == (State.INCOMPLETE, 2)
    assert take_on(operator, owner_phone="05337654399").state == State.ASKED


@pytest.mark.parametrize(
    "wrong",
    [
        {"iban": "TR00"},
        {"tax_number": "123"},
        {"market": "XX"},
        {"number": "12"},
        {"contract_until": "soon"},
        {"owner_phone": "1"},
        {"group": "A B"},
    ],
)
def test_every_field_by_its_shape(operator: Person, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        take_on(operator, PAPERS, **wrong)
    assert list(refusal.value.errors) == list(wrong)


def test_a_phone_of_another_login_is_refused_when_it_is_asked_for(shop: Shop, operator: Person) -> None:
    with pytest.raises(PhoneTaken):
        take_on(operator, owner_phone=shop.owner.phone)


def test_a_paper_that_has_expired_takes_nobody_on(operator: Person, admin: Person, second_admin: Person) -> None:
    change = take_on(operator, tax_plate_until="2026-11-22")
    decide(change, admin)
    assert decide(change, second_admin).state == State.FAILED
    with db.reading() as session:
        assert session.scalars(select(Agent)).all() == []


def test_the_papers_stay_until_the_shop_is_closed(taken_on: Agent, admin: Person) -> None:
    """C-08: their matter has not ended"""
    with db.reading() as session:
        filed = papers_on_file(session, taken_on.number)
    assert [(one.paper.which, one.paper.expires_on) for one in filed] == [
        ("contract", date(2028, 11, 23)),
        ("tax-plate", date(2026, 12, 20)),
        ("signature-circular", None),
        ("identity", date(2030, 1, 1)),
        ("iban-proof", None),
    ]
    assert all(one.scan.closed_at is None for one in filed)
    with db.reading() as session:
        owner = session.scalars(select(Person).filter_by(agent=taken_on.number)).one()
    decide(ask("termination", owner), admin)
    with db.reading() as session:
        assert all(one.scan.closed_at is not None for one in papers_on_file(session, taken_on.number))


def mails() -> list[tuple[str, str]]:
    with db.reading() as session:
        return [(one.recipient, one.subject) for one in session.scalars(select(Message).filter_by(channel="mail").order_by(Message.id))]


def test_reminders_thirty_and_seven_days_before_and_on_the_last_day(
    taken_on: Agent, operator: Person, monday: Callable[[datetime], None]
) -> None:
    """Each once, also when a day was missed"""
    with db.transaction() as session:
        session.get_one(Person, operator.id).email = "operator@example.com"
    start = len(mails())
    expected = []
    for day, fresh in (("11-23", 2), ("11-24", 0), ("12-12", 0), ("12-14", 2), ("12-19", 0), ("12-20", 2), ("12-24", 0)):
        monday(at(f"2026-{day}T10:00:00+03:00"))
        for _ in range(2):
            remind_papers(clock.now())
        expected.append(fresh)
        assert len(mails()) - start == sum(expected), day
    assert {who for who, _ in mails()[start:]} == {"cinar@example.com", "operator@example.com"}
    assert "1000000001" in mails()[-1][1]


def test_an_expired_paper_is_an_exception_until_it_is_renewed(
    taken_on: Agent, operator: Person, admin: Person, monday: Callable[[datetime], None]
) -> None:
    monday(at("2026-12-20T23:00:00+03:00"))
    assert expired() == []
    monday(at("2026-12-21T10:00:00+03:00"))
    assert expired() == ["1000000001/tax-plate"]
    with db.reading() as session:
        owner = session.scalars(select(Person).filter_by(agent=taken_on.number)).one()
        old = papers_on_file(session, taken_on.number)[1].scan.name
    change = ask("agent-papers", owner, {"which": "tax-plate", "until": "2027-12-20"}, scans={"paper": b"scan"})
    decide(change, admin)
    assert expired() == []
    with db.reading() as session:
        assert session.get_one(Scan, old).closed_at is not None


def expired() -> list[str]:
    with db.reading() as session:
        return [one.ref for one in attention(session, now=clock.now()) if one.kind == "agent-paper.expired"]


def test_a_shop_of_another_market(operator: Person, admin: Person, second_admin: Person) -> None:
    change = take_on(
        operator, market="HU", tax_number="12345676", iban="HU42117730161111101800000000", phone="", owner_phone="+36201234567", email=""
    )  # fmt: skip
    decide(change, admin)
    decide(change, second_admin)
    assert str(read(change).outcome["agent"]).startswith("4")

"""One asks, another decides, once (C-03, C-06, C18, B18)."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import select, text

from app import clock, db
from app.audit import AuditLine
from app.cancellations.decide_cancellation import Decided, decide_cancellation
from app.cancellations.model import Cancellation, State
from app.cancellations.withdraw_cancellation import withdraw_cancellation
from app.collections.model import Payment
from app.documents.model import Paper, Scan
from app.errors import Invalid, NotFound, OwnRequest
from app.notifications.model import Message
from app.people.model import Person
from tests.cancellations.conftest import FIVE, TEN, ask, decide, hire, read
from tests.conftest import Database
from tests.people import ScriptedBiller, Shop, book_is_right, journal, lira


def withdraw(cancellation: Cancellation, shop: Shop) -> Cancellation:
    with db.transaction() as session:
        return withdraw_cancellation(session, cancellation.id, agent=shop.number, by=shop.by, now=clock.now())


def messages() -> dict[str, str]:
    with db.reading() as session:
        return {message.recipient: message.body for message in session.scalars(select(Message))}


def test_another_person_grants(payment: Payment, shop: Shop, admin: Person, monday: Callable[..., None]) -> None:
    """C-03, C-04: asked in time, granted at ten past five; to be reported at once"""
    cancellation = ask(payment, shop)
    monday(FIVE + timedelta(minutes=10))

    granted = decide(cancellation, admin)

    assert (granted.state, granted.decided_by, granted.decided_at) == (State.GRANTED, f"person:{admin.id}", clock.now())
    assert granted.next_report_at == clock.now()
    assert shop.balance == lira("379.50")
    with db.reading() as session:
        line = session.scalars(select(AuditLine).filter_by(event="cancellation.granted")).one()
    assert (line.facts["asked_by"], line.facts["decided_by"]) == ("Ayşe Yılmaz", "Zeynep Demir")


def test_the_decider_says_why_not(payment: Payment, shop: Shop, admin: Person) -> None:
    """C-06: denied with a reason; its dekont is there at once, the days of its scans count"""
    cancellation = ask(payment, shop)
    for reason in ("", "  ", "\x00\n"):
        with pytest.raises(Invalid) as refusal:
            decide(cancellation, admin, granted=False, reason=reason)
        assert list(refusal.value.errors) == ["reason"]
    assert read(cancellation).state == State.ASKED

    denied = decide(cancellation, admin, granted=False, reason="The form is not signed")

    assert (denied.state, denied.decision_reason, denied.next_report_at) == (State.DENIED, "The form is not signed", None)
    with db.reading() as session:
        paper = session.scalars(select(Paper)).one()
        assert {scan.closed_at for scan in session.scalars(select(Scan))} == {TEN}
    assert paper.about == f"{payment.reference} cancellation {cancellation.id}"
    assert "The form is not signed" in str(paper.facts)
    assert shop.balance == lira("379.50")


def test_nobody_decides_what_they_asked_for(payment: Payment, shop: Shop, admin: Person) -> None:
    """C-03: by the verb …"""
    cancellation = ask(payment, shop, agent=None, by=f"person:{admin.id}")
    for granted in (True, False):
        with pytest.raises(OwnRequest):
            decide(cancellation, admin, granted=granted, reason="I say so")
    assert read(cancellation).state == State.ASKED


def test_not_even_the_database_takes_an_own_decision(payment: Payment, shop: Shop, database: Database) -> None:
    """… and by the CHECK"""
    ask(payment, shop)
    with pytest.raises(psycopg.errors.CheckViolation, match="decided_by_another"), psycopg.connect(database.url) as connection:
        connection.execute("UPDATE cancellation SET decided_at = now(), decided_by = asked_by, granted = true, next_report_at = now()")


def test_a_second_login_with_the_same_telephone_is_the_same_person(payment: Payment, shop: Shop, database: Database) -> None:
    """C18: removed in the shop, hired by the institution"""
    cancellation = ask(payment, shop)
    with psycopg.connect(database.url) as connection:
        connection.execute("UPDATE person SET removed_at = now(), removed_by = 'test' WHERE id = %s", [shop.owner.id])
    with pytest.raises(OwnRequest):
        decide(cancellation, hire("approver", shop.owner.phone))


def test_a_login_made_by_the_asker_does_not_decide_on_that_day(payment: Payment, shop: Shop, monday: Callable[..., None]) -> None:
    """C18"""
    cancellation = ask(payment, shop, agent=None, by="person:77")
    maker = hire("operator", "05340000077")
    accomplice = hire("approver", "05340000078", by=f"person:{maker.id}")
    other = ask_as(payment, shop, maker, cancellation)
    with pytest.raises(OwnRequest):
        decide(other, accomplice)
    monday(TEN + timedelta(days=1))
    assert decide(other, accomplice).state == State.GRANTED


def ask_as(payment: Payment, shop: Shop, person: Person, before: Cancellation) -> Cancellation:
    with db.transaction() as session:
        withdraw_cancellation(session, before.id, agent=None, by="person:77", now=clock.now())
    return ask(payment, shop, agent=None, by=f"person:{person.id}")


@pytest.mark.parametrize("second_granted", [True, False])
def test_a_second_decider_learns_who_and_when(
    payment: Payment, shop: Shop, admin: Person, second_admin: Person, monday: Callable[..., None], second_granted: bool
) -> None:
    """C-03, B18"""
    cancellation = ask(payment, shop)
    decide(cancellation, admin)
    monday(TEN + timedelta(minutes=1))
    with pytest.raises(Decided, match="granted by Zeynep Demir") as refusal:
        decide(cancellation, second_admin, granted=second_granted, reason="no")
    assert refusal.value.facts == {
        "cancellation": cancellation.id, "outcome": "granted", "who": "Zeynep Demir", "when": TEN, "state": "granted",
    }  # fmt: skip
    assert refusal.value.status == 409
    assert (read(cancellation).decided_by, read(cancellation).decided_at) == (f"person:{admin.id}", TEN)


def test_a_decision_repeated_by_the_same_person_changes_nothing(payment: Payment, shop: Shop, admin: Person) -> None:
    """C21: a form sent again"""
    cancellation = ask(payment, shop)
    decide(cancellation, admin, granted=False, reason="not signed")
    told = messages()
    with pytest.raises(Decided, match="denied by Zeynep Demir"):
        decide(cancellation, admin, granted=True)
    assert read(cancellation).state == State.DENIED
    assert messages() == told


def test_what_was_withdrawn_is_not_decided(payment: Payment, shop: Shop, admin: Person) -> None:
    """B18: the decider learns who withdrew and when"""
    cancellation = ask(payment, shop)
    withdraw(cancellation, shop)
    with pytest.raises(Decided, match="withdrawn by Ayşe Yılmaz"):
        decide(cancellation, admin)


@pytest.mark.parametrize("granted", [True, False])
def test_what_was_decided_is_not_withdrawn(payment: Payment, shop: Shop, admin: Person, granted: bool) -> None:
    """B18"""
    cancellation = ask(payment, shop)
    decide(cancellation, admin, granted=granted, reason="because")
    with pytest.raises(Decided, match="Zeynep Demir"):
        withdraw(cancellation, shop)


def test_there_is_nothing_to_decide_about_nothing(admin: Person) -> None:
    with pytest.raises(NotFound), db.transaction() as session:
        decide_cancellation(session, 4711, granted=True, by=f"person:{admin.id}", now=TEN)


@pytest.mark.parametrize(
    "change", ["granted = false, decision_reason = 'x', next_report_at = NULL", "decided_by = 'person:99'", "decided_at = now()"]
)
def test_a_decision_stands_in_the_database_too(payment: Payment, shop: Shop, admin: Person, database: Database, change: str) -> None:
    """C-03: whatever a program tries later"""
    decide(ask(payment, shop), admin)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="stands"), psycopg.connect(database.url) as connection:
        connection.execute(f"UPDATE cancellation SET {change}")


def race(rounds: list[Callable[[], str]]) -> list[str]:
    """All at the same moment; each says what it did, or the name of its refusal."""
    barrier = Barrier(len(rounds))

    def run(deed: Callable[[], str]) -> str:
        barrier.wait()
        try:
            return deed()
        except Decided as refusal:
            return refusal.name()

    with ThreadPoolExecutor(len(rounds)) as pool:
        return list(pool.map(run, rounds))


def test_twenty_decisions_at_once_have_one_outcome(shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-03, C20, trust.md "approvals": grants and denials of nineteen people, and the shop in between"""
    people = [hire("approver", f"053400010{number:02d}", name=f"Admin {number}") for number in range(19)]
    for _ in range(10):
        cancellation = ask(shop.pays(millenicom, millenicom.bill("1.00")), shop)
        deeds: list[Callable[[], str]] = [
            (lambda c=cancellation, person=person, yes=index % 2 == 0: decide(c, person, granted=yes, reason="because").state)  # type: ignore[misc]
            for index, person in enumerate(people)
        ]
        deeds.append(lambda cancellation=cancellation: withdraw(cancellation, shop).state)  # type: ignore[misc]
        random.shuffle(deeds)

        words = race(deeds)

        assert words.count("decided") == 19
        outcome = next(word for word in words if word != "decided")
        assert read(cancellation).state == outcome
    assert book_is_right()


def test_granting_against_withdrawing(payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller) -> None:
    """B18: one outcome each time, and the book does not move"""
    before = journal()
    for number in range(12):
        bill = shop.pays(millenicom, millenicom.bill("1.00"))
        cancellation = ask(bill, shop)
        words = race([lambda c=cancellation: decide(c, admin).state, lambda c=cancellation: withdraw(c, shop).state])  # type: ignore[misc]
        assert sorted(words) in (["decided", "granted"], ["decided", "withdrawn"]), number
        assert read(cancellation).state in words
    assert [line for line in journal() if "cancelled" in line] == []
    assert len(journal()) == len(before) + 24


def test_the_shop_and_the_customer_are_told(payment: Payment, shop: Shop, admin: Person) -> None:
    """P-13: of a denial both, with the reason and where to turn to"""
    decide(ask(payment, shop), admin, granted=False, reason="The form is not signed")
    told = messages()
    assert "The form is not signed" in told[shop.owner.phone]
    assert "444 0 144" in told[shop.owner.phone]
    assert "iptal edilemedi" in told["+905321234567"]


def test_a_grant_is_told_to_the_shop_alone(payment: Payment, shop: Shop, admin: Person) -> None:
    """The customer's cash is not back yet"""
    decide(ask(payment, shop), admin)
    assert list(messages()) == [shop.owner.phone]


def test_a_shop_with_an_address_gets_a_mail(payment: Payment, shop: Shop, admin: Person) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE agent SET email = 'shop@example.com'"))
    decide(ask(payment, shop), admin)
    with db.reading() as session:
        mail = session.scalars(select(Message)).one()
    assert (mail.channel, mail.recipient) == ("mail", "shop@example.com")
    assert payment.reference in mail.subject


def test_what_an_operator_asked_for_is_told_to_the_owner(payment: Payment, shop: Shop, admin: Person) -> None:
    decide(ask(payment, shop, agent=None, by="person:77"), admin)
    assert list(messages()) == [shop.owner.phone]

"""What people see of deposits, and what the slice proves about itself."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.bank.model import Deposit
from app.bank.queries import Journey, bank_accounts_of, find_deposit, journey, list_deposits, suspense_by_currency, top_ups_of
from app.bank.self_check import CHECKS
from app.errors import NotFound
from app.markets import MARKETS
from tests.bank.bank import BUDAPEST_IBAN, IBAN, Paper, books, comes, deposit, lira, open_account, phone, transfer
from tests.conftest import Database
from tests.people import Shop

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def test_a_shop_sees_its_own_top_ups_and_nobody_elses(shop: Shop, other: Shop) -> None:
    books(transfer("1.00", phone(shop)), transfer("2.00", phone(other)), transfer("3.00", phone(shop)))
    with db.reading() as session:
        assert [each.money for each in top_ups_of(session, shop.number)] == [lira("3.00"), lira("1.00")]
        (theirs,) = top_ups_of(session, other.number)
        assert find_deposit(session, theirs.reference, agent=None).reference == theirs.reference
        with pytest.raises(NotFound):
            find_deposit(session, theirs.reference, agent=shop.number)


def test_what_waits_for_a_person_oldest_first(shop: Shop) -> None:
    books(transfer("1.00", "a"), transfer("2.00", "b"), transfer("3.00", phone(shop)))
    books(transfer("5.00", "c", currency="USD"), currency="USD")
    with db.reading() as session:
        waiting = list_deposits(session, state="suspense")
        assert [each.text for each in waiting] == ["a", "b", "c"]
        assert [each.text for each in list_deposits(session, state="suspense", after=waiting[0].id)] == ["b", "c"]
        assert list_deposits(session, since=clock.now() + timedelta(minutes=1)) == []
        assert [(money, count) for money, count, _ in suspense_by_currency(session)] == [(lira("3.00"), 2), (waiting[2].money, 1)]


def test_the_stopwatch_and_the_stage_that_is_late() -> None:
    """screens.md: late after four minutes says which stage"""
    quick = Journey(NOON, minutes(0.5), minutes(0.6), minutes(0.7))
    assert (quick.lasted(now=minutes(90)), quick.late_at(now=minutes(90))) == (timedelta(seconds=42), None)
    assert Journey(NOON, minutes(5), minutes(5), minutes(5)).late_at(now=minutes(6)) == "seen"
    assert Journey(NOON, minutes(1), minutes(9), minutes(9)).late_at(now=minutes(10)) == "matched"
    assert Journey(NOON, minutes(1), None, None).late_at(now=minutes(3)) is None
    assert Journey(NOON, minutes(1), None, None).late_at(now=minutes(5)) == "matched"
    assert Journey(NOON, minutes(1), minutes(1), None).late_at(now=minutes(5)) == "credited"
    assert Journey(None, NOON, minutes(1), minutes(1)).lasted(now=minutes(9)) == timedelta(minutes=1)


def test_a_deposits_journey(shop: Shop) -> None:
    books(transfer("1.00", phone(shop), at=clock.now() - timedelta(seconds=40)))
    assert timedelta(seconds=39) < journey(deposit()).lasted(now=clock.now()) < timedelta(minutes=4)


def test_the_accounts_to_send_money_to(shop: Shop) -> None:
    open_account(BUDAPEST_IBAN, "HU")
    with db.reading() as session:
        assert [account.iban for account in bank_accounts_of(session, MARKETS["TR"])] == [IBAN]


def checked() -> list[str]:
    with db.reading() as session:
        return [sentence for check in CHECKS for sentence in check(session)]


@pytest.mark.parametrize(
    ("tampering", "names"),
    [
        ("UPDATE deposit SET amount = amount + 1 WHERE state = 'credited'", ["its postings left", "its deposits make"]),
        ("UPDATE deposit SET agent = '1000002077' WHERE state = 'credited'", ["on agent:1000001042", "on agent:1000002077"]),
        ("UPDATE deposit SET state = 'noted' WHERE state = 'suspense'", ["suspense holds 300 TRY of deposits, those that wait make 0"]),
        ("DELETE FROM deposit WHERE state = 'credited'", ["its state says 0"]),
    ],
)
def test_the_check_names_the_wrong_row(shop: Shop, other: Shop, database: Database, tampering: str, names: list[str]) -> None:
    books(transfer("5.00", phone(shop)), transfer("3.00", "kimin?"))
    assert checked() == []
    with db.reading() as session:
        wrong = session.get_one(Deposit, deposit_in(tampering)).reference
    with psycopg.connect(database.url) as connection:
        connection.execute(tampering)
    sentences = checked()
    assert any(wrong in sentence for sentence in sentences)
    for name in names:
        assert any(name in sentence for sentence in sentences), sentences


def deposit_in(statement: str) -> str:
    state = "suspense" if "'suspense'" in statement else "credited"
    with db.reading() as session:
        return next(each.reference for each in list_deposits(session) if each.state == state)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE statement_file SET raw = ''",
        "DELETE FROM statement_file",
        "UPDATE bank_sighting SET booking_id = 1",
        "DELETE FROM deposit_decision",
        "DELETE FROM deposit",
        "UPDATE deposit SET amount = 1",
        "UPDATE bank_booking SET amount = 1",
        "DELETE FROM bank_booking",
        "UPDATE bank_statement SET closing = 1",
    ],
)
def test_the_products_role_changes_no_facts(shop: Shop, statement: str) -> None:
    """What the bank said stays what it said"""
    comes(Paper().camt054([transfer("5.00", phone(shop))]))
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(statement))

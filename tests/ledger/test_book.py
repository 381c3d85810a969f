"""The book: two-sided, integer, append-only, and never below a limit."""

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app import db
from app.ledger import book, chart
from app.ledger.book import Entry, Move
from app.ledger.self_check import self_check
from app.money import Money
from tests.conftest import Database

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SHOP = "agent:1000001042"
BANK = "bank:TR330006100519786457841326"


def lira(text: str) -> Money:
    whole, _, minor = text.partition(".")
    return Money(int(whole) * 100 + int(minor or 0), "TRY")


@pytest.fixture
def shop(database: Database) -> str:
    with db.transaction() as session:
        book.open_account(session, SHOP, currency="TRY")
        book.post(session, "deposit.credited", about="D1", moves=[Move(BANK, SHOP, lira("500.00"))], at=NOON, by="job:test")
    return SHOP


def test_a_hold_moves_money_into_transit(shop: str) -> None:
    with db.transaction() as session:
        book.post(session, "payment.reserved", about="P1", moves=[Move(shop, chart.TRANSIT, lira("120.50"))], at=NOON, by="person:1")
    with db.reading() as session:
        assert book.balance(session, shop).balance == lira("379.50")
        assert book.trial_balance(session) == [(shop, lira("379.50")), (BANK, -lira("500.00")), ("transit", lira("120.50"))]
        assert self_check(session) == []


def test_the_limit_holds(shop: str) -> None:
    with pytest.raises(book.OverLimit) as refusal, db.transaction() as session:
        book.post(session, "payment.reserved", about="P1", moves=[Move(shop, chart.TRANSIT, lira("500.01"))], at=NOON, by="person:1")
    assert refusal.value.facts == {"needed": lira("500.01"), "available": lira("500.00")}
    with db.reading() as session:
        assert book.balance(session, shop).balance == lira("500.00")


def test_only_what_the_bank_takes_back_may_fall_below_the_limit(shop: str) -> None:
    with db.transaction() as session:
        book.set_blocked(session, shop, blocked=True)
        book.post(
            session, "deposit.taken-back", about="D1", moves=[Move(shop, BANK, lira("600.00"))], at=NOON, by="job:test", may_overdraw=True
        )
    with db.reading() as session:
        assert book.balance(session, shop).balance == -lira("100.00")


def test_nothing_leaves_a_blocked_account(shop: str) -> None:
    with pytest.raises(book.Blocked), db.transaction() as session:
        book.set_blocked(session, shop, blocked=True)
        book.post(session, "payment.reserved", about="P1", moves=[Move(shop, chart.TRANSIT, lira("1.00"))], at=NOON, by="person:1")


def test_an_event_about_a_thing_happens_once(shop: str) -> None:
    with pytest.raises(IntegrityError), db.transaction() as session:
        book.post(session, "deposit.credited", about="D1", moves=[Move(BANK, shop, lira("500.00"))], at=NOON, by="job:test")
    with db.reading() as session:
        assert book.balance(session, shop).balance == lira("500.00")


def test_a_move_outside_the_chart_is_refused_by_the_code(shop: str) -> None:
    with pytest.raises(book.NotInTheChart), db.transaction() as session:
        book.post(session, "payment.reserved", about="P1", moves=[Move(shop, BANK, lira("1.00"))], at=NOON, by="person:1")


@pytest.mark.parametrize(
    ("event", "source", "target", "amount", "constraint"),
    [
        ("payment.reserved", SHOP, BANK, 100, "allowed_by_the_chart"),
        ("payment.reserved", SHOP, "transit", 0, "amount_positive"),
        ("payment.reserved", SHOP, "transit", -5, "amount_positive"),
        ("bank.own-transfer", BANK, BANK, 100, "two_sides"),
        ("payment.paid", "transit", "biller:Robert'); DROP", 100, "known_addresses"),
    ],
)
def test_a_move_outside_the_chart_is_refused_by_the_database(
    shop: str, event: str, source: str, target: str, amount: int, constraint: str
) -> None:
    parameters = {"events": [event], "abouts": ["X"], "lines": [1], "sources": [source], "targets": [target], "amounts": [amount]}
    with pytest.raises(IntegrityError, match=constraint), db.transaction() as session:
        session.execute(book.LEDGER_POST, parameters | {"currencies": ["TRY"], "at": NOON, "by": "x", "may_overdraw": True})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE posting SET amount = 1",
        "DELETE FROM posting",
        "TRUNCATE posting",
        "INSERT INTO posting (event, about, line, source, target, amount, currency, at, by) VALUES ('bank.charged', 'X', 1, 'bank:X', 'cost:bank', 1, 'TRY', now(), 'x')",
        "UPDATE limited_account SET balance = 1",
    ],
)
def test_the_products_role_can_change_neither_postings_nor_balances(shop: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("statement", ["UPDATE posting SET amount = 1", "DELETE FROM posting", "TRUNCATE posting"])
def test_not_even_the_owner_changes_a_posting(shop: str, database: Database, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), psycopg.connect(database.url) as connection:
        connection.execute(statement)


def test_the_products_role_is_no_superuser(database: Database) -> None:
    with db.reading() as session:
        assert session.execute(text("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")).one() == (
            "gise_app",
            False,
        )


def test_the_book_check_names_an_altered_posting(shop: str, database: Database) -> None:
    with db.transaction() as session:
        book.post(session, "payment.reserved", about="P1", moves=[Move(shop, chart.TRANSIT, lira("100.00"))], at=NOON, by="person:1")
        book.post(session, "payment.reserved", about="P2", moves=[Move(shop, chart.TRANSIT, lira("50.00"))], at=NOON, by="person:1")
    with psycopg.connect(database.url) as connection:
        connection.execute("ALTER TABLE posting DISABLE TRIGGER posting_is_for_ever")
        connection.execute("UPDATE posting SET amount = 10001 WHERE about = 'P1'")
    with db.reading() as session:
        assert self_check(session) == [
            f"account {SHOP} holds 35000, its postings say 34999 (minor units)",
            f"posting 2: {SHOP} stood at 40000 after it, the postings before it say 39999 (minor units)",
            "the trigger that forbids changing postings is missing or switched off",
        ]


def test_the_trial_balance_of_an_earlier_time(shop: str) -> None:
    with db.transaction() as session:
        book.post(
            session,
            "payment.reserved",
            about="P1",
            moves=[Move(shop, chart.TRANSIT, lira("1.00"))],
            at=NOON.replace(hour=12),
            by="person:1",
        )
    with db.reading() as session:
        assert book.trial_balance(session, at=NOON.replace(hour=12)) == [(shop, lira("500.00")), (BANK, -lira("500.00"))]


def coming(*moves: tuple[str, str, str]) -> list[Entry]:
    return [Entry("deposit.credited", about, (Move(BANK, target, lira(amount)),)) for about, target, amount in moves]


def test_many_postings_are_the_same_as_one_by_one(shop: str) -> None:
    other = "agent:1000002077"
    with db.transaction() as session:
        book.open_account(session, other, currency="TRY")
        book.post_many(session, coming(("D2", other, "1"), ("D3", shop, "2"), ("D4", other, "3")), at=NOON, by="job:test")
        book.post_many(session, [], at=NOON, by="job:test")
    with db.reading() as session:
        after = session.execute(text("SELECT about, target, source_balance, target_balance FROM posting ORDER BY id")).all()
        assert [tuple(row) for row in after] == [
            ("D1", shop, None, 50000),
            ("D2", other, None, 100),
            ("D3", shop, None, 50200),
            ("D4", other, None, 400),
        ]
        assert (book.balance(session, shop).balance, book.balance(session, other).balance) == (lira("502"), lira("4"))
        assert self_check(session) == []


@pytest.mark.parametrize(
    "entries",
    [
        coming(("D2", SHOP, "1"), ("D1", SHOP, "2")),  # is in the book already
        coming(("D2", SHOP, "1"), ("D3", "agent:1000009999", "2")),  # no such account
        [Entry("deposit.unassigned", "D2", (Move(SHOP, chart.SUSPENSE, lira("1")),))],  # could fall below its limit
    ],
)
def test_many_postings_are_all_or_nothing(shop: str, entries: list[Entry]) -> None:
    with pytest.raises(DBAPIError), db.transaction() as session:
        book.post_many(session, entries, at=NOON, by="job:test")
    with db.reading() as session:
        assert book.balance(session, shop).balance == lira("500")
        assert self_check(session) == []

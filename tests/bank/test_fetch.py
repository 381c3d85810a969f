"""The bank's feed, through a real HTTP server on this machine (contract.md §7, E22)."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.bank.incoming.fetch_statements import Bank, fetch_statements
from app.bank.incoming.statement_queries import quarantined_statements
from app.bank.model import BankFeed, StatementFile
from app.bank.queries import silent_accounts
from app.markets import MARKETS
from tests.bank.bank import IBAN, OTHER_IBAN, Paper, Transfer, all_is_right, deposit, deposits, lira, open_account, phone, transfer
from tests.conftest import Database
from tests.people import Shop


@dataclass
class TestBank:
    """:ivar booked: what it tells of each account; :ivar asked: every question, as format and since"""

    __test__ = False

    booked: dict[str, list[Transfer]] = field(default_factory=dict)
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)
    status: int = 200
    garbage: bytes = b""
    url: str = ""

    def answer(self, path: str) -> tuple[int, bytes]:
        parts, query = urlsplit(path), parse_qs(urlsplit(path).query)
        iban, format, since = parts.path.split("/")[2], query["format"][0], datetime.fromisoformat(query["since"][0])
        self.asked.append((iban, format, since))
        if self.status != 200 or self.garbage:
            return self.status, self.garbage
        transfers = [each for each in self.booked.get(iban, []) if each.at is None or each.at >= since]
        return 200, Paper(iban=iban).write(format, transfers)


@pytest.fixture
def bank(database: Database) -> Iterator[TestBank]:
    bank = TestBank()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = bank.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        bank.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield bank
        server.shutdown()
        thread.join()


def fetch(bank: TestBank, database: Database) -> None:
    fetch_statements(Bank(replace(database.config, bank_url=bank.url)), now=clock.now())


def feed() -> BankFeed:
    with db.reading() as session:
        return session.get_one(BankFeed, IBAN)


def test_what_the_bank_booked_is_on_the_balance_after_one_look(shop: Shop, bank: TestBank, database: Database) -> None:
    booked = clock.now() - timedelta(seconds=20)
    bank.booked[IBAN] = [transfer("500.00", phone(shop), at=booked)]
    fetch(bank, database)

    assert shop.balance == lira("500.00")
    assert deposit().booked_at == booked
    assert (feed().error, feed().news_at is not None) == ("", True)
    assert all_is_right()


def test_looking_again_changes_and_keeps_nothing(shop: Shop, bank: TestBank, database: Database) -> None:
    """E11: only files that bring something are kept"""
    bank.booked[IBAN] = [transfer("500.00", phone(shop), at=clock.now())]
    for _ in range(4):
        fetch(bank, database)
    assert len(deposits()) == 1
    with db.reading() as session:
        assert len(session.scalars(select(StatementFile.id)).all()) == 1


def test_the_first_look_begins_with_the_accounts_first_day_the_next_a_quarter_of_an_hour_ago(
    shop: Shop, bank: TestBank, database: Database
) -> None:
    """What came before the account was ours to credit stays what it was"""
    midnight = clock.now().astimezone(MARKETS["TR"].zone).replace(hour=0, minute=0, second=0, microsecond=0)
    start = clock.now() + timedelta(days=3)
    with time_machine.travel(start, tick=False):
        fetch(bank, database)
        fetch(bank, database)
    assert bank.asked == [
        (IBAN, "camt054", midnight),
        (IBAN, "camt053", midnight + timedelta(days=2)),
        (IBAN, "camt054", start - timedelta(minutes=15)),
    ]


def test_a_bank_without_references_is_asked_for_its_whole_day(shop: Shop, bank: TestBank, database: Database) -> None:
    """E13: twins that come apart are counted in one file"""
    start = clock.now().astimezone(MARKETS["TR"].zone).replace(hour=10, minute=0)
    with time_machine.travel(start, tick=False):
        bank.booked[IBAN] = [transfer("100.00", phone(shop), reference="", at=clock.now())]
        fetch(bank, database)
    with time_machine.travel(start + timedelta(minutes=40), tick=False):
        bank.booked[IBAN].append(replace(bank.booked[IBAN][0], at=clock.now()))
        fetch(bank, database)
    assert bank.asked[-1] == (IBAN, "camt054", start.replace(hour=0, minute=0, second=0, microsecond=0))
    assert shop.balance == lira("200.00")


def test_every_hour_the_days_with_their_balances(shop: Shop, bank: TestBank, database: Database) -> None:
    """They prove what came intraday, and have the last word"""
    start = clock.now()
    for minutes in (0, 30, 61, 90):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            fetch(bank, database)
    assert [format for _, format, _ in bank.asked] == ["camt054", "camt053", "camt054", "camt054", "camt053", "camt054"]


@pytest.mark.parametrize(
    ("status", "garbage", "error"), [(500, b"", "the bank answered 500"), (200, b"<html/>", "This file cannot be read")]
)
def test_a_bank_that_does_not_answer_is_noted(
    shop: Shop, bank: TestBank, database: Database, status: int, garbage: bytes, error: str
) -> None:
    bank.status, bank.garbage = status, garbage
    fetch(bank, database)
    assert feed().error.startswith(error)
    assert feed().news_at is None
    bank.status, bank.garbage = 200, b""
    fetch(bank, database)
    assert feed().error == ""


def test_three_minutes_of_silence_raise_an_alarm_once(shop: Shop, bank: TestBank, database: Database) -> None:
    """E22"""
    fetch(bank, database)
    bank.status = 503
    start = clock.now()
    for seconds in (30, 170, 190, 220, 600):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            fetch(bank, database)
            with db.reading() as session:
                assert bool(silent_accounts(session, now=clock.now(), market=MARKETS["TR"])) == (seconds > 180)
    bank.status = 200
    with time_machine.travel(start + timedelta(seconds=630), tick=False):
        fetch(bank, database)
        with db.reading() as session:
            assert silent_accounts(session, now=clock.now()) == []
    with db.reading() as session:
        events = session.scalars(select(AuditLine.event).where(AuditLine.event.like("bank-feed.%")).order_by(AuditLine.id)).all()
    assert events == ["bank-feed.silent", "bank-feed.heard-again"]


def test_nobody_there(shop: Shop, database: Database) -> None:
    fetch_statements(Bank(replace(database.config, bank_url="http://127.0.0.1:9")), now=clock.now())
    assert feed().error == "the bank does not answer"


def test_one_account_in_trouble_holds_up_no_other(shop: Shop, bank: TestBank, database: Database) -> None:
    open_account(OTHER_IBAN)
    bank.booked = {OTHER_IBAN: [transfer("2.00", phone(shop), at=clock.now())]}
    answer = bank.answer
    bank.answer = lambda path: (500, b"") if IBAN in path else answer(path)  # type: ignore[method-assign]
    fetch(bank, database)
    assert feed().error == "the bank answered 500"
    assert shop.balance == lira("2.00")


def test_an_intraday_answer_that_cannot_be_read_is_quarantined(shop: Shop, bank: TestBank, database: Database) -> None:
    bank.booked[IBAN] = [replace(transfer("1.00", phone(shop), at=clock.now()), amount="1.005")]
    bank.answer = lambda path: (200, Paper().camt054(bank.booked[IBAN]))  # type: ignore[method-assign]
    fetch(bank, database)
    with db.reading() as session:
        (report,) = quarantined_statements(session)
    assert "has more than two decimals" in str(report.reason)

"""A long statement is kept at once and credited some at a time: whoever dies, pays or imports in between, nothing is lost or doubled."""

import hashlib
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, db
from app.agents.suspend_agent import suspend_agent
from app.bank import credit_deposits as crediting
from app.bank import waiting
from app.bank.credit_deposits import credit_deposits
from app.bank.incoming.import_file import import_file
from app.bank.incoming.import_statement import line_of
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.keep_statement import content_of
from app.bank.keys import reference_key, text_key
from app.bank.model import DepositState
from app.bank.references import new_references
from app.bank.statement.read import read_statements
from app.errors import TryAgain
from app.ledger.model import Posting
from app.text import search_key
from tests.bank.bank import IBAN, Paper, Transfer, all_is_right, comes, deposits, lira, phone, states, transfer, words
from tests.people import Shop, journal, open_biller, open_shop


@pytest.fixture(autouse=True)
def three_at_once() -> Iterator[None]:
    with patch.object(waiting, "AT_ONCE", 3):
        yield


def twenty(shop: Shop) -> list[Transfer]:
    return [transfer(f"{number}.00", phone(shop)) for number in range(1, 21)]


@pytest.mark.parametrize("where", ["credit_batch", "take_waiting", "write_down", "post_many", "tell_credited"])
def test_a_worker_killed_in_the_third_batch(shop: Shop, where: str) -> None:
    """Two batches are credited, the third not at all; the next run goes on there"""
    raw, real, times = Paper().mt940(twenty(shop)), getattr(crediting, where), 0

    def dies(*args: object, **kwargs: object) -> object:
        nonlocal times
        times += 1
        if times == 3:
            raise SystemExit
        return real(*args, **kwargs)

    with patch.object(crediting, where, dies), pytest.raises(SystemExit):
        comes(raw)
    assert states() == ["credited"] * 6 + ["seen"] * 14
    assert shop.balance == lira("21.00")
    assert all_is_right()
    comes(raw)
    assert states() == ["credited"] * 20
    assert shop.balance == lira("210.00")
    assert credit_deposits(now=clock.now()) == 0
    assert all_is_right()


def test_a_worker_whose_connection_is_cut_after_the_posting(shop: Shop) -> None:
    def cut(session: Session, *_args: object, **_kwargs: object) -> None:
        driver = session.connection().connection.driver_connection
        assert driver
        driver.close()

    with patch.object(crediting, "tell_credited", cut), pytest.raises(TryAgain):
        comes(Paper().mt940(twenty(shop)))
    assert set(states()) == {"seen"}
    assert journal() == []
    assert credit_deposits(now=clock.now()) == 20
    assert shop.balance == lira("210.00")
    assert all_is_right()


def test_a_run_that_began_before_the_import(shop: Shop) -> None:
    """The money clock never runs backwards: not when it credits, not when it takes back (E14)"""
    started, came = clock.now(), transfer("40.00", phone(shop))
    for bookings in ([came], [came, came.taken_back()]):
        seen = started + timedelta(seconds=2 * len(bookings))
        with patch("app.bank.incoming.import_file.credit_deposits"):
            comes(Paper().mt940(bookings), now=seen)
        credit_deposits(now=started)
    (only,) = deposits()
    assert only.state == DepositState.TAKEN_BACK
    assert only.matched_at == only.credited_at == only.ended_at == only.seen_at == started + timedelta(seconds=2)
    with db.reading() as session:
        assert session.scalars(select(Posting.at)).all() == [only.seen_at] * 2
    assert all_is_right()


def test_what_the_bank_shows_after_the_run_began(shop: Shop) -> None:
    """A held deposit is credited with the bank's own word, no earlier than it was seen"""
    started, seen = clock.now(), clock.now() + timedelta(seconds=3)
    large = [transfer("90000.00", phone(shop))]
    with patch("app.bank.incoming.import_file.credit_deposits"):
        comes(Paper().mt940(large), way="upload", now=seen)
        credit_deposits(now=started)
        assert states() == ["suspense"]
        comes(Paper().camt053(large), way="feed", now=seen)
    credit_deposits(now=started)
    (only,) = deposits()
    assert (only.state, only.credited_at) == (DepositState.CREDITED, seen)
    assert all_is_right()


def test_two_imports_of_one_file_side_by_side(shop: Shop, other: Shop) -> None:
    """E11"""
    raw = Paper().mt940([transfer("1.00", phone((shop, other)[number % 2])) for number in range(40)])
    start = threading.Barrier(2)

    def work(_: int) -> bool:
        start.wait()
        (imported,) = import_file(BankFile(raw, "file", "inbox", "job:test"), now=clock.now())
        return imported.again

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
    credit_deposits(now=clock.now())
    assert (len(deposits()), shop.balance, other.balance) == (40, lira("20.00"), lira("20.00"))
    assert all_is_right()


def test_shops_pay_while_they_are_credited(shop: Shop, other: Shop) -> None:
    """Nobody is refused for what is being credited, and every running balance stays a chain"""
    biller, shops = open_biller(), (shop, other)
    for each in shops:
        each.topped_up("100.00")
    with patch("app.bank.incoming.import_file.credit_deposits"):
        comes(Paper().mt940([transfer("1.00", phone(shops[number % 2])) for number in range(60)]))
    start = threading.Barrier(3)

    def pay(each: Shop) -> list[str]:
        start.wait()
        return [each.pays(biller, biller.bill("5.00")).state for _ in range(8)]

    with ThreadPoolExecutor(3) as pool:
        paying = [pool.submit(pay, each) for each in shops]
        start.wait()
        assert credit_deposits(now=clock.now()) == 60
        assert {state for each in paying for state in each.result()} == {"paid"}
    assert shop.balance == other.balance == lira("90.00")
    assert all_is_right()


def test_several_deposits_of_one_shop_in_one_batch(shop: Shop, other: Shop) -> None:
    """Each posting says what the balance was after it"""
    comes(Paper().mt940([transfer("5.00", phone(shop)), transfer("7.00", phone(other)), transfer("9.00", phone(shop))]))
    with db.reading() as session:
        question = select(Posting.target, Posting.target_balance).order_by(Posting.id)
        assert [tuple(row) for row in session.execute(question)] == [
            (f"agent:{shop.number}", 500),
            (f"agent:{other.number}", 700),
            (f"agent:{shop.number}", 1400),
        ]
    assert all_is_right()


def test_one_line_of_a_batch_is_for_a_suspended_shop(shop: Shop, other: Shop) -> None:
    """E10: it waits, the others do not"""
    with db.transaction() as session:
        suspend_agent(session, other.number, reason="contract", by="test", now=clock.now())
    comes(Paper().mt940([transfer("5.00", phone(shop)), transfer("7.00", phone(other)), transfer("9.00", phone(shop))]))
    assert states() == ["credited", "suspense", "credited"]
    assert "suspended or closing" in words(deposits()[1])
    assert (shop.balance, other.balance) == (lira("14.00"), lira("0.00"))
    assert journal()[1] == f"deposit.suspended   bank:{IBAN} -> suspense 7.00"
    assert all_is_right()


def test_what_another_worker_let_go_of_is_taken_up(shop: Shop) -> None:
    """One that died held the first batch while this one did the others"""
    with patch("app.bank.incoming.import_file.credit_deposits"):
        comes(Paper().mt940(twenty(shop)))
    parts, real = [], waiting.waiting_parts
    with db.transaction() as session:
        first = deposits()[0]
        session.execute(select(type(first)).filter_by(id=first.id).with_for_update())

        def seen() -> list[waiting.Part]:
            parts.append(real())
            if len(parts) == 2:
                session.rollback()
            return parts[-1]

        with patch.object(crediting, "waiting_parts", seen):
            assert credit_deposits(now=clock.now()) == 20
    assert [len(each) for each in parts] == [7, 1, 0]
    assert all_is_right()


def test_many_shops_many_batches(shop: Shop) -> None:
    shops = [shop, *(open_shop() for _ in range(4))]
    with patch.object(waiting, "AT_ONCE", 7):
        comes(Paper().camt053([transfer("2.00", phone(shops[number % 5])) for number in range(100)]))
    assert {each.balance for each in shops} == {lira("40.00")}
    assert all_is_right()


def test_the_content_of_a_statement_has_the_name_it_always_had(shop: Shop) -> None:
    """Statements that came long ago are known again"""
    (statement,) = read_statements(Paper().camt053([transfer("5.00", "Şəhla 'x' 1"), transfer("7.00", side="debit", reversal=True)]))
    head = (statement.format, statement.account, statement.currency, statement.number, statement.page, statement.opening, statement.closing)
    lines = [
        (each.side, each.amount, each.currency, each.day, reference_key(each.reference), text_key(each.text), each.status, each.reversal)
        for each in statement.bookings
    ]
    ever = hashlib.sha256(repr((head, lines)).encode()).digest()
    assert content_of(statement, [line_of(each) for each in statement.bookings]) == ever


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_texts_have_the_same_keys_by_the_short_way(text: str) -> None:
    assert text_key(text) == re.sub(r"[^0-9a-z]", "", search_key(text))
    assert reference_key(text) == re.sub(r"[^0-9A-Z]", "-", text.upper())


def test_no_two_deposits_of_one_moment_have_one_number() -> None:
    numbers = new_references(clock.now(), count=20_000)
    assert len(set(numbers)) == 20_000
    assert all(re.fullmatch(r"D[0-9]{6}-[0-9A-HJKMNP-TV-Z]{12}", number) for number in numbers)

"""An agent's statement: a chain without a gap, whose ends are the book's balances (product.md §3, §10)."""

from pathlib import Path

import time_machine

from app import db
from app.ledger import book, chart
from app.ledger.book import Move
from app.reports.catalogue import Asker
from app.reports.statement import EVENTS, OPENING
from tests.people import OUR_BANKS, ScriptedBiller, Shop, at, lira, no
from tests.reports.conftest import owner_of, written
from tests.reports.readers import by_openpyxl


def lines(path: Path) -> list[list[object]]:
    """What, in, out, balance."""
    return [[row[1], *row[3:6]] for row in by_openpyxl(path)[1:-1]]


def test_every_move_with_the_balance_after_it(shop: Shop, millenicom: ScriptedBiller, tmp_path: Path) -> None:
    millenicom.answers = [no("closed")]
    shop.pays(millenicom, millenicom.bill("120.50"))
    shop.pays(millenicom, millenicom.bill("80.00"))

    path, made = written(tmp_path, "statement", owner_of(shop))

    assert lines(path) == [
        ["Balance brought forward", None, None, 0],
        ["Top-up", 5000, None, 5000],
        ["Payment", None, 120.5, 4879.5],
        ["Payment refused, money back", 120.5, None, 5000],
        ["Payment", None, 80, 4920],
    ]
    assert shop.balance == lira("4920.00")
    came, went = made.facts["sum:3:TRY"], made.facts["sum:4:TRY"]
    assert (came, went) == (lira("5120.50"), lira("200.50"))


def test_one_day_s_end_is_the_next_day_s_beginning(shop: Shop, accountant: Asker, tmp_path: Path) -> None:
    """Even if two postings of midnight were written in the other order than their times"""
    account = chart.agent_account(shop.number)
    with time_machine.travel(at("2027-03-01T12:00:00+03:00")):
        for about, time, amount in (
            ("D-1", "2027-03-01T12:00:00+03:00", "10.00"),
            ("D-2", "2027-03-02T00:00:00.010+03:00", "20.00"),  # waited for nothing and was written first
            ("D-3", "2027-03-01T23:59:59.990+03:00", "40.00"),
            ("D-4", "2027-03-02T12:00:00+03:00", "80.00"),
        ):
            with db.transaction() as session:
                moves = [Move(OUR_BANKS["TR"], account, lira(amount))]
                book.post(session, "deposit.credited", about=about, moves=moves, at=at(time), by="job:test")

        first, _ = written(tmp_path, "statement", accountant, agent=shop.number, **{"from": "2027-03-01", "to": "2027-03-01"})
        second, _ = written(tmp_path, "statement", accountant, agent=shop.number, **{"from": "2027-03-02", "to": "2027-03-02"})

    assert [line[3] for line in lines(first)] == [5000, 5010, 5030, 5070]
    assert [line[3] for line in lines(second)] == [5070, 5150]


def test_days_without_a_move_still_say_the_balance(shop: Shop, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "statement", owner_of(shop), **{"from": "2090-01-01", "to": "2090-01-31"})
    assert lines(path) == [["Balance brought forward", None, None, 5000]]


def test_every_event_that_moves_an_agent_s_money_has_a_word() -> None:
    """A move that the chart will allow some day is not shown as a code"""
    events = {event for event, pairs in chart.CHART.items() if any("agent" in pair for pair in pairs)}
    assert events | {OPENING} == set(EVENTS)

"""
Bank statements that nobody here wrote, each with its truth: counts and sums exactly, or quarantined with a line and a reason.

They are not part of the repository: the folder is named by ``GISE_REAL_FILES``.
"""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.bank.model import StatementState
from app.bank.reference import phones_in
from app.bank.statement.read import read_statements
from app.bank.statement.statement import Side, Statement, Unreadable
from app.markets import MARKETS
from tests.bank.bank import all_is_right, comes, open_account
from tests.conftest import Database

FOLDER = os.environ.get("GISE_REAL_FILES")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="GISE_REAL_FILES names no folder with real bank files: they were not read")

Truth = dict[str, Any]
NO_STATEMENTS = {"pain.002", "empty document"}
NAMES_NO_ACCOUNT = {"svenstaro__special-cases__unexpected_tag.sta"}


def truths(family: str) -> list[tuple[str, Truth]]:
    return list(json.loads((Path(FOLDER) / "bank" / family / "truth.json").read_text()).items()) if FOLDER else []


def read(family: str, name: str) -> list[Statement]:
    return read_statements((Path(str(FOLDER)) / "bank" / family / name).read_bytes())


def hundredths(text: str) -> int:
    return int(Decimal(text) * 100)


def judged_rightly(statement: Statement, truth: Truth) -> None:
    """``balances_check`` is null where the truth's own reader found no pair of balances: then either is right, with a reason."""
    if truth["balances_check"] is not None:
        assert (statement.trouble is None) == truth["balances_check"]
    assert statement.trouble is None or "Line " in str(statement.trouble)


@pytest.mark.parametrize(("name", "truth"), truths("mt940"))
def test_a_real_mt940(name: str, truth: Truth) -> None:
    statements = read("mt940", name)
    assert len(statements) == len(truth["statements"])
    for statement, one in zip(statements, truth["statements"], strict=True):
        if name in NAMES_NO_ACCOUNT:
            assert "names no account" in str(statement.trouble)
            continue
        assert len(statement.bookings) == one["transactions"]
        assert sum(booking.signed for booking in statement.bookings) == hundredths(one["net"])
        judged_rightly(statement, one)


@pytest.mark.parametrize(("name", "truth"), truths("camt"))
def test_a_real_camt(name: str, truth: Truth) -> None:
    if truth.get("kind") in NO_STATEMENTS:
        with pytest.raises(Unreadable):
            read("camt", name)
        return
    statements = read("camt", name)
    assert len(statements) == len(truth["statements"])
    for statement, one in zip(statements, truth["statements"], strict=True):
        judged_rightly(statement, one)
        if one["bad_amounts"]:
            assert statement.trouble is not None
            assert not statement.whole
            continue
        assert len(statement.bookings) == one["entries"]
        for side, sum_ in ((Side.CREDIT, one["credits_sum"]), (Side.DEBIT, one["debits_sum"])):
            assert sum(booking.amount for booking in statement.bookings if booking.side is side) == hundredths(sum_)


TABLES = {  # what the file itself does not say: the account, and whether its rows carry balances
    "isbank_like.xls": ("", True),
    "vakifbank_like.xlsx": ("TR330006100519786457841326", False),
    "tr_cp1254_semicolon.csv": ("TR330006100519786457841326", True),
}


@pytest.mark.parametrize("name", list(TABLES))
def test_a_turkish_export(name: str) -> None:
    """Rows, sides, amounts, balances and phones"""
    truth = json.loads((Path(str(FOLDER)) / "bank" / "tr_exports" / "truth.json").read_text())
    account, with_balances = TABLES[name]
    (statement,) = read_statements((Path(str(FOLDER)) / "bank" / "tr_exports" / name).read_bytes(), account=account)

    assert (statement.trouble, statement.whole) == (None, True)
    if with_balances:
        assert (statement.opening, statement.closing) == (hundredths(truth["opening"]), hundredths(truth["closing"]))
    running = hundredths(truth["opening"])
    assert len(statement.bookings) == len(truth["rows"])
    for booking, row in zip(statement.bookings, truth["rows"], strict=True):
        running += booking.signed
        assert (booking.signed, booking.day.isoformat(), booking.text) == (hundredths(row["amount"]), row["date"], row["description"])
        assert running == hundredths(row["balance"])
        assert booking.booked_at is None or f"{booking.booked_at:%H:%M}" == row["time"]
        phones = {phone.removeprefix("+90") for phone in phones_in(booking.text, MARKETS["TR"])}
        match row["expected_phone"]:
            case "AMBIGUOUS":
                assert len(phones) == 2
            case None:
                assert phones <= {"5321112233"}  # glued to a sign: whether it counts is told by who has registered it
            case expected:
                assert phones == {expected} or "REVIEW" in expected
    assert sum(booking.side is Side.CREDIT for booking in statement.bookings) == truth["credits"]


def test_every_real_file_twice_brings_everything_once(database: Database) -> None:
    """E11: runs of days, pages, the same statement twice in one file; the second round finds nothing new"""
    open_account("LT625883379695428516", "ES")
    open_account("DE89370400440532013000", "ES")
    names = [(family, name) for family in ("mt940", "camt") for name, truth in truths(family) if truth.get("kind") not in NO_STATEMENTS]
    new = []
    for round_ in ("first", "second"):
        for family, name in names:
            raw = (Path(str(FOLDER)) / "bank" / family / name).read_bytes()
            reports = comes(raw + b"\n" * (round_ == "second"), name=name)
            assert all(report.state == StatementState.QUARANTINED or report.new + report.known == report.bookings for report in reports)
            new.append((round_, sum(report.new for report in reports)))
    assert sum(count for round_, count in new if round_ == "first") > 1000
    assert sum(count for round_, count in new if round_ == "second") == 0
    assert all_is_right()

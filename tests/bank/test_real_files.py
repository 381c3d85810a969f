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

from app.bank.statement.read import read_statements
from app.bank.statement.statement import Side, Statement, Unreadable

FOLDER = os.environ.get("GISE_REAL_FILES")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="GISE_REAL_FILES names no folder with real bank files: they were not read")

Truth = dict[str, Any]
NO_STATEMENTS = {"pain.002", "empty document"}
NAMES_NO_ACCOUNT = {"svenstaro__special-cases__unexpected_tag.sta"}


def truths(family: str) -> list[tuple[str, Truth]]:
    return list(json.loads((Path(FOLDER) / family / "truth.json").read_text()).items()) if FOLDER else []


def read(family: str, name: str) -> list[Statement]:
    return read_statements((Path(str(FOLDER)) / family / name).read_bytes())


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

"""Top-ups: every deposit of the days, as the bank sent it and as the book took it (product.md §5, §10)."""

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app import clock, db
from app.bank.return_deposit import return_deposit
from app.errors import Invalid
from app.ledger import book
from app.ledger.chart import SUSPENSE, bank_account
from app.money import Money
from app.reports.catalogue import Asker
from tests.bank.bank import CUSTOMER_IBAN, IBAN, books, deposits, open_account, phone, transfer
from tests.conftest import Database
from tests.people import Shop, book_is_right, lira, open_shop
from tests.reports.conftest import owner_of, written
from tests.reports.readers import by_libreoffice, by_openpyxl, needs_libreoffice


@pytest.fixture
def shops(database: Database) -> tuple[Shop, Shop]:
    """Two shops, three transfers: one for each, and one that says nothing."""
    open_account()
    mine, other = open_shop("1000001042"), open_shop("1000002077", name="Moda Kırtasiye")
    books(transfer("500.00", phone(mine), reference="00012345"), transfer("70.25", phone(other)), transfer("9.00", "kira"))
    return mine, other


def cells(path: Path) -> list[dict[str, object]]:
    header, *rows, _totals = by_openpyxl(path)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def test_a_top_up_is_a_row_with_its_sender_and_its_times(shops: tuple[Shop, Shop], accountant: Asker, tmp_path: Path) -> None:
    """E1: codes keep their zeros, amounts are numbers, the bank's day is a date"""
    first = deposits()[0]

    path, made = written(tmp_path, "top-ups", accountant)

    row = cells(path)[0]
    assert row["Seen at"] == first.seen_at.astimezone(ZoneInfo("Europe/Istanbul")).replace(tzinfo=None, microsecond=0)
    assert isinstance(row["Bank's day"], datetime) and row["Bank's day"].date() == first.day
    assert (row["Reference"], row["Agent"], row["Agent's name"]) == (first.reference, "1000001042", "Kızılay İletişim")
    assert (row["Sender"], row["Sender's IBAN"], row["Our account"]) == ("AYSE YILMAZ", CUSTOMER_IBAN, IBAN)
    assert (row["Bank's reference"], row["Amount"], row["Currency"], row["State"]) == ("00012345", 500, "TRY", "Credited")
    assert [each["State"] for each in cells(path)] == ["Credited", "Credited", "A person decides"]
    assert (made.rows, made.facts["sum:10:TRY"]) == (3, lira("579.25"))


def test_a_state_narrows_rows_and_sum(shops: tuple[Shop, Shop], accountant: Asker, tmp_path: Path) -> None:
    """Totals follow the filter; a payment's state is none of a deposit's"""
    with db.transaction() as session:
        return_deposit(session, deposits()[2].reference, note="Rent, not ours", by="person:7", now=clock.now())

    for state, amounts in (("credited", [500, 70.25]), ("returning", [9]), ("suspense", [])):
        path, made = written(tmp_path, "top-ups", accountant, state=state)
        assert [row["Amount"] for row in cells(path)] == amounts if amounts else made.rows == 0
    with pytest.raises(Invalid) as refusal:
        written(tmp_path, "top-ups", accountant, state="paid")
    assert list(refusal.value.errors) == ["state"]


def test_an_owner_sees_the_own_agents_top_ups_only(shops: tuple[Shop, Shop], tmp_path: Path) -> None:
    """C1: neither a neighbour's nor what waits for a person"""
    path, made = written(tmp_path, "top-ups", owner_of(shops[1]))

    assert [(row["Agent"], row["Amount"]) for row in cells(path)] == [("1000002077", 70.25)]
    assert made.facts["sum:10:TRY"] == lira("70.25")


@needs_libreoffice
def test_the_sum_in_libreoffice_is_what_the_book_received(shops: tuple[Shop, Shop], accountant: Asker, tmp_path: Path) -> None:
    """product.md §3: what came to the bank's account stands on balances and in suspense, to the last kuruş"""
    path, made = written(tmp_path, "top-ups", accountant)

    with by_libreoffice(path, to="csv").open(encoding="utf-8", newline="") as file:
        header, *rows, totals = csv.reader(file)
    amount = header.index("Amount")

    with db.reading() as session:
        came = dict(book.trial_balance(session))
    assert sum(Decimal(row[amount]) for row in rows) == Decimal(totals[amount]) == -came[bank_account(IBAN)].decimal
    assert made.facts["sum:10:TRY"] == -came[bank_account(IBAN)] == Money(57925, "TRY")
    assert came[SUSPENSE] == lira("9.00")
    assert book_is_right()

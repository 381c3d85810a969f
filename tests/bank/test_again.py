"""The same booking once, every real twin, whatever files show them (E11, E12, E13; B21, B22)."""

import io
import itertools
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.bank.incoming.bring_files import bring_files
from app.bank.incoming.keep_bookings import book
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.known_bookings import known_bookings
from app.bank.incoming.pair import Line
from app.bank.model import BankBooking, Sighting
from app.bank.statement.statement import Statement
from app.markets import MARKETS
from tests.bank.bank import (
    FORMATS,
    IBAN,
    THROUGH,
    Paper,
    Transfer,
    all_is_right,
    books,
    comes,
    days,
    deposits,
    lira,
    phone,
    states,
    today,
    transfer,
)
from tests.people import Shop, journal

Book = Callable[..., Transfer]


def counts() -> tuple[int, int]:
    """Bookings, and how often they were seen."""
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(BankBooking)), session.scalar(select(func.count()).select_from(Sighting))  # type: ignore[return-value]


@pytest.mark.parametrize(("first", "second"), list(itertools.product(FORMATS, FORMATS)))
def test_a_booking_that_comes_again_in_any_format_is_one(shop: Shop, first: str, second: str) -> None:
    """E11"""
    transfers = [transfer("500.00", f"Şölen bakiye {phone(shop)}"), transfer("20.00", "kira", side="debit")]
    books(*transfers, format=first)
    before = journal()
    (report,) = books(*transfers, format=second)

    assert (report.state, report.new, report.known) == ("known", 0, 2)
    assert journal() == before
    assert shop.balance == lira("500.00")
    assert counts() == (2, 4)


@pytest.mark.parametrize(("first", "second"), list(itertools.product(FORMATS, FORMATS)))
def test_without_a_reference_too(shop: Shop, first: str, second: str) -> None:
    """E11, E13"""
    transfers = [transfer("500.00", f"Şölen*bakiye {phone(shop)}", reference=""), transfer("500.00", f"bakiye {phone(shop)}", reference="")]
    books(*transfers, format=first)
    books(*reversed(transfers), format=second)
    assert shop.balance == lira("1000.00")
    assert len(deposits()) == 2
    assert all_is_right()


def test_the_same_bytes_again_change_nothing(shop: Shop) -> None:
    """E11: dropped again, under another name"""
    raw = Paper().mt940([transfer("500.00", phone(shop))])
    (first,) = comes(raw, name="monday.sta")
    (again,) = comes(raw, name="copy of monday.sta", way="upload")
    assert again.id == first.id
    assert counts() == (1, 1)


def test_a_file_that_overlaps_brings_only_what_is_new(shop: Shop) -> None:
    """E11"""
    one, two, three = (transfer(amount, phone(shop)) for amount in ("1.00", "2.00", "3.00"))
    books(one, two)
    (report,) = books(two, three)
    assert (report.state, report.new, report.known) == ("imported", 1, 1)
    assert [str(note) for note in report.notes] == ["1 of its 2 bookings were here before."]
    assert shop.balance == lira("6.00")


@pytest.mark.parametrize("named", ["named", "unnamed"])
@pytest.mark.parametrize("first", [*THROUGH, "xlsx"])
def test_the_same_day_however_it_comes_again(shop: Shop, first: str, named: str) -> None:
    """E11, E13, B21: in every format, sorted another way, in pieces, overlapping, zipped, with other line ends"""
    twin = transfer("100.00", phone(shop), reference="" if named == "unnamed" else "F1")
    other = replace(twin, reference="" if named == "unnamed" else "F2")
    day = [twin, other, transfer("7.00", f"{phone(shop)} kira", reference=other.reference and "F3"), transfer("20.00", "x", side="debit")]
    books(*day, format=first)
    before = journal()
    for format in (*FORMATS, "xlsx"):
        raw = Paper().write(format, day)
        comes(raw, name="renamed")
        comes(Paper().write(format, day[::-1]))
        comes(Paper().write(format, day[:2]))
        comes(Paper(opening="1200.00").write(format, day[2:]))
        comes(Paper().write(format, day[:3]))
        bring_files(BankFile(packed(raw), "day.zip", "upload", "person:1"), now=clock.now())
        if format != "xlsx":
            comes(raw.replace(b"\r\n", b"\n") + b"\n")
            comes(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n")
    assert journal() == before
    assert shop.balance == lira("207.00")
    assert len(deposits()) == 3
    assert all_is_right()


def test_a_day_may_have_more_lines_than_a_query_has_parameters(shop: Shop) -> None:
    """100,000 bookings: PostgreSQL takes 65,535 parameters"""
    books(transfer("1.00", "x"))
    with db.transaction() as session:
        (known,) = session.scalars(select(BankBooking))
        lines = [
            Line(side="credit", amount=number, currency="TRY", day=known.day, day_is_sure=True, reference=f"F{number}", text="x")
            for number in range(1, 100_001)
        ]
        statement, zone = Statement(format="mt940", account=IBAN, line=1), MARKETS["TR"].zone
        found = known_bookings(session, IBAN, statement, lines, content=b"", file_id=None, position=1, zone=zone)
        assert ([line.id for line in found.lines], found.twins) == ([known.id], {known.fingerprint: 1})
        book(session, list(range(1, 100_000)))


def packed(raw: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("day", raw + b" ")  # other bytes than those that were here
    return out.getvalue()


def test_text_that_a_format_cuts_or_folds_is_the_same_text(shop: Shop) -> None:
    """E11: MT940 has six lines and no Turkish letters"""
    long = transfer("500.00", f"{phone(shop)} " + "ığüşöç çok uzun bir açıklama * " * 20, reference="")
    books(long)
    folded = replace(long, text=long.text.translate(str.maketrans("ığüşöç*", "igusoc.")))
    (report,) = books(folded, format="mt940")
    assert report.known == 1


@pytest.mark.parametrize("format", FORMATS)
def test_another_reference_is_another_transfer(shop: Shop, format: str) -> None:
    """E12: same amount, text and minute; in one file and in two"""
    minute = clock.now()
    books(transfer("500.00", phone(shop), at=minute), transfer("500.00", phone(shop), at=minute), format=format)
    books(transfer("500.00", phone(shop), at=minute), format=format)
    assert shop.balance == lira("1500.00")
    assert states() == ["credited"] * 3


@pytest.mark.parametrize("number", [2, 3, 5])
@pytest.mark.parametrize("format", FORMATS)
def test_identical_transfers_without_a_reference_all_count(shop: Shop, number: int, format: str) -> None:
    """E13: and importing again changes nothing"""
    twin = transfer("100.00", phone(shop), reference="")
    books(*[twin] * number, format=format)
    assert shop.balance == lira(f"{number}00.00")
    for again in FORMATS:
        books(*[twin] * number, format=again)
    assert shop.balance == lira(f"{number}00.00")
    assert all_is_right()


def test_the_days_statement_has_the_last_word_about_twins(shop: Shop) -> None:
    """E13: intraday windows showed one of three"""
    twin = transfer("100.00", phone(shop), reference="")
    books(twin)
    books(twin)
    assert shop.balance == lira("100.00")
    books(twin, twin, twin, format="camt053")
    assert shop.balance == lira("300.00")


def test_a_reference_that_occurs_twice_in_one_file_is_no_key(shop: Shop) -> None:
    """B22"""
    books(*[transfer("100.00", phone(shop), reference="SAME")] * 2, transfer("50.00", phone(shop), reference="SAME"))
    assert shop.balance == lira("250.00")


def test_a_twin_on_the_next_page_is_another_transfer(shop: Shop) -> None:
    """E13: the pages came as two files"""
    twin = transfer("100.00", phone(shop), reference="")
    books(twin, format="mt940", opening="1000.00", number=7, page=1)
    books(twin, format="mt940", opening="1100.00", number=7, page=2)
    assert shop.balance == lira("200.00")
    books(twin, format="mt940", opening="1000.00", number=7, page=1)
    assert shop.balance == lira("200.00")


def test_two_statements_in_one_file_that_follow_each_other(shop: Shop) -> None:
    """E13: a bank that numbers nothing"""
    twin = transfer("100.00", phone(shop), reference="")
    pages = [Paper(opening=opening, number=0).mt940([twin]) for opening in ("1000.00", "1100.00")]
    first, second = comes(b"".join(pages))
    assert (first.new, second.new) == (1, 1)
    comes(b"\r\n".join(pages))
    assert shop.balance == lira("200.00")


def test_the_same_statement_twice_in_one_file(shop: Shop) -> None:
    """E11: real banks do that"""
    page = Paper().mt940([transfer("100.00", phone(shop), reference="")])
    first, second = comes(page + page)
    assert (first.state, second.state) == ("imported", "known")
    assert shop.balance == lira("100.00")


def test_what_may_be_the_same_goes_to_a_person(shop: Shop) -> None:
    """Intraday it had one number, in the day's statement another: nothing lost, nothing doubled"""
    intraday = transfer("100.00", phone(shop), reference="INTRA1")
    books(intraday)
    books(replace(intraday, reference="DAY77"), format="mt940")
    assert states() == ["credited", "suspense"]
    assert shop.balance == lira("100.00")
    assert deposits()[1].suggested == "1000001042"
    assert all_is_right()


def test_a_gap_and_a_late_statement_are_named_not_quarantined(shop: Shop) -> None:
    """B24"""
    monday, wednesday = today() - days(4), today() - days(2)
    books(transfer("100.00", phone(shop), day=monday), format="mt940", opening="1000.00")
    (gap,) = books(transfer("50.00", phone(shop), day=wednesday), format="mt940", opening="1150.00")
    assert [str(note) for note in gap.notes] == [
        "It opens with 1150.00, but the statement before it closed with 1100.00: something in between is missing."
    ]
    (late,) = books(transfer("50.00", phone(shop), day=monday + days(1)), format="mt940", opening="1100.00")
    assert [str(note) for note in late.notes] == ["Later statements of this account were here before it."]
    assert shop.balance == lira("200.00")


def test_the_day_is_the_accounts_own(shop: Shop) -> None:
    """A bank that writes its times in UTC: half past nine in the evening there is the next day here"""
    moment = clock.now().replace(hour=21, minute=30) - timedelta(days=2)
    utc = transfer("100.00", phone(shop), at=moment, reference="")
    books(utc)
    local = replace(utc, at=None, day=moment.date() + days(1))
    (report,) = books(local, format="mt940")
    assert report.known == 1

"""Money back to its senders: gathered by one, decided by another, downloaded once, in the book when it has left the bank."""

import csv
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from lxml import etree
from sqlalchemy import select

from app import clock, db
from app.bank.desk_model import ReturnBatch
from app.bank.model import BankBooking, Deposit
from app.bank.payouts.batch_left import debits_like
from app.bank.payouts.payout_pain import VERSIONS
from app.bank.payouts.return_batch import (
    BatchDecided,
    Downloaded,
    NotGranted,
    PayoutFile,
    SomeGoneBack,
    SomeLeft,
    decide_batch,
    download_batch,
    gather_returns,
    mark,
    void_batch,
)
from app.bank.queries import find_return_batch
from app.bank.return_deposit import InABatch, keep_deposit, return_deposit
from app.bank.self_check import a_debit_is_what_it_took_back
from app.bank.settle_reversal import NotThatDebit, link_batch
from app.bank.take_back_deposit import take_part_back
from app.errors import Invalid, OwnRequest
from app.people.model import Person
from app.people.second_person import FirstCountsNoMore
from tests.bank.bank import CUSTOMER_IBAN, FORMATS, IBAN, all_is_right, books, deposits, phone, states, transfer
from tests.conftest import Database
from tests.people import Shop, hire, journal, leaves


@pytest.fixture
def operator(shop: Shop) -> str:
    return by(hire("operator"))


@pytest.fixture
def approver(shop: Shop) -> str:
    return by(hire("approver"))


def by(person: Person) -> str:
    return f"person:{person.id}"


@pytest.fixture
def two(shop: Shop, operator: str) -> list[str]:
    """Two deposits that go back to their senders."""
    books(transfer("500.00", "kira", name="ŞÜKRÜ ÖZ &amp; OĞLU"), transfer("70.50", "aidat", name="=SUM(A1)"))
    for each in deposits():
        with db.transaction() as session:
            return_deposit(session, each.reference, note="not ours", by=operator, now=clock.now())
    return [each.reference for each in deposits()]


def gather(references: list[str], who: str) -> ReturnBatch:
    with db.transaction() as session:
        return gather_returns(session, IBAN, references, by=who, now=clock.now())


def decide(batch: ReturnBatch, who: str, *, granted: bool = True, answer: str = "") -> ReturnBatch:
    with db.transaction() as session:
        return decide_batch(session, batch.id, granted=granted, answer=answer, seen=mark(batch), by=who, now=clock.now())


def download(batch: ReturnBatch, who: str, format: str = "pain.001.001.09") -> PayoutFile:
    with db.transaction() as session:
        return download_batch(session, batch.id, format=format, by=who, now=clock.now())


@pytest.mark.parametrize("version", VERSIONS)
def test_the_payout_file_as_iso_20022_has_it(two: list[str], operator: str, approver: str, version: str) -> None:
    batch = decide(gather(two, operator), approver)
    file = download(batch, operator, version)

    root = etree.fromstring(file.content)
    space = {"p": f"urn:iso:std:iso:20022:tech:xsd:{version}"}

    def text(path: str) -> list[str]:
        return [str(found) for found in root.xpath(path + "/text()", namespaces=space)]

    assert root.tag == f"{{{space['p']}}}Document"
    assert text("//p:GrpHdr/p:NbOfTxs") == text("//p:PmtInf/p:NbOfTxs") == ["2"]
    assert text("//p:GrpHdr/p:CtrlSum") == text("//p:PmtInf/p:CtrlSum") == ["570.50"]
    assert text("//p:EndToEndId") == two
    assert text("//p:CdtrAcct/p:Id/p:IBAN") == [CUSTOMER_IBAN] * 2
    assert text("//p:DbtrAcct/p:Id/p:IBAN") == [IBAN]
    assert text("//p:Cdtr/p:Nm") == ["SUKRU OZ + OGLU", "SUM(A1)"]
    assert text("//p:BtchBookg") == ["false"]
    assert text("//p:ReqdExctnDt/p:Dt" if version.endswith("09") else "//p:ReqdExctnDt")[0].startswith("20")
    order = [etree.QName(child).localname for child in root.iterfind(".//p:PmtInf/*", space)]
    assert order == [
        "PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "ChrgBr",
        "CdtTrfTxInf", "CdtTrfTxInf",
    ]  # fmt: skip
    assert [etree.QName(child).localname for child in root.iterfind(".//p:CdtTrfTxInf[1]/*", space)] == [
        "PmtId",
        "Amt",
        "Cdtr",
        "CdtrAcct",
        "RmtInf",
    ]
    assert len(text("//p:MsgId")[0]) <= 35


def test_the_banks_csv(two: list[str], operator: str, approver: str) -> None:
    """C14: a name is no formula"""
    file = download(decide(gather(two, operator), approver), operator, "csv")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[2] for row in rows[1:]] == ["500,00", "70,50"]
    assert [row[5] for row in rows[1:]] == two
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_two_persons_and_one_file(two: list[str], operator: str, approver: str) -> None:
    """C18"""
    batch = gather(two, operator)
    with pytest.raises(NotGranted):
        download(batch, operator)
    with pytest.raises(OwnRequest):
        decide(batch, operator)
    decide(batch, approver)
    with pytest.raises(BatchDecided):
        decide(batch, approver)
    file = download(batch, operator)
    with db.reading() as session:
        assert find_return_batch(session, batch.id).sha256 == hashlib.sha256(file.content).digest()
    with pytest.raises(Downloaded):
        download(batch, approver)
    with db.transaction() as session, pytest.raises(InABatch):
        keep_deposit(session, two[0], note="after all", by=operator, now=clock.now())


@pytest.mark.parametrize("format", FORMATS)
def test_the_bank_shows_the_debit_and_the_return_is_in_the_book(two: list[str], operator: str, approver: str, format: str) -> None:
    """By the end-to-end id, whatever else the line says"""
    decided = decide(gather(two, operator), approver)
    download(decided, operator)
    before = journal()
    books(transfer("500.00", f"GIDEN EFT {two[0]}", side="debit"), format=format)
    assert states() == ["returned", "returning"]
    assert journal() == [*before, f"deposit.returned   suspense -> bank:{IBAN} 500.00"]
    assert all_is_right()
    with db.transaction() as session, pytest.raises(SomeLeft):
        void_batch(session, decided.id, note="x", by=approver, now=clock.now())


@pytest.mark.parametrize("format", FORMATS)
def test_the_bank_books_the_whole_file_as_one_sum(two: list[str], operator: str, approver: str, format: str) -> None:
    """It carries the file's name: each of its deposits is returned by that debit, once"""
    batch = decide(gather(two, operator), approver)
    name = download(batch, operator).name.removesuffix(".xml")
    before = journal()
    debit = transfer("570.50", f"TOPLU ODEME {name}", side="debit")
    books(debit, format=format)
    assert states() == ["returned", "returned"]
    assert len({deposit.taken_back_by for deposit in deposits()}) == 1
    assert journal()[len(before) :] == [
        f"deposit.returned   suspense -> bank:{IBAN} 500.00",
        f"deposit.returned   suspense -> bank:{IBAN} 70.50",
    ]
    books(debit, format="camt053")
    assert len(journal()) == len(before) + 2
    assert all_is_right()


def test_another_file_or_sum_closes_nothing(two: list[str], operator: str, approver: str) -> None:
    batch = decide(gather(two, operator), approver)
    name = download(batch, operator).name.removesuffix(".xml")
    books(transfer("570.50", f"{name}1", side="debit"), transfer("570.49", name, side="debit"), transfer("570.50", name))
    assert states()[:2] == ["returning", "returning"]


def test_without_its_name_an_operator_says_which_debit_it_is(two: list[str], operator: str, approver: str) -> None:
    batch = decide(gather(two, operator), approver)
    download(batch, operator)
    books(transfer("570.50", "TOPLU ODEME", side="debit"), transfer("12.00", "MASRAF", side="debit"))
    with db.reading() as session:
        right, other = session.scalars(select(BankBooking.id).filter_by(side="debit").order_by(BankBooking.id)).all()
        assert [each.id for each in debits_like(session, find_return_batch(session, batch.id))] == [right]
    assert states() == ["returning", "returning"]
    with db.transaction() as session, pytest.raises(NotThatDebit):
        link_batch(session, batch.id, other, note="by eye", by=operator, now=clock.now())
    with db.transaction() as session, pytest.raises(Invalid):
        link_batch(session, batch.id, right, note=" ", by=operator, now=clock.now())
    with db.transaction() as session:
        link_batch(session, batch.id, right, note="the bank's letter", by=operator, now=clock.now())
    assert states() == ["returned", "returned"]
    with db.transaction() as session, pytest.raises(NotThatDebit):
        link_batch(session, batch.id, right, note="again", by=operator, now=clock.now())
    assert all_is_right()


def test_one_debit_pays_one_file(two: list[str], operator: str, approver: str) -> None:
    """Of two files of one sum the second waits for its own debit"""
    first = decide(gather([two[0]], operator), approver)
    download(first, operator)
    books(transfer("500.00", "kira", name="BASKA BIRI"))
    third = deposits()[2].reference
    with db.transaction() as session:
        return_deposit(session, third, note="not ours", by=operator, now=clock.now())
    second = decide(gather([third], operator), approver)
    download(second, operator)
    books(transfer("500.00", "TOPLU", side="debit"))
    with db.reading() as session:
        (debit,) = debits_like(session, find_return_batch(session, second.id))
    with db.transaction() as session:
        link_batch(session, first.id, debit.id, note="first", by=operator, now=clock.now())
    with db.transaction() as session, pytest.raises(NotThatDebit):
        link_batch(session, second.id, debit.id, note="second", by=operator, now=clock.now())
    assert states() == ["returned", "returning", "returning"]
    assert all_is_right()


def test_the_book_sees_a_debit_that_is_not_what_it_took_back(two: list[str], operator: str, approver: str, database: Database) -> None:
    batch = decide(gather(two, operator), approver)
    name = download(batch, operator).name.removesuffix(".xml")
    books(transfer("570.50", name, side="debit"))
    with psycopg.connect(database.url) as connection:
        connection.execute("UPDATE deposit SET taken_back_by = NULL WHERE reference = %s", [two[1]])
    with db.reading() as session:
        assert list(a_debit_is_what_it_took_back(session)) == ["booking 3 is 57050, what it took back or paid makes 50000 (minor units)"]


def test_another_sum_is_not_that_return(two: list[str]) -> None:
    books(transfer("499.00", f"IADE {two[0]}", side="debit"))
    assert states() == ["returning", "returning"]


def test_a_refused_file_sets_its_deposits_free(two: list[str], operator: str, approver: str) -> None:
    batch = gather(two, operator)
    with pytest.raises(Invalid):
        decide(batch, approver, granted=False)
    decide(batch, approver, granted=False, answer="one is a shop's")
    with db.transaction() as session:
        keep_deposit(session, two[0], note="it is a shop's", by=operator, now=clock.now())
    assert states() == ["suspense", "returning"]
    assert gather([two[1]], operator).number == 1
    assert all_is_right()


def test_a_file_that_never_reached_the_bank_is_made_void(two: list[str], operator: str, approver: str) -> None:
    batch = decide(gather(two, operator), approver)
    download(batch, operator)
    with db.transaction() as session, pytest.raises(OwnRequest):
        void_batch(session, batch.id, note="lost", by=operator, now=clock.now())
    with db.transaction() as session:
        void_batch(session, batch.id, note="the disk died", by=approver, now=clock.now())
    assert gather(two, operator).number == 2


def voided(batch: ReturnBatch, who: str) -> ReturnBatch:
    with db.transaction() as session:
        return void_batch(session, batch.id, note="one has gone back", by=who, now=clock.now())


def test_what_the_bank_recalled_after_the_decision_is_not_paid_again(two: list[str], operator: str, approver: str) -> None:
    """The file is not given out; void, what is left of it is gathered anew"""
    batch = decide(gather(two, operator), approver)
    books(transfer("500.00", f"RECALL {two[0]}", side="debit"))
    assert states() == ["returned", "returning"]
    with pytest.raises(SomeGoneBack):
        download(batch, operator)
    assert voided(batch, approver).voided_at is not None
    again = decide(gather([two[1]], operator), approver)
    assert b"70.50" in download(again, operator).content
    assert all_is_right()


def test_what_the_bank_recalled_before_the_decision_is_not_agreed_to(two: list[str], operator: str, approver: str) -> None:
    batch = gather(two, operator)
    books(transfer("500.00", f"RECALL {two[0]}", side="debit"))
    with pytest.raises(SomeGoneBack):
        decide(batch, approver)
    decide(batch, approver, granted=False, answer="one has gone back")
    assert gather([two[1]], operator).number == 1


def test_a_part_taken_back_is_not_paid_again(two: list[str], operator: str, approver: str) -> None:
    """The file says the whole sum; gathered anew it says what is left"""
    batch = decide(gather(two, operator), approver)
    books(transfer("120.00", "kira", side="debit", reversal=True))
    with db.transaction() as session:
        booking = session.scalars(select(BankBooking).order_by(BankBooking.id.desc()).limit(1)).one()
        take_part_back(session, session.get_one(Deposit, two[0]), booking, by=approver, now=clock.now())
    with pytest.raises(SomeGoneBack):
        download(batch, operator)
    voided(batch, approver)
    again = decide(gather(two, operator), approver)
    assert again.amount == 45050
    assert b"380.00" in download(again, operator).content


def test_what_cannot_be_paid_is_not_gathered(shop: Shop, two: list[str], operator: str) -> None:
    books(transfer("3.00", phone(shop)))
    credited = deposits()[-1].reference
    for wrong in ([], [*two, credited], ["D000000-NOWHERE"]):
        with pytest.raises(Invalid):
            gather(wrong, operator)
    gather(two, operator)
    with pytest.raises(Invalid):
        gather(two, operator)


def test_many_at_once_download_it_once(two: list[str], operator: str, approver: str) -> None:
    """With real threads"""
    batch = decide(gather(two, operator), approver)

    def attempt(_number: int) -> bool:
        try:
            return bool(download(batch, operator))
        except Downloaded:
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1


def test_who_has_left_gathered_for_nobody(two: list[str], operator: str, approver: str) -> None:
    """C2, C18: rights count when it is decided"""
    batch = gather(two, operator)
    leaves(operator)
    with pytest.raises(FirstCountsNoMore):
        decide(batch, approver)
    decide(batch, approver, granted=False, answer="gather it anew")
    assert decide(gather(two, by(hire("operator"))), approver).granted

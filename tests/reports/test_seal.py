"""A sealed file proves itself, and an altered one is named cell row by cell row (product.md §10)."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from app import db
from app.reports import workbook
from app.reports.catalogue import Asker
from app.reports.model import Export
from app.reports.read_file import NotOurs
from app.reports.verify_file import Altered, NotAsSealed, RowsAdded, RowsMissing, verify_file
from tests.people import ScriptedBiller, Shop, no, yes
from tests.reports.conftest import KEY, written
from tests.reports.readers import by_libreoffice, needs_libreoffice
from tests.reports.test_workbook import DANGEROUS

Alter = Callable[[openpyxl.Workbook], None]


@pytest.fixture
def payments(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers = [yes(text) for text in DANGEROUS] + [no("closed"), yes("last")]
    for _ in [*DANGEROUS, "refused", "last"]:
        shop.pays(millenicom, millenicom.bill("120.50"))


def altered(path: Path, alter: Alter) -> Path:
    book = openpyxl.load_workbook(path)
    alter(book)
    book.save(path)
    return path


@pytest.mark.parametrize("report", ["payments", "statement", "trial-balance", "journal"])
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_a_file_as_we_wrote_it_is_genuine(report: str, format: str, payments: None, shop: Shop, accountant: Asker, tmp_path: Path) -> None:
    given = {"agent": shop.number} if report == "statement" else {}
    path, made = written(tmp_path, report, accountant, format=format, **given)

    assert verify_file(path, key=KEY) == made.told
    assert made.rows > 3


def test_saving_it_again_changes_nothing(payments: None, accountant: Asker, tmp_path: Path) -> None:
    """What it says is sealed, not how it is stored"""
    path, made = written(tmp_path, "payments", accountant)

    assert verify_file(altered(path, lambda book: None), key=KEY) == made.told


@needs_libreoffice
def test_saving_it_again_in_libreoffice_changes_nothing(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    for amount in ("120.50", "0.01", "999.99"):
        shop.pays(millenicom, millenicom.bill(amount))
    path, made = written(tmp_path, "payments", accountant)

    assert verify_file(by_libreoffice(path, to="xlsx"), key=KEY) == made.told


def change_amount(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["I3"].value = 120.51


def change_amount_to_text(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["I3"].value = "120.50"


def change_time(book: openpyxl.Workbook) -> None:
    cell = book.worksheets[0]["A3"]
    cell.value = cell.value.replace(second=(cell.value.second + 1) % 60)


def swap_two_names(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["D3"].value = "Moda Kırtasiye"


def add_a_cell_beside(book: openpyxl.Workbook) -> None:
    book.worksheets[0]["P3"].value = 1


def swap_titles(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[0]
    sheet["I1"].value, sheet["J1"].value = sheet["J1"].value, sheet["I1"].value


def fake_the_total(book: openpyxl.Workbook) -> None:
    sheet = book.worksheets[0]
    sheet.cell(sheet.max_row, 9).value = 1_000_000


@pytest.mark.parametrize(
    ("alter", "where"),
    [
        (change_amount, "Payments!3"),
        (change_amount_to_text, "Payments!3"),
        (change_time, "Payments!3"),
        (swap_two_names, "Payments!3"),
        (add_a_cell_beside, "Payments!3"),
        (swap_titles, "Payments!1"),
        (fake_the_total, f"Payments!{len(DANGEROUS) + 4}"),
    ],
)
def test_whatever_was_changed_in_a_row_is_named(alter: Alter, where: str, payments: None, accountant: Asker, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "payments", accountant)

    with pytest.raises(Altered) as refusal:
        verify_file(altered(path, alter), key=KEY)

    assert refusal.value.facts == {"where": where}


def test_rows_taken_out_or_put_in_are_counted(payments: None, accountant: Asker, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "payments", accountant)
    with pytest.raises(RowsMissing) as missing:
        verify_file(altered(path, lambda book: book.worksheets[0].delete_rows(4, 2)), key=KEY)
    assert missing.value.facts["count"] == 2

    path, _ = written(tmp_path, "payments", accountant)
    with pytest.raises(RowsAdded) as added:
        verify_file(altered(path, lambda book: book.worksheets[0].insert_rows(4)), key=KEY)
    assert added.value.facts == {"count": 1, "where": "Payments!3"}


@pytest.mark.parametrize(
    ("row", "value", "where"),
    [("from", "2021-01-01", "from"), ("rows", 5, "rows"), ("sum:8:TRY", 1, "sum:8:TRY"), ("seal", "0" * 64, "seal")],
)
def test_a_changed_parameter_is_named(row: str, value: str | int, where: str, payments: None, accountant: Asker, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "payments", accountant)

    def change(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[-1]
        place = next(cell.row for cell in sheet["D"] if cell.value == row)
        sheet.cell(place, 2).value = value

    with pytest.raises(Altered) as refusal:
        verify_file(altered(path, change), key=KEY)
    assert refusal.value.facts == {"where": where}


def test_a_false_label_is_a_change(payments: None, accountant: Asker, tmp_path: Path) -> None:
    """A sum that is called something else is another sum"""
    path, _ = written(tmp_path, "payments", accountant)

    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[-1]["A9"].value = "Sum of Fee"

    with pytest.raises(Altered) as refusal:
        verify_file(altered(path, change), key=KEY)
    assert refusal.value.facts == {"where": "labels"}


def test_a_row_on_the_second_sheet_is_named_there(
    payments: None, accountant: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "ROWS_A_SHEET", 10)
    path, made = written(tmp_path, "payments", accountant)
    assert verify_file(path, key=KEY) == made.told

    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[1]["I5"].value = 0

    with pytest.raises(Altered) as refusal:
        verify_file(altered(path, change), key=KEY)
    assert refusal.value.facts == {"where": "Payments 2!5"}


def test_a_changed_line_of_a_csv_is_named(payments: None, accountant: Asker, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "payments", accountant, format="csv")
    lines = path.read_bytes().split(b"\r\n")

    path.write_bytes(b"\r\n".join([*lines[:4], lines[4].replace(b";120.50;", b";121.50;"), *lines[5:]]))
    with pytest.raises(Altered) as refusal:
        verify_file(path, key=KEY)
    assert refusal.value.facts == {"where": "5"}

    path.write_bytes(b"\r\n".join(lines[:4] + lines[5:]))
    with pytest.raises(RowsMissing):
        verify_file(path, key=KEY)

    path.write_bytes(b"\r\n".join(lines).replace(b'#to;"2099-12-31"', b'#to;"2026-12-31"'))
    with pytest.raises(Altered) as refusal:
        verify_file(path, key=KEY)
    assert refusal.value.facts == {"where": "to"}


def test_nobody_seals_without_the_key(payments: None, accountant: Asker, tmp_path: Path) -> None:
    """Our record and the file agree, and still another key made the seal"""
    path, _ = written(tmp_path, "payments", accountant)

    with pytest.raises(NotAsSealed):
        verify_file(path, key=b"another key")


def test_without_a_record_a_change_is_seen_but_not_placed(payments: None, accountant: Asker, tmp_path: Path) -> None:
    path, made = written(tmp_path, "payments", accountant)
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE export SET id = 'X00000000000000000000'")
    assert verify_file(path, key=KEY) == made.told

    with pytest.raises(NotAsSealed) as refusal:
        verify_file(altered(path, change_amount), key=KEY)
    assert refusal.value.facts == {"id": made.facts["id"]}


def test_what_is_no_file_of_ours_is_said_plainly(accountant: Asker, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "payments", accountant)
    altered(path, lambda book: book.remove(book.worksheets[-1]))
    others = [path, tmp_path / "empty.csv", tmp_path / "text.csv", tmp_path / "no.xlsx", tmp_path / "binary.csv"]
    for other, content in zip(others[1:], [b"", b"a;b\r\n1;2\r\n", b"PK\x03\x04 no zip", b"\xff\xfe\x00"], strict=True):
        other.write_bytes(content)
    for other in others:
        with pytest.raises(NotOurs):
            verify_file(other, key=KEY)


def test_each_file_has_a_name_and_a_record_of_its_own(payments: None, accountant: Asker, tmp_path: Path) -> None:
    """Who took which data out stays known"""
    _, first = written(tmp_path, "payments", accountant)
    _, second = written(tmp_path, "payments", accountant)

    assert first.facts["id"] != second.facts["id"]
    with db.reading() as session:
        record = session.get_one(Export, str(first.facts["id"]))
    assert (record.asked_by, record.seal, record.facts) == ("person:900", first.seal, first.told)

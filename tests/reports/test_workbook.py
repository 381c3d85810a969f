"""Excel as an accountant expects it (product.md §10, screens.md, C14)."""

import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from lxml import etree
from openpyxl.utils.escape import unescape

from app import clock, db
from app.agents.add_agent import add_agent
from app.ledger import book
from app.ledger.book import Move
from app.money import Money
from app.reports import workbook
from app.reports.catalogue import Asker
from tests.people import UNKNOWN, ScriptedBiller, Shop, lira, no, read_payment, yes
from tests.reports.conftest import written
from tests.reports.readers import by_calamine, by_libreoffice, by_openpyxl, needs_libreoffice

DANGEROUS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1;1)", "\t=1+1", "\r=1+1", "\n=1+1", ";=1+1", '"=1+1"', "＝1+1", "a\n=1+1", "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example";"x")', '=WEBSERVICE("http://evil.example")', "'=1+1", " =1+1", "#id", "<b>&amp;</b>", "]]>", "\\N", "\\",
    "a\\tb", "\x01\x0b\x1f", "_x003D_1+1", "İıŞş₼𐍈", "\ufffe\uffff",
]  # fmt: skip


def pay_with_answers(shop: Shop, biller: ScriptedBiller, texts: list[str]) -> list[str]:
    """One payment for each text, which becomes the biller's reference; in the order of the file."""
    biller.answers = [yes(text) for text in texts]
    references = {shop.pays(biller, biller.bill("4.50")).reference: text for text in texts}
    return [references[reference] for reference in sorted(references)]


def shown(text: str) -> str:
    """What is left of a text: a line break is a space, other control characters are gone."""
    for blank in "\t\r\n":
        text = text.replace(blank, " ")
    return "".join(letter for letter in text if letter not in "\x01\x0b\x1f\ufffe\uffff")


def test_each_payment_is_a_row_of_real_numbers_dates_and_texts(
    shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path
) -> None:
    """Money is numbers, times are local and without zone, codes keep their zeros; two readers see the same"""
    payment = read_payment(shop.pays(millenicom, millenicom.bill("120.50")).reference)

    path, _ = written(tmp_path, "payments", accountant)

    header, row, _ = by_openpyxl(path)
    cells = dict(zip(header, row, strict=True))
    assert cells["Asked at"] == payment.asked_at.astimezone(ZoneInfo("Europe/Istanbul")).replace(tzinfo=None, microsecond=0)
    assert cells["Reference"] == payment.reference
    assert cells["Agent"] == "1000001042"
    assert cells["Person"] == "Ayşe Yılmaz"
    assert cells["Amount"] == 120.5
    assert cells["Currency"] == "TRY"
    assert cells["State"] == "Paid"
    assert by_calamine(path) == by_openpyxl(path)


def test_the_sums_are_those_of_the_book(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """One row for each payment, whatever became of it; the sum of the paid ones is what the biller got"""
    millenicom.answers = [yes("1"), no("closed"), yes("2"), UNKNOWN]
    paid = [shop.pays(millenicom, millenicom.bill(amount)) for amount in ("120.50", "80.00", "0.05", "9.99")]

    _, made = written(tmp_path, "payments", accountant, state="paid")

    with db.reading() as session:
        balances = dict(book.trial_balance(session))
    assert made.facts["rows"] == 2
    assert made.facts["sum:8:TRY"] == balances["biller:millenicom"] == lira("120.55")
    everything, _ = written(tmp_path, "payments", accountant)
    states = {row[1]: row[12] for row in by_openpyxl(everything)[1:-1]}
    assert [states[payment.reference] for payment in paid] == ["Paid", "Refused", "Paid", "Pending"]


def test_the_last_row_adds_up_what_the_filter_of_excel_shows(
    shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path
) -> None:
    """SUBTOTAL follows the filter; its value is there for programs that do not calculate"""
    for amount in ("120.50", "80.00"):
        shop.pays(millenicom, millenicom.bill(amount))

    path, _ = written(tmp_path, "payments", accountant)

    last = openpyxl.load_workbook(path).worksheets[0][4]
    assert last[0].value == "Total"
    assert last[8].value == "=SUBTOTAL(109,I2:I3)"
    assert last[8].font.bold
    assert by_openpyxl(path)[3][8] == by_calamine(path)[3][8] == 200.5


def test_the_sheet_is_ready_to_filter_and_to_print(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """Bold frozen header, autofilter, widths, landscape, one page wide, repeated header, page footer"""
    shop.pays(millenicom, millenicom.bill("120.50"))

    path, made = written(tmp_path, "payments", accountant)

    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet.title == "Payments"
    assert all(cell.font.bold for cell in sheet[1])
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.dimensions) == ("A2", "A1:O2", "A1:O3")
    assert all(sheet.column_dimensions[letter].width >= 12 for letter in "ABCDEFGHIJKLMNO")
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == ("landscape", 1, 0)
    assert sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert str(sheet.oddFooter) == f"&LPayments&CPage &P of &N&R{made.facts['id']}"
    assert sheet["I2"].number_format == "#,##0.00"
    assert sheet["C2"].number_format == "@"


def test_the_parameter_sheet_says_what_the_file_is(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """Id, filters, row count, sums and seal"""
    shop.pays(millenicom, millenicom.bill("120.50"))

    path, made = written(
        tmp_path, "payments", accountant, **{"from": "2026-01-01", "to": "2098-12-31", "agent": shop.number, "state": "paid"}
    )

    told = {row[0]: row[1:3] for row in by_calamine(path, sheet=1)}
    assert told["Report"] == ["payments", None]
    assert told["Report id"] == [made.facts["id"], None]
    assert told["From"] == ["2026-01-01", None]
    assert told["To (this day included)"] == ["2098-12-31", None]
    assert told["Time zone"] == ["Europe/Istanbul", None]
    assert told["Agent"] == ["1000001042", None]
    assert told["State"] == ["paid", None]
    assert told["Rows"] == [1, None]
    assert told["Sum of Amount"] == [120.5, "TRY"]
    assert told["Seal"] == [made.seal, None]


def test_a_text_is_never_a_formula(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """C14: every dangerous beginning stays the text it is, in both readers; the only formulas are our three sums"""
    texts = pay_with_answers(shop, millenicom, DANGEROUS)

    path, _ = written(tmp_path, "payments", accountant)

    expected = [shown(text) or None for text in texts]
    assert [row[14] and unescape(row[14]) for row in by_openpyxl(path)[1:-1]] == expected
    assert [row[14] for row in by_calamine(path)[1:-1]] == expected
    cells = [cell for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == [f"{letter}{len(DANGEROUS) + 2}" for letter in "IJK"]


@needs_libreoffice
def test_libreoffice_sees_texts_as_texts_and_numbers_as_numbers(
    shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path
) -> None:
    """C14, in the third reader"""
    pay_with_answers(shop, millenicom, DANGEROUS)

    path, _ = written(tmp_path, "payments", accountant)

    office = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    tree = etree.parse(by_libreoffice(path, to="fods"))
    cells = list(tree.iter(f"{table}table-cell"))
    formulas = [cell.get(f"{table}formula") for cell in cells if cell.get(f"{table}formula")]
    end = len(DANGEROUS) + 1
    assert formulas == [f"of:=SUBTOTAL(109;[.{letter}2:.{letter}{end}])" for letter in "IJK"]
    amounts = [cell for cell in cells if cell.get(f"{office}value-type") == "float" and cell.get(f"{office}value") == "4.5"]
    assert len(amounts) == len(DANGEROUS)
    texts = ["".join(cell.itertext()).strip("\n ") for cell in cells if cell.get(f"{office}value-type") == "string"]
    assert '=HYPERLINK("http://evil.example";"x")' in texts
    assert len([cell for cell in cells if cell.get(f"{office}value-type") == "date"]) == 2 * len(DANGEROUS)


def test_negative_amounts_are_numbers(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """C14; and the trial balance adds up to zero"""
    shop.pays(millenicom, millenicom.bill("120.50"))

    path, made = written(tmp_path, "trial-balance", accountant)

    balances = {row[0]: row[4] for row in by_openpyxl(path)[1:-1]}
    assert balances == {"agent:1000001042": 4879.5, "bank:TR330006100519786457841326": -5000, "biller:millenicom": 120.5, "transit": 0}
    assert made.facts["sum:4:TRY"] == lira("0.00")


def test_each_currency_has_a_sheet_of_its_own(shop: Shop, accountant: Asker, tmp_path: Path) -> None:
    """A sum of two currencies means nothing"""
    now = clock.now()
    with db.transaction() as session:
        add_agent(session, number="3000004021", market="ES", name="Bilbo Denda", by="test", now=now)
    with db.transaction() as session:
        moves = [Move("bank:ES9121000418450200051332", "agent:3000004021", Money(2025, "EUR"))]
        book.post(session, "deposit.credited", about="D-ES", moves=moves, at=now, by="job:test")

    path, made = written(tmp_path, "journal", accountant)

    assert openpyxl.load_workbook(path).sheetnames == ["Journal EUR", "Journal TRY", "Parameters"]
    assert by_openpyxl(path, sheet=0)[1][6:8] == [20.25, "EUR"]
    assert by_openpyxl(path, sheet=1)[1][6:8] == [5000, "TRY"]
    assert made.facts["sum:6:EUR"] == Money(2025, "EUR")


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(
    shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel ends at 1,048,576 rows; here at three"""
    monkeypatch.setattr(workbook, "ROWS_A_SHEET", 3)
    references = sorted(shop.pays(millenicom, millenicom.bill("1.00")).reference for _ in range(7))

    path, _ = written(tmp_path, "payments", accountant)

    assert openpyxl.load_workbook(path).sheetnames == ["Payments 1", "Payments 2", "Payments 3", "Parameters"]
    there = [[row[1] for row in by_openpyxl(path, sheet=sheet)[1:-1]] for sheet in range(3)]
    assert there == [references[:3], references[3:6], references[6:]]
    assert [row[8] for row in by_calamine(path, sheet=2)] == ["Amount", 1, None]


def test_an_empty_report_is_a_header(accountant: Asker, tmp_path: Path) -> None:
    path, made = written(tmp_path, "payments", accountant)

    assert made.rows == 0
    assert [row[:2] for row in by_openpyxl(path)] == [["Asked at", "Reference"]]
    assert by_calamine(path) == by_openpyxl(path)


def test_a_text_longer_than_a_cell_is_cut(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """Excel's cell holds 32,767 UTF-16 units"""
    texts = pay_with_answers(shop, millenicom, ["ş" * 40_000, "𐍈" * 20_000])

    path, _ = written(tmp_path, "payments", accountant)

    assert [row[14] for row in by_openpyxl(path)[1:-1]] == [text[: 32_767 if text[0] == "ş" else 16_383] for text in texts]


def test_the_package_is_a_sound_zip_that_names_its_types_first(shop: Shop, accountant: Asker, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "journal", accountant)

    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        assert package.namelist()[:2] == ["[Content_Types].xml", "_rels/.rels"]
        assert len(package.namelist()) == len(set(package.namelist()))


def test_words_and_titles_are_in_the_asker_s_language(
    shop: Shop, accountant: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file for a Turk speaks Turkish, sheet names and states too"""
    monkeypatch.setattr("app.languages.translate", lambda sentence, language: f"{language}:{sentence}")

    path, _ = written(tmp_path, "statement", replace(accountant, language="tr"), agent=shop.number)

    assert openpyxl.load_workbook(path).sheetnames == ["trAgent statement", "trParameters"]
    assert [row[1] for row in by_openpyxl(path)] == ["tr:What", "tr:Balance brought forward", "tr:Top-up", None]


def test_times_are_those_of_the_market_in_winter_and_summer(database: object, accountant: Asker, tmp_path: Path) -> None:
    """B16: an agent's file shows its own market's clock, whichever offset it had that day"""
    with db.transaction() as session:
        add_agent(session, number="3000004021", market="ES", name="Bilbo Denda", by="test", now=clock.now())
    for about, at in (("D1", "2026-07-01T10:00:00+00:00"), ("D2", "2026-12-01T10:00:00.999+00:00")):
        with db.transaction() as session:
            moves = [Move("bank:ES9121000418450200051332", "agent:3000004021", Money(100, "EUR"))]
            book.post(session, "deposit.credited", about=about, moves=moves, at=datetime.fromisoformat(at), by="job:test")

    path, _ = written(tmp_path, "statement", accountant, agent="3000004021")

    assert [row[0] for row in by_openpyxl(path)[2:-1]] == [
        datetime.fromisoformat(time) for time in ("2026-07-01T12:00", "2026-12-01T11:00")
    ]

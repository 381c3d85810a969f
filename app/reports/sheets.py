"""How a workbook looks: what openpyxl makes of it, before and around the streamed rows."""

import io
import zipfile
from collections.abc import Mapping

import openpyxl
from lxml import etree
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from app import languages
from app.errors import N_
from app.money import Money
from app.reports.facts import Plan, label
from app.reports.report import Kind, Report
from app.reports.seal import Fact

NUMBER_FORMATS = {
    Kind.TEXT: "@",
    Kind.MONEY: "#,##0.00",
    Kind.DATETIME: "yyyy-mm-dd hh:mm:ss",
    Kind.DATE: "yyyy-mm-dd",
    Kind.INTEGER: "0",
}
WIDTHS = {Kind.TEXT: 20, Kind.MONEY: 16, Kind.DATETIME: 20, Kind.DATE: 12, Kind.INTEGER: 12}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

PARAMETERS = N_("Parameters")
PAGE = N_("Page {page} of {pages}")


def make_book(plan: Plan, sheets: Mapping[str, int]) -> openpyxl.Workbook:
    """
    Data sheets with headers only, and an empty parameter sheet behind them.

    :param sheets: title -> how many rows will be streamed into it
    """
    title = languages.translate(plan.report.title, plan.language)
    page = languages.say(PAGE, plan.language, page="&P", pages="&N")
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = "Gişe", f"{title} {plan.id}"
    book.calculation.fullCalcOnLoad = True  # whatever a file says a sum is, the program that opens it adds up itself
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        write_header(sheet, plan.report, plan.language)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(plan.report.columns))}{rows + 1}"
        fit_on_paper(sheet)
        sheet.print_title_rows = "1:1"
        write_footer(sheet, title, page, plan.id)
    book.create_sheet(sheet_title(languages.translate(PARAMETERS, plan.language)))
    return book


def write_header(sheet: Worksheet, report: Report, language: str) -> None:
    for place, column in enumerate(report.columns, start=1):
        title = languages.translate(column.title, language)
        sheet.cell(1, place, title).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = max(WIDTHS[column.kind], len(title) + 5)


def fit_on_paper(sheet: Worksheet) -> None:
    """A4 landscape, one page wide."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def write_footer(sheet: Worksheet, left: str, center: str, right: str) -> None:
    foot = sheet.oddFooter
    assert foot is not None and foot.left is not None and foot.center is not None and foot.right is not None
    foot.left.text, foot.center.text, foot.right.text = left, center, right


def write_parameters(book: openpyxl.Workbook, report: Report, facts: Mapping[str, Fact], language: str) -> None:
    """Label, value, currency, and in a hidden column the name by which :mod:`app.reports.verify_file` finds the value again."""
    sheet = book.worksheets[-1]
    for row, (name, fact) in enumerate(facts.items(), start=1):
        sheet.cell(row, 1, label(name, report, language)).font = Font(bold=True)
        value = sheet.cell(row, 2, fact.decimal if isinstance(fact, Money) else fact)
        if isinstance(fact, Money):
            value.number_format = NUMBER_FORMATS[Kind.MONEY]
            sheet.cell(row, 3, fact.currency)
        elif isinstance(fact, str):
            value.data_type, value.number_format = "s", NUMBER_FORMATS[Kind.TEXT]
        sheet.cell(row, 4, name)
    for letter, width in (("A", 32), ("B", 70), ("C", 8)):
        sheet.column_dimensions[letter].width = width
    sheet.column_dimensions["D"].hidden = True
    fit_on_paper(sheet)


def parts_of(book: openpyxl.Workbook) -> dict[str, bytes]:
    """The files within the workbook, in their order."""
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as package:
        return {name: package.read(name) for name in package.namelist()}


def around_the_rows(sheet: bytes, *, corner: str) -> tuple[bytes, bytes]:
    """
    A sheet's XML before and after the place of its rows.

    :param corner: the last cell it will have
    """
    tree = etree.fromstring(sheet)
    dimension, rows = tree.find(MAIN + "dimension"), tree.find(MAIN + "sheetData")
    assert dimension is not None and rows is not None
    dimension.set("ref", f"A1:{corner}")
    rows.append(etree.Comment("rows"))
    no_green_corners = etree.SubElement(tree, MAIN + "ignoredErrors")  # beside codes of digits, which are meant as texts
    etree.SubElement(no_green_corners, MAIN + "ignoredError", sqref=f"A1:{corner}", numberStoredAsText="1")
    before, after = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True).split(b"<!--rows-->")
    return before, after


def style_of(book: openpyxl.Workbook, kind: Kind, *, is_total: bool = False) -> int:
    """The number by which a cell's XML names its style."""
    cell = WriteOnlyCell(book.worksheets[0])
    cell.number_format = NUMBER_FORMATS[kind]
    if is_total:
        cell.font, cell.border = Font(bold=True), Border(top=Side("thin"))
    return int(cell.style_id)


def sheet_title(title: str, suffix: str = "") -> str:
    """At most 31 characters, none of those that Excel forbids."""
    plain = "".join(letter for letter in title if letter not in "[]:*?/\\'")
    return plain[: 31 - len(suffix)] + suffix

"""
Excel, done once for all reports.

openpyxl makes the workbook (``sheets.py``); the rows are streamed into its sheets as XML, without cell addresses:
ECMA-376 (18.3.1.4) makes them optional, Excel and its kin count for themselves, and the file is half the size.
Money is numbers, times are local and have no zone, codes are texts, and no text is ever read as a formula (C14).
One currency a sheet: a sum of two means nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter
from sqlalchemy import ColumnElement, func, literal_column

from app import languages
from app.errors import N_
from app.money import Money
from app.reports import sheets
from app.reports.facts import Plan
from app.reports.lines import FIELD
from app.reports.package import Package, Sink
from app.reports.report import Kind, Report
from app.reports.seal import Digest, Fact
from app.reports.totals import Total

ROWS_A_SHEET = 1_000_000  # Excel ends at 1,048,576
SUM_OF_SHOWN_ROWS = 109  # SUBTOTAL's function that leaves filtered and hidden rows out

TEXT_CELL, NUMBER_CELL = '<c s="{style}" t="str"><v>%b</v></c>', '<c s="{style}" t="n"><v>%b</v></c>'
EMPTY_NUMBER, NO_NUMBER = b't="n"><v></v>', b't="n">'
MARKUP, LETTER_BY_CODE = (b"&", b"<", b">", b"_x"), re.compile(rb"_(x[0-9A-Fa-f]{4}_)")
TOTAL = N_("Total")


@dataclass(frozen=True)
class Sheet:
    """:ivar sums: of the columns that have one; none when the currency's rows fill more than this sheet"""

    title: str
    rows: int
    sums: tuple[Money, ...] = ()


class ExcelFile:
    """Takes blocks of lines in the order of the plan's totals, exactly as many lines as those say."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, sink: Sink, plan: Plan, digest: Digest) -> None:
        self._report, self._language, self._digest = plan.report, plan.language, digest
        self._sheets = plan_sheets(languages.translate(plan.report.title, plan.language), plan.totals)
        self._book = sheets.make_book(plan, {sheet.title: sheet.rows for sheet in self._sheets})
        self._row = row_template(plan.report, {kind: sheets.style_of(self._book, kind) for kind in Kind})
        self._total_style = sheets.style_of(self._book, Kind.MONEY, is_total=True)
        self._parts = sheets.parts_of(self._book)
        self._package, self._written = Package(sink), ["[Content_Types].xml", "_rels/.rels"]
        for name in self._written:  # first: programs that guess a file's type look there
            self._package.add(name, self._parts[name])
        self._next = 0
        self._begin_sheet()

    @staticmethod
    def money(amount: ColumnElement[Any]) -> ColumnElement[Any]:
        return amount

    @staticmethod
    def moment(local: ColumnElement[Any]) -> ColumnElement[Any]:
        """Excel counts days from 30 December 1899, which is 25,569 before 1970."""
        return func.floor(func.date_part("epoch", local)).op("/")(literal_column("86400")).op("+")(literal_column("25569"))

    @staticmethod
    def day(on: ColumnElement[Any]) -> ColumnElement[Any]:
        return on.op("-")(literal_column("DATE '1899-12-30'"))

    def write(self, block: bytes) -> None:
        while block:
            if not self._room:
                self._end_sheet()
                self._begin_sheet()
            here, block = split_at(block, self._room)
            lines = self._digest.add(here)
            self._room -= len(lines)
            if any(mark in here for mark in MARKUP):
                lines = escape(here).split(b"\n")
            rows = b"".join([self._row % tuple(line.split(FIELD)) for line in lines])
            self._package.write(rows.replace(EMPTY_NUMBER, NO_NUMBER))

    def end_rows(self) -> None:
        self._end_sheet()

    def finish(self, facts: Mapping[str, Fact]) -> None:
        """:param facts: for the parameter sheet, the seal among them"""
        sheets.write_parameters(self._book, self._report, facts, self._language)
        for name, content in sheets.parts_of(self._book).items():
            if name not in self._written:
                self._package.add(name, content)
        self._package.close()

    def _begin_sheet(self) -> None:
        self._sheet = self._sheets[self._next]
        self._next += 1
        name, self._room = f"xl/worksheets/sheet{self._next}.xml", self._sheet.rows
        corner = f"{get_column_letter(len(self._report.columns))}{last_row(self._sheet)}"
        before, self._after = sheets.around_the_rows(self._parts[name], corner=corner)
        self._package.begin(name)
        self._package.write(before)
        self._written.append(name)
        self._digest.add(header_line(self._report, self._language))

    def _end_sheet(self) -> None:
        assert not self._room, "as many lines as the totals say"
        if self._sheet.rows:
            formulas = total_formulas(self._report, self._sheet, self._language)
            self._digest.add(FIELD.join(text.encode() for text in formulas))
            self._package.write(total_row(formulas, self._report, self._sheet, style=self._total_style))
        self._package.write(self._after)
        self._package.end()


def escape(block: bytes) -> bytes:
    """For XML; and ``_x0041_``, which Excel would take for an A."""
    block = block.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return LETTER_BY_CODE.sub(rb"_x005F_\1", block)


def split_at(block: bytes, lines: int) -> tuple[bytes, bytes]:
    """A block that fits is not touched."""
    if block.count(b"\n") < lines:
        return block, b""
    parts = block.split(b"\n")
    return b"\n".join(parts[:lines]), b"\n".join(parts[lines:])


def plan_sheets(title: str, totals: list[Total]) -> list[Sheet]:
    """Named after the report, and after the currency and a number where there are several."""
    plan = []
    for total in totals:
        pieces = range(0, total.rows, ROWS_A_SHEET)
        for number, start in enumerate(pieces, start=1):
            suffix = f" {total.currency}" if len(totals) > 1 else ""
            suffix += f" {number}" if len(pieces) > 1 else ""
            sums = total.sums if len(pieces) == 1 else ()
            plan.append(Sheet(sheets.sheet_title(title, suffix), min(ROWS_A_SHEET, total.rows - start), sums))
    return plan or [Sheet(sheets.sheet_title(title), 0)]


def row_template(report: Report, styles: Mapping[Kind, int]) -> bytes:
    cells = ((TEXT_CELL if column.kind is Kind.TEXT else NUMBER_CELL).format(style=styles[column.kind]) for column in report.columns)
    return f"<row>{''.join(cells)}</row>".encode()


def header_line(report: Report, language: str) -> bytes:
    return FIELD.join(languages.translate(column.title, language).encode() for column in report.columns)


def last_row(sheet: Sheet) -> int:
    """Header, rows, and a total if there is something to add up."""
    return sheet.rows + 2 if sheet.rows else 1


def total_formulas(report: Report, sheet: Sheet, language: str) -> list[str]:
    """What the cells of the last row say; they follow the filter that somebody sets in Excel."""
    texts = [languages.translate(TOTAL, language)] + [""] * (len(report.columns) - 1)
    for place in report.totals:
        letter = get_column_letter(place + 1)
        texts[place] = f"=SUBTOTAL({SUM_OF_SHOWN_ROWS},{letter}2:{letter}{sheet.rows + 1})"
    return texts


def total_row(formulas: list[str], report: Report, sheet: Sheet, *, style: int) -> bytes:
    """With the sums as they are unfiltered, for programs that do not calculate."""
    known = dict(zip(report.totals, sheet.sums, strict=False))
    cells = [f'<c s="{style}" t="str"><v>{formulas[0]}</v></c>']
    for place, formula in enumerate(formulas[1:], start=1):
        value = f"<v>{known[place].decimal}</v>" if place in known else ""
        cells.append(f'<c s="{style}"><f>{formula[1:]}</f>{value}</c>' if formula else f'<c s="{style}"/>')
    return f"<row>{''.join(cells)}</row>".encode()

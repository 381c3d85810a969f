"""Read a file of ours back into the lines of which it was made, whatever program saved it last."""

import csv
import zipfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.escape import unescape

from app import languages
from app.errors import N_, Refusal
from app.money import EXPONENTS, Money
from app.reports.catalogue import CATALOGUE
from app.reports.csv import without_apostrophe
from app.reports.facts import label
from app.reports.lines import FIELD
from app.reports.report import Kind, Report
from app.reports.seal import Digest

BEGINNING, IN_1970 = datetime(1899, 12, 30), datetime(1970, 1, 1)  # of Excel's days, which have no zone  # noqa: DTZ001
CENT = Decimal(1).scaleb(-max(EXPONENTS.values()))


class NotOurs(Refusal):
    say = N_("This is no report of ours, or the part that says which one was removed from it.")
    status = 422


@dataclass
class Found:
    """
    :ivar facts: what the file says about itself, without the seal
    :ivar sheets: what stands before a row's number, and the first line there
    """

    digest: Digest = field(default_factory=Digest)
    facts: dict[str, str] = field(default_factory=dict)
    seal: str = ""
    sheets: list[tuple[str, int]] = field(default_factory=list)

    def place(self, line: int) -> str:
        """``Payments!17`` in a workbook, ``17`` in a CSV."""
        sheet = bisect_right(self.sheets, line, key=lambda each: each[1]) - 1
        name, first = self.sheets[sheet]
        return f"{name}{line - first + 1}"


def read_file(path: Path) -> Found:
    """
    :raises NotOurs: if it cannot be read, or does not say which report it is
    :raises OSError: if there is no such file
    """
    found = Found()
    with path.open("rb") as file:
        read = read_workbook if file.read(2) == b"PK" else read_csv
    try:
        read(path, found)
    except (ValueError, KeyError, IndexError, ArithmeticError, SyntaxError, zipfile.BadZipFile, csv.Error) as error:
        raise NotOurs from error
    found.seal = found.facts.pop("seal", "")
    if not found.seal or not {"id", "report"} <= found.facts.keys():
        raise NotOurs
    return found


def read_workbook(path: Path, found: Found) -> None:
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True)
        found.facts = read_parameters(book.worksheets[-1])
        report = CATALOGUE[found.facts["report"]]
        for sheet in book.worksheets[:-1]:
            found.sheets.append((f"{sheet.title}!", len(found.digest.checks)))
            for line in lines_of(sheet, report):
                found.digest.add(line)


def read_parameters(sheet: Any) -> dict[str, str]:
    """By their names in the hidden column; a label that says something else than its name is a change like any other."""
    facts, labels = {}, []
    for shown, value, currency, name, *_ in (pad(row, 4) for row in sheet.iter_rows(values_only=True)):
        is_sum = str(name).startswith("sum:")
        facts[str(name)] = str(Money(int(Decimal(str(value)).scaleb(EXPONENTS[currency])), currency)) if is_sum else str(value)
        labels.append(shown)
    report = CATALOGUE[facts["report"]]
    if labels not in ([label(name, report, language) for name in facts] for language in languages.NAMES):
        facts["labels"] = "changed"
    return facts


def lines_of(sheet: Any, report: Report) -> Iterator[bytes]:
    """Header, rows, and the row of totals."""
    sheet.reset_dimensions()
    rows = (pad(row, len(report.columns)) for row in sheet.iter_rows(values_only=True))
    yield as_line(map(as_text, next(rows)))
    for row, following in pairwise(chain(rows, [None])):
        assert row is not None
        if following is None:
            yield as_line(map(as_text, row))
        else:
            kinds = (*(column.kind for column in report.columns), *[Kind.TEXT] * (len(row) - len(report.columns)))
            yield as_line(as_written(value, kind) for value, kind in zip(row, kinds, strict=True))


def pad(row: Sequence[Any], length: int) -> list[Any]:
    """As long as it should be; longer only if something stands there."""
    values = list(row)
    while len(values) > length and values[-1] is None:
        values.pop()
    return values + [None] * (length - len(values))


def as_line(texts: Iterator[str]) -> bytes:
    return FIELD.join(text.encode() for text in texts)


def as_text(value: object) -> str:
    return "" if value is None else unescape(str(value))


def as_written(value: object, kind: Kind) -> str:
    """As :mod:`app.reports.workbook` had it from the database; what cannot have come from there stays unlike it."""
    match kind, value:
        case (_, None):
            return ""
        case Kind.TEXT, _:
            return as_text(value)
        case Kind.MONEY, int() | float():
            amount = Decimal(str(value))
            return str(amount.quantize(CENT)) if amount == amount.quantize(CENT) else f"not {value}"
        case Kind.DATETIME, datetime() if not value.microsecond:
            return str((value - IN_1970) // timedelta(seconds=1) / 86400 + 25569).removesuffix(".0")
        case Kind.DATE, datetime():
            return str((value - BEGINNING).days)
        case Kind.INTEGER, int():
            return str(value)
        case _:
            return f"not {value!r}"


def read_csv(path: Path, found: Found) -> None:
    found.sheets.append(("", 0))
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file, delimiter=";", strict=True):
            if row and row[0].startswith("#"):
                found.facts[row[0].removeprefix("#")] = row[1]
            else:
                found.digest.add(as_line(map(without_apostrophe, row)))

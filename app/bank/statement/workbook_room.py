"""
Where workbooks are opened: a program of its own with little memory and time, since a hostile file can make the library
that reads it stop the whole process.

    the file on its input  →  a line of JSON for each row that is not empty: sheet, row, cells

A cell is ``null``, a text, or a pair: ``["n", "1500.5"]`` a number, ``["d", "2026-11-02T09:12:00"]`` a date,
``["t", "09:12:00"]`` a time. Formulas are not evaluated: what the bank's program computed is what is read.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

MEMORY = 768 * 1024 * 1024
SECONDS = 20
MOST_SHEETS = 50
WORKBOOK_DIGITS = 15  # spreadsheets keep no more: 21750.500000000004 is how they store 21750.5


def main() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold the statement
    for row in rows(sys.stdin.buffer.read()):
        sys.stdout.write(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n")


def rows(raw: bytes) -> Iterator[tuple[int, int, list[Any]]]:
    from python_calamine import CalamineWorkbook  # only here: elsewhere nobody needs it in memory

    book = CalamineWorkbook.from_filelike(BytesIO(raw))
    for sheet in range(min(len(book.sheet_names), MOST_SHEETS)):
        for number, values in enumerate(book.get_sheet_by_index(sheet).iter_rows(), start=1):
            cells = [written(value) for value in values]
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                yield sheet, number, cells


def written(value: object) -> Any:
    match value:
        case str():
            return value or None
        case bool():
            return str(value)
        case int() | float():
            return ["n", format(value, f".{WORKBOOK_DIGITS}g")]
        case datetime() | date():
            return ["d", value.isoformat()]
        case time():
            return ["t", value.isoformat()]
        case timedelta():
            return ["t", str(value)]
        case _:
            return None

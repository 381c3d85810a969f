"""CSV, as banks and spreadsheets write it: with semicolons, commas or tabs, in any letters."""

import csv
from collections.abc import Iterator
from itertools import islice

from app.bank.statement.encoding import encoding_of, lines_of
from app.bank.statement.numbers import Bad
from app.bank.statement.sheet import Row
from app.errors import N_

DELIMITERS = ";\t,|"
LONGEST_LINE = 100_000
FIRST = 60  # lines by which the delimiter is found
TOO_LONG = N_("Line {line}: it is longer than {most} characters.")
QUOTES = N_("Line {line}: its quotation marks do not fit together.")


def read_rows(raw: bytes, *, delimiter: str) -> Iterator[Row]:
    """
    Empty rows are left out.

    :raises Bad: if a text in quotes does not end, so that rows would vanish in it
    """
    encoding = encoding_of(raw)
    with lines_of(raw, encoding=encoding) as lines:
        quoted = b'"' in raw
        reader = csv.reader(bounded(lines), delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
        start = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Bad(QUOTES, line=start) from error
            if quoted and any(swallowed(cell, delimiter, columns=len(cells)) for cell in cells):
                raise Bad(QUOTES, line=start)
            if row := row_of(start, cells):
                yield row
            start = reader.line_num + 1


def bounded(lines: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise Bad(TOO_LONG, line=number, most=LONGEST_LINE)
        yield line.replace("\x00", "")


def row_of(line: int, cells: list[str]) -> Row | None:
    while cells and not cells[-1].strip():
        cells.pop()
    return Row(line, tuple(cell if cell.strip() else None for cell in cells)) if cells else None


def swallowed(cell: str, delimiter: str, *, columns: int) -> bool:
    """A quotation mark that was only text took whole rows into one cell."""
    return "\n" in cell and any(line.count(delimiter) >= max(columns - 1, 2) for line in cell.splitlines())


def delimiter_of(raw: bytes) -> str:
    """The one that parts the most cells of the first lines; a semicolon or a tab before a comma, which also stands in amounts."""
    with lines_of(raw[: FIRST * 2000], encoding=encoding_of(raw[: FIRST * 2000])) as lines:
        start = list(islice(lines, FIRST))
    most = {delimiter: max((line.count(delimiter) for line in start), default=0) for delimiter in DELIMITERS}
    return next((delimiter for delimiter in ";\t|" if most[delimiter] >= 2), ",")


def has_no_end(raw: bytes) -> bool:
    """The last line is not ended: the file may have been cut in the middle of it."""
    return not raw.rstrip(b"\x00\x1a").endswith((b"\n", b"\r"))

"""CSV, as banks and spreadsheets write it: with semicolons, commas or tabs, in any letters."""

import csv
from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from app.bank.statement.encoding import plain
from app.bank.statement.numbers import Bad
from app.bank.statement.sheet import Row
from app.bank.statement.source import Source, place
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
    source = plain(raw)
    lines, quoted = Lines(source), b'"' in raw
    reader = csv.reader(lines, delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    line, start = 1, 0
    try:
        for cells in reader:
            if quoted and any("\n" in cell and swallowed(cell, delimiter, columns=len(cells)) for cell in cells):
                raise Bad(QUOTES, line=line)
            while cells and not cells[-1].strip():
                cells.pop()
            if cells:
                yield Row(line, tuple([cell if cell.strip() else None for cell in cells]), source, place(start, lines.at))
            line, start = reader.line_num + 1, lines.at
    except csv.Error as error:
        raise Bad(QUOTES, line=line) from error


class Lines:
    """Of a text file, one after the other: a large one never lies in memory as text. :ivar at: how many bytes have been read"""

    def __init__(self, source: Source) -> None:
        self.lines, self.encoding, self.number, self.at = BytesIO(source.raw), source.encoding, 0, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = next(self.lines)
        self.number += 1
        self.at += len(raw)
        line = raw.decode(self.encoding, "replace")
        if len(line) > LONGEST_LINE:
            raise Bad(TOO_LONG, line=self.number, most=LONGEST_LINE)
        return line


def swallowed(cell: str, delimiter: str, *, columns: int) -> bool:
    """A quotation mark that was only text took whole rows into one cell."""
    return any(line.count(delimiter) >= max(columns - 1, 2) for line in cell.splitlines())


def delimiter_of(raw: bytes) -> str:
    """The one that parts the most cells of the first lines; a semicolon or a tab before a comma, which also stands in amounts."""
    start = list(islice(Lines(plain(raw[: FIRST * 2000])), FIRST))
    most = {delimiter: max((line.count(delimiter) for line in start), default=0) for delimiter in DELIMITERS}
    return next((delimiter for delimiter in ";\t|" if most[delimiter] >= 2), ",")


def has_no_end(raw: bytes) -> bool:
    """The last line is not ended: the file may have been cut in the middle of it."""
    return not raw.rstrip(b"\x00\x1a").endswith((b"\n", b"\r"))

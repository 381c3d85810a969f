"""Make the file of a report: what the filter shows, sealed."""

from array import array
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, DateTime, case, cast, literal_column, text
from sqlalchemy.orm import Session

from app import languages
from app.errors import N_, Refusal
from app.money import EXPONENTS
from app.reports.csv import CsvFile
from app.reports.facts import Plan, facts_of
from app.reports.filters import Filter
from app.reports.lines import read_lines
from app.reports.package import Sink
from app.reports.report import Column, Kind, Report, Rows, currency_of
from app.reports.seal import Digest, Fact
from app.reports.totals import Total, totals_of
from app.reports.workbook import ExcelFile

MOST_ROWS = 5_000_000

# A page may not take long, a million rows may. A cast in the transaction's own zone costs half of timezone(…) in each row.
# How times and fractions are written goes under the seal: no server's own setting decides it.
PREPARE = text("""
    SELECT set_config('statement_timeout', '1h', true), set_config('TimeZone', :zone, true),
        set_config('DateStyle', 'ISO, YMD', true), set_config('extra_float_digits', '1', true)
""")


class TooManyRows(Refusal):
    say = N_("This report has {rows} rows; a file holds {most}. Choose fewer days, or one agent.")
    status = 422


class FileFormat(Protocol):
    """
    How a format writes: numbers, times and days as SQL expressions, then the lines that come of them.

    :ivar media_type: for the browser
    """

    media_type: str

    def money(self, amount: ColumnElement[Any]) -> ColumnElement[Any]: ...

    def moment(self, local: ColumnElement[Any]) -> ColumnElement[Any]: ...

    def day(self, on: ColumnElement[Any]) -> ColumnElement[Any]: ...

    def write(self, block: bytes) -> None: ...

    def end_rows(self) -> None: ...

    def finish(self, facts: Mapping[str, Fact]) -> None: ...


FORMATS: dict[str, type[ExcelFile] | type[CsvFile]] = {"xlsx": ExcelFile, "csv": CsvFile}


@dataclass(frozen=True)
class Order:
    """:ivar by: for whom the file is made; :ivar id: not to be guessed, it is the file's name for ever"""

    id: str
    report: Report
    wanted: Filter
    format: str
    language: str
    by: str


@dataclass(frozen=True)
class Made:
    """:ivar checks: one for each line of the file, see :mod:`app.reports.seal`"""

    rows: int
    facts: dict[str, Fact]
    seal: str
    checks: "array[int]"

    @property
    def told(self) -> dict[str, str]:
        """The facts as text, for our record."""
        return {name: str(fact) for name, fact in self.facts.items()}


def make_file(
    session: Session, order: Order, sink: Sink, *, key: bytes, now: datetime, progress: Callable[[int, int], None] | None = None
) -> Made:
    """
    In a :func:`app.db.snapshot`, which it reads once from end to end; the file goes into ``sink`` as it grows.

    :param key: see :func:`app.reports.seal.seal_key`
    :param progress: is told how many rows of how many are done
    :raises TooManyRows: …
    """
    session.execute(PREPARE, {"zone": order.wanted.zone.key})
    plan = Plan(order.id, order.report, totals_of(session, order.report, order.wanted), order.language)
    if plan.rows > MOST_ROWS:
        raise TooManyRows(rows=plan.rows, most=MOST_ROWS)
    digest, done, progress = Digest(), 0, progress or (lambda *_: None)
    progress(done, plan.rows)
    file = FORMATS[order.format](sink, plan, digest)
    for total in plan.totals:
        with closing(read_lines(session, as_shown(order, file, total))) as blocks:
            for block in blocks:
                file.write(block)
                done += block.count(b"\n") + 1
                progress(done, plan.rows)
    file.end_rows()
    facts = facts_of(plan, order.wanted, by=order.by, now=now)
    seal = digest.seal(facts, key)
    file.finish(facts | {"seal": seal})
    return Made(plan.rows, facts, seal, digest.checks)


def as_shown(order: Order, file: FileFormat, total: Total) -> Rows:
    """The report's rows of one currency, each column as the text that the file shows."""
    rows = order.report.rows(order.wanted)
    currency = currency_of(rows)
    shown = [
        column_as_shown(value, column, order, file, total.currency)
        for value, column in zip(rows.selected_columns, order.report.columns, strict=True)
    ]
    return rows.where(currency == total.currency).with_only_columns(*shown, maintain_column_froms=True)


def column_as_shown(value: ColumnElement[Any], column: Column, order: Order, file: FileFormat, currency: str) -> ColumnElement[Any]:
    match column.kind:
        case Kind.MONEY:
            return file.money(value.op("*")(literal_column(f"1e-{EXPONENTS[currency]}")))
        case Kind.DATETIME:
            return file.moment(cast(value, DateTime(timezone=False)))  # in the transaction's zone, see PREPARE
        case Kind.DATE:
            return file.day(value)
        case Kind.TEXT if column.words:
            words = {code: languages.translate(word, order.language) for code, word in column.words.items()}
            return case(words, value=value, else_=value)
        case _:
            return value

"""The first rows of a report for the screen, with the same count and sums as the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app import languages
from app.money import Money
from app.reports.filters import Filter
from app.reports.report import Column, Kind, Report, currency_of
from app.reports.totals import Total, totals_of

ROWS = 50


@dataclass(frozen=True)
class Preview:
    """
    :ivar rows: values as people see them: ``Money``, aware local times, dates, numbers and words; ``None`` where there is nothing
    """

    titles: tuple[str, ...]
    rows: list[list[object]]
    totals: list[Total]

    @property
    def count(self) -> int:
        return sum(total.rows for total in self.totals)


def preview(session: Session, report: Report, wanted: Filter, *, language: str, limit: int = ROWS) -> Preview:
    """In a :func:`app.db.snapshot`: rows and sums are of one instant. In the order of the file."""
    question = report.rows(wanted)
    currency = currency_of(question)
    totals = totals_of(session, report, wanted)
    rows: list[list[object]] = []
    for total in totals:
        found = session.execute(question.where(currency == total.currency).limit(limit - len(rows)))
        rows += [show(row, report.columns, total.currency, wanted.zone, language) for row in found]
    return Preview(tuple(languages.translate(column.title, language) for column in report.columns), rows, totals)


def show(row: Sequence[object], columns: Sequence[Column], currency: str, zone: ZoneInfo, language: str) -> list[object]:
    return [show_one(value, column, currency, zone, language) for value, column in zip(row, columns, strict=True)]


def show_one(value: object, column: Column, currency: str, zone: ZoneInfo, language: str) -> object:
    if value is None:
        return None
    match column.kind:
        case Kind.MONEY:
            return Money(int(str(value)), currency)
        case Kind.DATETIME:
            assert isinstance(value, datetime)
            return value.astimezone(zone)
        case Kind.TEXT if value in column.words:
            return languages.translate(column.words[str(value)], language)
        case _:
            return value

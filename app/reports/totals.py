"""How many rows a report has and what its columns add up to, in each currency."""

from dataclasses import dataclass

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session

from app.money import Money
from app.reports.filters import Filter
from app.reports.report import Report


@dataclass(frozen=True)
class Total:
    """:ivar sums: of ``report.totals``, in their order"""

    currency: str
    rows: int
    sums: tuple[Money, ...]


def totals_of(session: Session, report: Report, wanted: Filter) -> list[Total]:
    """One for each currency that has rows, in the order in which the rows are shown."""
    rows = report.rows(wanted).order_by(None).subquery()
    columns = list(rows.c)
    currency = rows.c.get("currency", literal_column("''"))
    question = (
        select(currency, func.count(), *(func.coalesce(func.sum(columns[place]), 0) for place in report.totals))
        .select_from(rows)
        .group_by(literal_column("1"))
        .order_by(literal_column("1"))
    )
    return [
        Total(currency, count, tuple(Money(int(amount), currency) for amount in sums))
        for currency, count, *sums in session.execute(question)
    ]

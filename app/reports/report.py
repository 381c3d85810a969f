"""What a report is: a question whose answer is a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column

from app.reports.filters import Filter

Rows = Select[*tuple[Any, ...]]


class Kind(Enum):
    TEXT = auto()  # codes too: phones and IBANs keep their zeros
    MONEY = auto()  # minor units; the row's ``currency`` stands beside
    DATETIME = auto()  # shown as local time of the filter's zone, to the second
    DATE = auto()
    INTEGER = auto()


TEXT, MONEY, DATETIME, DATE, INTEGER = Kind


@dataclass(frozen=True)
class Column:
    """
    :ivar title: marked with ``N_``
    :ivar total: money whose sum means something
    :ivar words: the database's word -> what a person reads, marked with ``N_``
    """

    title: str
    kind: Kind
    total: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """
    A declaration; adding one is one file and one line in ``catalogue.py``.

    :ivar rows: a select whose columns stand in the order of ``columns``, in a fixed order; where there is money, one of them is
        labelled ``currency``
    :ivar filters: beside the days: ``agent``, ``biller``, ``state``, ``person``, ``thing``
    :ivar states: what ``state`` may be, in words marked with ``N_``
    :ivar needs_agent: makes sense for one agent only
    """

    name: str
    title: str
    permission: str
    rows: Callable[[Filter], Rows]
    columns: tuple[Column, ...]
    filters: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    needs_agent: bool = False

    @property
    def totals(self) -> tuple[int, ...]:
        """Where the columns stand that have a sum."""
        return tuple(place for place, column in enumerate(self.columns) if column.total)


def currency_of(rows: Rows) -> ColumnElement[Any]:
    """Of each row; a report without money is all in one that has no name."""
    return rows.selected_columns.get("currency", literal_column("''"))

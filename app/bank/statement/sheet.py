"""Rows of cells, whatever kind of file they come from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.bank.statement.source import Source

Cell = str | Decimal | datetime | None


@dataclass(slots=True)
class Row:
    """
    :ivar line: in the file, or in its sheet
    :ivar cells: texts exactly as written, real numbers, real dates (midnight where they have no time); nothing at the end is ``None``
    :ivar source: the text file, and ``place`` in it; a workbook has none
    """

    line: int
    cells: tuple[Cell, ...]
    source: Source | None = None
    place: int = 0

    def cell(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else None

    def text(self, column: int) -> str:
        """As people see it."""
        return shown(self.cell(column))


def shown(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    match cell:
        case Decimal():
            return format(cell, "f")
        case datetime():
            return cell.isoformat(" ")
        case None:
            return ""

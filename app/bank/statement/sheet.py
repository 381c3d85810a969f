"""Rows of cells, whatever kind of file they come from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

Cell = str | Decimal | datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """
    :ivar line: in the file, or in its sheet
    :ivar cells: texts exactly as written, real numbers, real dates (midnight where they have no time); nothing at the end is ``None``
    """

    line: int
    cells: tuple[Cell, ...]

    def cell(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else None

    def text(self, column: int) -> str:
        """As people see it."""
        return shown(self.cell(column))


def shown(cell: Cell) -> str:
    match cell:
        case str():
            return cell.strip()
        case Decimal():
            return format(cell, "f")
        case datetime():
            return cell.isoformat(" ")
        case None:
            return ""

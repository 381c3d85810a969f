"""A bill as a carrier's arithmetic makes it, before the carrier's shelf gives it a number, a state and a version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.billing.bill import Line, Section
from app.billing.period import Period
from app.money import Money, total


@dataclass(frozen=True, slots=True)
class Draft:
    """:ivar charged_on: when a direct debit takes it; ``None`` where there is none"""

    period: Period
    issued_on: date
    due_on: date
    charged_on: date | None
    currency: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @property
    def amount(self) -> Money:
        return sum_of(self.sections, self.currency)

    def of_kind(self, kind: str) -> Money:
        return sum_of((section for section in self.sections if section.kind == kind), self.currency)


def section(kind: str, title: str, lines: Iterable[Line | None], currency: str) -> Section | None:
    """Its amount is the sum of its lines; without lines there is no section."""
    there = tuple(line for line in lines if line is not None)
    return Section(kind, title, total((line.amount for line in there), currency), there) if there else None


def sections(*parts: Section | None) -> tuple[Section, ...]:
    return tuple(part for part in parts if part is not None)


def sum_of(parts: Iterable[Section], currency: str) -> Money:
    return total((part.amount for part in parts), currency)


def lines_of(parts: Sequence[Section]) -> list[Line]:
    return [line for part in parts for line in part.lines]

"""
A sentence about a bill with its facts as values: pure, so nothing is spelled or translated here. ``app.billers.bill_words``
says it in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.money import Money


@dataclass(frozen=True, slots=True)
class Price:
    """Up to four decimals, not yet rounded to money. :ivar value: in major units"""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Rounded:
    """A result before and after it was rounded: ``20.2548 → 20.25 €``, or the amount alone where nothing was to be rounded."""

    exact: Decimal
    amount: Money


@dataclass(frozen=True, slots=True)
class Quantity:
    """:ivar unit: the machine's word, ``GB``, ``minute``; empty for a bare number"""

    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """What the carrier printed, in its language; shown through the term base."""

    text: str


Fact = Money | Price | Rounded | Quantity | Printed | Decimal | int | date | str


@dataclass(frozen=True)
class Sentence:
    """:ivar say: marked with ``N_`` where it is written, with the facts as ``{names}``"""

    say: str
    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, say: str, **facts: Fact) -> "Sentence":
        return cls(say, facts)

"""Sentences said later, in the language of whoever reads them: with their facts, or with a code for machines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app import amounts, languages
from app.money import Money

Fact = str | Money | date


@dataclass(frozen=True, slots=True)
class Remark:
    """
    :ivar say: marked with ``N_`` where it is written, with the facts as ``{names}``
    :ivar facts: as text, amounts as money, days as days; never a secret
    """

    say: str
    facts: tuple[tuple[str, Fact], ...] = ()

    @classmethod
    def of(cls, say: str, **facts: object) -> "Remark":
        return cls(
            say, tuple((name, value if isinstance(value, Money) or type(value) is date else str(value)) for name, value in facts.items())
        )

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Remark":
        facts = data["facts"]
        assert isinstance(facts, dict)
        return cls.of(str(data["say"]), **{name: read(fact) for name, fact in facts.items()})

    def as_json(self) -> dict[str, object]:
        return {"say": self.say, "facts": {name: plain(fact) for name, fact in self.facts}}

    def in_words(self, language: str) -> str:
        return languages.say(self.say, language, **{name: written(fact, language) for name, fact in self.facts})

    def __str__(self) -> str:
        """For logs and tests; people see :meth:`in_words`."""
        return self.in_words(languages.SOURCE)


def plain(fact: Fact) -> object:
    match fact:
        case Money():
            return {"minor": fact.minor, "currency": fact.currency}
        case date():
            return {"day": fact.isoformat()}
    return fact


def read(plain: object) -> object:
    match plain:
        case {"minor": int(minor), "currency": str(currency)}:
            return Money(minor, currency)
        case {"day": str(day)}:
            return date.fromisoformat(day)
    return plain


def written(fact: Fact, language: str) -> str:
    match fact:
        case Money():
            return amounts.money(fact, language)
        case date():
            return languages.day(fact, language)
    return fact


@dataclass(frozen=True, slots=True, repr=False)
class Word:
    """What machines know by its code and people by its sentence (``say``, marked with ``N_`` where it is written)."""

    code: str
    say: str

    def in_words(self, language: str) -> str:
        return languages.translate(self.say, language)

    def __repr__(self) -> str:
        return self.code

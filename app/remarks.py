"""Sentences said later, in the language of whoever reads them: with their facts, or with a code for machines."""

from collections.abc import Mapping
from dataclasses import dataclass

from app import languages


@dataclass(frozen=True, slots=True)
class Remark:
    """
    :ivar say: marked with ``N_`` where it is written, with the facts as ``{names}``
    :ivar facts: as text; never a secret
    """

    say: str
    facts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, say: str, **facts: object) -> "Remark":
        return cls(say, tuple((name, str(value)) for name, value in facts.items()))

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Remark":
        facts = data["facts"]
        assert isinstance(facts, dict)
        return cls.of(str(data["say"]), **facts)

    def as_json(self) -> dict[str, object]:
        return {"say": self.say, "facts": dict(self.facts)}

    def in_words(self, language: str) -> str:
        return languages.say(self.say, language, **dict(self.facts))

    def __str__(self) -> str:
        """For logs and tests; people see :meth:`in_words`."""
        return self.in_words(languages.SOURCE)


@dataclass(frozen=True, slots=True, repr=False)
class Word:
    """What machines know by its code and people by its sentence (``say``, marked with ``N_`` where it is written)."""

    code: str
    say: str

    def in_words(self, language: str) -> str:
        return languages.translate(self.say, language)

    def __repr__(self) -> str:
        return self.code

"""
What a kind of change is: its fields with their shapes, its papers, who may ask, when two persons decide, and the verb that
applies it. A new kind is a file in ``app/changes/kinds`` and its line in ``catalogue.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

from app.agents.model import Agent
from app.changes.model import Change
from app.errors import N_
from app.markets import Market
from app.people.model import Person
from app.remarks import Remark

Values = Mapping[str, Any]  # what JSON can hold: texts, and whole minor units


class WrongShape(Exception):
    """:ivar say: what is wrong with the value, marked with ``N_``"""

    def __init__(self, say: str) -> None:
        self.say = say
        super().__init__(say)


@dataclass(frozen=True)
class Subject:
    """Whose record it is: the shop, and the person of it that the change concerns."""

    market: Market
    agent: Agent | None = None
    person: Person | None = None

    @property
    def shop(self) -> Agent:
        """Of kinds that are about one."""
        assert self.agent is not None
        return self.agent

    @property
    def somebody(self) -> Person:
        """Of kinds that concern one."""
        assert self.person is not None
        return self.person


def hidden(value: object) -> str:
    """What is private, for whoever only reads: its last two letters, enough to compare it with a paper."""
    text = str(value)
    return "*" * (len(text) - 2) + text[-2:]


def any_text(text: str, _market: Market) -> str:
    return text


@dataclass(frozen=True)
class Field:
    """
    :ivar label: marked with ``N_``
    :ivar read: the value as it is kept, from what was typed; raises :class:`WrongShape`
    :ivar choices: value → its word, marked with ``N_``; then only these are possible
    :ivar is_money: a whole number of minor units of the market's currency
    :ivar of_person: it belongs to the person's record, not the shop's
    :ivar is_private: only who asks and who decides read it whole
    :ivar is_asked: it stands on the form; else it is only shown in the diff
    """

    name: str
    label: str
    read: Callable[[str, Market], str] = any_text
    is_needed: bool = False
    choices: Mapping[str, str] | None = None
    is_money: bool = False
    of_person: bool = False
    is_private: bool = False
    is_asked: bool = True
    input: str = "text"
    longest: int = 200
    hint: str = ""


@dataclass(frozen=True)
class Paper:
    """
    :ivar name: in addresses and forms; :ivar label: marked with ``N_``; :ivar scan_kind: decides how long its scan is kept
    :ivar sources: how a change must have come to need it; who signs in and asks on the screen signs nothing
    """

    name: str
    label: str
    scan_kind: str
    sources: frozenset[str] = frozenset({"paper", "mail"})


EVERY_SOURCE = frozenset({"screen", "api", "paper", "mail"})
SIGNED_FORM = Paper("form", N_("The signed form"), "form")
IDENTITY_CARD = Paper("identity", N_("The identity card"), "identity")


class Before(Protocol):
    def __call__(self, session: Session, subject: Subject, /) -> dict[str, Any]: ...


class Apply(Protocol):
    def __call__(self, session: Session, change: Change, subject: Subject, /, *, by: str, now: datetime) -> dict[str, Any]: ...


class Check(Protocol):
    def __call__(self, session: Session, subject: Subject, wanted: Values, /) -> None: ...


class Warn(Protocol):
    def __call__(self, session: Session, subject: Subject, /) -> list[Remark]: ...


def nothing_to_say(_session: Session, _subject: Subject) -> list[Remark]:
    return []


def nothing_against(_session: Session, _subject: Subject, _wanted: Values) -> None:
    return


def weightless(_subject: Subject, _wanted: Values) -> int:
    return 0


def once_for_each_shop(subject: Subject, _wanted: Values) -> str:
    return subject.shop.number


@dataclass(frozen=True, kw_only=True)
class Kind:
    """
    :ivar name: as the outside says it; :ivar title: marked with ``N_``, as :ivar explains:, what happens when it is applied
    :ivar asked_by: the roles that may ask
    :ivar person: whether it concerns a person of the shop; ``maybe``: only if one of the person's own fields changes
    :ivar before: what the record says now, by field; the diff and the version come from it
    :ivar apply: does it, and says what it made; a refusal becomes the sentence why it could not be done
    :ivar check: raises the refusal if it makes no sense to ask at all
    :ivar fixed: what it wants without anybody typing it
    :ivar changes_only: fields that stay as they are need not be told, and are not part of the change
    :ivar ready_reasons: the purpose whose ready reasons its form offers, if there are any
    :ivar weigh: compared with the market's :class:`app.changes.model.Limit`
    :ivar matter: what it is about; one open change of a kind for each
    :ivar has_agent: whether it is about a shop that is there already
    :ivar warn: what who asks and who decides should know of, and what stops nothing
    :ivar for_closed: it may be asked for a shop that is closed
    :ivar keeps_papers: they belong to the shop's file once it is applied; else their matter has ended
    """

    name: str
    title: str
    explains: str
    asked_by: frozenset[str]
    before: Before
    apply: Apply
    fields: tuple[Field, ...] = ()
    papers: tuple[Paper, ...] = ()
    person: Literal["none", "one", "maybe"] = "none"
    check: Check = nothing_against
    fixed: Mapping[str, Any] = field(default_factory=dict)
    changes_only: bool = False
    needs_reason: bool = False
    ready_reasons: str = ""
    weigh: Callable[[Subject, Values], int] = weightless
    matter: Callable[[Subject, Values], str] = once_for_each_shop
    has_agent: bool = True
    warn: Warn = nothing_to_say
    keeps_papers: bool = False
    for_closed: bool = False

    @property
    def is_for_shops(self) -> bool:
        """Its owner may ask, and what the institution's people key in is somebody's of the shop."""
        return "owner" in self.asked_by

    def papers_needed(self, source: str) -> list[Paper]:
        return [paper for paper in self.papers if source in paper.sources]

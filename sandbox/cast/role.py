"""A part in a worked example: a contract that ends with the example, and who pays which bill."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Pays:
    """
    :ivar way: ``web``, the carrier's own site, or ``debit``
    :ivar on: the day; ``None``: the charge day
    :ivar amount: minor units; ``None``: what is open then
    """

    way: str
    on: date | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Role(Generic[C]):
    """
    :ivar shows: the worked example, for a newcomer
    :ivar first_day: of the contract, and :ivar last_day: after which nothing happens any more
    :ivar pays: month in which a bill's period ends -> who pays it and when; the others stay open
    :ivar inquiries: when the line was charged with an SMS inquiry
    """

    shows: str
    contract: C
    first_day: date
    last_day: date
    pays: Mapping[str, Pays] = field(default_factory=dict)
    inquiries: tuple[date, ...] = ()

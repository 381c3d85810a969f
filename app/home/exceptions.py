"""Everything a person must look at, of all slices, the oldest first: for the page and for the API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.attention import Attention
from app.bank.attention import attention as money_in
from app.billers.attention import attention as wrong_bills
from app.cancellations.attention import attention as cancellations
from app.changes.attention import attention as changes
from app.collections.attention import attention as payments
from app.web.language import _
from app.web.refusals import shown


class Source(Protocol):
    def __call__(self, session: Session, *, now: datetime) -> Iterable[Attention]: ...


SOURCES: list[Source] = [payments, money_in, cancellations, changes, wrong_bills]


def register(source: Source) -> None:
    """For slices that stand beside this one."""
    if source not in SOURCES:
        SOURCES.append(source)


def everything(session: Session, *, now: datetime) -> list[Attention]:
    found = [one for source in SOURCES for one in source(session, now=now)]
    return sorted(found, key=lambda one: one.since)


def sentence(one: Attention, to_language: str) -> str:
    return _(one.say).format_map({name: shown(value, to_language) for name, value in one.facts.items()})

"""A posting by hand is taken back by its reverse, once; both stay in the book."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bank.post_by_hand import post_by_hand
from app.changes import shapes
from app.changes.kind import Field, Kind, Subject, Values
from app.changes.kinds.manual_posting import DOCUMENT, REVERSAL, TO_AGENT, posting_of, two_of
from app.changes.kinds.manual_posting import KIND as MANUAL_POSTING
from app.changes.model import Change
from app.errors import N_, Refusal


class NothingToReverse(Refusal):
    say = N_("{change} is no posting by hand of agent {agent} that stands in the book; nothing was changed.")
    status = 422


class ReversedAlready(Refusal):
    say = N_("{change} was reversed by {reversal} at {when} already.")
    known_as = "decided"


def before(_session: Session, _subject: Subject) -> dict[str, Any]:
    return {}


def check(session: Session, subject: Subject, wanted: Values) -> None:
    """:raises NothingToReverse: … :raises ReversedAlready: …"""
    original_of(session, subject, str(wanted["reverses"]))


def original_of(session: Session, subject: Subject, reference: str) -> Change:
    """Locked, so that it is reversed by one of two only."""
    question = select(Change).filter_by(reference=reference, kind=MANUAL_POSTING.name, agent=subject.shop.number)
    original = session.scalars(question.where(Change.applied_at.is_not(None)).with_for_update()).one_or_none()
    if original is None:
        raise NothingToReverse(change=reference, agent=subject.shop.number)
    done = select(Change).filter_by(kind=REVERSAL).where(Change.wanted["reverses"].astext == reference, Change.applied_at.is_not(None))
    if reversal := session.scalars(done).one_or_none():
        raise ReversedAlready(change=reference, reversal=reversal.reference, when=reversal.applied_at)
    return original


def matter(_subject: Subject, wanted: Values) -> str:
    return str(wanted["reverses"])


def weigh(_subject: Subject, _wanted: Values) -> int:
    """It moves money: two decide, whatever the sum."""
    return 1


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    original = original_of(session, subject, str(change.wanted["reverses"]))
    posting = posting_of(original, subject, to_agent=original.wanted["direction"] != TO_AGENT, name=change.reference)
    post_by_hand(session, posting, decided_by=two_of(change), by=by, now=now)
    return {}


KIND = Kind(
    name=REVERSAL,
    title=N_("Reverse a posting by hand"),
    explains=N_("The same amount moves back at once. Both postings stay in the statement, each with the number of its change."),
    asked_by=frozenset({"operator", "approver"}),
    papers=(DOCUMENT,),
    needs_reason=True,
    fields=(
        Field(
            "reverses",
            N_("Change that is reversed"),
            shapes.change_reference,
            is_needed=True,
            longest=40,
            hint=N_("Such as C-7K3M-9Q2X-H."),
        ),
    ),
    before=before,
    check=check,
    weigh=weigh,
    matter=matter,
    apply=apply,
)

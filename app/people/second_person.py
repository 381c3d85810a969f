"""What takes two persons: is the second one really another, and does the second one decide what is proposed now?"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.errors import N_, Refusal
from app.people.model import Person

NEW_LOGIN = timedelta(days=1)


class ProposalChanged(Refusal):
    say = N_("The proposal has changed since this page was opened. Nothing was decided. Look at it again.")


def person_of(session: Session, by: str) -> Person | None:
    kind, _, number = by.partition(":")
    return session.get(Person, int(number)) if kind == "person" and number.isdecimal() else None


def is_the_asker(session: Session, asked_by: str, by: str, *, now: datetime) -> bool:
    """C-03, C18: the same person, the same telephone in another login, or a login that the asker made today."""
    if asked_by == by:
        return True
    asker, decider = person_of(session, asked_by), person_of(session, by)
    if asker is None or decider is None:
        return False
    return asker.phone == decider.phone or (decider.added_by == asked_by and now - decider.added_at < NEW_LOGIN)


def mark_of(outcome: str | None, proposed_by: str | None, proposed_at: datetime | None) -> str:
    """Names one proposal; whoever decides sends back the mark of what was on the screen."""
    return f"{outcome} {proposed_by} {proposed_at.isoformat() if proposed_at else ''}"

"""Changes that need a person: they could not be applied, their day has passed, or nobody decides them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.attention import Attention
from app.changes.apply_change import is_due
from app.changes.model import Change, State
from app.changes.queries import waiting
from app.errors import N_

DECIDED_WITHIN, COMPLETED_WITHIN, APPLIED_WITHIN = timedelta(days=2), timedelta(days=7), timedelta(minutes=10)


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    for change in waiting(session):
        if found := what_is_wrong(change, now=now):
            yield found


def what_is_wrong(change: Change, *, now: datetime) -> Attention | None:
    match change.state:
        case State.FAILED if change.failed_at:
            return about(change, "failed", N_("{change} was granted and could not be done. It has to be decided again."), change.failed_at)
        case State.GRANTED if is_due(change, now - APPLIED_WITHIN) and change.granted_at:
            return about(change, "not-applied", N_("{change} was granted, its day has come, and it is not done."), change.granted_at)
        case State.ASKED | State.APPROVED_ONCE if change.complete_at and now - change.complete_at > DECIDED_WITHIN:
            return about(change, "undecided", N_("Nobody has decided {change} for more than two days."), change.complete_at)
        case State.DRAFT | State.INCOMPLETE if now - change.opened_at > COMPLETED_WITHIN:
            return about(change, "incomplete", N_("{change} was begun more than a week ago and is not complete."), change.opened_at)
    return None


def about(change: Change, kind: str, say: str, since: datetime) -> Attention:
    return Attention(
        kind=f"change.{kind}",
        ref=change.reference,
        since=since,
        say=say,
        endpoint="changes.change",
        facts={"change": change.reference},
        arguments={"reference": change.reference},
    )

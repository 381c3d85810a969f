"""Mails and papers that nobody has sorted for a day."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.attention import Attention
from app.errors import N_
from app.intake.queries import waiting

SORTED_WITHIN = timedelta(days=1)


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    for intake in waiting(session, since=now - SORTED_WITHIN):
        yield Attention(
            kind="intake.unsorted",
            ref=str(intake.id),
            since=intake.arrived_at,
            say=N_("Mail or paper {number} has waited for more than a day."),
            endpoint="intake.one",
            facts={"number": intake.id},
            arguments={"number": str(intake.id)},
        )

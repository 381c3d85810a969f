"""The own record of an inquiry: made before anything is done about it, so that nothing is forgotten and nothing done twice."""

from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import throttle
from app.errors import TooMany
from app.inquiries.model import Inquiry
from app.markets import INSTITUTION
from app.notifications.addresses import mailbox_of
from app.references import dated_reference

log = structlog.get_logger()

MOST_PER_SENDER, MOST_NOT_FOUND, WINDOW = 20, 5, 3600  # an hour; walking through numbers ends much sooner (C10)


def new_inquiry(
    channel: str, source: str, *, sender: str, language: str, now: datetime, outcome: str | None = None, **more: object
) -> Inquiry:
    """:param outcome: if nobody has to be asked"""
    waits = None if outcome else now
    return Inquiry(
        id=dated_reference("Q", now, INSTITUTION.zone), channel=channel, source=source, sender=sender, language=language, arrived_at=now,
        outcome=outcome, ended_at=now if outcome else None, next_try_at=waits, **more,
    )  # fmt: skip


def keep_inquiry(session: Session, inquiry: Inquiry) -> None:
    session.add(inquiry)
    session.flush()


def is_new(session: Session, channel: str, source: str) -> bool:
    """The same message again is the same inquiry; whoever reads it at the same moment waits here until we have kept it."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"inquiry:{channel}:{source}", 0))))
    return session.execute(select(Inquiry.id).filter_by(channel=channel, source=source)).first() is None


def counted_as(channel: str, sender: str) -> str:
    return f"{channel}:{mailbox_of(sender) if '@' in sender else sender.lower()}"


def is_too_often(channel: str, sender: str, *, now: datetime) -> bool:
    """Counts this one. Whoever writes too often, or walks through numbers, hears nothing for the rest of the hour."""
    key = counted_as(channel, sender)
    try:
        throttle.exhausted(f"inquiry-not-found:{key}", most=MOST_NOT_FOUND, now=now)
        throttle.hit(f"inquiry:{key}", most=MOST_PER_SENDER, seconds=WINDOW, now=now)
    except TooMany:
        log.warning("inquiry.silenced", channel=channel)
        return True
    return False


def note_not_found(channel: str, sender: str, *, now: datetime) -> None:
    try:
        throttle.hit(f"inquiry-not-found:{counted_as(channel, sender)}", most=MOST_NOT_FOUND, seconds=WINDOW, now=now)
    except TooMany:
        log.warning("inquiry.walks-through-numbers", channel=channel)

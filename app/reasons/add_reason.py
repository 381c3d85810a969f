"""Add a ready reason in the institution's own words, or end one."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.errors import N_, Invalid, NotFound
from app.languages import NAMES
from app.reasons.model import PURPOSES, ReadyReason
from app.text import one_line

LONGEST_SENTENCE = 98  # own words follow it, after a colon
LAST_POSITION = 999


def add_reason(
    session: Session,
    *,
    purpose: str,
    words: Mapping[str, str],
    position: int,
    first_day: date,
    last_day: date | None,
    by: str,
    now: datetime,
) -> ReadyReason:
    """
    :param words: the sentence by language; empty ones are left out
    :raises Invalid: naming what does not fit
    """
    said = {language: line for language, sentence in words.items() if (line := one_line(sentence))}
    if errors := what_is_wrong(purpose, said, position, first_day, last_day):
        raise Invalid(**errors)
    reason = ReadyReason(purpose=purpose, position=position, words=said, first_day=first_day, last_day=last_day, added_at=now, added_by=by)
    session.add(reason)
    session.flush()
    audit.record(
        session, "ready-reason.added", about=f"ready-reason:{reason.id}", by=by, at=now,
        purpose=purpose, words=said, position=position, first_day=first_day, last_day=last_day,
    )  # fmt: skip
    return reason


def what_is_wrong(purpose: str, words: Mapping[str, str], position: int, first_day: date, last_day: date | None) -> dict[str, str]:
    errors = {}
    if purpose not in PURPOSES:
        errors["purpose"] = N_("Say where it is offered.")
    if not words or not set(words) <= set(NAMES):
        errors["words"] = N_("Write the sentence in at least one language.")
    elif any(len(sentence) > LONGEST_SENTENCE for sentence in words.values()):
        errors["words"] = N_("The sentence is too long: 98 letters at most.")
    if not 0 <= position <= LAST_POSITION:
        errors["position"] = N_("The place is a number up to 999.")
    if last_day and last_day < first_day:
        errors["last_day"] = N_("The last day is before the first day.")
    return errors


def end_reason(session: Session, number: int, *, by: str, now: datetime) -> ReadyReason:
    """It is offered to nobody any more; a second end changes nothing. :raises NotFound: …"""
    reason = session.execute(select(ReadyReason).filter_by(id=number).with_for_update()).scalar_one_or_none()
    if reason is None:
        raise NotFound
    if reason.ended_at is None:
        reason.ended_at, reason.ended_by = now, by
        audit.record(session, "ready-reason.ended", about=f"ready-reason:{number}", by=by, at=now, purpose=reason.purpose)
    return reason

"""Publish an announcement, or end one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.announcements.model import LARGEST_FILE, Announcement, File, Words
from app.errors import N_, Invalid, NotFound
from app.languages import NAMES
from app.markets import MARKETS
from app.people.permissions import ROLES
from app.text import one_line

LONGEST_TITLE, LONGEST_BODY, MOST_FILES = 120, 5000, 5
BEGINNINGS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True)
class Draft:
    """
    :ivar market: whose people; empty for all
    :ivar words: title and body by language
    :ivar files: names and contents, as uploaded
    """

    market: str
    roles: Sequence[str]
    urgent: bool
    first_day: date
    last_day: date | None
    words: Mapping[str, tuple[str, str]]
    files: Sequence[tuple[str, bytes]] = field(default=(), repr=False)


def publish(session: Session, draft: Draft, *, by: str, now: datetime) -> Announcement:
    """
    :raises Invalid: naming what does not fit
    """
    words = {language: (one_line(title, longest=LONGEST_TITLE), body.strip()) for language, (title, body) in draft.words.items()}
    words = {language: said for language, said in words.items() if any(said)}
    if errors := what_is_wrong(draft, words):
        raise Invalid(**errors)
    announcement = Announcement(
        market=draft.market,
        roles=sorted(draft.roles),
        urgent=draft.urgent,
        first_day=draft.first_day,
        last_day=draft.last_day,
        published_at=now,
        published_by=by,
    )
    session.add(announcement)
    session.flush()
    for language, (title, body) in words.items():
        session.add(Words(announcement=announcement.id, language=language, title=title, body=body))
    for name, content in draft.files:
        session.add(
            File(announcement=announcement.id, name=one_line(name, longest=100), media_type=kind_of(content) or "", content=content)
        )
    session.flush()
    audit.record(
        session,
        "announcement.published",
        about=f"announcement:{announcement.id}",
        by=by,
        at=now,
        market=draft.market or "all",
        roles=" ".join(announcement.roles),
        urgent=draft.urgent,
        first_day=draft.first_day,
        last_day=draft.last_day,
    )
    return announcement


def what_is_wrong(draft: Draft, words: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    errors = {}
    if draft.market and draft.market not in MARKETS:
        errors["market"] = N_("The market is one of TR, AZ, ES, HU.")
    if not draft.roles or not set(draft.roles) <= set(ROLES):
        errors["roles"] = N_("Say for whom it is.")
    if draft.last_day and draft.last_day < draft.first_day:
        errors["last_day"] = N_("The last day is before the first day.")
    if not words or not set(words) <= set(NAMES):
        errors["words"] = N_("Write a title and a text in at least one language.")
    elif not all(title and body for title, body in words.values()):
        errors["words"] = N_("In each language that is used both a title and a text are needed.")
    elif any(len(body) > LONGEST_BODY for _title, body in words.values()):
        errors["words"] = N_("The text is too long; put the details into a file.")
    if len(draft.files) > MOST_FILES or any(len(content) > LARGEST_FILE for _name, content in draft.files):
        errors["files"] = N_("At most five files, each of 5 MB at most.")
    elif any(kind_of(content) is None for _name, content in draft.files):
        errors["files"] = N_("A file has to be a PDF or a JPEG picture.")
    return errors


def kind_of(content: bytes) -> str | None:
    """By content, whatever it is called."""
    return next((media_type for beginning, media_type in BEGINNINGS.items() if content.startswith(beginning)), None)


def end(session: Session, number: int, *, by: str, now: datetime) -> Announcement:
    """It is shown to nobody any more; a second end changes nothing. :raises NotFound: …"""
    found = session.execute(select(Announcement).filter_by(id=number).with_for_update())
    announcement = found.scalar_one_or_none()
    if announcement is None:
        raise NotFound
    if announcement.ended_at is None:
        announcement.ended_at, announcement.ended_by = now, by
        audit.record(session, "announcement.ended", about=f"announcement:{number}", by=by, at=now)
    return announcement

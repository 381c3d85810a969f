"""Questions about ready reasons: what is offered on a day, and what there was."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.languages import translate
from app.reasons.model import ReadyReason


def sentences(session: Session, purpose: str, *, language: str, on: date) -> list[str]:
    """What is offered to a reader of this language on this day, in its order; each sentence once."""
    found = session.scalars(
        select(ReadyReason)
        .where(
            ReadyReason.purpose == purpose,
            ReadyReason.ended_at.is_(None),
            ReadyReason.first_day <= on,
            or_(ReadyReason.last_day.is_(None), ReadyReason.last_day >= on),
        )
        .order_by(ReadyReason.position, ReadyReason.id)
    )
    return list(dict.fromkeys(words for reason in found if (words := in_words(reason, language))))


def in_words(reason: ReadyReason, language: str) -> str:
    """Empty in a language in which nobody wrote it."""
    return translate(reason.sentence, language) if reason.sentence else reason.words.get(language, "")


def everything(session: Session) -> Sequence[ReadyReason]:
    """The ended ones too."""
    return session.scalars(select(ReadyReason).order_by(ReadyReason.purpose, ReadyReason.position, ReadyReason.id)).all()

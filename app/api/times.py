"""Times in and out: RFC 3339 with the market's offset; days are the market's days."""

from datetime import UTC, datetime, timedelta

from app.errors import N_, Invalid
from app.web.actor import actor


def stamp(at: datetime) -> str:
    return at.astimezone(actor().market.zone).isoformat(timespec="milliseconds")


def stamp_or_none(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def moment(text: str | None, field: str, *, end: bool = False) -> datetime | None:
    """
    A day or a moment as a bound; a day as the upper bound is included.

    :raises Invalid: if there is no such day
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=actor().market.zone)
        if end and len(text) == len("2026-11-22"):
            at += timedelta(days=1)
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(**{field: N_("There is no such day or time.")}) from error

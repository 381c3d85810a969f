"""
The only reader of the time of day in the sandbox; it shows what the product's clock shows (``GISE_CLOCK``).
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def start(setting: str | None) -> None:
    """
    :param setting: ``None`` for the real time; ``2025-05-22T16:58:00+03:00`` for a clock that shows this now;
        with ``@1764000000`` behind it, one that showed it at that Unix time
    :raises ValueError: if it is neither
    """
    global _shift
    if not setting:
        _shift = timedelta(0)
        return
    told, _, real = setting.partition("@")
    shown = datetime.fromisoformat(told)
    if shown.tzinfo is None:
        raise ValueError("a time with its offset is expected, such as 2025-05-22T16:58:00+03:00")
    anchor = datetime.fromtimestamp(int(real), UTC) if real else datetime.now(UTC)
    _shift = shown - anchor


def now() -> datetime:
    """Aware, in UTC."""
    return datetime.now(UTC) + _shift


def today(zone: ZoneInfo) -> date:
    return now().astimezone(zone).date()

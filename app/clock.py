"""
The only reader of the time of day. Everyone else is told ``now``.

In development the clock may start elsewhere (``GISE_CLOCK``) and runs on from there.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def start(setting: str | None) -> None:
    """
    :param setting: ``None`` for the real time; ``2025-05-22T16:58:00+03:00`` for a clock that
        shows this now; with ``@1764000000`` behind it, one that showed it at that Unix time,
        so that several processes, and restarted ones, agree
    """
    global _shift
    if setting is None:
        _shift = timedelta(0)
        return
    told, _, real = setting.partition("@")
    anchor = datetime.fromtimestamp(int(real), UTC) if real else datetime.now(UTC)
    _shift = datetime.fromisoformat(told) - anchor


def now() -> datetime:
    """Aware, in UTC."""
    return datetime.now(UTC) + _shift


def real_now() -> datetime:
    """For what runs by the wall clock whatever the told time is: schedulers and time-outs."""
    return datetime.now(UTC)


def today(zone: ZoneInfo) -> date:
    return now().astimezone(zone).date()

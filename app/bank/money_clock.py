"""The money clock of a deposit: its four times, how long it took or is taking, and which stage is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bank.model import Deposit, DepositState
from app.bank.queries import journey

ENDED = (DepositState.RETURNING, DepositState.RETURNED, DepositState.TAKEN_BACK, DepositState.NOT_TOP_UP, DepositState.NOTED)


@dataclass(frozen=True)
class Stage:
    """:ivar name: ``booked``, ``seen``, ``matched`` or ``credited``; :ivar late: it took, or is taking, too long"""

    name: str
    at: datetime | None
    late: bool


@dataclass(frozen=True)
class MoneyClock:
    """
    :ivar stopwatch: ``0:42``, from the bank's booking to the credit or until now
    :ivar runs: it is still on its way
    :ivar late: the name of the stage that is late, or ``None``
    """

    stages: tuple[Stage, ...]
    stopwatch: str
    runs: bool
    late: str | None


def money_clock(deposit: Deposit, *, now: datetime) -> MoneyClock:
    """One that waits for its value date, or ended without a credit, is not late."""
    path = journey(deposit)
    ended = deposit.credited_at is None and deposit.state in ENDED
    late = None if ended or deposit.state == DepositState.COMING else path.late_at(now=now)
    times = {"booked": path.booked_at, "seen": path.seen_at, "matched": path.matched_at, "credited": path.credited_at}
    return MoneyClock(
        stages=tuple(Stage(name, at, name == late) for name, at in times.items()),
        stopwatch=stopwatch(path.lasted(now=deposit.ended_at or path.seen_at if ended else now)),
        runs=path.credited_at is None and not ended,
        late=late,
    )


def stopwatch(lasted: timedelta) -> str:
    """``0:42``, ``61:05``; a day and more in hours: ``26:00:00``."""
    minutes, seconds = divmod(int(lasted.total_seconds()), 60)
    if minutes < 24 * 60:
        return f"{minutes}:{seconds:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"

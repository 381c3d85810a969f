"""The money clock: four times, a stopwatch, and the stage that is late (screens.md)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.bank.model import Deposit, DepositState
from app.bank.money_clock import money_clock, stopwatch

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def came(state: DepositState, **times: datetime | None) -> Deposit:
    made = {"booked_at": NOON, "seen_at": NOON, "matched_at": None, "credited_at": None, "ended_at": None} | times
    return Deposit(reference="D1", state=state, amount=1, currency="TRY", day=date(2026, 11, 22), **made)


@pytest.mark.parametrize(
    ("lasted", "shown"),
    [
        (timedelta(seconds=7), "0:07"),
        (timedelta(minutes=4, seconds=1), "4:01"),
        (timedelta(hours=3), "180:00"),
        (timedelta(hours=26), "26:00:00"),
    ],
)
def test_the_stopwatch_as_it_is_read(lasted: timedelta, shown: str) -> None:
    assert stopwatch(lasted) == shown


def test_it_runs_until_the_credit() -> None:
    running = money_clock(came(DepositState.SUSPENSE), now=NOON + timedelta(minutes=5))
    assert (running.stopwatch, running.runs, running.late) == ("5:00", True, "matched")
    at = NOON + timedelta(seconds=30)
    done = money_clock(came(DepositState.CREDITED, matched_at=at, credited_at=at), now=NOON + timedelta(days=9))
    assert (done.stopwatch, done.runs, done.late) == ("0:30", False, None)
    assert [stage.name for stage in done.stages if stage.at] == ["booked", "seen", "matched", "credited"]


@pytest.mark.parametrize("state", [DepositState.NOTED, DepositState.NOT_TOP_UP])
def test_what_is_no_top_up_is_never_late(state: DepositState) -> None:
    """E16, E20, E21, E27"""
    clock = money_clock(came(state), now=NOON + timedelta(days=1))
    assert (clock.runs, clock.late, clock.stopwatch) == (False, None, "0:00")


def test_what_was_returned_stands_still() -> None:
    clock = money_clock(came(DepositState.RETURNED, ended_at=NOON + timedelta(hours=1)), now=NOON + timedelta(days=1))
    assert (clock.runs, clock.stopwatch) == (False, "60:00")


def test_what_waits_for_its_value_date_is_not_late() -> None:
    """E18"""
    clock = money_clock(came(DepositState.COMING, matched_at=NOON), now=NOON + timedelta(days=1))
    assert (clock.runs, clock.late) == (True, None)

"""Until when (C-01, C-02): strictly before 17:00 in the market, to the microsecond, on any day of the year."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.cancellations.cut_off import calendar_class, day_class, limits_of, make_limits, rule_of
from app.cancellations.set_cut_off import set_bank_day, set_cut_off
from app.collections.model import Payment
from app.errors import Invalid
from app.markets import MARKETS
from tests.conftest import Database
from tests.people import at

ISTANBUL = ZoneInfo("Europe/Istanbul")
MONDAY = date(2026, 11, 23)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("moment", "in_time"),
    [
        ("2026-11-23T00:00:00+03:00", True),
        ("2026-11-23T16:59:59.999+03:00", True),
        ("2026-11-23T16:59:59.999999+03:00", True),
        ("2026-11-23T17:00:00.000000+03:00", False),
        ("2026-11-23T17:00:00.000001+03:00", False),
        ("2026-11-23T13:59:59.999999+00:00", True),
        ("2026-11-23T14:00:00+00:00", False),
        ("2026-11-24T10:00:00+03:00", False),
    ],
)
def test_strictly_before_five_in_the_markets_zone(moment: str, in_time: bool) -> None:
    """C-01"""
    limits = make_limits(MONDAY, ISTANBUL, asked_until=time(17), reported_until=time(18))
    assert limits.allow(at(moment)) is in_time


@pytest.mark.parametrize(
    ("market", "day", "five"),
    [
        ("TR", date(2026, 11, 23), "2026-11-23T14:00:00+00:00"),
        ("AZ", date(2026, 11, 23), "2026-11-23T13:00:00+00:00"),
        ("ES", date(2026, 11, 23), "2026-11-23T16:00:00+00:00"),
        ("HU", date(2026, 7, 1), "2026-07-01T15:00:00+00:00"),
        ("ES", date(2026, 3, 28), "2026-03-28T16:00:00+00:00"),  # the clocks change in the night after
        ("ES", date(2026, 3, 29), "2026-03-29T15:00:00+00:00"),
        ("HU", date(2026, 10, 24), "2026-10-24T15:00:00+00:00"),
        ("HU", date(2026, 10, 25), "2026-10-25T16:00:00+00:00"),
        ("TR", date(2028, 2, 29), "2028-02-29T14:00:00+00:00"),
        ("TR", date(2026, 12, 31), "2026-12-31T14:00:00+00:00"),
        ("TR", date(2038, 1, 19), "2038-01-19T14:00:00+00:00"),
    ],
)
def test_five_is_five_there_whatever_the_server_thinks(market: str, day: date, five: str) -> None:
    """C-01, B16: other zones, changes of the clocks, leap days, 2038"""
    limits = make_limits(day, MARKETS[market].zone, asked_until=time(17), reported_until=time(18))
    assert limits.asked_until == at(five)
    assert limits.allow(at(five) - MICROSECOND)
    assert not limits.allow(at(five))
    assert limits.reported_until - limits.asked_until == timedelta(hours=1)


@given(
    market=st.sampled_from(sorted(MARKETS)),
    moment=st.datetimes(datetime(2024, 1, 1), datetime(2039, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_the_verdict_is_what_the_clock_on_the_shops_wall_says(market: str, moment: datetime) -> None:
    """C-01, for any moment of fifteen years"""
    zone = MARKETS[market].zone
    on_the_wall = moment.astimezone(zone)
    limits = make_limits(on_the_wall.date(), zone, asked_until=time(17), reported_until=time(18))
    assert limits.allow(moment) == (on_the_wall.time() < time(17))


def test_an_hour_that_the_clocks_skip_or_repeat() -> None:
    """B16: only a development setting can ask for one; it is read with the offset before the change"""
    madrid = MARKETS["ES"].zone
    skipped = make_limits(date(2026, 3, 29), madrid, asked_until=time(17), reported_until=time(18), override=time(2, 30))
    assert skipped.asked_until.astimezone(UTC) == at("2026-03-29T01:30:00+00:00")
    repeated = make_limits(date(2026, 10, 25), madrid, asked_until=time(17), reported_until=time(18), override=time(2, 30))
    assert repeated.asked_until.astimezone(UTC) == at("2026-10-25T00:30:00+00:00")


def test_a_development_setting_replaces_the_hour() -> None:
    """contract.md §2; the biller's limit then lies an hour behind it at least"""
    early = make_limits(MONDAY, ISTANBUL, asked_until=time(17), reported_until=time(18), override=time(9, 30))
    assert early.asked_until == at("2026-11-23T09:30:00+03:00")
    assert early.reported_until == at("2026-11-23T18:00:00+03:00")
    late = make_limits(MONDAY, ISTANBUL, asked_until=time(17), reported_until=time(18), override=time(23, 30))
    assert late.reported_until == at("2026-11-24T00:30:00+03:00")


def test_the_countdown() -> None:
    """C-01: whole seconds, none when it is over"""
    limits = make_limits(MONDAY, ISTANBUL, asked_until=time(17), reported_until=time(18))
    assert limits.seconds_left(at("2026-11-23T16:58:00+03:00")) == 120
    assert limits.seconds_left(at("2026-11-23T16:59:59.5+03:00")) == 0
    assert limits.seconds_left(at("2026-11-23T17:30:00+03:00")) == 0


def test_on_days_without_hours_nothing_can_be_cancelled() -> None:
    limits = make_limits(MONDAY, ISTANBUL, asked_until=None, reported_until=None)
    assert not limits.allow(at("2026-11-23T00:00:00+03:00"))


@pytest.mark.parametrize(
    ("market", "day", "kind"),
    [
        ("TR", date(2026, 10, 29), "holiday"),
        ("TR", date(2026, 10, 28), "half-day"),
        ("TR", date(2026, 5, 26), "half-day"),
        ("TR", date(2026, 11, 23), "workday"),
        ("TR", date(2026, 11, 21), "saturday"),
        ("TR", date(2026, 11, 22), "sunday"),
        ("AZ", date(2026, 5, 28), "holiday"),
        ("ES", date(2026, 10, 12), "holiday"),
        ("ES", date(2026, 10, 29), "workday"),
        ("HU", date(2026, 10, 23), "holiday"),
    ],
)
def test_every_market_has_its_own_holidays(market: str, day: date, kind: str) -> None:
    """C-02"""
    assert calendar_class(market, day) == kind


def rule(day: date, *, biller: str = "millenicom") -> tuple[time | None, time | None]:
    with db.reading() as session:
        found = rule_of(session, market="TR", biller=biller, day=day)
        return found.asked_until, found.reported_until


def change(
    asked_until: time | None,
    reported_until: time | None,
    *,
    day_class: str = "workday",
    biller: str = "",
    valid_from: date,
    now: datetime | None = None,
) -> None:
    with db.transaction() as session:
        set_cut_off(
            session,
            market="TR",
            biller=biller,
            day_class=day_class,
            asked_until=asked_until,
            reported_until=reported_until,
            valid_from=valid_from,
            by="person:1",
            now=now or clock.now(),
        )


def test_out_of_the_box_every_day_ends_at_five(database: Database) -> None:
    """C-01, C-04: and the biller wants to hear of it until six"""
    for day in (MONDAY, date(2026, 11, 22), date(2026, 10, 29), date(2026, 10, 28)):
        assert rule(day) == (time(17), time(18))


def test_the_hours_are_data_from_a_day_on(millenicom: object) -> None:
    """C-02"""
    change(time(12), time(13), day_class="half-day", valid_from=date(2027, 1, 1))
    assert rule(date(2026, 10, 28)) == (time(17), time(18))
    assert rule(date(2027, 10, 28)) == (time(12), time(13))
    assert rule(date(2027, 10, 27)) == (time(17), time(18))


def test_a_billers_own_hours_count_before_the_markets(millenicom: object) -> None:
    """C-02: per institution"""
    change(time(15), time(16), biller="millenicom", valid_from=MONDAY)
    change(time(16), time(17), valid_from=MONDAY)
    assert rule(MONDAY) == (time(15), time(16))
    assert rule(MONDAY, biller="another") == (time(16), time(17))


def test_of_two_changes_for_one_day_the_later_counts_and_both_stay(millenicom: object) -> None:
    """B17: changed during the day; nothing is overwritten"""
    change(time(15), time(16), valid_from=MONDAY, now=at("2026-11-23T10:00:00+03:00"))
    change(time(16, 30), time(17, 30), valid_from=MONDAY, now=at("2026-11-23T11:00:00+03:00"))
    assert rule(MONDAY) == (time(16, 30), time(17, 30))
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text("UPDATE cut_off SET asked_until = '23:00'"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"asked_until": time(18), "reported_until": time(17)}, "reported_until"),
        ({"asked_until": time(17), "reported_until": None}, "reported_until"),
        ({"valid_from": date(2026, 11, 22)}, "valid_from"),
        ({"market": "DE"}, "market"),
        ({"day_class": "friday"}, "day_class"),
        ({"biller": "nobody"}, "biller"),
    ],
)
def test_hours_that_make_no_sense_are_refused(millenicom: object, wrong: dict[str, object], field: str) -> None:
    right = {
        "market": "TR",
        "biller": "",
        "day_class": "workday",
        "asked_until": time(16),
        "reported_until": time(17),
        "valid_from": MONDAY,
    }
    with pytest.raises(Invalid) as refusal, db.transaction() as session:
        set_cut_off(session, **(right | wrong), by="person:1", now=clock.now())  # type: ignore[arg-type]
    assert list(refusal.value.errors) == [field]


def test_what_somebody_wrote_down_counts_before_the_calendar(database: Database) -> None:
    """C-02: overrides for decreed holidays"""
    for hour, kind in ((9, "holiday"), (10, "workday")):
        with db.transaction() as session:
            now = at(f"2026-11-23T{hour:02}:00:00+03:00")
            set_bank_day(session, market="TR", on=MONDAY, day_class=kind, note="Decree 2026/1", by="person:1", now=now)
            assert day_class(session, market="TR", day=MONDAY) == kind
            assert day_class(session, market="HU", day=MONDAY) == "workday"
    with pytest.raises(Invalid), db.transaction() as session:
        set_bank_day(session, market="TR", on=MONDAY, day_class="holiday", note=" ", by="person:1", now=clock.now())


def test_the_day_is_the_payments_own(payment: Payment) -> None:
    """C-01: asked at the counter at 23:59 in Istanbul is that day, though settled on the next and early in Greenwich"""
    payment.asked_at = at("2026-11-23T23:59:59+03:00")
    with db.reading() as session:
        assert limits_of(session, payment, override=None).asked_until == at("2026-11-23T17:00:00+03:00")
    payment.asked_at = at("2026-11-23T21:00:00+00:00")
    with db.reading() as session:
        assert limits_of(session, payment, override=None).asked_until == at("2026-11-24T17:00:00+03:00")

"""Who sets until when one may cancel: from tomorrow on an approver alone, for today two (C-02, decision 26)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.audit import AuditLine
from app.cancellations.change_hours import Change, DayIsOver, HoursDecided, change_hours, decide_hours
from app.cancellations.cut_off import day_class, rule_of
from app.cancellations.hours import coming_days, hours_table, pick, rules_of
from app.cancellations.model import DAY_CLASSES, BankDay, CutOff, HoursProposal
from app.config import Config
from app.errors import Invalid, OwnRequest, Refusal
from app.markets import MARKETS
from app.people import sessions
from app.people.model import Person
from app.people.second_person import FirstCountsNoMore
from app.web.parts import PLACE, part
from tests.cancellations.conftest import TEN
from tests.conftest import Database
from tests.people import hire, leaves, open_shop

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
HOURS = Change(
    kind="hours", market="TR", day_class="workday", first_day=TODAY, note="Decree", asked_until=time(12), reported_until=time(13)
)
DAY = Change(kind="day", market="TR", day_class="half-day", first_day=TODAY, note="Decree 2026/1")


@pytest.fixture(autouse=True)
def monday(database: Database) -> Iterator[None]:
    assert TEN.date() == TODAY
    with time_machine.travel(TEN, tick=False):
        yield


@pytest.fixture
def two(database: Database) -> tuple[str, str]:
    """Two approvers."""
    return tuple(f"person:{hire('approver', name=name).id}" for name in ("Ali Can", "Veli Han"))  # type: ignore[return-value]


def propose(change: Change, by: str) -> int:
    with db.transaction() as session:
        proposal = change_hours(session, change, by=by, now=clock.now())
        assert isinstance(proposal, HoursProposal)
        return proposal.id


def decide(number: int, by: str, *, agreed: bool = True) -> None:
    with db.transaction() as session:
        decide_hours(session, number, agreed=agreed, by=by, now=clock.now())


def asked_until(day: date) -> time | None:
    with db.reading() as session:
        return rule_of(session, market="TR", biller="", day=day).asked_until


def kind_of(day: date) -> str:
    with db.reading() as session:
        return day_class(session, market="TR", day=day)


def test_from_tomorrow_on_one_approver_sets_it_alone(two: tuple[str, str]) -> None:
    with db.transaction() as session:
        assert isinstance(change_hours(session, replace(HOURS, first_day=TOMORROW), by=two[0], now=clock.now()), CutOff)
        assert isinstance(change_hours(session, replace(DAY, first_day=TOMORROW), by=two[0], now=clock.now()), BankDay)
    assert (asked_until(TODAY), kind_of(TODAY)) == (time(17), "workday")
    assert kind_of(TOMORROW) == "half-day"
    assert asked_until(TOMORROW + timedelta(days=1)) == time(12)


def test_for_today_a_second_approver_agrees(two: tuple[str, str]) -> None:
    hours, day = propose(HOURS, two[0]), propose(DAY, two[0])
    assert (asked_until(TODAY), kind_of(TODAY)) == (time(17), "workday"), "a proposal changes nothing"
    decide(hours, two[1])
    assert asked_until(TODAY) == time(12)
    decide(day, two[1])
    assert kind_of(TODAY) == "half-day"
    with db.reading() as session:
        line = session.scalars(select(AuditLine).filter_by(event="cut-off.set")).one()
    assert (line.by, line.facts["proposed_by"]) == (two[1], two[0])


def test_a_rejected_proposal_changes_nothing(two: tuple[str, str]) -> None:
    decide(propose(HOURS, two[0]), two[1], agreed=False)
    assert asked_until(TODAY) == time(17)


def test_who_proposed_it_never_agrees(two: tuple[str, str], database: Database) -> None:
    """C-03, C18: not even the database lets it through"""
    number = propose(HOURS, two[0])
    with pytest.raises(OwnRequest):
        decide(number, two[0])
    with pytest.raises(DBAPIError, match="hours_proposal_decided_by_another"), db.transaction() as session:
        session.execute(text("UPDATE hours_proposal SET decided_at = now(), decided_by = proposed_by, agreed = true"))
    assert asked_until(TODAY) == time(17)


def test_one_decision_however_many_decide_at_once(two: tuple[str, str]) -> None:
    number, others = propose(HOURS, two[0]), [f"person:{hire('approver', name=f'Onay {n}').id}" for n in range(6)]

    def try_to(by: str) -> str:
        try:
            decide(number, by, agreed=by == others[0])
        except Refusal as refusal:
            return type(refusal).__name__
        return "decided"

    with ThreadPoolExecutor(6) as threads:
        outcomes = sorted(threads.map(try_to, others))
    assert outcomes == sorted(["decided", *[HoursDecided.__name__] * 5])


def test_a_proposal_is_void_when_its_day_is_over(two: tuple[str, str]) -> None:
    number = propose(HOURS, two[0])
    with time_machine.travel(TEN + timedelta(days=1), tick=False), pytest.raises(DayIsOver):
        decide(number, two[1])
    assert asked_until(TOMORROW) == time(17)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(HOURS, asked_until=time(14)), "reported_until"),
        (replace(HOURS, biller="nobody"), "biller"),
        (replace(HOURS, first_day=TODAY - timedelta(days=1)), "valid_from"),
        (replace(HOURS, market="DE"), "market"),
        (replace(DAY, note=" "), "note"),
        (replace(DAY, day_class="friday"), "day_class"),
        (replace(DAY, first_day=TODAY - timedelta(days=1)), "on"),
    ],
)
def test_what_makes_no_sense_is_not_even_proposed(two: tuple[str, str], wrong: Change, field: str) -> None:
    with pytest.raises(Invalid) as refusal, db.transaction() as session:
        change_hours(session, wrong, by=two[0], now=clock.now())
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize("table", ["cut_off", "bank_day"])
def test_what_was_once_set_stays_readable(two: tuple[str, str], table: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(f"UPDATE {table} SET day_class = 'sunday'"))
    with db.transaction() as session:
        for second, kind in enumerate(("holiday", "workday")):
            change = replace(DAY, first_day=TOMORROW, day_class=kind)
            change_hours(session, change, by=two[0], now=clock.now() + timedelta(seconds=second))
    assert kind_of(TOMORROW) == "workday"
    with db.reading() as session:
        assert len(session.scalars(select(BankDay)).all()) == 2


def test_the_calendar_says_what_the_verb_will_decide_by(two: tuple[str, str]) -> None:
    """Rules read once are picked as the database picks them, on each of ninety days"""
    with db.transaction() as session:
        for number, change in enumerate(
            (replace(HOURS, first_day=TOMORROW, day_class="half-day"), replace(HOURS, first_day=date(2027, 1, 4)))
        ):
            change_hours(session, change, by=two[0], now=clock.now() + timedelta(seconds=number))
        change_hours(session, replace(DAY, first_day=date(2026, 12, 31)), by=two[0], now=clock.now())
    with db.reading() as session:
        days = coming_days(session, MARKETS["TR"], first=TODAY, language="en")
        rules = rules_of(session, "TR")
        for day in days:
            rule = rule_of(session, market="TR", biller="x", day=day.on)
            assert (day.day_class, day.asked_until) == (day_class(session, market="TR", day=day.on), rule.asked_until)
            assert pick(rules, biller="x", day_class=day.day_class, day=day.on) is rule
        later = [row.later[0].valid_from for row in hours_table(rules, today=TODAY) if row.later]
    special = {day.on: day for day in days if day.is_special}
    assert len(days) == 90
    assert (special[date(2026, 12, 31)].day_class, special[date(2026, 12, 31)].reason) == ("half-day", "Decree 2026/1")
    assert special[date(2027, 1, 1)].reason == "New Year's Day"
    assert special[date(2027, 1, 4)].asked_until == time(12)
    assert TODAY not in special
    assert set(later) == {TOMORROW, date(2027, 1, 4)}
    assert set(DAY_CLASSES) >= {day.day_class for day in days}


def enter(app: Flask, person: Person) -> FlaskClient:
    with db.transaction() as session:
        session.get_one(Person, person.id).language = "en"
        token, _ = sessions.begin(session, person, kind="browser", address="127.0.0.1", now=clock.now())
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.set_cookie("gise", token)
    return client


def test_the_page_sets_proposes_and_decides(app: Flask) -> None:
    first, second = (enter(app, hire("approver", name=name)) for name in ("Ali Can", "Veli Han"))
    body = {"market": "TR", "biller": "", "day_class": "workday", "asked_until": "12:00", "reported_until": "13:00", "note": "Decree"}
    assert first.post("/cut-offs/hours", data=body | {"first_day": TODAY.isoformat()}).status_code == 303
    assert asked_until(TODAY) == time(17)
    page = first.get("/cut-offs").get_data(as_text=True)
    assert "waiting for a second approver" in page
    assert 'value="yes"' not in page, "no button for who proposed it"
    assert 'value="yes"' in second.get("/cut-offs").get_data(as_text=True)
    assert first.post("/cut-offs/proposals/1/decision", data={"agreed": "yes"}).status_code == 403
    assert second.post("/cut-offs/proposals/1/decision", data={"agreed": "yes"}).status_code == 303
    assert asked_until(TODAY) == time(12)
    assert (
        first.post("/cut-offs/days", data={"market": "TR", "first_day": "2026-11-24", "day_class": "holiday", "note": ""}).status_code
        == 422
    )
    assert first.get("/cut-offs?market=DE").status_code == 404


def test_a_shop_sees_the_coming_special_day(app: Flask, two: tuple[str, str]) -> None:
    """Beforehand, on its first page"""
    with db.transaction() as session:
        change_hours(session, replace(DAY, first_day=TOMORROW), by=two[0], now=clock.now())
        change_hours(session, replace(HOURS, first_day=TOMORROW, day_class="half-day"), by=two[0], now=clock.now())
    page = enter(app, open_shop().owner).get("/").get_data(as_text=True)
    assert "Tomorrow</strong>: Half day (Decree 2026/1). Cancelling is possible until 12:00." in page


def test_who_has_left_is_no_first_of_two(two: tuple[str, str]) -> None:
    """C2, C18: rights count when it is decided; rejected it can be"""
    number = propose(HOURS, two[0])
    leaves(two[0])
    with pytest.raises(FirstCountsNoMore, match="Ali Can"):
        decide(number, two[1])
    assert asked_until(TODAY) == time(17)
    decide(number, two[1], agreed=False)


def test_the_notice_tells_the_hour_that_the_setting_moved(app: Flask, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """GISE_CUT_OFF counts for the notice as it counts for a payment of that day (make_limits)."""
    with db.transaction() as session:
        change_hours(session, replace(DAY, first_day=TOMORROW), by=two[0], now=clock.now())
        change_hours(session, replace(HOURS, first_day=TOMORROW, day_class="half-day"), by=two[0], now=clock.now())
    monkeypatch.setitem(app.extensions[PLACE], Config, replace(part(Config, app=app), cut_off=time(23, 30)))
    page = enter(app, open_shop().owner).get("/").get_data(as_text=True)
    assert "Tomorrow</strong>: Half day (Decree 2026/1). Cancelling is possible until 23:30." in page

"""What is asked for is read exactly, or the field that is wrong is named; the screen and the file agree."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from app import db
from app.agents.add_agent import add_agent
from app.errors import Invalid, NotFound
from app.money import Money
from app.people.permissions import ROLES, SEE_REPORTS
from app.reports.catalogue import CATALOGUE, Asker, console, find_report, reports_for
from app.reports.filters import Filter
from app.reports.preview import preview
from app.reports.read_filter import read_filter
from app.reports.report import Kind
from tests.conftest import Database
from tests.people import ScriptedBiller, Shop, at, lira, open_shop
from tests.reports.conftest import EVER, owner_of, written
from tests.reports.readers import by_openpyxl


def wanted(asker: Asker, report: str = "payments", **given: str) -> Filter:
    with db.reading() as session:
        return read_filter(session, CATALOGUE[report], EVER | given, asker=asker)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"from": ""}, ["from"]),
        ({"from": "01.10.2026", "to": "2026-13-01"}, ["from", "to"]),
        ({"from": "1999-12-31"}, ["from"]),
        ({"to": "9999-12-31"}, ["to"]),
        ({"from": "2026-10-02", "to": "2026-10-01"}, ["to"]),
        ({"agent": "1042"}, ["agent"]),
        ({"biller": "nobody"}, ["biller"]),
        ({"state": "unknown"}, ["state"]),
        ({"role": "admin", "approved": "1"}, ["approved", "role"]),
        ({"from": "20261001T000000"}, ["from"]),
    ],
)
def test_each_wrong_field_is_named(given: dict[str, str], fields: list[str], accountant: Asker, millenicom: ScriptedBiller) -> None:
    """C16, C19"""
    with pytest.raises(Invalid) as refusal:
        wanted(accountant, **given)
    assert sorted(refusal.value.errors) == fields


def test_a_report_takes_only_its_own_filters(accountant: Asker) -> None:
    with pytest.raises(Invalid) as refusal:
        wanted(accountant, "trial-balance", agent="1000001042")
    assert list(refusal.value.errors) == ["agent"]


def test_a_statement_is_about_one_agent(accountant: Asker, shop: Shop) -> None:
    with pytest.raises(Invalid) as refusal:
        wanted(accountant, "statement")
    assert list(refusal.value.errors) == ["agent"]
    assert wanted(owner_of(shop), "statement").agent == shop.number


def test_an_owner_s_filter_is_always_the_own_agent(shop: Shop) -> None:
    """Also for every report that is yet to come"""
    open_shop("1000002077")
    for report in reports_for(owner_of(shop)):
        assert "agent" in report.filters
        assert wanted(owner_of(shop), report.name).agent == shop.number
        with pytest.raises(Invalid):
            wanted(owner_of(shop), report.name, agent="1000002077")


def test_who_sees_which_report(shop: Shop) -> None:
    assert [report.name for report in reports_for(owner_of(shop))] == ["payments", "top-ups", "cancellations", "statement"]
    everything = ["payments", "top-ups", "cancellations", "statement", "trial-balance", "journal", "audit"]
    assert [report.name for report in reports_for(console("tr"))] == everything
    for role in ("cashier", "support", "operator", "approver"):
        asker = replace(console("tr"), permissions=ROLES[role])
        assert [report.name for report in reports_for(asker)] == (["audit"] if role == "approver" else [])
        with pytest.raises(NotFound):
            find_report("payments", asker=asker)


def test_each_declaration_fits_its_rows(shop: Shop) -> None:
    """A report that is added to the catalogue is held to the same form"""
    some = Filter(**vars(wanted(owner_of(shop))))
    for report in CATALOGUE.values():
        columns = report.rows(some).selected_columns
        assert len(columns) == len(report.columns)
        assert "currency" in columns or not any(column.kind is Kind.MONEY for column in report.columns)
        assert 0 not in report.totals
        assert report.permission != SEE_REPORTS or "agent" in report.filters
        assert ("state" in report.filters) == bool(report.states)


def test_both_days_are_shown_from_midnight_to_midnight_of_the_market(
    shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path
) -> None:
    """Half-open instants: 00:00:00 belongs to the day, the next midnight does not"""
    times = ["2026-10-30T23:59:59+03:00", "2026-10-31T00:00:00+03:00", "2026-11-01T23:59:59.999+03:00", "2026-11-02T00:00:00+03:00"]
    references = []
    for time in times:
        with time_machine.travel(at(time), tick=False):
            references.append(shop.pays(millenicom, millenicom.bill("1.00")).reference)

    path, made = written(tmp_path, "payments", accountant, **{"from": "2026-10-31", "to": "2026-11-01"})

    assert [row[1] for row in by_openpyxl(path)[1:-1]] == references[1:3]
    assert (made.facts["from"], made.facts["to"]) == ("2026-10-31", "2026-11-01")


def test_an_agent_s_days_are_those_of_its_own_market(accountant: Asker, database: Database) -> None:
    """B16: Spain's midnight, with summer time and without"""
    with db.transaction() as session:
        add_agent(session, number="3000004021", market="ES", name="Bilbo Denda", by="test", now=at("2026-01-01T00:00:00+00:00"))

    days = wanted(accountant, agent="3000004021", **{"from": "2026-10-25", "to": "2026-10-25"})

    assert days.since == datetime.fromisoformat("2026-10-25T00:00:00+02:00")
    assert days.until == datetime.fromisoformat("2026-10-26T00:00:00+01:00")
    assert days.until.astimezone(at("2026-01-01T00:00:00+00:00").tzinfo) - days.since.astimezone(
        at("2026-01-01T00:00:00+00:00").tzinfo
    ) == timedelta(hours=25)


def test_a_filter_survives_its_record(accountant: Asker, shop: Shop, millenicom: ScriptedBiller) -> None:
    """What was asked for is what the worker makes"""
    original = wanted(accountant, agent=shop.number, biller="millenicom", state="paid")
    assert Filter.from_facts(original.facts()) == original


def test_the_screen_shows_the_first_rows_of_the_file(shop: Shop, millenicom: ScriptedBiller, accountant: Asker, tmp_path: Path) -> None:
    """Filter on screen = filter in the file; count and sums too (screens.md)"""
    for amount in ("120.50", "80.00", "1.00"):
        shop.pays(millenicom, millenicom.bill(amount))

    with db.snapshot() as session:
        seen = preview(session, CATALOGUE["payments"], wanted(accountant), language="en", limit=2)
    path, made = written(tmp_path, "payments", accountant)

    assert [row[1] for row in seen.rows] == [row[1] for row in by_openpyxl(path)[1:3]]
    assert list(seen.titles) == by_openpyxl(path)[0]
    assert seen.count == made.rows == 3
    assert seen.totals[0].sums[0] == made.facts["sum:8:TRY"] == lira("201.50")
    assert isinstance(seen.rows[0][8], Money)
    assert seen.rows[0][12] == "Paid"
    time = seen.rows[0][0]
    assert isinstance(time, datetime) and time.utcoffset() == timedelta(hours=3)

"""Cancellations: every request of the days, and what became of it (product.md §6, §10)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from app import clock, db
from app.cancellations import request_cancellation as requesting
from app.cancellations.withdraw_cancellation import withdraw_cancellation
from app.documents.clean_scan import clean_scan
from app.reports.catalogue import Asker
from tests.cancellations.conftest import TEN, ask, decide, hire, report
from tests.documents.uploads import photo
from tests.people import ScriptedBiller, Shop, lira, open_shop
from tests.reports.conftest import owner_of, written
from tests.reports.readers import by_openpyxl


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ten o'clock; scans have their own tests."""
    scan = clean_scan(photo(size=(60, 40)), field="identity", watermark="test")
    monkeypatch.setattr(requesting, "clean_scan", lambda content, **rest: scan)
    with time_machine.travel(TEN, tick=False):
        yield


@pytest.fixture
def cancelled(shop: Shop, millenicom: ScriptedBiller) -> list[str]:
    """The payments of three requests: done, denied, withdrawn."""
    payments = [shop.pays(millenicom, millenicom.bill(amount)) for amount in ("120.50", "80.00", "1.00")]
    done, denied, withdrawn = (ask(payment, shop) for payment in payments)
    admin = hire("approver", "05340000001")
    decide(done, admin)
    decide(denied, admin, granted=False, reason="The form is not signed")
    with db.transaction() as session:
        withdraw_cancellation(session, withdrawn.id, agent=shop.number, by=shop.by, now=clock.now())
    report(millenicom)
    return [payment.reference for payment in payments]


def cells(path: Path) -> list[dict[str, object]]:
    header, *rows, _totals = by_openpyxl(path)
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def test_a_cancellation_is_a_row_with_what_became_of_it(cancelled: list[str], accountant: Asker, tmp_path: Path) -> None:
    """C-04, C-06: asked, decided, reported, answered, each with its time"""
    path, made = written(tmp_path, "cancellations", accountant)

    done, denied, withdrawn = cells(path)
    assert [row["Payment"] for row in (done, denied, withdrawn)] == cancelled
    assert [row["State"] for row in (done, denied, withdrawn)] == ["Done", "Denied", "Withdrawn"]
    assert (done["Agent"], done["Agent's name"], done["Person"]) == ("1000001042", "Kızılay İletişim", "Ayşe Yılmaz")
    assert (done["Biller"], done["Amount"], done["Fee"], done["Currency"]) == ("millenicom", 120.5, 0, "TRY")
    assert all(done[each] == TEN.replace(tzinfo=None) for each in ("Asked at", "Decided at", "Reported at", "Answered at"))
    assert (denied["Reason of the decision"], denied["Reported at"]) == ("The form is not signed", None)
    assert withdrawn["Decided at"] is None
    assert made.facts["sum:8:TRY"] == lira("201.50")


@pytest.mark.parametrize(
    ("given", "amounts"),
    [({"state": "done"}, [120.5]), ({"state": "asked"}, []), ({"biller": "millenicom"}, [120.5, 80, 1]), ({"agent": "1000002077"}, [])],
)
def test_each_filter_narrows_rows_and_sum(
    cancelled: list[str], accountant: Asker, tmp_path: Path, given: dict[str, str], amounts: list[float]
) -> None:
    open_shop("1000002077")

    path, made = written(tmp_path, "cancellations", accountant, **given)

    assert made.rows == len(amounts)
    assert [row["Amount"] for row in cells(path)] == amounts if amounts else "sum:8:TRY" not in made.facts


def test_an_owner_sees_the_own_agents_requests_only(cancelled: list[str], tmp_path: Path) -> None:
    """C1"""
    _, made = written(tmp_path, "cancellations", owner_of(open_shop("1000002077")))
    assert made.rows == 0

"""The audit trail as a file, narrowed by day, person and thing as the page is (screens.md), sealed like every report."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app import audit, db
from app.markets import INSTITUTION
from app.people.permissions import ROLES
from app.reports.catalogue import Asker, reports_for
from app.reports.verify_file import Altered, verify_file
from tests.conftest import Database
from tests.people import at, hire
from tests.reports.conftest import KEY, written
from tests.reports.readers import by_openpyxl


@pytest.fixture
def auditor(database: Database) -> Asker:
    return Asker("person:900", ROLES["auditor"], None, INSTITUTION, "en")


@pytest.fixture
def trail(database: Database) -> dict[str, str]:
    """Who did what; hiring leaves lines of its own, of another day."""
    doers = {name: f"person:{hire('operator', name=name).id}" for name in ("Işıl Öz", "Ali Can")}
    with db.transaction() as session:
        for event, by, about, day in (
            ("deposit.assigned", doers["Işıl Öz"], "D1", "2027-03-01T00:00:00+03:00"),
            ("deposit.assigned", doers["Ali Can"], "D2", "2027-03-01T12:00:00+03:00"),
            ("deposit.returned", doers["Işıl Öz"], "D2", "2027-03-01T23:59:59+03:00"),
            ("job.did", "job:test", "=HYPERLINK", "2027-03-02T00:00:00+03:00"),
        ):
            audit.record(session, event, about=about, by=by, at=at(day), address="10.1.2.3", note="Telefonla; 'ş'")
    return doers


def things(path: Path) -> list[object]:
    _header, *rows, _totals = by_openpyxl(path)
    return [row[6] for row in rows]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["D1", "D2", "D2"]),
        ({"to": "2027-03-02"}, ["D1", "D2", "D2", "=HYPERLINK"]),
        ({"person": "isil"}, ["D1", "D2"]),
        ({"person": "job:test", "to": "2027-03-02"}, ["=HYPERLINK"]),
        ({"thing": "D2"}, ["D2", "D2"]),
        ({"thing": "D2", "person": "ALİ"}, ["D2"]),
        ({"thing": "D"}, []),
    ],
)
def test_the_filter_of_the_page_is_the_filter_of_the_file(
    trail: dict[str, str], auditor: Asker, tmp_path: Path, given: dict[str, str], found: list[str]
) -> None:
    path, made = written(tmp_path, "audit", auditor, **({"from": "2027-03-01", "to": "2027-03-01"} | given))
    assert made.rows == len(found)
    assert not found or things(path) == found


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_a_file_is_sealed_and_says_by_what_it_was_narrowed(trail: dict[str, str], auditor: Asker, tmp_path: Path, format: str) -> None:
    path, made = written(tmp_path, "audit", auditor, format=format, thing="D2")
    facts = verify_file(path, key=KEY)
    assert facts["thing"] == "D2"
    assert made.rows == 2
    if format == "csv":
        content = path.read_bytes()
        path.write_bytes(content.replace(b"deposit.returned", b"deposit.assigned"))
        with pytest.raises(Altered):
            verify_file(path, key=KEY)


def test_each_line_says_who_by_name_and_what(trail: dict[str, str], auditor: Asker, tmp_path: Path) -> None:
    path, _ = written(tmp_path, "audit", auditor, thing="D1")
    header, row, _totals = by_openpyxl(path)
    told = dict(zip(map(str, header), row, strict=True))
    assert (told["By"], told["Person"], told["From where"]) == (trail["Işıl Öz"], "Işıl Öz", "10.1.2.3")
    assert told["Details"] == """{"note": "Telefonla; 'ş'"}"""
    with db.reading() as session:
        assert session.execute(text("SELECT count(*) FROM audit_line WHERE event = 'export.taken'")).scalar_one() == 1


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_who_may_see_the_trail_may_take_it(database: Database, role: str) -> None:
    """C2"""
    asker = Asker("person:900", ROLES[role], None, INSTITUTION, "en")
    assert ("audit" in {report.name for report in reports_for(asker)}) == (role in ("approver", "auditor"))

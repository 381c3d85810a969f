"""The console of the operators of the servers: ``flask agent`` and ``flask doctor`` (contract.md §1)."""

from datetime import timedelta

import pytest
import time_machine
from click.testing import Result
from flask import Flask

from app import clock, db, jobs
from app.changes.limits import persons_needed, today_in
from app.config import Config
from app.jobs import Job
from app.ledger.book import Blocked
from app.web.parts import part
from tests.bank.bank import books, transfer
from tests.people import Shop, book_is_right, lira, open_biller, open_shop

DOCTOR = "app.cli.doctor.timetable"


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=list(words))


@pytest.fixture
def shop(app: Flask) -> Shop:
    shop = open_shop()
    shop.topped_up("500.00")
    return shop


@pytest.fixture(autouse=True)
def settings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISE_ENV", "development")
    monkeypatch.setenv("GISE_DATABASE_URL", part(Config, app=app).database_url)


def test_a_suspended_shop_pays_nothing_until_it_is_resumed(app: Flask, shop: Shop) -> None:
    biller = open_biller()
    assert run(app, "agent", "suspend", shop.number, "--reason", "contract ended").exit_code == 0
    with pytest.raises(Blocked):
        shop.pays(biller, biller.bill("100.00"))
    again = run(app, "agent", "suspend", shop.number, "--reason", "twice")
    assert (again.exit_code, len(again.stderr.splitlines())) == (1, 1)
    assert run(app, "agent", "resume", shop.number, "--reason", "new contract").exit_code == 0
    shop.pays(biller, biller.bill("100.00"))
    assert shop.balance == lira("400.00")
    assert book_is_right()


def test_the_doctor_finds_a_healthy_installation_well(app: Flask, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job("look", lambda now: None, every=5)
    jobs.run(job)
    monkeypatch.setattr(DOCTOR, lambda config: (job,))
    result = run(app, "doctor")
    assert (result.exit_code, "!!" in result.stdout) == (0, False), result.stdout


def test_the_doctor_names_what_needs_a_person(app: Flask, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that never ran, a deposit nobody wanted for a day, a silent bank, and a clock a day ahead of the database"""
    monkeypatch.setattr(DOCTOR, lambda config: (Job("look", lambda now: None, every=5),))
    books(transfer("1.00", "kira"))
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        result = run(app, "doctor")
    assert result.exit_code == 1
    wrong = {line[4:32].strip() for line in result.stdout.splitlines() if line.startswith("!!")}
    assert wrong == {"clock", "unmatched deposits", "bank feeds", "jobs"}


def test_the_change_limit_is_dated_and_says_who_decides_alone(app: Flask) -> None:
    """One approver up to it, two above; shown without a number"""
    assert run(app, "change", "limit", "TR", "credit-limit").stdout == "TR credit-limit 5000000\n", "as installed"
    assert run(app, "change", "limit", "TR", "credit-limit", "7000000").stdout == "TR credit-limit 7000000\n"
    tomorrow = (today_in("TR", clock.now()) + timedelta(days=1)).isoformat()
    assert run(app, "change", "limit", "TR", "credit-limit", "1", "--from", tomorrow).stdout == "TR credit-limit 7000000\n"
    with db.reading() as session:
        needed = [
            persons_needed(session, market="TR", kind="credit-limit", weight=each, now=clock.now()) for each in (7_000_000, 7_000_001)
        ]
        assert needed == [1, 2]
        assert persons_needed(session, market="ES", kind="termination", weight=1, now=clock.now()) == 2
    late = run(app, "change", "limit", "TR", "credit-limit", "9", "--from", "2020-01-01")
    assert (late.exit_code, len(late.stderr.splitlines())) == (1, 1)


def test_the_cooling_time_is_set_and_shown(app: Flask) -> None:
    assert run(app, "person", "cooling-time", "TR", "48").stdout == "TR 48\n"
    assert run(app, "person", "cooling-time", "TR").stdout == "TR 48\n"
    assert run(app, "person", "cooling-time", "TR", "0").exit_code == 2


def test_second_factors_and_scans_are_wrapped_anew(app: Flask) -> None:
    """There are none: that is said, and nothing happens"""
    assert run(app, "person", "rewrap").stdout == "0\n"
    assert run(app, "scans", "rewrap").exit_code == 0

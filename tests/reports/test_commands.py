"""``flask report`` and ``flask person token`` (contract.md §1): 0 done, 1 refused in one line, 2 wrong usage."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.config import Config
from app.people.model import Person, SignIn
from app.web.parts import part
from tests.people import Shop, open_biller, open_shop
from tests.reports.readers import by_openpyxl, csv_rows

Flasks = Callable[..., Result]
DAYS = ("--from", "2020-01-01", "--to", "2099-12-31")


@pytest.fixture
def flask(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flasks:
    """As an operator of the servers types it."""
    monkeypatch.setenv("GISE_ENV", "development")
    monkeypatch.setenv("GISE_DATABASE_URL", part(Config, app=app).database_url)
    return lambda *arguments: app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


@pytest.fixture
def shop(app: Flask) -> Shop:
    shop, biller = open_shop("1000001042"), open_biller()
    shop.topped_up("500.00")
    shop.pays(biller, biller.bill("120.50"))
    return shop


def test_a_report_becomes_a_file_that_can_be_verified(flask: Flasks, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "payments.xlsx"

    made = flask("report", "payments", *DAYS, "--agent", shop.number, "--language", "en", "--out", path)
    verified = flask("report", "verify", path)

    assert (made.exit_code, verified.exit_code) == (0, 0)
    assert made.stdout.startswith(f"{path}: 1 rows, X")
    assert by_openpyxl(path)[1][8] == 120.5
    assert "as we wrote it" in verified.stdout and "sum:8:TRY 120.50 TRY" in verified.stdout


def test_csv_by_the_name_of_the_file(flask: Flasks, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "journal.csv"
    assert flask("report", "journal", *DAYS, "--out", path).exit_code == 0
    assert len(csv_rows(path)) == 4


def test_an_altered_file_is_refused_and_the_row_is_named(flask: Flasks, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    flask("report", "payments", *DAYS, "--out", path)
    path.write_bytes(path.read_bytes().replace(b"120,50", b"920,50"))

    answer = flask("report", "verify", path)

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.splitlines() == ["This file is not as we wrote it. Changed: 2."]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("payments", *DAYS, "--agent", "42", "--out", "x.csv"), "agent: There is no such agent."),
        (("payments", "--from", "yesterday", "--to", "2026-10-31", "--out", "x.csv"), "from: A day such as 2026-10-31 is needed."),
        (("trial-balance", *DAYS, "--agent", "1000001042", "--out", "x.csv"), "agent: This report cannot be filtered by that."),
        (("statement", *DAYS, "--out", "x.csv"), "agent: This report is about one agent: give its number."),
        (("payments", *DAYS, "--out", "x.pdf"), "out: The name of the file ends in .xlsx or .csv."),
        (("verify", "note.txt"), "This is no report of ours, or the part that says which one was removed from it."),
    ],
)
def test_a_refusal_is_one_line_and_leaves_no_file(
    flask: Flasks, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("not a report")

    answer = flask("report", *arguments)

    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", why + "\n")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("salaries", *DAYS, "--out", "x.csv"),
        ("payments", "--out", "x.csv"),
        ("payments", *DAYS),
        ("payments", *DAYS, "--out", "/no/such/folder/x.csv"),
        ("verify", "/no/such/file.xlsx"),
        ("payments", *DAYS, "--language", "xx", "--out", "x.csv"),
    ],
)
def test_wrong_usage(flask: Flasks, arguments: tuple[str, ...]) -> None:
    assert flask("report", *arguments).exit_code == 2


def test_a_token_is_the_persons_own_and_stands_in_the_trail(flask: Flasks, client: FlaskClient, shop: Shop) -> None:
    """C2: it may what its person may, until its day has come; the token itself is kept nowhere"""
    answer = flask("person", "token", shop.owner.phone, "--days", 30)
    token = answer.stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}

    assert (answer.exit_code, len(token)) == (0, 43)
    assert client.get("/api/v1/me", headers=headers).get_json() == {"name": "Ayşe Yılmaz", "role": "owner", "agent": shop.number}
    with time_machine.travel(clock.now() + timedelta(days=29)):
        assert client.get("/api/v1/me", headers=headers).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert client.get("/api/v1/me", headers=headers).status_code == 401
    with db.reading() as session:
        line = session.scalars(select(AuditLine).filter_by(event="token.issued")).one()
        assert token.encode() not in [row.token_hash for row in session.scalars(select(SignIn))]
    assert (line.about, line.by) == (shop.by, "operator:console")
    assert token not in str(line.facts)


@pytest.mark.parametrize("phone", ["05399999999", "no number", "+1 212 555 0100"])
def test_nobody_gets_a_token_for_a_number_that_nobody_has(flask: Flasks, shop: Shop, phone: str) -> None:
    answer = flask("person", "token", phone)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", f"Nobody signs in with {phone}.\n")


def test_a_number_of_two_countries_needs_its_code(flask: Flasks, app: Flask) -> None:
    for market, phone in (("AZ", "+994701234567"), ("ES", "+34701234567")):
        with db.transaction() as session:
            session.get_one(Person, open_shop(market=market).owner.id).phone = phone

    answer = flask("person", "token", "701234567")

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith("701234567 is a number in more than one country.")
    assert flask("person", "token", "+34701234567").exit_code == 0

"""The pages of reports and files, as an accountant and an owner use them (product.md §10, screens.md)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock, db
from app.people import sessions
from app.people.model import Person
from app.reports.preview import preview
from app.reports.run_exports import run_exports
from app.reports.verify_file import verify_file
from app.timetable import timetable
from tests.conftest import Database
from tests.people import Shop, at, hire, open_biller, open_shop
from tests.reports.conftest import KEY
from tests.reports.readers import by_openpyxl, csv_rows


@pytest.fixture
def shop(app: Flask) -> Shop:
    shop = open_shop("1000001042")
    shop.topped_up("5000.00")
    return shop


@pytest.fixture
def payments(shop: Shop) -> list[str]:
    biller = open_biller()
    return sorted(shop.pays(biller, biller.bill("120.50")).reference for _ in range(3))


@pytest.fixture
def accountant(app: Flask) -> FlaskClient:
    return browser(app, hire("accountant"))


@pytest.fixture
def owner(app: Flask, shop: Shop) -> FlaskClient:
    return browser(app, shop.owner)


def browser(app: Flask, person: Person) -> FlaskClient:
    """Signed in, and reading English."""
    with db.transaction() as session:
        session.get_one(Person, person.id).language = "en"
        token, _ = sessions.begin(session, person, kind="browser", address="127.0.0.1", now=clock.now())
    client = app.test_client()
    client.set_cookie("gise", token)
    return client


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split()).replace("\u00a0", " ")


def press(client: FlaskClient, page: str, action: str, **fields: str) -> TestResponse:
    """A form of that page, with all that is hidden in it."""
    html = client.get(page).get_data(as_text=True)
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', html, re.DOTALL)
    assert form, f"{page} has no form to {action}"
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    return client.post(action, data=hidden | fields)


def ask(client: FlaskClient, page: str = "/reports/payments", *, format: str = "xlsx") -> str:
    """The address of the file's page."""
    answer = press(client, page, "/exports", format=format)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def work() -> None:
    run_exports(KEY, now=clock.now())


def test_an_owner_chooses_among_the_own_reports(owner: FlaskClient) -> None:
    text = text_of(owner.get("/reports"))
    for title in ("Payments", "Top-ups", "Cancellations", "Agent statement", "Your files", "No file yet"):
        assert title in text
    assert "Journal" not in text
    assert owner.get("/reports/journal").status_code == owner.get("/reports/nothing").status_code == 404


def test_a_shortcut_is_the_days_it_says(app: Flask) -> None:
    """By the calendar of the reader's market: in Istanbul it is the first of March already"""
    with time_machine.travel(at("2027-02-28T22:30:00+00:00")):
        html = browser(app, hire("accountant")).get("/reports").get_data(as_text=True)
    days = re.findall(r'href="/reports/payments\?from=([0-9-]+)&amp;to=([0-9-]+)"', html)
    assert days == [("2027-03-01", "2027-03-01"), ("2027-02-28", "2027-02-28"), ("2027-03-01", "2027-03-01"), ("2027-02-01", "2027-02-28")]


def test_the_screen_shows_rows_count_and_sums(accountant: FlaskClient, payments: list[str]) -> None:
    """screens.md: filter on screen = filter in the file"""
    text = text_of(accountant.get("/reports/payments"))
    assert "3 rows Amount 361.50 TL · Fee 0.00 TL" in text
    assert all(reference in text for reference in payments)

    nothing = text_of(accountant.get("/reports/payments?state=refused"))
    assert "0 rows" in nothing and "No row in these days." in nothing


def test_more_rows_than_the_screen_takes_are_named(accountant: FlaskClient, payments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "__kwdefaults__", {"limit": 2})
    assert "These are the first 2 rows. The file has them all." in text_of(accountant.get("/reports/payments"))


def test_every_report_has_its_page(accountant: FlaskClient, payments: list[str]) -> None:
    for report in ("payments", "top-ups", "cancellations", "trial-balance", "journal"):
        assert "Make an Excel file" in text_of(accountant.get(f"/reports/{report}"))


def test_a_statement_waits_for_its_agent(accountant: FlaskClient, owner: FlaskClient, payments: list[str]) -> None:
    assert "give its number" in text_of(accountant.get("/reports/statement"))
    assert "Balance brought forward" in text_of(accountant.get("/reports/statement?agent=1000001042"))
    assert "Balance brought forward" in text_of(owner.get("/reports/statement"))


@pytest.mark.parametrize("query", ["from=2026-13-01", "to=1999-01-01", "agent=42", "biller=nobody", "state=unknown", "self=1", "x=1"])
def test_a_wrong_filter_is_refused_with_a_sentence(accountant: FlaskClient, payments: list[str], query: str) -> None:
    """C16"""
    answer = accountant.get(f"/reports/payments?{query}")
    assert answer.status_code == 422
    sentence = re.search(r'class="sentence"[^>]*>([A-Z][^<]+\.)<', answer.get_data(as_text=True))
    assert sentence
    assert "Please check" not in sentence[1]


def test_a_file_is_asked_for_watched_and_taken(accountant: FlaskClient, payments: list[str], tmp_path: Path) -> None:
    page = ask(accountant, "/reports/payments?state=paid")
    waiting = accountant.get(page)
    assert 'hx-trigger="every 1s"' in waiting.get_data(as_text=True)
    assert "Excel Waits its turn" in text_of(waiting)

    work()

    ready = accountant.get(page)
    assert "hx-trigger" not in ready.get_data(as_text=True)
    assert "Excel Ready" in text_of(ready) and "State Paid" in text_of(ready) and "Rows 3" in text_of(ready)
    answer = accountant.get(f"{page}/file")
    id = page.removeprefix("/exports/")
    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert re.fullmatch(rf"attachment; filename=payments-[0-9-]+-{id}\.xlsx", answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    path = tmp_path / "taken.xlsx"
    path.write_bytes(answer.data)
    assert [row[1] for row in by_openpyxl(path)[1:-1]] == payments
    assert verify_file(path, key=KEY)["state"] == "paid"


def test_csv_is_asked_for_in_the_readers_language(owner: FlaskClient, payments: list[str], tmp_path: Path) -> None:
    page = ask(owner, format="csv")
    work()
    answer = owner.get(f"{page}/file")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    path = tmp_path / "taken.csv"
    path.write_bytes(answer.data)
    assert [row[1] for row in csv_rows(path)] == ["Reference", *payments]


def test_the_list_tells_every_files_state(accountant: FlaskClient, payments: list[str]) -> None:
    first = ask(accountant)
    work()
    second = ask(accountant, "/reports/journal", format="csv")
    assert "CSV" in text_of(accountant.get("/reports")) and "Waits its turn" in text_of(accountant.get("/reports"))

    assert press(accountant, second, f"{second}/cancellation").headers["Location"] == second

    text = text_of(accountant.get("/reports"))
    assert "Not made" in text and "Ready" in text
    assert "You cancelled this file." in text_of(accountant.get(second))
    assert accountant.get(f"{second}/file").status_code == 409
    assert accountant.get(f"{first}/file").status_code == 200


def test_who_went_on_is_told_once_that_the_file_is_ready(app: Flask, accountant: FlaskClient, payments: list[str]) -> None:
    """screens.md: notice when ready"""
    page = ask(accountant)
    assert "your file" not in text_of(accountant.get("/payments"))

    work()

    assert "Payments: your file is ready." not in text_of(accountant.get("/payments", headers={"HX-Request": "true"}))
    told = accountant.get("/payments")
    assert "Payments: your file is ready." in text_of(told) and f'href="{page}"' in told.get_data(as_text=True)
    assert "your file" not in text_of(accountant.get("/payments"))


def test_who_watched_the_file_is_not_told_again(accountant: FlaskClient, payments: list[str]) -> None:
    page = ask(accountant)
    press(accountant, page, f"{page}/cancellation")
    assert "Not made" in text_of(accountant.get(page))
    assert "your file" not in text_of(accountant.get("/reports"))


def test_a_file_that_is_being_made_cannot_be_taken_yet(accountant: FlaskClient, payments: list[str]) -> None:
    page = ask(accountant)
    answer = accountant.get(f"{page}/file")
    assert answer.status_code == 409
    assert "still being made" in answer.get_data(as_text=True)


def test_after_a_day_the_link_has_expired(app: Flask, payments: list[str]) -> None:
    """The record says what it was; the file is asked for again"""
    person = hire("accountant")
    page = ask(browser(app, person))
    work()

    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        accountant = browser(app, person)
        assert "Excel Destroyed" in text_of(accountant.get(page))
        assert accountant.get(f"{page}/file").status_code == 404
        assert "/reports/payments?" in accountant.get(page).get_data(as_text=True)


def test_a_strangers_file_is_not_found(app: Flask, shop: Shop, owner: FlaskClient, accountant: FlaskClient, payments: list[str]) -> None:
    """C1: not even a colleague's, by page, file or cancellation; the same answer as for one that is not there"""
    page = ask(owner)
    work()
    colleague = browser(app, hire("owner", shop=shop))
    token = re.search(r'name="csrf_token" value="([^"]+)"', accountant.get("/reports/payments").get_data(as_text=True))
    assert token
    for client in (accountant, colleague, browser(app, open_shop("1000002077").owner)):
        for address in (page, f"{page}/file", "/exports/X00000000000000000000", "/exports/../../etc/passwd"):
            assert client.get(address).status_code == 404
    assert accountant.post(f"{page}/cancellation", data={"csrf_token": token[1]}).status_code == 404
    assert owner.get(f"{page}/file").status_code == 200


def test_the_timetable_makes_files(database: Database) -> None:
    """B15"""
    assert [job.every for job in timetable(database.config) if job.name == "make-exports"] == [2]

"""Work queues: list left, details right, decided without leaving; the keys a and r lead to the decision (screens.md)."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import clock, db
from app.collections.model import Case, OpenQuestion, Payment
from tests.bank.bank import Paper, comes, phone, transfer
from tests.home.test_queues import enter
from tests.people import UNKNOWN, hire, open_biller, open_shop


def look(html: str) -> tuple[int, int, bool, bool]:
    """How many lines the list has, how many of them are the open one, and whether the keys a and r lead somewhere."""
    decision = html.partition('id="decision"')[2]
    return (
        len(re.findall("queue-item", html)),
        len(re.findall('queue-item active"[^>]*aria-current', html)),
        'id="grant"' in decision,
        'id="ready"' in decision,
    )


@pytest.fixture
def stuck(app: Flask) -> Payment:
    """Without outcome for forty minutes."""
    millenicom, shop = open_biller(), open_shop()
    shop.topped_up("500.00")
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    with db.transaction() as session:
        session.execute(update(OpenQuestion).values(asked_since=clock.now() - timedelta(minutes=40)))
    return payment


def test_a_stuck_payment_goes_before_two_persons_without_leaving_the_queue(app: Flask, stuck: Payment) -> None:
    """P-04"""
    operator, approver = enter(app, hire("operator")), enter(app, hire("approver"))
    assert 'href="/cases"' in operator.get("/").get_data(as_text=True)
    assert look(operator.get("/cases").get_data(as_text=True)) == (1, 0, False, False)
    address = f"/cases/payments/{stuck.reference}"
    assert look(operator.get(address).get_data(as_text=True)) == (1, 1, True, False)
    assert look(approver.get(address).get_data(as_text=True)) == (1, 1, False, False), "who does not resolve it has no button"
    opened = operator.post(f"/payments/{stuck.reference}/case")
    assert operator.get(address).status_code == 303, "it is a case now: once in the list"
    page = operator.get(opened.location).get_data(as_text=True)
    assert look(page) == (1, 1, True, True)
    assert "It stands in the biller&#39;s daily file" in page
    assert operator.get("/cases/payments/P261123-000000000000").status_code == 404


def test_a_case_is_proposed_with_a_ready_reason_and_decided_by_another(app: Flask, stuck: Payment) -> None:
    """P-04"""
    operator, approver = enter(app, hire("operator", name="Deniz Ak")), enter(app, hire("approver"))
    address = operator.post(f"/payments/{stuck.reference}/case").location
    assert operator.post(f"{address}/proposal", data={"outcome": "", "ready": "", "note": "x"}).status_code == 422
    sent = {"outcome": "paid", "ready": "The biller confirmed it in writing", "note": "mail of Monday"}
    assert operator.post(f"{address}/proposal", data=sent).status_code == 303
    with db.reading() as session:
        assert session.scalars(select(Case.note)).one() == "The biller confirmed it in writing: mail of Monday"
    assert look(operator.get(address).get_data(as_text=True)) == (1, 1, False, False), "never who proposed it"
    page = approver.get(address).get_data(as_text=True)
    assert look(page) == (1, 1, True, True)
    assert "Deniz Ak" in page, "by name"


def test_a_quarantined_statement_is_let_in_from_its_queue(app: Flask) -> None:
    """B24"""
    shop = open_shop()
    for number in (1, 2):
        raw = Paper(number=number).mt940([transfer("500.00", phone(shop))])
        comes(raw.replace(b"TRY1500,00", b"TRY1500,01"))
    approver, accountant = enter(app, hire("approver")), enter(app, hire("accountant"))
    listed = approver.get("/statements?state=quarantined").get_data(as_text=True)
    assert look(listed) == (2, 0, False, False)
    address = re.findall(r'href="(/statements/\d+)"', listed)[0]
    assert look(approver.get(address).get_data(as_text=True)) == (2, 1, True, True)
    assert look(accountant.get(address).get_data(as_text=True)) == (2, 1, False, False)
    assert "Write down why." in approver.post(f"{address}/release", data={"ready": "", "note": " "}).get_data(as_text=True)
    assert approver.post(f"{address}/release", data={"ready": "The bank confirmed its lines in writing"}).status_code == 303
    assert "queue-item" not in approver.get(address).get_data(as_text=True), "it is a statement like any other now"
    assert look(approver.get("/statements?state=quarantined").get_data(as_text=True))[0] == 1

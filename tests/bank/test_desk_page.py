"""The desk on the screen: heaps with counts, suggestions with their evidence, proposals, returns."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.bank.model import DepositState
from app.bank.suggestions import suggestions_for
from app.markets import MARKETS
from app.people.model import FormerPhone, Person
from tests.bank.bank import IBAN, all_is_right, books, deposit, deposits, lira, phone, states, transfer
from tests.bank.test_pages import page, send
from tests.logins.test_sign_in import sign_in
from tests.people import Shop, hire


@pytest.fixture
def sits(app: Flask) -> Callable[[Person], FlaskClient]:
    def sits(person: Person) -> FlaskClient:
        client = app.test_client()
        assert sign_in(client, person.phone) == 303
        return client

    return sits


@pytest.fixture
def operator(shop: Shop, sits: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sits(hire("operator", name="Deniz Aydın"))


@pytest.fixture
def approver(shop: Shop, sits: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sits(hire("approver", name="Onay Veren"))


def suggested() -> list[tuple[str, str]]:
    """Agent and evidence, for the newest deposit."""
    with db.reading() as session:
        found = suggestions_for(session, deposits()[-1], MARKETS["TR"], now=clock.now())
    return [(each.agent.number, " ".join(map(str, each.why))) for each in found]


def test_a_sender_known_from_earlier_is_a_suggestion_with_its_evidence(shop: Shop) -> None:
    """E7"""
    books(transfer("1.00", phone(shop)), transfer("2.00", phone(shop)))
    books(transfer("3.00", "bakiye"))
    ((agent, why),) = suggested()
    assert agent == shop.number
    assert why.startswith("2 earlier transfers from this account were for agent 1000001042")


def test_a_phone_cut_short(shop: Shop) -> None:
    """E24"""
    books(transfer("3.00", f"bakiye {phone(shop)[:-1]}", iban=""))
    ((agent, why),) = suggested()
    assert (agent, "was cut short" in why) == (shop.number, True)


def test_a_number_that_somebody_had_long_ago(shop: Shop) -> None:
    """E9, E23"""
    with db.transaction() as session:
        session.add(FormerPhone(person_id=shop.owner.id, phone="+905551112233", until=clock.now() - timedelta(days=400)))
    books(transfer("3.00", "bakiye 05551112233", iban=""))
    ((agent, why),) = suggested()
    assert (agent, "was the phone of a former person" in why) == (shop.number, True)


@pytest.mark.parametrize(("name", "text"), [("KIZILAY ILETISIM", "bakiye"), ("x", "kızılay iletişim bakiye"), ("AYŞE YILMAZ", "-")])
def test_names_alike_whatever_their_letters(shop: Shop, other: Shop, name: str, text: str) -> None:
    books(transfer("3.00", text, iban="", name=name))
    assert shop.number in [agent for agent, _ in suggested()]


def test_a_stranger_suggests_nobody(shop: Shop) -> None:
    books(transfer("3.00", "kira", iban="", name="MEHMET DEMIRCI"))
    assert suggested() == []


def test_one_click_credits_with_the_evidence_as_its_note(operator: FlaskClient, shop: Shop) -> None:
    """E7, and the reference doctor in Turkish"""
    books(transfer("1.00", phone(shop)))
    books(transfer("500.00", "bakiye"))
    address = f"/deposits/{deposits()[-1].reference}"
    text = page(operator, address)
    (note,) = re.findall(r'name="note" value="([^"]+)"', text)
    assert "Bu hesaptan daha önce gelen" in note
    assert "Açıklamada telefon numarası yok." in text
    assert send(operator, f"{address}/assignment", on=address, agent=shop.number, note=note)[0] == 200
    assert shop.balance == lira("501.00")
    assert all_is_right()


def test_the_heaps_count_and_lead_to_their_lists(operator: FlaskClient, shop: Shop) -> None:
    books(transfer("1.00", "a"), transfer("2.00", f"b {phone(shop)}"), transfer("4.00", "d", currency="USD"))
    text = page(operator, "/deposits")
    assert len(re.findall(r'class="list-group-item[^"]*queue-item', text)) == 2
    for state in DepositState:
        assert f"/deposits?state={state}" in text
        assert operator.get(f"/deposits?state={state}").status_code == 200
    assert re.search(r'state=credited"[^>]*>[^<]*<strong>1<', text)
    keys = re.findall(r'<option value="([0-9a-f]{8})"', text)
    assert len(keys) == 2
    lists = [page(operator, f"/deposits?why={key}") for key in keys]
    assert sorted(len(re.findall("queue-item", text)) for text in lists) == [1, 1]
    assert "queue-item" in page(operator, f"/deposits?state=all&q={deposits()[0].reference[-5:]}")
    assert "queue-item" not in page(operator, "/deposits?state=all&q=%25%25%25")


def test_a_large_sum_goes_from_hand_to_hand(operator: FlaskClient, approver: FlaskClient, shop: Shop) -> None:
    """C18"""
    books(transfer("25000.00", "kira", name="X"))
    address = f"/deposits/{deposit().reference}"
    assert "iki kişi" in page(operator, address)
    status, text = send(operator, f"{address}/assignment", on=address, agent=shop.number, note="Dekont var")
    assert (status, states(), shop.balance) == (200, ["suspense"], lira("0.00"))
    (decision,) = re.findall(r'action="(/deposits/proposals/\d+)/withdrawal"', text)
    assert f"{decision}/decision" not in text
    assert deposit().reference in page(approver, "/deposits?state=proposed")
    assert "state=proposed" in page(approver, "/")
    assert address in page(approver, "/exceptions")
    text = page(approver, address)
    (seen,) = set(re.findall(r'name="seen" value="([^"]+)"', text))
    assert send(approver, f"{decision}/decision", on=address, granted="no", seen=seen, answer="")[0] == 422
    assert send(approver, f"{decision}/decision", on=address, granted="yes", seen=seen)[0] == 200
    assert (states(), shop.balance) == (["credited"], lira("25000.00"))
    text = page(operator, address)
    assert "Deniz Aydın" in text
    assert "Onay Veren" in text
    assert send(approver, f"{decision}/decision", on=address, granted="yes", seen=seen)[0] == 409


def test_a_return_from_the_desk_to_the_bank(operator: FlaskClient, approver: FlaskClient, shop: Shop) -> None:
    books(transfer("500.00", "kira"))
    reference = deposit().reference
    assert send(operator, f"/deposits/{reference}/return", on=f"/deposits/{reference}", note="Yanlış hesap")[0] == 200
    assert send(operator, "/returns", on="/returns", iban=IBAN, deposit=reference)[0] == 200
    assert "/decision" not in page(operator, "/returns/1")
    text = page(approver, "/returns/1")
    (seen,) = set(re.findall(r'name="seen" value="([^"]+)"', text))
    assert send(approver, "/returns/1/decision", on="/returns/1", granted="yes", seen=seen)[0] == 200
    status, file = send(operator, "/returns/1/file", on="/returns/1", format="pain.001.001.03")
    assert (status, reference in file) == (200, True)
    assert "SHA-256" in page(operator, "/returns/1")
    books(transfer("500.00", f"IADE {reference}", side="debit"))
    assert states() == ["returned"]
    assert all_is_right()


def test_a_return_file_that_the_bank_booked_as_one_sum(operator: FlaskClient, approver: FlaskClient, shop: Shop) -> None:
    """Nothing in the line names the file: an operator chooses the debit on the file's page"""
    books(transfer("500.00", "kira"), transfer("70.50", "aidat"))
    both = [each.reference for each in deposits()]
    for reference in both:
        assert send(operator, f"/deposits/{reference}/return", on=f"/deposits/{reference}", note="Yanlış hesap")[0] == 200
    assert send(operator, "/returns", on="/returns", iban=IBAN, deposit=both)[0] == 200
    (seen,) = set(re.findall(r'name="seen" value="([^"]+)"', page(approver, "/returns/1")))
    assert send(approver, "/returns/1/decision", on="/returns/1", granted="yes", seen=seen)[0] == 200
    assert send(operator, "/returns/1/file", on="/returns/1", format="csv")[0] == 200
    assert 'name="booking"' not in page(operator, "/returns/1")
    books(transfer("570.50", "TOPLU ODEME", side="debit"))
    assert 'name="booking"' not in page(approver, "/returns/1")
    (debit,) = re.findall(r'name="booking" value="([0-9]+)"', page(operator, "/returns/1"))
    assert send(operator, "/returns/1/debit", on="/returns/1", booking=debit, note="")[0] == 422
    assert send(operator, "/returns/1/debit", on="/returns/1", booking=debit, note="Ekstre satırı")[0] == 200
    assert states() == ["returned", "returned"]
    assert 'name="booking"' not in page(operator, "/returns/1")
    assert send(operator, "/returns/1/debit", on="/returns/1", booking=debit, note="Yine")[0] == 422
    assert all_is_right()


def test_a_dismissed_one_says_what_it_is(operator: FlaskClient, shop: Shop) -> None:
    books(transfer("500.00", "faiz"))
    address = f"/deposits/{deposit().reference}"
    assert send(operator, f"{address}/dismissal", on=address, target="", note="faiz")[0] == 422
    assert send(operator, f"{address}/dismissal", on=address, target="cost:bank", note="Banka faizi")[0] == 200
    assert states() == ["not-top-up"]
    assert all_is_right()

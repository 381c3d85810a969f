"""Money in on the screen: accounts to send to, top-ups as they happen, and what people decide."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from unittest.mock import patch

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.bank.credit_deposits import credit_deposits
from app.bank.incoming.statement_queries import quarantined_statements
from app.bank.model import BankFeed, Deposit
from app.people.model import Person
from tests.bank.bank import BUDAPEST_IBAN, IBAN, Paper, all_is_right, books, comes, deposit, deposits, lira, open_account, phone, transfer
from tests.logins.test_sign_in import sign_in, token_in
from tests.people import Shop, hire, journal, open_biller

Seat = Callable[[str], FlaskClient]


@pytest.fixture
def sits(app: Flask) -> Callable[[Person], FlaskClient]:
    """A person of the house or of a shop at a browser of its own."""

    def sits(person: Person) -> FlaskClient:
        client = app.test_client()
        assert sign_in(client, person.phone) == 303
        return client

    return sits


@pytest.fixture
def owner(app: Flask, shop: Shop, sits: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sits(shop.owner)


@pytest.fixture
def operator(app: Flask, shop: Shop, sits: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sits(hire("operator", name="Deniz Aydın"))


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def send(client: FlaskClient, address: str, *, on: str, **fields: object) -> tuple[int, str]:
    """Fills the form in that stands on a page, and presses its button."""
    fields["csrf_token"] = token_in(page(client, on))
    answer = client.post(address, data=fields, content_type="multipart/form-data", follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def test_the_red_button_leads_to_our_accounts(owner: FlaskClient, shop: Shop) -> None:
    """screens.md: all our accounts of the market, the agent's own reference, copy buttons and a QR"""
    open_account(BUDAPEST_IBAN, "HU")
    assert 'class="btn lira" href="/bank-accounts"' in page(owner, "/")
    text = page(owner, "/bank-accounts")
    assert "TR33 0006 1005 1978 6457 8413 26" in text
    assert f'data-copy="{IBAN}"' in text
    assert f'data-copy="{phone(shop)}"' in text
    assert "<svg" in text
    assert "HU42" not in text


def test_a_cashier_writes_the_owners_phone_and_sees_no_top_ups(shop: Shop, sits: Callable[[Person], FlaskClient]) -> None:
    """product.md §1: top-ups are the owner's to see"""
    books(transfer("500.00", phone(shop)))
    cashier = sits(hire("cashier", shop=shop))
    assert phone(shop) in page(cashier, "/bank-accounts")
    assert cashier.get("/top-ups").status_code == 403
    assert deposit().reference not in page(cashier, "/balance")


def test_staff_has_no_red_button(operator: FlaskClient) -> None:
    assert "/bank-accounts" not in page(operator, "/")


def test_a_transfer_shows_its_four_times_and_its_stopwatch(owner: FlaskClient, shop: Shop) -> None:
    books(transfer("500.00", phone(shop), at=clock.now() - timedelta(seconds=42)))
    text = page(owner, "/top-ups")
    assert deposit().reference in text
    assert re.search(r"0:4[2-5]", text)
    assert text.count("journey-done") == 4
    assert 'hx-trigger="every 3s"' in text
    assert phone(shop) in page(owner, f"/top-ups/{deposit().reference}")
    assert deposit().reference in page(owner, "/balance")


def test_late_after_four_minutes_says_which_stage(owner: FlaskClient, shop: Shop) -> None:
    books(transfer("500.00", phone(shop), at=clock.now() - timedelta(minutes=7)))
    text = page(owner, "/top-ups")
    assert "journey-late" in text
    assert "7:0" in text


def test_who_is_below_the_limit_reads_why_nothing_can_be_paid(
    owner: FlaskClient, shop: Shop, sits: Callable[[Person], FlaskClient]
) -> None:
    """E14: the owner on the balance, the cashier at the counter; until the next top-up"""
    paid = transfer("500.00", phone(shop))
    cashier = sits(hire("cashier", shop=shop))
    books(paid)
    biller = open_biller()
    shop.pays(biller, biller.bill("300.00"))
    stopped = "Yeniden yükleme yapana kadar ödemeler durduruldu."
    assert stopped not in page(owner, "/balance") + page(cashier, "/")
    books(paid.taken_back())
    assert shop.balance == -lira("300.00")
    assert stopped in page(owner, "/balance") and stopped in page(owner, "/") and stopped in page(cashier, "/")
    books(transfer("300.00", phone(shop)))
    assert stopped not in page(owner, "/balance") + page(cashier, "/")


def test_a_strangers_top_up_is_not_found(owner: FlaskClient, other: Shop) -> None:
    books(transfer("500.00", phone(other)))
    assert deposit().reference not in page(owner, "/top-ups")
    assert owner.get(f"/top-ups/{deposit().reference}").status_code == 404
    assert owner.get(f"/deposits/{deposit().reference}").status_code == 403


def test_what_waits_for_its_value_date_is_not_late(owner: FlaskClient, shop: Shop) -> None:
    """E18"""
    now = clock.now()
    books(transfer("500.00", phone(shop), at=now - timedelta(hours=1), value=(now + timedelta(days=3)).date()))
    text = page(owner, "/top-ups")
    assert "journey-late" not in text
    assert "journey-open" in text


def test_a_silent_bank_is_named_to_the_agents(owner: FlaskClient, shop: Shop) -> None:
    """E22"""
    with db.transaction() as session:
        session.get_one(BankFeed, IBAN).news_at = clock.now() - timedelta(minutes=3, seconds=10)
    for address in ("/bank-accounts", "/top-ups"):
        assert "Liman Bankası" in page(owner, address)
        assert 'class="alert alert-warning ' in page(owner, address)


def test_an_operator_assigns_what_nobody_could_match(operator: FlaskClient, shop: Shop) -> None:
    """E7"""
    books(transfer("500.00", "kira"))
    address = f"/deposits/{deposit().reference}"
    assert deposit().reference in page(operator, "/deposits")
    status, text = send(operator, f"{address}/assignment", on=address, agent=shop.number, note="Dekont gönderdi")
    assert status == 200
    assert "Dekont gönderdi" in text
    assert "Deniz Aydın" in text
    assert shop.balance == lira("500.00")
    assert deposit().reference not in page(operator, "/deposits")
    assert all_is_right()


def test_without_a_note_nothing_moves(operator: FlaskClient, shop: Shop) -> None:
    books(transfer("500.00", "kira"))
    address = f"/deposits/{deposit().reference}"
    for act in ("assignment", "return"):
        status, text = send(operator, f"{address}/{act}", on=address, agent=shop.number, note="")
        assert status == 422
        assert 'role="alert"' in text
    assert deposit().state == "suspense"


def test_who_comes_second_is_told_and_led_back(operator: FlaskClient, shop: Shop, other: Shop) -> None:
    """E25"""
    books(transfer("500.00", "kira"))
    address = f"/deposits/{deposit().reference}"
    token = token_in(page(operator, address))
    answers = [
        operator.post(f"{address}/assignment", data={"csrf_token": token, "agent": agent.number, "note": "x"}) for agent in (shop, other)
    ]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert address in answers[1].get_data(as_text=True)
    assert (shop.balance, other.balance) == (lira("500.00"), lira("0.00"))


def test_a_wrong_match_is_moved_and_both_stay_visible(operator: FlaskClient, shop: Shop, other: Shop) -> None:
    """E26"""
    books(transfer("500.00", phone(shop)))
    address = f"/deposits/{deposit().reference}"
    status, text = send(operator, f"{address}/reassignment", on=address, agent=other.number, note="Yanlış numara yazmış")
    assert status == 200
    assert text.count("Yanlış numara yazmış") == 2
    assert [line.split()[0] for line in journal()] == ["deposit.credited", "deposit.unassigned", "deposit.assigned"]


def test_an_operator_returns_a_deposit(operator: FlaskClient, shop: Shop) -> None:
    books(transfer("500.00", "kira"))
    address = f"/deposits/{deposit().reference}"
    status, _ = send(operator, f"{address}/return", on=address, note="Kiracı karıştırmış")
    assert status == 200
    assert deposit().state == "returning"
    assert deposit().reference in page(operator, "/returns")


def test_the_candidates_stand_beside_the_form(operator: FlaskClient, shop: Shop, other: Shop) -> None:
    """E5: two agents are named; a person chooses"""
    books(transfer("500.00", f"{phone(shop)} {phone(other)}"))
    text = page(operator, f"/deposits/{deposit().reference}?agent={other.number}")
    assert f"{shop.number} {'Kızılay İletişim'}" in text
    assert f'value="{other.number}"' in text


def test_an_approver_looks_and_decides_nothing(shop: Shop, sits: Callable[[Person], FlaskClient]) -> None:
    books(transfer("500.00", "kira"))
    assert "/assignment" not in page(sits(hire("approver")), f"/deposits/{deposit().reference}")


def test_deposits_are_filtered_by_state_and_day(operator: FlaskClient, shop: Shop) -> None:
    books(transfer("1.00", "kira"), transfer("2.00", phone(shop)))
    waiting, credited = (each.reference for each in deposits())
    assert waiting in page(operator, "/deposits")
    assert credited not in page(operator, "/deposits")
    assert credited in page(operator, "/deposits?state=credited")
    assert waiting in page(operator, "/deposits?state=all")
    assert waiting not in page(operator, f"/deposits?state=all&from={(clock.now() + timedelta(days=2)).date()}")
    assert operator.get("/deposits?from=yesterday").status_code == 422
    assert operator.get("/deposits?cursor=x").status_code == 422


def test_many_deposits_come_page_by_page(operator: FlaskClient, shop: Shop) -> None:
    books(*(transfer(f"{number}.00", f"kira {number}") for number in range(1, 52)))
    first = page(operator, "/deposits")
    (more,) = re.findall(r'href="(/deposits\?[^"]*cursor=[^"]+)"', first)
    assert deposits()[-1].reference in page(operator, more.replace("&amp;", "&"))


def test_a_file_is_brought_by_hand(operator: FlaskClient, shop: Shop) -> None:
    raw = Paper().mt940([transfer("500.00", phone(shop))])
    for words in ("new 1", "known 1"):
        status, text = send(operator, "/statements", on="/statements", file=(BytesIO(raw), "pazartesi.sta"))
        assert status == 200
        assert "pazartesi.sta" in text, words
    assert shop.balance == lira("500.00")


def test_what_is_no_statement_is_refused_in_words(operator: FlaskClient, shop: Shop) -> None:
    status, text = send(operator, "/statements", on="/statements", file=(BytesIO(b"Dear customer"), "letter.txt"))
    assert status == 422
    assert "MT940" in text
    assert "letter.txt" in page(operator, "/statements")
    assert send(operator, "/statements", on="/statements")[0] == 422


def test_an_approver_lets_a_quarantined_statement_in(operator: FlaskClient, shop: Shop, sits: Callable[[Person], FlaskClient]) -> None:
    """A statement that does not add up is never credited; a person other than who brought it may release it"""
    raw = Paper().mt940([transfer("500.00", phone(shop))]).replace(b"TRY1500,00", b"TRY1500,09")
    send(operator, "/statements", on="/statements", file=(BytesIO(raw), "bozuk.sta"))
    with db.reading() as session:
        (waiting,) = quarantined_statements(session)
    assert shop.balance == lira("0.00")
    address = f"/statements/{waiting.id}"
    assert "bozuk.sta" in page(operator, "/statements?state=quarantined")
    assert "/release" not in page(operator, address)
    assert operator.post(f"{address}/release", data={"csrf_token": token_in(page(operator, "/statements")), "note": "x"}).status_code == 403
    approver = sits(hire("approver", name="Onay Veren"))
    assert send(approver, f"{address}/release", on=address, note="")[0] == 422
    status, text = send(approver, f"{address}/release", on=address, note="Banka teyit etti")
    assert status == 200
    assert "Onay Veren" in text
    assert deposit().reference in text
    assert shop.balance == lira("500.00")
    assert "Banka teyit etti" in page(operator, address), "why, on the page of the statement itself"
    assert send(approver, f"{address}/release", on=address, note="again")[0] == 409


def test_the_queues_count_and_the_exceptions_name_what_waits(operator: FlaskClient, shop: Shop) -> None:
    books(transfer("1.00", "kira"), transfer("2.00", "aidat"))
    comes(Paper().mt940([transfer("5.00", phone(shop))]).replace(b"TRY1005,00", b"TRY1005,09"), name="bozuk.sta")
    with db.transaction() as session:
        session.get_one(BankFeed, IBAN).news_at = clock.now() - timedelta(minutes=9)
    queues = page(operator, "/")
    assert re.search(r'href="/deposits".*?h2 mb-0">2<', queues, re.DOTALL)
    assert re.search(r'href="/statements".*?h2 mb-0">1<', queues, re.DOTALL)
    text = page(operator, "/exceptions")
    for each in deposits():
        assert f"/deposits/{each.reference}" in text
    assert "bozuk.sta" in text
    assert IBAN in text


@pytest.mark.parametrize(("matched", "stage"), [(False, "görüldü ama eşleştirilmedi"), (True, "eşleşti ama yüklenmedi")])
def test_after_four_minutes_what_nobody_credited_is_an_exception(operator: FlaskClient, shop: Shop, matched: bool, stage: str) -> None:
    """The worker died between the import and the credit; the alarm names the stage, and ends with the credit"""
    booked = clock.now() - timedelta(minutes=3, seconds=30)
    with patch("app.bank.incoming.import_file.credit_deposits"):
        books(transfer("500.00", phone(shop), at=booked))
    waiting = deposit().reference
    if matched:
        with db.transaction() as session:
            session.get_one(Deposit, waiting).matched_at = clock.now()
    assert waiting not in page(operator, "/exceptions")
    with time_machine.travel(booked + timedelta(minutes=4, seconds=1)):
        text = page(operator, "/exceptions")
        assert f"/deposits/{waiting}" in text
        assert f"havalesi gecikti: {stage}. Arka plan işçisi çalışıyor mu?" in text
        credit_deposits(now=clock.now())
        assert waiting not in page(operator, "/exceptions")
    assert shop.balance == lira("500.00")


def test_an_open_reversal_is_linked_by_a_person(operator: FlaskClient, shop: Shop, other: Shop) -> None:
    """E14: whose money goes back is beyond doubt only to a person here"""
    books(transfer("500.00", phone(shop)), transfer("500.00", phone(other)))
    first = deposits()[0].reference
    books(transfer("500.00", "", iban="", name="").taken_back())
    address = re.findall(r'href="(/reversals/\d+)"', page(operator, "/reversals"))[0]
    assert address in page(operator, "/exceptions")
    assert send(operator, f"{address}/deposit", on=address, note="x")[0] == 422
    status, _ = send(operator, f"{address}/deposit", on=address, deposit=first, note="Banka yazısı")
    assert status == 200
    assert (shop.balance, other.balance) == (lira("0.00"), lira("500.00"))
    assert operator.get(address).status_code == 404
    assert all_is_right()


def test_a_reversal_of_nothing_is_put_aside(operator: FlaskClient, shop: Shop) -> None:
    books(transfer("77.00", "").taken_back())
    address = re.findall(r'href="(/reversals/\d+)"', page(operator, "/reversals"))[0]
    assert send(operator, f"{address}/aside", on=address, note="")[0] == 422
    assert send(operator, f"{address}/aside", on=address, note="Bizim değil")[0] == 200
    assert "/reversals/" not in page(operator, "/reversals")

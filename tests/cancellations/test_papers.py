"""The papers of a second thought: the dekont and the form (C-02, C-06)."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pypdf
import pytest

from app import clock, db
from app.cancellations.issue_dekont import NoDekont, print_dekont
from app.cancellations.model import Cancellation
from app.cancellations.print_form import print_blank_cancellation, print_cancellation
from app.cancellations.request_cancellation import TooLate
from app.collections.model import Payment
from app.markets import MARKETS
from app.people.model import Person
from tests.cancellations.conftest import FIVE, TEN, ask, decide, report
from tests.people import UNKNOWN, ScriptedBiller, Shop, no, open_shop


def dekont(payment: Payment) -> str:
    with db.transaction() as session:
        current = session.get_one(Payment, payment.reference)
        pdf = print_dekont(session, current, check_at=f"https://gise.example/r/{payment.receipt_code}", by="person:1", now=clock.now())
    return words(pdf)


def words(pdf: bytes) -> str:
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def number(text: str) -> str:
    return str(re.findall(r"D-\d{4}-\d{6}", text)[0])


def test_a_dekont_of_any_paid_bill(payment: Payment, shop: Shop) -> None:
    """product.md §11: numbered, with the facts of the payment; no word of an attempt"""
    paper = dekont(payment)
    for fact in (
        "D-2026-000001",
        payment.reference,
        payment.subscriber,
        f"MB-{payment.reference}",
        "120",
        "Kızılay İletişim",
        "Ayşe Yılmaz",
    ):
        assert fact in paper
    assert "iptal edilemedi" not in paper


def test_a_second_print_is_a_copy_of_the_same(payment: Payment) -> None:
    first, second = dekont(payment), dekont(payment)
    assert second.replace("KOPYA 1", "").split() == first.split()


def test_printed_by_many_at_once_it_has_one_number(payment: Payment) -> None:
    with ThreadPoolExecutor(6) as pool:
        papers = list(pool.map(lambda _: dekont(payment), range(6)))
    assert {number(paper) for paper in papers} == {"D-2026-000001"}
    assert sorted(len(re.findall(r"KOPYA \d", paper)) for paper in papers) == [0, 1, 1, 1, 1, 1]


def test_after_a_late_attempt_it_says_where_the_customer_goes(payment: Payment, shop: Shop, monday: Callable[..., None]) -> None:
    """C-06: name, phone, address, what to bring"""
    monday(FIVE + timedelta(minutes=3))
    with pytest.raises(TooLate) as refusal:
        ask(payment, shop, reason="Paid twice")
    paper = dekont(payment)
    assert number(paper) == refusal.value.facts["number"]
    for fact in ("17:03:00", "17:00:00", "Paid twice", "Millenicom", "444 0 144", "Büyükdere Cad. 121, Şişli / İstanbul", "kimliğiniz"):
        assert fact in paper


def test_after_a_denial_it_says_why(payment: Payment, shop: Shop, admin: Person) -> None:
    plain = dekont(payment)
    decide(ask(payment, shop), admin, granted=False, reason="The form is not signed")
    paper = dekont(payment)
    assert "Onaylanmadı: The form is not signed" in paper
    assert number(paper) != number(plain)


def test_after_the_billers_refusal_it_says_so(payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller) -> None:
    decide(ask(payment, shop), admin)
    millenicom.reversals = [no("settled")]
    report(millenicom)
    assert "Millenicom reddetti (settled)" in dekont(payment)


def test_the_latest_attempt_is_told(payment: Payment, shop: Shop, admin: Person, monday: Callable[..., None]) -> None:
    decide(ask(payment, shop), admin, granted=False, reason="not signed")
    monday(FIVE)
    with pytest.raises(TooLate):
        ask(payment, shop)
    assert "Geç kalındı" in dekont(payment)


def test_what_does_not_stand_as_paid_has_no_dekont(payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller) -> None:
    """P-10: paper tells the truth"""
    decide(ask(payment, shop), admin)
    report(millenicom)
    with pytest.raises(NoDekont, match="cancelled"):
        dekont(payment)
    millenicom.answers = [UNKNOWN]
    with pytest.raises(NoDekont, match="pending"):
        dekont(shop.pays(millenicom, millenicom.bill("1.00")))


def test_a_dekont_says_for_ever_what_it_said(payment: Payment, shop: Shop) -> None:
    """C-06: the shop moves, the biller changes its phone, the paper does not"""
    first = dekont(payment)
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE agent SET name = 'Another name'")
        session.connection().exec_driver_sql("UPDATE biller SET phone = '0'")
    assert "Kızılay İletişim" in dekont(payment)
    assert "Kızılay İletişim" in first


def test_a_long_reason_and_a_long_name_stay_on_one_page(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    wordy = open_shop(name="Çok uzun adlı bir iletişim, kırtasiye, tekel ve fatura ödeme merkezi ticaret limited şirketi")
    wordy.topped_up("10.00")
    payment = wordy.pays(millenicom, millenicom.bill("1.00"))
    decide(ask(payment, wordy, reason="çok uzun " * 100), admin, granted=False, reason="also very long " * 50)
    assert "also very long" in dekont(payment)


def form(payment: Payment) -> str:
    with db.reading() as session:
        return words(print_cancellation(session, session.get_one(Payment, payment.reference), override=None, now=TEN))


def test_a_filled_in_form_names_the_payment_and_carries_its_code(payment: Payment, shop: Shop) -> None:
    """product.md §7: the scan that comes back finds its payment"""
    paper = form(payment)
    for fact in (payment.reference, f"GISE:{payment.reference}", shop.number, payment.subscriber, "17:00", "30 gün"):
        assert fact in paper


@pytest.mark.parametrize("market", sorted(MARKETS))
def test_a_blank_form_has_room_for_everything(market: str, monday: object) -> None:
    with db.reading() as session:
        paper = words(print_blank_cancellation(session, MARKETS[market], language=MARKETS[market].languages[0], now=TEN))
    assert "17:00" in paper
    assert "GISE:" not in paper


def test_what_is_printed_is_what_was_decided(payment: Payment, shop: Shop, admin: Person) -> None:
    """A live request leaves the plain dekont alone"""
    cancellation: Cancellation = ask(payment, shop)
    assert "iptal edilemedi" not in dekont(payment)
    decide(cancellation, admin)
    assert "iptal edilemedi" not in dekont(payment)

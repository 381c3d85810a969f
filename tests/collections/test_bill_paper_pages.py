"""A bill printed and mailed at the counter or for a caller (product.md §11), and forints in cash (carriers.md)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import pypdf
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock, db
from app.billers import gateways
from app.billers.model import BillCopy
from app.billing.bill import Account, Bill
from app.collections.bill_paper_views import MAILS_TO_AN_ADDRESS
from app.collections.print_slip import print_slip, slips_of
from app.collections.settle import settle
from app.notifications.model import Message
from app.people.model import Person
from app.web.parts import PLACE
from tests.billers import sample_bills as samples
from tests.people import PASSWORD, UNKNOWN, ScriptedBiller, Shop, at, hire, no, open_shop

TO = "musteri@example.com"


@dataclass
class Browser:
    """Somebody who reads English."""

    app: Flask
    phone: str

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        token = token_on(self.client.get("/session"))
        self.client.post("/session", data={"phone": self.phone, "password": PASSWORD, "csrf_token": token})
        self.speaks("en")

    def speaks(self, language: str) -> None:
        self.client.post("/language", data={"language": language, "csrf_token": token_on(self.client.get("/help"))})

    def reads(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.status
        return shown(answer)

    def send(self, address: str, **fields: str) -> TestResponse:
        return self.client.post(address, data=fields | {"csrf_token": token_on(self.client.get("/help"))})


def token_on(page: TestResponse) -> str:
    return page.get_data(as_text=True).partition('name="csrf_token" value="')[2].partition('"')[0]


def shown(answer: TestResponse) -> str:
    return " ".join(answer.get_data(as_text=True).replace("\xa0", " ").split())


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages).split())


@dataclass
class Gateways:
    billers: dict[str, ScriptedBiller]

    def of(self, record: object) -> ScriptedBiller:
        return self.billers[record.code]  # type: ignore[attr-defined]


def open_carrier(code: str, *bills: Bill) -> ScriptedBiller:
    record = samples.biller(code)
    with db.transaction() as session:
        session.add(record)
        session.flush()
        session.refresh(record)
        session.expunge(record)
    person = samples.subscriber(code)
    return ScriptedBiller(record, accounts={person.number: Account(person, bills)})


@pytest.fixture
def noon(app: Flask) -> Iterator[None]:
    with time_machine.travel(at("2026-07-10T12:00:00+03:00"), tick=False):
        yield


@pytest.fixture
def carriers(app: Flask, noon: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, ScriptedBiller]:
    made = {
        "millenicom": open_carrier("millenicom", samples.millenicom_june()),
        "vodafone-hu": open_carrier("vodafone-hu", samples.vodafone_change()),
    }
    monkeypatch.setitem(app.extensions[PLACE], gateways.Gateways, Gateways(made))
    return made


@pytest.fixture
def shop(carriers: object) -> Shop:
    return open_shop("1000001042")


@pytest.fixture
def counter(app: Flask, shop: Shop) -> Browser:
    return Browser(app, shop.owner.phone)


@pytest.fixture
def support(carriers: object) -> Person:
    return hire("support", name="Ece Arslan")


BILL = "/bills/millenicom/5300001042/M5300001042202606"


def key_on(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


def mails(who: Browser, *, to: str = TO, language: str = "en", key: str = "", address: str = BILL) -> TestResponse:
    return who.send(f"{address}/mail", email=to, language=language, key=key or key_on(who.reads(address)))


def copies() -> list[BillCopy]:
    with db.reading() as session:
        return list(session.scalars(select(BillCopy).order_by(BillCopy.id)))


def outbox() -> list[Message]:
    with db.reading() as session:
        return list(session.scalars(select(Message).filter_by(channel="mail").order_by(Message.id)))


def test_the_bill_is_printed_in_the_carriers_language_and_in_the_readers(counter: Browser) -> None:
    page = counter.reads(BILL)
    assert page.count("Print the bill (free)") == 2
    answers = [counter.client.get(f"{BILL}/paper?language={language}") for language in ("tr", "en")]
    for answer, word, other in zip(
        answers, ("Aylık ücretler", "Monthly fees"), ("Fatura toplamı 785,85 TL", "Total of the bill 785.85 TL"), strict=True
    ):
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.headers["Content-Disposition"] == 'inline; filename="millenicom-M5300001042202606.pdf"'
        for fact in (word, other, "Kızılay İletişim", "1000001042"):
            assert fact in words(answer.data)
    assert "COPY 2" in words(answers[1].data)
    assert [(copy.how, copy.language, copy.agent, copy.to) for copy in copies()] == [
        ("printed", "tr", "1000001042", ""),
        ("printed", "en", "1000001042", ""),
    ]


def test_one_language_is_offered_once(counter: Browser) -> None:
    counter.speaks("tr")
    page = counter.reads(BILL)
    assert page.count("Faturayı yazdır (ücretsiz)") == 1
    assert "<select" not in page.partition('id="mail-bill"')[2].partition("</form>")[0]


def test_the_bill_is_mailed_and_the_page_says_so(counter: Browser) -> None:
    answer = mails(counter)
    assert answer.headers["Location"] == f"{BILL}?mailed=1"
    (message,) = outbox()
    assert (message.recipient, message.attachment_name) == (TO, "millenicom-M5300001042202606.pdf")
    assert message.attachment is not None
    assert "Kızılay İletişim" in words(message.attachment)
    page = counter.reads(answer.headers["Location"])
    assert f"Copy 1 of the bill is on its way to {TO}." in page
    for fact in ("Copies handed out", "Mailed", "Ayşe Yılmaz", "10 Jul 2026 12:00:00"):
        assert fact in page
    assert "is on its way" not in counter.reads(BILL)


def test_an_older_bill_keeps_its_period(counter: Browser) -> None:
    page = counter.reads(f"{BILL}?period=2026-06")
    assert len(re.findall(r'/(?:paper|mail)\?[^"]*period=2026-06', page)) == 3, "two papers and the mail"
    answer = counter.send(f"{BILL}/mail?period=2026-06", email=TO, language="tr", key=key_on(page))
    assert answer.headers["Location"] == f"{BILL}?period=2026-06&mailed=1"
    assert counter.client.get(f"{BILL}/paper?period=2026-06").status_code == 200


@pytest.mark.parametrize(
    "typed", ["", "musteri", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", "Ali <a@example.com>", "ş@example.com"]
)
def test_no_address_no_mail_and_the_field_is_named(counter: Browser, typed: str) -> None:
    """C15"""
    answer = mails(counter, to=typed)
    assert answer.status_code == 422
    assert "This is no e-mail address. Write it like name@example.com." in shown(answer)
    assert (outbox(), copies()) == ([], [])


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [("language", "xx", "Choose one of the languages."), ("key", "short", "This form is too old."), ("key", "", "This form is too old.")],
)
def test_a_form_that_is_not_ours_is_refused(counter: Browser, field: str, value: str, sentence: str) -> None:
    """C16"""
    answer = counter.send(f"{BILL}/mail", **({"email": TO, "language": "en", "key": "k" * 24} | {field: value}))
    assert (answer.status_code, sentence in shown(answer), outbox()) == (422, True, [])
    assert counter.client.get(f"{BILL}/paper?language=xx").status_code == 422


def test_one_press_is_one_mail(counter: Browser) -> None:
    """C21: the same form again changes nothing; the next page's form is another one"""
    key = key_on(counter.reads(BILL))
    for _ in range(8):
        assert mails(counter, key=key).status_code == 303
    assert (len(outbox()), len(copies())) == (1, 1)
    assert mails(counter).status_code == 303
    assert len(outbox()) == 2


def test_a_mailbox_is_not_flooded(counter: Browser, support: Person, app: Flask) -> None:
    """By no shop, and not by two of them together; capital letters make no other mailbox"""
    for number in range(MAILS_TO_AN_ADDRESS):
        assert mails(counter, to=TO if number % 2 else TO.upper()).status_code == 303
    caller = Browser(app, support.phone)
    for who in (counter, caller):
        answer = mails(who)
        assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert mails(counter, to="another@example.com").status_code == 303
    assert len(outbox()) == MAILS_TO_AN_ADDRESS + 1


def test_a_shop_mails_so_many_an_hour(counter: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.collections.bill_paper_views.MAILS_OF_A_SHOP", 2)
    assert [mails(counter, to=f"c{number}@example.com").status_code for number in range(3)] == [303, 303, 429]


def test_support_prints_and_mails_for_a_caller(app: Flask, support: Person) -> None:
    caller = Browser(app, support.phone)
    pdf = caller.client.get(f"{BILL}/paper?language=en").data
    assert "At a shop of Gişe until" in words(pdf)
    mails(caller)
    assert [(copy.agent, copy.by) for copy in copies()] == [(None, f"person:{support.id}")] * 2
    page = caller.reads(BILL)
    assert ("Ece Arslan" in page) and (TO in page)


def test_another_shop_sees_that_there_is_a_copy_and_not_whose(app: Flask, counter: Browser, support: Person) -> None:
    """product.md §1: never another agent's anything"""
    mails(counter)
    stranger = Browser(app, open_shop("1000002077", name="Moda Kırtasiye").owner.phone)
    page = stranger.reads(f"{BILL}?mailed=1")
    assert ("Another shop" in page) and ("m***@e***.com" in page)
    for fact in (TO, "Ayşe Yılmaz · ", "1000001042", "is on its way"):
        assert fact not in page
    page = Browser(app, support.phone).reads(BILL)
    assert ("Ayşe Yılmaz · 1000001042" in page) and ("m***@e***.com" in page) and (TO not in page)
    mails(Browser(app, support.phone), to="caller@example.com")
    page = counter.reads(BILL)
    assert ("c***@e***.com" in page) and ("Ece Arslan" not in page)


@pytest.mark.parametrize("address", [f"{BILL}x", "/bills/nobody/5300001042/X", "/bills/vodafone-hu/700005033/V700005033202608"])
def test_no_such_bill_for_this_shop(counter: Browser, address: str) -> None:
    """C1: another market's biller is not found, either"""
    assert counter.client.get(f"{address}/paper").status_code == 404
    assert mails(counter, address=address, key="k" * 24).status_code == 404
    assert copies() == []


@pytest.mark.parametrize("role", ["operator", "approver", "accountant", "auditor"])
def test_who_may_not(app: Flask, carriers: object, role: str) -> None:
    person = Browser(app, hire(role).phone)
    assert person.client.get(f"{BILL}/paper").status_code == 403
    assert person.send(f"{BILL}/mail", email=TO).status_code == 403


@pytest.fixture
def budapest(app: Flask, carriers: dict[str, ScriptedBiller]) -> tuple[Shop, Browser]:
    shop = open_shop("4000005033", name="Pesti Sarok", market="HU")
    shop.topped_up("100000.00")
    return shop, Browser(app, shop.owner.phone)


def test_forints_are_taken_in_fives(budapest: tuple[Shop, Browser], carriers: dict[str, ScriptedBiller]) -> None:
    """21,088 Ft are owed and posted; 21,090 Ft are taken, and the change is counted from them"""
    shop, counter = budapest
    vodafone = carriers["vodafone-hu"]
    counter.reads("/bills?biller=vodafone-hu&subscriber=700005033")
    page = counter.reads("/payments/new?biller=vodafone-hu&subscriber=700005033&bill=V700005033202608")
    assert 'id="total" data-minor="2109000">21,088 Ft' in page
    assert 'Cash (rounded to 5 Ft) <strong class="text-nowrap" id="cash">21,090 Ft' in page

    payment = shop.pays(vodafone, samples.vodafone_change())

    assert str(payment.whole) == "21088.00 HUF"
    assert str(shop.balance) == "78912.00 HUF"
    for address in (
        f"/payments/{payment.reference}",
        f"/payments/{payment.reference}/receipt",
        f"/payments/{payment.reference}/receipt?size=a5",
    ):
        page = counter.reads(address)
        assert "21,088 Ft" in page
        assert re.search(r"Cash \(rounded to 5 Ft\)(</dt><dd>| <strong[^>]*>)21,090 Ft", page)
    for size in ("roll", "a5"):
        with db.transaction() as session:
            slips = replace(slips_of(session, payment, check_at="https://gise.example/r/x"), language="en")
            paper = words(print_slip(session, slips, size=size, by="person:1", now=clock.now()))
        assert "Total 21,088 Ft" in paper
        assert "Cash (rounded to 5 Ft) 21,090 Ft" in paper


def test_what_was_taken_in_fives_is_given_back_in_fives(budapest: tuple[Shop, Browser], carriers: dict[str, ScriptedBiller]) -> None:
    """P-13"""
    shop, counter = budapest
    vodafone = carriers["vodafone-hu"]
    vodafone.answers = [UNKNOWN]
    payment = shop.pays(vodafone, samples.vodafone_change())
    settle(payment, no("withdrawn"), by="job:test", now=clock.now())
    assert "has to be given back: 21,090 Ft" in counter.reads(f"/payments/{payment.reference}")
    assert "<strong>21,090 Ft</strong>" in counter.reads("/")


def test_liras_are_not_rounded(counter: Browser, shop: Shop, carriers: dict[str, ScriptedBiller]) -> None:
    shop.topped_up("1000.00")
    counter.reads("/bills?biller=millenicom&subscriber=5300001042")
    page = counter.reads("/payments/new?biller=millenicom&subscriber=5300001042&bill=M5300001042202606")
    assert 'data-minor="78585">785.85 TL' in page
    assert "Cash (rounded" not in page
    payment = shop.pays(carriers["millenicom"], samples.millenicom_june(), confirmed=("standing-order",))
    assert "Cash (rounded" not in counter.reads(f"/payments/{payment.reference}")

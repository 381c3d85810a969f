"""What a subscriber owes, and one bill opened: pages for shops and for support (P-25, P-28, product.md §11 and §12)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock, db
from app.audit import AuditLine
from app.billers.attention import attention
from app.billers.gateway import AccountClosed
from app.billers.gateways import Gateways
from app.billers.model import Biller, WrongBill
from app.billers.subscriber_number import fitting, read_subscriber
from app.billing.bill import Account, Bill, Subscriber
from app.demo import demo_billers
from app.money import Money
from app.people import sessions
from app.people.model import Person
from tests.billing.test_explain import as_bill, minicycle, vodafone, with_line
from tests.billing.test_masmovil import APRIL, FIRST_NEW
from tests.billing.test_millenicom import MAY, june
from tests.billing.test_millenicom import bill as millenicom_bill
from tests.billing.test_vodafone_hu import august
from tests.people import ScriptedBiller, hire, lira, open_shop

NUMBERS = {"millenicom": "5300001042", "azercell": "502003015", "masmovil": "600004021", "vodafone-hu": "700005033"}


@pytest.fixture
def billers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, ScriptedBiller]:
    """The four carriers of the demo, answering what a test says."""
    with db.transaction() as session:
        for record in demo_billers():
            session.add(record)
    with db.reading() as session:
        scripted = {record.code: ScriptedBiller(record) for record in session.scalars(select(Biller))}
    monkeypatch.setattr(Gateways, "of", lambda self, record: scripted[record.code])
    return scripted


def client_of(app: Flask, person: Person, *, language: str = "en") -> FlaskClient:
    with db.transaction() as session:
        session.get_one(Person, person.id).language = language
        token, _ = sessions.begin(session, person, kind="browser", address="127.0.0.1", now=clock.now())
    client = app.test_client()
    client.set_cookie("gise", token)
    return client


@pytest.fixture
def spanish(app: Flask) -> FlaskClient:
    return client_of(app, open_shop("3000004021", market="ES").owner)


@pytest.fixture
def turkish(app: Flask) -> FlaskClient:
    return client_of(app, open_shop("1000001042").owner)


def has(biller: ScriptedBiller, *bills: Bill, advance: int = 0, unbilled: int = 0) -> str:
    """These bills, the newest first, lie at the biller; the number of their subscriber."""
    number, currency = NUMBERS[biller.record.code], bills[0].currency if bills else "TRY"
    person = Subscriber(number, "P**** M*****", "active", Money(unbilled, currency), Money(advance, currency))
    biller.accounts[number] = Account(person, bills)
    return number


def named(bill: Bill, ref: str) -> Bill:
    return replace(bill, ref=ref, number=ref)


def read(answer: TestResponse, status: int = 200) -> str:
    """The page's words."""
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    text = re.sub(r"<[^>]+>", " ", re.sub(r"<title>.*?</title>|<option.*?</option>", "", answer.get_data(as_text=True), flags=re.S))
    return " ".join(text.replace("&#39;", "'").split())


def test_a_bill_opened_line_by_line(spanish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    has(billers["masmovil"], named(minicycle(), "E-5"), named(minicycle(cycle=APRIL), "E-4"))
    page = read(spanish.get("/bills/masmovil/600004021/E-5"))
    assert "This bill adds up — computed by us." in page
    assert "29.90 € × 21 of 31 days = 20.2548 → 20.25 €." in page
    assert "Monthly fees Cuotas mensuales" in page, "own words above, the carrier's below"
    assert "IVA 21 % incluido: 16,74 + 3,51" in page and "Includes 21 % IVA: 16,74 + 3,51" in page
    assert "21 of May's 31 days" in page, "the help beside the section"
    assert "It is charged for 21 days instead of 30." in page and "−9.65 €" in page
    assert "charged on 29 May 2025" in page
    assert "20.25 € + 9.65 € = 29.90 €" in page and "52 days at the month's price for a day: 50.15 €" in page
    assert 'href="/payments/new?biller=masmovil&amp;subscriber=600004021&amp;bill=E-5"' in spanish.get(
        "/bills/masmovil/600004021/E-5"
    ).get_data(as_text=True)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [("carrier", "Cuotas mensuales Monthly fees"), ("eu", "Hileko kuotak Cuotas mensuales"), ("xx", "Monthly fees Cuotas mensuales")],
)
def test_the_bill_in_another_language(spanish: FlaskClient, billers: dict[str, ScriptedBiller], chosen: str, said: str) -> None:
    has(billers["masmovil"], named(minicycle(), "E-5"))
    answer = spanish.get(f"/bills/masmovil/600004021/E-5?in={chosen}")
    assert said in read(answer) and "29.90 € × 21 of 31 days" in read(answer), "our own sentences stay in the reader's language"
    assert 'lang="es"' in answer.get_data(as_text=True)


def test_the_first_new_cycle_has_the_strip_too_and_later_ones_have_none(spanish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    has(billers["masmovil"], named(minicycle(cycle=FIRST_NEW), "E-6"), named(minicycle(), "E-5"), named(minicycle(cycle=APRIL), "E-4"))
    assert "What if the cycle had not changed?" in read(spanish.get("/bills/masmovil/600004021/E-6"))
    assert "What if the cycle had not changed?" not in read(spanish.get("/bills/masmovil/600004021/E-4"))


def test_the_one_day_trap_is_explained(app: Flask, billers: dict[str, ScriptedBiller]) -> None:
    has(billers["vodafone-hu"], named(vodafone(august(deleted=date(2025, 8, 15))), "V-8"))
    page = read(client_of(app, open_shop(market="HU").owner, language="tr").get("/bills/vodafone-hu/700005033/V-8"))
    assert "O gün iki kez ödenir; kurumun kuralları tam böyledir." in page
    assert "Önceki faturadan neden farklı?" in page and "Karşılaştırılacak ay" in page, "the bill before can be asked for"


def test_a_wrong_bill_stands_in_a_red_box_with_where_and_how_much(spanish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    has(billers["masmovil"], named(with_line(minicycle(), 0, 0, amount=Money(2026, "EUR")), "E-5"))
    page = read(spanish.get("/bills/masmovil/600004021/E-5"))
    assert "This bill does not add up. The difference is 0.01 €." in page
    assert "The section “Monthly fees” says 20.25 €, and its lines make 20.26 €: off by −0.01 €." in page
    assert "“Fibra + móvil” says 20.26 €, and its rule makes 20.25 €: off by 0.01 €." in page


def test_what_cannot_be_computed_is_said_and_is_not_wrong(turkish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    bill = billers["millenicom"].bill("120.50", subscriber=NUMBERS["millenicom"])
    page = read(turkish.get(f"/bills/millenicom/{NUMBERS['millenicom']}/{bill.ref}"))
    assert "This bill adds up" in page and "nobody here knows: 1." in page
    assert "The biller tells no rule for this line." in page


def test_an_older_bill_is_found_by_its_month(
    spanish: FlaskClient, billers: dict[str, ScriptedBiller], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = has(billers["masmovil"], named(minicycle(cycle=FIRST_NEW), "E-6"))
    old = billers["masmovil"].accounts[number]
    april = replace(old, bills=(named(minicycle(cycle=APRIL), "E-4"),))
    asked = []

    def inquire(subscriber: str, *, period: str | None = None) -> Account:
        asked.append(period)
        return april if period == "2025-04" else old

    monkeypatch.setattr(billers["masmovil"], "inquire", inquire)
    assert spanish.get("/bills/masmovil/600004021/E-4").status_code == 404
    assert "29.90 €" in read(spanish.get("/bills/masmovil/600004021/E-4?period=2025-04"))
    compared = read(spanish.get("/bills/masmovil/600004021/E-6?with=2025-04"))
    assert "Bill E-4 of 1 Apr 2025 – 30 Apr 2025 was 29.90 €; the difference is 0.00 €. No line differs." in compared
    assert asked == [None, None, "2025-04", None, None, "2025-04", None]
    assert "A period is a month" in read(spanish.get("/bills/masmovil/600004021/E-4?period=May"), 422)
    assert "A period is a month" in read(spanish.get("/bills?subscriber=600004021&period=2025-13"), 422)
    assert "E-4" in read(spanish.get("/bills?subscriber=600004021&period=2025-04"))


def test_an_account_says_what_is_owed_and_nothing_twice(turkish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    """P-25: June holds May; paid bills are shown too"""
    carried = named(as_bill(june()), "M-06")
    april = replace(named(as_bill(millenicom_bill(MAY)), "M-04"), state="paid", open=lira("0.00"))
    has(billers["millenicom"], carried, named(as_bill(millenicom_bill(MAY)), "M-05"), april, unbilled=413, advance=160)
    page = read(turkish.get("/bills?subscriber=5300001042"))
    assert "Owed on bills 785.85 TL Running, not billed yet 4.13 TL Advance 1.60 TL" in page
    assert all(number in page for number in ("M-04", "M-05", "M-06"))
    assert 'href="/bills/millenicom/5300001042/M-04"' in turkish.get("/bills?subscriber=5300001042").get_data(as_text=True)


def test_nothing_owed_is_a_screen_of_its_own(turkish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    paid = replace(named(as_bill(millenicom_bill(MAY)), "M-05"), state="paid", open=lira("0.00"))
    has(billers["millenicom"], paid)
    page = read(turkish.get("/bills?subscriber=5300001042"))
    assert "Nothing is owed" in page and "nothing has to be paid; the last bills stand below" in page and "M-05" in page


def test_a_month_without_a_bill_is_not_nothing_owed(turkish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    has(billers["millenicom"])
    page = read(turkish.get("/bills?subscriber=5300001042&period=2024-01"))
    assert "No bill of this month" in page and "Nothing is owed" not in page
    assert "Owed on bills" not in page, "one month says nothing about all bills"


def test_not_found_closed_and_unreachable_are_three_other_screens(
    turkish: FlaskClient, billers: dict[str, ScriptedBiller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-28"""
    missing = read(turkish.get("/bills?subscriber=5300009999"), 404)
    assert "No such subscriber" in missing and "digit by digit" in missing

    def closed(subscriber: str, *, period: str | None = None) -> Account:
        raise AccountClosed(biller="Millenicom", subscriber=subscriber, phone="444 0 144")

    billers["millenicom"].reachable = False
    away = turkish.get("/bills?subscriber=5300009999")
    assert "The biller does not answer" in read(away, 503) and "444 0 144" in read(away, 503)
    assert 'href="/bills?subscriber=5300009999"' in away.get_data(as_text=True), "try again leads to the same question"
    monkeypatch.setattr(billers["millenicom"], "inquire", closed)
    page = read(turkish.get("/bills?subscriber=5300009999"), 404)
    assert "The account is closed" in page and "Nothing can be paid here any more" in page and page.count("444 0 144") == 2


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("millenicom", "530 000 10 42"),
        ("millenicom", "0530 000 10 42"),
        ("millenicom", "+90 (530) 000-1042"),
        ("millenicom", "0090 530 0001042"),
        ("azercell", "+994 50 200 30 15"),
        ("azercell", "050-200-30-15"),
        ("azercell", "994502003015"),
        ("masmovil", "+34 600 004 021"),
        ("masmovil", "600.004.021"),
        ("masmovil", "0034600004021"),
        ("vodafone-hu", "06 70 000 5033"),
        ("vodafone-hu", "+36 70 000 5033"),
        ("vodafone-hu", "06-70/000-5033"),
    ],
)
def test_a_line_number_as_people_type_it(code: str, typed: str) -> None:
    """Each in its market's manner, and only at the biller it belongs to"""
    assert [(biller.code, number) for biller, number in fitting(demo_billers(), typed)] == [(code, NUMBERS[code])]


@pytest.mark.parametrize("typed", ["", "5", "+49 600 004 021", "53000010421", "x600004021", "+34 700 004 021", "６００００４０２１"])
def test_what_is_no_number_of_anybody(typed: str) -> None:
    assert fitting(demo_billers(), typed) == []


def test_a_number_that_begins_like_a_prefix_is_left_alone() -> None:
    """The biller's own shape comes first."""
    biller = Biller(market="TR", subscriber_pattern="0?[0-9]{9,10}")
    assert read_subscriber(biller, "0501234567") == "0501234567"
    assert read_subscriber(Biller(market="TR", subscriber_pattern="[0-9]{10}"), "9012345678") == "9012345678"


def test_a_look_up_by_line_number(app: Flask, billers: dict[str, ScriptedBiller]) -> None:
    has(billers["azercell"], replace(named(minicycle(), "A-5")))
    page = read(client_of(app, open_shop(market="AZ").owner).get("/bills?subscriber=%2B994+50+200+30+15"))
    assert "Azercell · 502003015" in page


def test_support_finds_a_callers_bill_and_it_is_written_down(app: Flask, billers: dict[str, ScriptedBiller]) -> None:
    """product.md §11: any market's biller, no button that pays; who looked at whose bills"""
    person = hire("support")
    support = client_of(app, person)
    assert "A caller's subscriber or line number" in read(support.get("/"))
    has(billers["masmovil"], named(minicycle(), "E-5"))
    account = support.get("/bills?subscriber=+34+600004021")
    assert "E-5" in read(account) and "Go to payment" not in read(account) and "/payments/new" not in account.get_data(as_text=True)
    bill = support.get("/bills/masmovil/600004021/E-5")
    assert "This bill adds up" in read(bill) and "Pay this bill" not in read(bill)
    with db.reading() as session:
        lines = session.scalars(select(AuditLine).filter_by(event="bill.seen-for-caller").order_by(AuditLine.id)).all()
    assert [(line.by, line.about, line.facts) for line in lines] == [
        (f"person:{person.id}", "600004021", {"biller": "masmovil", "bill": ""}),
        (f"person:{person.id}", "600004021", {"biller": "masmovil", "bill": "E-5"}),
    ]


def test_a_shop_that_looks_leaves_no_such_line(spanish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    has(billers["masmovil"], named(minicycle(), "E-5"))
    read(spanish.get("/bills/masmovil/600004021/E-5"))
    with db.reading() as session:
        assert session.scalars(select(AuditLine).filter_by(event="bill.seen-for-caller")).all() == []


def test_who_does_not_pay_has_no_search_box_unless_he_looks_up(app: Flask, billers: dict[str, ScriptedBiller]) -> None:
    assert "A caller's" not in read(client_of(app, hire("accountant")).get("/"))


def told() -> list[tuple[str, str]]:
    with db.reading() as session:
        return [
            (one.ref, one.say.format_map({name: str(value) for name, value in one.facts.items()}))
            for one in attention(session, now=clock.now())
        ]


@pytest.fixture
def wrong(billers: dict[str, ScriptedBiller]) -> Iterator[Bill]:
    bill = named(with_line(minicycle(), 0, 0, amount=Money(2026, "EUR")), "E-5")
    has(billers["masmovil"], bill)
    yield bill


def test_a_wrong_bill_waits_for_a_person_until_it_is_right_for_a_day(
    spanish: FlaskClient, billers: dict[str, ScriptedBiller], wrong: Bill
) -> None:
    read(spanish.get("/bills?subscriber=600004021"))
    said = "Bill E-5 of MASMOVIL does not add up, by 0.01 EUR: the line “Fibra + móvil” is not what its rule makes."
    assert told() == [("E-5", said)]
    read(spanish.get("/bills?subscriber=600004021"))
    assert told() == [("E-5", said)], "seen again, told once"
    has(billers["masmovil"], named(minicycle(), "E-5"))
    page = read(spanish.get("/bills/masmovil/600004021/E-5"))
    assert "It did not add up by 0.01 €" in page
    ((_, said),) = told()
    assert said.startswith("Bill E-5 of MASMOVIL did not add up, by 0.01 EUR; it was right again on ")
    with time_machine.travel(clock.now() + timedelta(hours=23, minutes=59)):
        assert len(told()) == 1
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1)):
        assert told() == []


def test_a_bill_that_is_wrong_again_is_wrong_since_the_first_time(
    spanish: FlaskClient, billers: dict[str, ScriptedBiller], wrong: Bill
) -> None:
    for bill in (wrong, named(minicycle(), "E-5"), wrong):
        has(billers["masmovil"], bill)
        read(spanish.get("/bills?subscriber=600004021"))
    with db.reading() as session:
        (row,) = session.scalars(select(WrongBill)).all()
    assert row.righted_at is None and row.first_seen_at < row.last_seen_at
    assert (row.place, row.what, row.money, row.findings, row.seen_by) == ("line", "Fibra + móvil", Money(1, "EUR"), 2, "3000004021")


def test_what_nobody_has_seen_for_a_month_is_not_told_any_more(spanish: FlaskClient, wrong: Bill) -> None:
    read(spanish.get("/bills?subscriber=600004021"))
    with time_machine.travel(clock.now() + timedelta(days=29)):
        assert len(told()) == 1
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert told() == []


def test_staff_go_from_the_exception_to_the_bill(app: Flask, spanish: FlaskClient, billers: dict[str, ScriptedBiller], wrong: Bill) -> None:
    read(spanish.get("/bills?subscriber=600004021"))
    for role in ("operator", "approver", "auditor"):
        client = client_of(app, hire(role))
        html = client.get("/exceptions").get_data(as_text=True)
        assert "Bill E-5 of MASMOVIL does not add up, by 0.01\u00a0€" in html
        assert 'href="/bills/masmovil/600004021/E-5?period=2025-05"' in html
        assert "This bill does not add up" in read(client.get("/bills/masmovil/600004021/E-5?period=2025-05"))


def test_a_section_without_a_title_gets_ours(spanish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    bill = minicycle()
    first = replace(bill.sections[0], title="")
    has(billers["masmovil"], named(replace(bill, sections=(first, *bill.sections[1:])), "E-5"))
    assert "Monthly fees Cuotas mensuales" in read(spanish.get("/bills/masmovil/600004021/E-5"))


@pytest.mark.parametrize(
    ("order", "overdue", "waiting", "said"),
    [
        ("oldest-first", "accept", "June", "The older bill comes first"),
        ("single", "accept", "May", "This biller takes only its newest bill here"),
        ("all", "accept", "June", "This biller takes all open bills together."),
        ("all", "accept", "May", "This biller takes all open bills together."),
        ("any", "refuse", "May", "Overdue: this biller takes it only itself, phone"),
    ],
)
def test_a_bill_that_must_wait_says_so_and_offers_no_payment(
    turkish: FlaskClient, billers: dict[str, ScriptedBiller], order: str, overdue: str, waiting: str, said: str
) -> None:
    """P-21, P-24: the opened bill says the same as the list of bills"""
    biller, number = billers["millenicom"], NUMBERS["millenicom"]
    biller.record.bill_order, biller.record.overdue = order, overdue
    due_on = date(2020 if overdue == "refuse" else 2099, 1, 1)
    bills = {"May": biller.bill("390.00", subscriber=number, due_on=due_on), "June": biller.bill("10.00", subscriber=number)}
    with db.transaction() as session:
        record = session.get_one(Biller, "millenicom")
        record.bill_order, record.overdue = order, overdue
    page = read(turkish.get(f"/bills/millenicom/{number}/{bills[waiting].ref}"))
    assert said in page and "Pay this bill" not in page
    if order != "all":
        (other,) = bills.keys() - {waiting}
        page = read(turkish.get(f"/bills/millenicom/{number}/{bills[other].ref}"))
        assert said not in page and "Pay this bill" in page


def test_the_opened_bill_says_when_the_carrier_charges_it(turkish: FlaskClient, billers: dict[str, ScriptedBiller]) -> None:
    """P-26"""
    number = NUMBERS["millenicom"]
    bill = billers["millenicom"].bill("1.00", subscriber=number, flags=("near-charge-date",), charged_on=date(2026, 11, 29))
    assert "The biller charges this bill itself on 29 Nov 2026." in read(turkish.get(f"/bills/millenicom/{number}/{bill.ref}"))

"""Coming in, in a real browser: a forgotten password with the code from the SMS; a second factor set up, shown, and shown again for money."""

import re
from collections.abc import Callable, Iterator
from datetime import time as hour
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from app import clock, db
from app.cancellations.request_cancellation import Wish, request_cancellation
from app.people.model import SignIn
from tests.conftest import Database
from tests.documents.uploads import photo
from tests.journeys.house import House, open_house
from tests.journeys.waiting import waited_for
from tests.people import PASSWORD, Shop, hire, open_shop

NEW = "leylek-havada-42"
Tab = Callable[..., Page]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with open_house(database.config, tmp_path) as house:
        house.start_worker()
        yield house


@pytest.fixture
def tab(house: House, browser: Browser) -> Iterator[Tab]:
    """A new browser profile; at the end none of its pages has complained."""
    contexts, complaints = [], []

    def open_tab(*, scripts: bool = True) -> Page:
        context = browser.new_context(locale="tr-TR", base_url=house.url, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_forgotten_password_without_scripts(house: House, tab: Tab) -> None:
    shop, page = open_shop(), tab(scripts=False)
    page.goto("/session")
    page.get_by_role("link", name="Parolanızı mı unuttunuz?").click()
    page.fill("#phone", "0" + shop.owner.phone[3:])
    page.press("#phone", "Enter")
    page.wait_for_url("**/password")
    page.fill("#code", code_from_sms(house, shop.owner.phone))
    page.fill("#password", NEW)
    page.press("#password", "Enter")
    page.wait_for_url("**/session")
    expect(page.get_by_role("alert")).to_contain_text("Yeni parolanız belirlendi")
    sign_in(page, shop.owner.phone, NEW)
    expect(page.locator(".shop-number")).to_have_text(shop.number)


def code_from_sms(house: House, phone: str) -> str:
    def codes() -> list[str]:
        return re.findall(r"\b[0-9]{6}\b", " ".join(message["text"] for message in house.sandbox.control.messages("sms", to=phone)))

    return waited_for(codes, seconds=60)[0][0]


def sign_in(page: Page, phone: str, password: str = PASSWORD) -> None:
    page.goto("/session")
    page.fill("#phone", phone)
    page.fill("#password", password)
    page.press("#password", "Enter")


def test_a_second_factor_from_the_qr_code_to_a_decision_about_money(house: House, database: Database, tab: Tab) -> None:
    approver, shop = hire("approver"), open_shop()
    page = tab()
    sign_in(page, approver.phone)
    page.wait_for_url(f"{house.url}/")
    page.goto("/second-factor")
    page.get_by_role("button").filter(has_text="İkinci adımı kur").click()
    totp = pyotp.TOTP(page.locator("code.secret").inner_text())
    fine(page)
    page.fill("#code", totp.at(clock.now()))
    page.press("#code", "Enter")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    recovery = page.locator(".recovery-codes code").first.inner_text()
    fine(page)

    page = tab()
    sign_in(page, approver.phone)
    page.wait_for_url("**/session/code")
    fine(page)
    page.fill("#code", totp.at(clock.now() + timedelta(seconds=30)))
    page.press("#code", "Enter")
    page.wait_for_url(f"{house.url}/")

    case = asked_cancellation(house, database, shop)
    an_hour_later(approver.id)
    page.goto(f"/cancellations/{case}")
    page.locator("#grant").click()
    page.wait_for_url(re.compile(r"/session/confirmation\?back="))
    expect(page.get_by_role("alert")).to_contain_text("para hareketidir")
    fine(page)
    page.fill("#code", recovery)
    page.press("#code", "Enter")
    page.wait_for_url(f"{house.url}/cancellations/{case}")
    page.locator("#grant").click()
    expect(page.get_by_role("main")).to_contain_text("Onaylandı")
    page.goto("/sessions")
    expect(page.locator(".session")).to_have_count(2)
    fine(page)


def asked_cancellation(house: House, database: Database, shop: Shop) -> int:
    shop.topped_up("1000.00")
    till, subscriber = house.till(shop), house.sandbox.control.plain_subscriber("millenicom")
    ref = house.sandbox.control.bill("millenicom", subscriber, 12050)
    bill = next(bill for bill in till.look_up("millenicom", subscriber) if bill["ref"] == ref)
    reference = till.pay("millenicom", subscriber, bill, key="one").data["reference"]
    paper = photo(size=(600, 400))
    wish = Wish(payment=reference, agent=shop.number, by=shop.by, reason="Wrong", form=paper, identity=paper, dekont_at="/dekont")
    return request_cancellation(wish, keys=database.config.scan_keys, override=hour(23, 59, 59)).id


def an_hour_later(person: int) -> None:
    """The code was shown too long ago for money."""
    with db.transaction() as session:
        session.execute(update(SignIn).where(SignIn.person_id == person).values(confirmed_at=clock.now() - timedelta(hours=1)))


def test_the_pages_before_and_after_signing_in_have_no_barriers(house: House, tab: Tab) -> None:
    shop, support, page = open_shop(), hire("support"), tab()
    for address in ("/session", "/password-codes"):
        page.goto(address)
        fine(page)
    page.fill("#phone", shop.owner.phone)
    page.press("#phone", "Enter")
    page.wait_for_url("**/password")
    fine(page)
    sign_in(page, support.phone)
    page.wait_for_url(f"{house.url}/")
    for address in ("/sessions", "/second-factor", "/staff", f"/persons/{shop.owner.id}/reset"):
        page.goto(address)
        fine(page)
    page.locator("input[name=checked]").first.check()
    page.fill("#note", "Arandı")
    page.press("#note", "Enter")
    page.wait_for_url("**/resets")
    fine(page)


def fine(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()

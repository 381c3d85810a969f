"""
One bill of each carrier in a real browser: found, opened, explained, printed, mailed, paid. And May 2025 at MASMOVIL: a family
of lines and a financed telephone, on the days the bills come.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, expect

from app.languages import translate
from tests.journeys.conftest import SignIn
from tests.journeys.running import DEMO_PASSWORD, Gise, running_gise
from tests.journeys.waiting import waited_for

pytestmark = pytest.mark.xdist_group("gise-run")

FAMILY, WITH_TELEPHONE = "699000002", "699000003"  # sandbox/README.md, the cast


@pytest.mark.parametrize(
    ("biller", "owner", "subscriber", "language"),
    [
        ("millenicom", "05320001042", "5300001042", "tr"),
        ("azercell", "+994502003015", "502003015", "az"),
        ("masmovil", "+34600004021", "600004021", "es"),
        ("vodafone-hu", "+36200005033", "700005033", "hu"),
    ],
)
def test_one_bill_of_each_carrier(gise: Gise, sign_in: SignIn, biller: str, owner: str, subscriber: str, language: str) -> None:
    """In the shop's own language; each line opens to its arithmetic, the paper is a PDF, the mail has it attached."""
    page = sign_in(owner)
    page.keyboard.type(subscriber)
    page.keyboard.press("Enter")
    page.wait_for_url("**/bills?*")
    page.locator("table.bills tr:has(input.bill-choice:checked) a").click()  # other stories may have paid the newest
    page.wait_for_url(f"**/bills/{biller}/{subscriber}/*")

    expect(page.locator(".alert.adds-up")).to_contain_text(translate("This bill adds up — computed by us.", language))
    line = page.locator("details.bill-line").first
    line.locator("summary").click()
    expect(line.locator(".arithmetic").first).to_be_visible()

    printed = page.request.get(urljoin(page.url, page.locator("a[href*='/paper']").first.get_attribute("href") or ""))
    assert printed.status == 200 and printed.body().startswith(b"%PDF")

    page.locator("details.bill-mail summary").click()
    page.fill("#bill-email", f"customer@{biller}.example")
    page.locator("#mail-bill button[type=submit]").click()
    page.wait_for_url("**mailed=1*")
    assert_mailed(gise, f"customer@{biller}.example")

    page.locator("a.btn-primary[href*='/payments/new']").first.click()
    page.wait_for_url("**/payments/new?*")
    page.keyboard.press("F9")
    page.wait_for_url(re.compile(r"/payments/P[0-9]{6}-[0-9A-Z]+"))
    expect(page.locator(".outcome-paid")).to_contain_text(translate("Paid", language))


def assert_mailed(gise: Gise, to: str) -> None:
    (mail,), _ = waited_for(lambda: gise.control.messages("mail", to=to), seconds=30)
    assert [attachment["type"] for attachment in mail["attachments"]] == ["application/pdf"]


@pytest.fixture(scope="module")
def may_2025(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("may") / "var"


def test_the_minicycle_arrives_as_the_days_pass(may_2025: Path, browser: Browser) -> None:
    """Starting at 20 May and again at 23 May: the family's bill of 1–21 May is there, the telephone's is charged on 4 June."""
    with running_gise(may_2025, "--at", "2025-05-20T10:00:00+02:00") as gise:
        assert bills(gise, FAMILY)[0] == ("2025-04-30", "2025-05-05", 34_84)
    with running_gise(may_2025, "--at", "2025-05-23T10:00:00+02:00") as gise:
        assert bills(gise, FAMILY)[:2] == [("2025-05-21", "2025-05-29", 23_60), ("2025-04-30", "2025-05-05", 34_84)]
        assert bills(gise, WITH_TELEPHONE)[0] == ("2025-05-21", "2025-06-04", 20_25 + 12_50)
        page = signed_in(browser, gise, "+34600004021")
        page.goto(f"{gise.url}/bills?subscriber={FAMILY}")
        page.locator("table.bills a").first.click()
        expect(page.locator(".cycle-strip").first).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text("23,60 € + 11,24 € = 34,84 €")
        page.context.close()


def bills(gise: Gise, subscriber: str) -> list[tuple[str, str, int]]:
    """Last day of the period, charge date, amount; the newest first."""
    found = gise.till("+34600004021").call("POST", "/inquiries", {"biller": "masmovil", "subscriber": subscriber}).data["bills"]
    return [(bill["period"]["to"], bill["charged_on"], bill["amount"]) for bill in found]


def signed_in(browser: Browser, gise: Gise, phone: str) -> Page:
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{gise.url}/session")
    page.fill("#phone", phone)
    page.fill("#password", DEMO_PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{gise.url}/")
    return page

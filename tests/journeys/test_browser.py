"""A day at the counter in a real browser: a bill paid, a transfer credited, a payment cancelled, the day in Excel."""

import csv
import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.documents.uploads import photo
from tests.journeys.conftest import SignIn
from tests.journeys.running import Gise
from tests.journeys.waiting import waited_for

pytestmark = pytest.mark.xdist_group("gise-run")

OWNER, CASHIER = "05320001042", "05320011042"
APPROVER, ACCOUNTANT = "05340000001", "05340000005"
AGENT = "1000001042"
OUR_IBAN = "TR330006100519786457841326"


def new_bill(gise: Gise, amount: int) -> str:
    """:returns: the subscriber who owes it"""
    subscriber = gise.control.plain_subscriber("millenicom")
    gise.control.bill("millenicom", subscriber, amount)
    return subscriber


def pay_with_the_keyboard(page: Page, subscriber: str) -> str:
    """Number, Enter, F9, F9. :returns: the payment's reference"""
    page.goto(urljoin(page.url, "/"))
    page.keyboard.type(subscriber)  # the focus stands in the number box
    page.keyboard.press("Enter")
    page.wait_for_url("**/bills?*")
    page.keyboard.press("F9")
    page.wait_for_url("**/payments/new?*")
    page.keyboard.press("F9")
    page.wait_for_url(re.compile(r"/payments/P[0-9]{6}-[0-9A-Z]+"))
    found = re.search(r"P[0-9]{6}-[0-9A-Z]+", page.url)
    assert found
    return found[0]


def balance(gise: Gise) -> int:
    return int(gise.till(OWNER).call("GET", "/balance").data["balance"])


def test_look_up_pay_receipt_without_touching_the_mouse(gise: Gise, sign_in: SignIn) -> None:
    """J1: the receipt is there at once, the balance is down, the payment stands among the last five"""
    page, before = sign_in(CASHIER), balance(gise)
    expect(page.locator(".shop-number")).to_have_text(AGENT)
    subscriber = new_bill(gise, 120_50)
    reference = pay_with_the_keyboard(page, subscriber)
    expect(page.get_by_role("status")).to_contain_text("Ödendi")
    expect(page.locator(".paper-roll")).to_contain_text("120,50")
    expect(page.locator(".paper-roll")).to_contain_text(reference)
    assert balance(gise) == before - 120_50
    page.keyboard.press("F2")
    expect(page.locator("#last-payments")).to_contain_text(subscriber)


def test_a_scanned_number_lands_in_the_box_wherever_the_focus_is(gise: Gise, sign_in: SignIn) -> None:
    """A scanner types and does not look; no digit of it may be lost."""
    page, subscriber = sign_in(CASHIER), new_bill(gise, 30_00)
    page.mouse.click(5, 700)
    expect(page.locator("#subscriber")).not_to_be_focused()
    page.keyboard.type(subscriber)
    expect(page.locator("#subscriber")).to_have_value(subscriber)
    page.mouse.click(5, 700)
    page.keyboard.press("?")
    page.wait_for_url("**/help*")


def test_the_main_job_works_without_scripts(gise: Gise, sign_in: SignIn) -> None:
    page, subscriber = sign_in(CASHIER, scripts=False), new_bill(gise, 45_00)
    page.fill("#subscriber", subscriber)
    page.press("#subscriber", "Enter")
    page.locator("#choose-bills button[type=submit]").click()
    page.locator("#confirm-payment button[type=submit]").click()
    expect(page.get_by_role("status")).to_contain_text("Ödendi")


def test_a_transfer_with_the_shop_s_phone_is_credited_by_itself(gise: Gise, sign_in: SignIn) -> None:
    """J2: within a minute, while the owner looks on; no page is loaded again by hand"""
    page, before = sign_in(OWNER), balance(gise)
    page.goto(f"{gise.url}/top-ups")
    gise.control.transfer(OUR_IBAN, 1_000_00, "bakiye 0532 000 10 42 tsk", sender_iban="")
    newest = page.locator("#top-ups article").filter(has_text="1.000,00")
    expect(newest).to_contain_text("Yüklendi", timeout=60_000)
    assert balance(gise) == before + 1_000_00


def test_a_cancellation_is_asked_for_granted_and_paid_back(gise: Gise, sign_in: SignIn, tmp_path: Path) -> None:
    """J3, C-01 … C-06: form and identity copy, another person's decision, reported to the biller, money back"""
    page = sign_in(CASHIER)
    reference = pay_with_the_keyboard(page, new_bill(gise, 210_00))
    before = balance(gise)
    for name in ("form", "identity"):
        (tmp_path / f"{name}.jpg").write_bytes(photo(size=(1200, 800), colour="blue" if name == "form" else "red"))
    page.goto(f"{gise.url}/payments/{reference}/cancellation")
    page.select_option("#ready", index=1)
    page.set_input_files("#form", tmp_path / "form.jpg")
    page.set_input_files("#identity", tmp_path / "identity.jpg")
    page.keyboard.press("F9")
    page.wait_for_url(f"**/payments/{reference}")

    approver = sign_in(APPROVER)
    approver.goto(f"{gise.url}/cancellations")
    approver.locator(".queue-item", has_text="210,00").click()
    expect(approver.get_by_role("main")).to_contain_text(reference)
    approver.locator("#grant").click()
    expect(approver.get_by_role("main")).to_contain_text("Onaylandı")

    expect(page.locator("#outcome")).to_contain_text("İptal edildi", timeout=60_000)
    assert balance(gise) == before + 210_00
    effects = {effect["reference"]: effect["state"] for effect in gise.control.effects("millenicom")}
    assert effects[reference] == "reversed"


def test_the_accountant_s_excel_has_the_right_sum(gise: Gise, sign_in: SignIn, tmp_path: Path) -> None:
    """J4: opened in LibreOffice, summed up, compared with the book"""
    page = sign_in(ACCOUNTANT)
    page.goto(f"{gise.url}/reports/payments?agent={AGENT}&state=paid")
    page.locator("button", has_text="Excel").click()
    page.wait_for_url("**/exports/X*")
    with page.expect_download(timeout=60_000) as downloading:
        page.locator("a[href$='/file']").click()
    workbook = tmp_path / "payments.xlsx"
    downloading.value.save_as(workbook)
    rows = as_libreoffice_shows(workbook, tmp_path)
    header = next(row for row in rows if "Tutar" in row)
    column = header.index("Tutar")
    amounts = [Decimal(row[column]) for row in rows[rows.index(header) + 1 :] if row[0] and re.fullmatch(r"[0-9]+(\.[0-9]+)?", row[column])]
    paid = gise.till(OWNER).call("GET", "/payments?state=paid").data["items"]
    assert len(paid) < 50, "one page holds them all"
    assert sum(amounts) * 100 == sum(payment["amount"] for payment in paid)


def as_libreoffice_shows(workbook: Path, folder: Path) -> list[list[str]]:
    program = shutil.which("soffice")
    if not program:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc-nogui")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [program, profile, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false", "--outdir"]
    subprocess.run([*command, str(folder), str(workbook)], check=True, capture_output=True, timeout=90)
    return list(csv.reader((folder / "payments.csv").read_text("utf-8").splitlines()))


def test_a_person_is_added_on_the_screen(gise: Gise, sign_in: SignIn) -> None:
    """product.md §7: the owner asks, somebody else grants with the keyboard, and the person is there and told how to come in"""
    owner = sign_in(OWNER)
    owner.goto(f"{gise.url}/changes/new/person-add")
    owner.fill("#name", "Can Er")
    owner.fill("#phone", "0535 999 88 77")
    owner.get_by_role("main").locator("button[type=submit]").click()
    owner.wait_for_url(re.compile(r"/changes/C-[0-9A-Z-]+$"))
    address = owner.url
    owner.goto(f"{gise.url}/persons")
    expect(owner.get_by_role("main")).to_contain_text(address.rpartition("/")[2])

    approver = sign_in(APPROVER)
    approver.goto(address)
    expect(approver.get_by_role("main")).to_contain_text("Can Er")
    approver.keyboard.press("a")
    approver.keyboard.press("Enter")
    expect(approver.get_by_role("main")).to_contain_text("Tamamlandı")

    owner.goto(f"{gise.url}/persons")
    expect(owner.get_by_role("main")).to_contain_text("Can Er")
    (greeting,), _ = waited_for(lambda: gise.control.messages("sms", to="+905359998877"), seconds=60)
    assert "Gişe" in greeting["text"]

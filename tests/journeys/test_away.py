"""Away from the counter, through the running house: SMS in and out, mail in and out, the e-bill from switch to switch (product.md §11)."""

import time

import pytest

from tests.journeys.conftest import SignIn
from tests.journeys.running import Gise
from tests.journeys.waiting import waited_for
from tests.sandbox_process import Json

pytestmark = pytest.mark.xdist_group("gise-run")

GISE = "gise@gise.example"
BAKU = "+994502003015"


def subscriber(gise: Gise, place: int) -> str:
    """One of its own for each story."""
    return str(gise.control.subscribers("azercell")[150 + place]["number"])


def test_an_sms_is_answered_within_ten_seconds_and_charged_to_the_line(gise: Gise) -> None:
    """carriers.md: three inquiries are 0.0708, sent as three charges that nobody rounds"""
    number, sender = subscriber(gise, 1), "+994557000001"
    waits = []
    for count in (1, 2, 3):
        gise.control.sms(sender, "650", number)
        sent, seconds = waited_for(lambda: gise.control.messages("sms", to=sender), seconds=30, count=count)
        waits.append(seconds)
    assert max(waits) < 10, waits
    assert all(number in message["text"] and "0,0236" in message["text"] for message in sent)
    charges, _ = waited_for(lambda: gise.control.charges("azercell", subscriber=number), seconds=30, count=3)
    assert [charge["amount"] for charge in charges] == ["0.0236"] * 3
    assert all(charge["reference"].startswith("SMS-Q") for charge in charges) and len({charge["reference"] for charge in charges}) == 3


def test_it_is_answered_although_the_worker_is_killed(gise: Gise) -> None:
    number, sender = subscriber(gise, 2), "+994557000002"
    gise.control.sms(sender, "650", number)
    gise.kill("worker")
    waited_for(lambda: gise.control.messages("sms", to=sender), seconds=90)
    waited_for(lambda: gise.control.charges("azercell", subscriber=number), seconds=120)
    time.sleep(6)
    assert len(gise.control.messages("sms", to=sender)) == len(gise.control.charges("azercell", subscriber=number)) == 1


def test_mail_with_number_and_month_brings_the_bill_and_without_says_what_is_missing(gise: Gise) -> None:
    number = gise.control.plain_subscriber("millenicom")
    gise.control.mail("tam@example.com", GISE, "Fatura", f"Merhaba, {number} numaralı aboneliğimin Mayıs 2030 faturasını istiyorum.")
    gise.control.mail("eksik@example.com", GISE, "Fatura", f"Merhaba, {number} numaralı aboneliğimin faturasını istiyorum.")
    (whole,), _ = waited_for(lambda: gise.control.messages("mail", to="tam@example.com"), seconds=60)
    (half,), _ = waited_for(lambda: gise.control.messages("mail", to="eksik@example.com"), seconds=60)
    assert [part["type"] for part in whole["attachments"]] == ["application/pdf"] and number in whole["text"]
    assert half["attachments"] == [] and "faturanın ayı" in half["text"] and half["text"].count("\n- ") == 1


def test_the_e_bill_from_switch_to_switch(gise: Gise, sign_in: SignIn) -> None:
    number, email = subscriber(gise, 3), "rena@example.com"
    page = sign_in(BAKU)
    page.goto(f"{gise.url}/bills?biller=azercell&subscriber={number}")
    page.click("#delivery summary")
    page.fill("#email", email)
    page.check("input[name=consent]")
    page.click("#delivery form[action$='/e-bill'] button")
    page.wait_for_selector(".alert-success")
    assert e_bill_of(gise, number) == email

    gise.control.bill("azercell", number, 21_15)
    for _ in range(2):
        assert gise.flask("job", "mail-e-bills").returncode == 0
    (mail,), _ = waited_for(lambda: with_bill(gise, email), seconds=60)
    assert "21,15 AZN" in mail["text"] and mail["attachments"][0]["type"] == "application/pdf"

    gise.control.bounce(mail["id"])
    gise.flask("job", "read-mailbox")
    page.reload()
    assert page.is_visible("#delivery .alert-danger"), "the right address is asked for"

    page.click("#delivery form[action$='/e-bill/end'] button")
    page.wait_for_selector(".alert-success")
    assert e_bill_of(gise, number) == ""
    gise.control.bill("azercell", number, 9_00)
    gise.flask("job", "mail-e-bills")
    gise.flask("job", "deliver-messages")
    assert len(with_bill(gise, email)) == 1


def e_bill_of(gise: Gise, number: str) -> str:
    return next(str(one["e_bill"]) for one in gise.control.subscribers("azercell") if one["number"] == number)


def with_bill(gise: Gise, email: str) -> list[Json]:
    return [mail for mail in gise.control.messages("mail", to=email) if mail["attachments"]]

"""Papers through the running house: printed, signed, photographed askew, mailed, and back at their request (product.md §7)."""

import base64
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.changes.catalogue import KINDS
from tests.documents.photos import photographed
from tests.documents.uploads import photo
from tests.journeys.conftest import SignIn
from tests.journeys.house import Till
from tests.journeys.running import Gise
from tests.journeys.waiting import waited_for
from tests.sandbox_process import Json

pytestmark = pytest.mark.xdist_group("gise-run")

GISE = "gise@gise.example"
SHOP, OWNER, OPERATOR, APPROVER = "1000002077", "05330002077", "05340000003", "05340000001"
MAIL = "moda@example.com"
WANTED: dict[str, dict[str, str]] = {
    "agent-information": {"name": "Moda Kırtasiye ve İletişim"},
    "person-add": {"name": "Deniz Ak", "phone": "0535 444 55 66"},
    "person-remove": {},
    "termination": {"iban": "TR760006200000012340000629"},
}
ON_PAPER = [kind for kind in WANTED if kind in KINDS]


@dataclass
class Moda:
    """The shop, its owner's screen, and the people of the institution who key in and decide."""

    gise: Gise
    owner: Page
    desk: Page
    approver: Page
    till: Till
    clerk: Till

    def asks_on_screen(self, kind: str, **typed: str) -> str:
        """:returns: its reference, once it is granted and done"""
        self.owner.goto(f"{self.gise.url}/changes/new/{kind}")
        for name, value in typed.items():
            self.owner.fill(f"#{name}", value)
        reference = self.sent_from(self.owner)
        self.granted(reference)
        return reference

    def granted(self, reference: str) -> None:
        self.approver.goto(f"{self.gise.url}/changes/{reference}")
        self.approver.locator("#grant").click()
        expect(self.approver.get_by_role("main")).to_contain_text("Tamamlandı")

    def keyed_in(self, kind: str, *, person: int | None = None) -> str:
        """By the operator, on behalf of the owner, who has still to sign. :returns: its reference"""
        self.desk.goto(f"{self.gise.url}/changes/new/{kind}?agent={SHOP}" + (f"&person={person}" if person else ""))
        for name, value in WANTED[kind].items():
            self.desk.fill(f"#{name}", value)
        self.desk.fill("#reason", "Telefonla istendi")
        self.desk.select_option("#on_behalf_of", index=1)
        return self.sent_from(self.desk)

    def sent_from(self, page: Page) -> str:
        page.get_by_role("main").locator("form button[type=submit]").click()
        page.wait_for_url(re.compile(r"/changes/C-[0-9A-Z-]+$"))
        return page.url.rpartition("/")[2]

    def state(self, reference: str) -> str:
        return str(self.clerk.call("GET", f"/changes/{reference}").data["state"])

    def signed(self, form: str, *, angle: int) -> bytes:
        """Printed from its page, signed, and photographed on a table: 100 dots an inch."""
        answer = self.owner.context.request.get(f"{self.gise.url}{form}")
        assert answer.status == 200
        return photographed(answer.body(), angle=angle, seed=angle + 100)

    def mails(self, subject: str, *pictures: bytes) -> None:
        files: list[Json] = [
            {"name": f"IMG_{place}.jpg", "type": "image/jpeg", "content": base64.b64encode(content).decode()}
            for place, content in enumerate(pictures)
        ]
        self.gise.control.mail(MAIL, GISE, subject, "İmzalı form ektedir.", files)

    def answer_to(self, subject: str) -> str:
        def answers() -> list[Json]:
            return [mail for mail in self.gise.control.messages("mail", to=MAIL) if mail["subject"] == f"Re: {subject}"]

        (answer,), _ = waited_for(answers, seconds=120)
        return str(answer["text"])


@pytest.fixture
def moda(gise: Gise, sign_in: SignIn) -> Moda:
    return Moda(gise, sign_in(OWNER), sign_in(OPERATOR), sign_in(APPROVER), gise.till(OWNER), gise.till(OPERATOR))


def paid_today(moda: Moda) -> dict[str, Any]:
    number = str(moda.gise.control.subscribers("millenicom")[170]["number"])
    ref = moda.gise.control.bill("millenicom", number, 41_70)
    bill = next(bill for bill in moda.till.look_up("millenicom", number) if bill["ref"] == ref)
    answer = moda.till.pay("millenicom", number, bill, key="papers-1")
    assert answer.status == 201
    payment: dict[str, Any] = answer.data
    return payment


def test_each_form_comes_back_by_mail_and_finds_its_request_and_each_passes_on_the_screen(moda: Moda) -> None:
    """One shop, five forms: first what goes on the screen alone, then the same on paper"""
    moda.asks_on_screen("agent-information", email=MAIL)
    added = moda.asks_on_screen("person-add", name="Ece Su", phone="0535 444 55 00")
    leaver = int(moda.clerk.call("GET", f"/changes/{added}").data["outcome"]["person"])

    changes = {kind: moda.keyed_in(kind, person=leaver if kind == "person-remove" else None) for kind in ON_PAPER}
    assert {moda.state(reference) for reference in changes.values()} == {"incomplete"}
    for place, (kind, reference) in enumerate(changes.items()):
        form = moda.signed(f"/changes/{reference}/form", angle=(-14, 9, 23, 180)[place])
        needs_card = any(paper.name == "identity" for paper in KINDS[kind].papers)
        moda.mails(f"Evrak {place}", form, *([photo(colour="blue")] if needs_card else []))
    payment = paid_today(moda)
    address = f"/payments/{payment['reference']}/cancellation"
    moda.mails("İptal formu", moda.signed(f"{address}/form", angle=-7), photo())

    for place, reference in enumerate(changes.values()):
        assert reference in moda.answer_to(f"Evrak {place}")
        assert moda.state(reference) == "asked"
    said = moda.answer_to("İptal formu")
    assert payment["reference"] in said and "HENÜZ" in said
    assert moda.till.call("GET", f"/payments/{payment['reference']}").data["state"] == "paid"

    page = moda.owner
    page.goto(f"{moda.gise.url}/payments/{payment['reference']}")
    page.locator(f"a[href$='{address}/papers']").click()
    page.select_option("#ready", index=2)
    page.keyboard.press("F9")
    page.wait_for_url(f"**/payments/{payment['reference']}")
    expect(page.get_by_role("main")).to_contain_text("Karar bekliyor")

    for kind in ("person-remove", "person-add", "agent-information"):
        moda.granted(changes[kind])
    if "termination" in changes:
        assert moda.clerk.call("DELETE", f"/changes/{changes['termination']}").status < 300

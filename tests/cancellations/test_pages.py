"""The pages of second thoughts: asked for at the counter, decided in the queue, told on the payment's page."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import clock, db
from app.cancellations import request_cancellation as requesting
from app.cancellations.attention import attention
from app.cancellations.end_cancellation import end_cancellation
from app.cancellations.model import Cancellation, State
from app.cancellations.queries import cancellations_of
from app.collections.model import Payment
from app.documents.clean_scan import CleanScan
from app.documents.model import ScanView
from app.people.model import Person
from tests.cancellations.conftest import FIVE, TEN, ask, decide, report
from tests.people import PASSWORD, UNKNOWN, ScriptedBiller, Shop, hire, no, open_shop, yes

Move = Callable[[datetime], None]


class Browser:
    """Somebody who reads English, and signs in again when the session has ended meanwhile."""

    def __init__(self, app: Flask, phone: str) -> None:
        self.client, self.phone = app.test_client(), phone

    def get(self, address: str) -> TestResponse:
        self.token()
        return self.client.get(address)

    def reads(self, address: str) -> str:
        answer = self.get(address)
        assert answer.status_code == 200, answer.status
        return shown(answer)

    def send(self, address: str, **fields: Any) -> TestResponse:
        return self.client.post(address, data=fields | {"csrf_token": self.token()}, content_type="multipart/form-data")

    def token(self) -> str:
        page = self.client.get("/help")
        if page.status_code == 303:
            sign_in = token_on(self.client.get("/session"))
            self.client.post("/session", data={"phone": self.phone, "password": PASSWORD, "csrf_token": sign_in})
            self.client.post("/language", data={"language": "en", "csrf_token": token_on(self.client.get("/help"))})
            page = self.client.get("/help")
        return token_on(page)


def token_on(page: TestResponse) -> str:
    return page.get_data(as_text=True).partition('name="csrf_token" value="')[2].partition('"')[0]


def shown(answer: TestResponse) -> str:
    return " ".join(answer.get_data(as_text=True).replace("\xa0", " ").split())


def file(content: bytes = b"picture", name: str = "photo.jpg") -> tuple[BytesIO, str]:
    return BytesIO(content), name


def complete(**other: Any) -> dict[str, Any]:
    return {"ready": "Wrong amount", "reason": "150 was meant", "form": file(), "identity": file()} | other


@pytest.fixture
def counter(app: Flask, shop: Shop) -> Browser:
    return Browser(app, shop.owner.phone)


@pytest.fixture
def desk(app: Flask, admin: Person) -> Browser:
    return Browser(app, admin.phone)


def only_cancellation(payment: Payment) -> Cancellation:
    with db.reading() as session:
        (cancellation,) = cancellations_of(session, payment.reference)
    return cancellation


@pytest.fixture
def millenicom(app: Flask, millenicom: ScriptedBiller) -> ScriptedBiller:
    """After ``app``: both connect to this test's database."""
    return millenicom


def test_a_paid_bill_shows_how_long_it_can_be_cancelled(counter: Browser, payment: Payment, monday: Move) -> None:
    """C-01: by the server's clock, on the payment's page and in the last five"""
    monday(FIVE - timedelta(hours=1, minutes=23, seconds=45))
    for address in (f"/payments/{payment.reference}", "/", f"/payments/{payment.reference}/cancellation"):
        assert 'data-seconds="5025">1:23:45<' in counter.reads(address)


def test_after_the_hour_there_is_no_button_but_the_way_to_the_biller(counter: Browser, payment: Payment, monday: Move) -> None:
    """C-01, C-06: name, phone, address, what to bring, and the dekont"""
    monday(FIVE)
    assert "data-seconds" not in counter.reads(f"/payments/{payment.reference}")
    page = counter.reads(f"/payments/{payment.reference}/cancellation")
    for fact in ("Too late to cancel", "17:00:00", "Millenicom", "444 0 144", "Büyükdere Cad. 121", "identity card", "/dekont"):
        assert fact in page


def test_asked_for_with_form_card_and_reason(counter: Browser, payment: Payment) -> None:
    """C-02"""
    answer = counter.send(f"/payments/{payment.reference}/cancellation", **complete())
    assert answer.headers["Location"] == f"/payments/{payment.reference}"
    cancellation = only_cancellation(payment)
    assert (cancellation.state, cancellation.reason) == (State.ASKED, "Wrong amount: 150 was meant")
    page = counter.reads(f"/payments/{payment.reference}")
    for fact in ("Waits for a decision", "23 Nov 2026 10:00:00", "Ayşe Yılmaz", "Wrong amount: 150 was meant", "Withdraw the request"):
        assert fact in page
    assert "data-seconds" not in page


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"form": file(b"", "")}, "Upload the form"),
        ({"identity": file(b"", "")}, "Upload a scan of the customer"),
        ({"ready": "", "reason": " "}, "Say why the customer"),
        ({"ready": "Another reason", "reason": ""}, "Say why the customer"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(counter: Browser, payment: Payment, missing: dict[str, Any], sentence: str) -> None:
    """C-02"""
    answer = counter.send(f"/payments/{payment.reference}/cancellation", **complete(**missing))
    assert answer.status_code == 422
    assert sentence in shown(answer)
    with db.reading() as session:
        assert cancellations_of(session, payment.reference) == []


def test_asked_too_late_the_dekont_is_one_press_away(counter: Browser, payment: Payment, monday: Move) -> None:
    """C-06: the page was open since before five"""
    monday(FIVE)
    answer = counter.send(f"/payments/{payment.reference}/cancellation", **complete())
    assert answer.status_code == 409
    for fact in ("Too late to cancel", "Print dekont D-2026-000001", f'href="/payments/{payment.reference}/dekont"', "Büyükdere Cad. 121"):
        assert fact in shown(answer)
    assert "Asked for too late" in counter.reads(f"/payments/{payment.reference}")


def test_a_file_that_cannot_be_taken_offers_another_try_real_scans(counter: Browser, payment: Payment) -> None:
    """C11: it is named, and the way back is there"""
    answer = counter.send(f"/payments/{payment.reference}/cancellation", **complete(form=file(b"MZ", "card.jpg")))
    assert answer.status_code == 422
    for fact in ("neither a JPEG, PNG or HEIC picture", f'href="/payments/{payment.reference}/cancellation"'):
        assert fact in shown(answer)


def test_two_files_in_one_field_are_refused(counter: Browser, payment: Payment) -> None:
    """C11"""
    answer = counter.send(f"/payments/{payment.reference}/cancellation", **complete(form=[file(), file()]))
    assert answer.status_code == 422
    assert "two came" in shown(answer)


def test_a_payment_without_outcome_cannot_be_cancelled(counter: Browser, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-07"""
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("10.00"))
    assert "data-seconds" not in counter.reads(f"/payments/{payment.reference}")
    answer = counter.get(f"/payments/{payment.reference}/cancellation")
    assert answer.status_code == 409
    assert "not known yet" in shown(answer)


def test_the_shop_takes_its_request_back(counter: Browser, payment: Payment, shop: Shop) -> None:
    counter.send(f"/cancellations/{ask(payment, shop).id}/withdrawal")
    assert only_cancellation(payment).state == State.WITHDRAWN
    assert "Withdrawn" in counter.reads(f"/payments/{payment.reference}")


def test_the_institution_denies_and_does_not_withdraw(desk: Browser, payment: Payment, shop: Shop) -> None:
    """A request that vanishes without a reason would be a denial that nobody signed."""
    number = ask(payment, shop).id
    assert "Withdraw the request" not in desk.reads(f"/cancellations/{number}")
    assert desk.send(f"/cancellations/{number}/withdrawal").status_code == 403
    assert only_cancellation(payment).state == State.ASKED


def test_a_stranger_finds_nothing(app: Flask, payment: Payment, shop: Shop) -> None:
    """C1: not the page, not the papers, not the scans; the same answer as for what does not exist"""
    number = ask(payment, shop).id
    stranger = Browser(app, open_shop("1000002077").owner.phone)
    for address in ("cancellation", "cancellation/form", "dekont", "receipt.pdf"):
        assert stranger.get(f"/payments/{payment.reference}/{address}").status_code == 404
    assert stranger.get(f"/cancellations/{number}").status_code == 404
    for act in ("withdrawal", "scans/form", "scans/identity"):
        assert stranger.send(f"/cancellations/{number}/{act}", reason="curious").status_code == 404
    assert stranger.send(f"/payments/{payment.reference}/cancellation", **complete()).status_code == 404
    assert f"/cancellations/{number}" not in stranger.reads("/cancellations")
    assert only_cancellation(payment).state == State.ASKED


def test_the_queue_is_sorted_by_minutes_left(desk: Browser, payment: Payment, shop: Shop, monday: Move) -> None:
    """screens.md: the first page counts it, the list says how long there is"""
    ask(payment, shop)
    monday(FIVE - timedelta(minutes=5))
    page = desk.reads("/cancellations")
    assert "65 minutes left" in page
    assert "120.50 TL" in page
    first_page = desk.reads("/")
    assert "Cancellations to decide" in first_page


def test_a_decider_sees_everything_on_one_page(
    desk: Browser, payment: Payment, shop: Shop, millenicom: ScriptedBiller, admin: Person
) -> None:
    """screens.md: payment, earlier requests, who asked and why; no picture before somebody says why"""
    earlier = decide(ask(shop.pays(millenicom, millenicom.bill("1.00")), shop), admin, granted=False, reason="not signed")
    page = desk.reads(f"/cancellations/{ask(payment, shop, reason='Paid twice').id}")
    for fact in (payment.reference, "120.50 TL", "Kızılay İletişim", "Paid twice", "Grant: 120.50 TL back", f"/cancellations/{earlier.id}"):
        assert fact in page
    assert "data:image" not in page


def test_each_look_at_a_scan_is_written_down(desk: Browser, payment: Payment, shop: Shop, app: Flask) -> None:
    """C-08: who, when and why, and everybody who may see the request sees that"""
    counter = Browser(app, shop.owner.phone)
    counter.send(f"/payments/{payment.reference}/cancellation", **complete())
    number = only_cancellation(payment).id
    answer = desk.send(f"/cancellations/{number}/scans/identity", reason="To decide it")
    assert "data:image/jpeg;base64," in shown(answer)
    assert "Zeynep Demir · To decide it" in counter.reads(f"/cancellations/{number}")
    assert "Zeynep Demir · To decide it" in Browser(app, hire("support").phone).reads(f"/cancellations/{number}")
    assert desk.send(f"/cancellations/{number}/scans/identity", reason=" ").status_code == 422
    with db.reading() as session:
        assert session.query(ScanView).count() == 1


def test_a_scan_on_paper_is_downloaded_without_rights(
    desk: Browser, payment: Payment, shop: Shop, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C11: attachment, nosniff, sandbox"""
    monkeypatch.setattr(requesting, "clean_scan", lambda content, **rest: CleanScan(b"%PDF-1.7", "application/pdf", 2))
    Browser(app, shop.owner.phone).send(f"/payments/{payment.reference}/cancellation", **complete())
    answer = desk.send(f"/cancellations/{only_cancellation(payment).id}/scans/form", reason="To decide it")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")


@pytest.mark.parametrize("role", ["support", "operator", "accountant", "auditor"])
def test_nobody_else_sees_a_scan(app: Flask, payment: Payment, shop: Shop, role: str) -> None:
    """C-08, product.md §1: of scans only the view log"""
    number = ask(payment, shop).id
    browser = Browser(app, hire(role).phone)
    assert "Only who uploaded it and who decides may see it." in browser.reads(f"/cancellations/{number}")
    assert browser.send(f"/cancellations/{number}/scans/identity", reason="curious").status_code == 404


def test_granted_reported_and_back_on_the_balance(
    desk: Browser, counter: Browser, payment: Payment, shop: Shop, millenicom: ScriptedBiller
) -> None:
    """C-04, C-05: proof of sending on the request's page and on the board"""
    number = ask(payment, shop).id
    assert desk.send(f"/cancellations/{number}/decision", granted="yes").status_code == 303
    assert "Granted" in counter.reads(f"/payments/{payment.reference}")
    report(millenicom)
    page = counter.reads(f"/payments/{payment.reference}")
    for fact in ("Done by the biller", "VOID", "Cash given back"):
        assert fact in page
    for address in (f"/cancellations/{number}", "/cancellations/board"):
        assert "in time" in desk.reads(address)
    assert f"/cancellations/{number}" in desk.reads("/cancellations?state=done")


def test_denied_with_a_ready_reason(desk: Browser, counter: Browser, payment: Payment, shop: Shop) -> None:
    """C-06: the shop reads why, and the dekont is there"""
    number = ask(payment, shop).id
    without = desk.send(f"/cancellations/{number}/decision", granted="no")
    assert (without.status_code, only_cancellation(payment).state) == (422, State.ASKED)
    assert "Say why the cancellation is denied" in shown(without)
    desk.send(f"/cancellations/{number}/decision", granted="no", ready="The form is not signed", reason="")
    page = counter.reads(f"/payments/{payment.reference}")
    for fact in ("The form is not signed", "Zeynep Demir", "Print the dekont for the customer"):
        assert fact in page


def test_a_second_decider_gets_who_and_when(desk: Browser, payment: Payment, shop: Shop, second_admin: Person) -> None:
    """C-03"""
    cancellation = decide(ask(payment, shop), second_admin)
    answer = desk.send(f"/cancellations/{cancellation.id}/decision", granted="no", reason="not signed")
    assert answer.status_code == 409
    assert "granted by Kemal Öz at 23 Nov 2026 10:00:00" in shown(answer)


def test_who_asked_cannot_decide(desk: Browser, payment: Payment, shop: Shop, admin: Person) -> None:
    """C-03, C18: an approver who keyed a paper form in sees no buttons, and pressing them by hand does not help"""
    number = ask(payment, shop, by=f"person:{admin.id}", agent=None).id
    page = desk.reads(f"/cancellations/{number}")
    assert "another person has to decide it" in page
    assert 'id="grant"' not in page
    assert desk.send(f"/cancellations/{number}/decision", granted="yes").status_code == 403
    assert read_state(number) == State.ASKED


def read_state(number: int) -> str:
    with db.reading() as session:
        return session.get_one(Cancellation, number).state


def test_the_board_counts_down_and_counts(desk: Browser, payment: Payment, shop: Shop, monday: Move) -> None:
    """C-01, C-04: both limits; what came too late is counted too"""
    ask(payment, shop)
    page = desk.reads("/cancellations/board")
    for fact in ('data-seconds="25200">7:00:00<', 'data-seconds="28800">8:00:00<', "Waits for a decision"):
        assert fact in page
    assert "Asking ends at 17:00" in page
    assert "Asking ends at 17:00 (16:00 your time)" in page, "Baku's five o'clock, read in Istanbul"
    monday(FIVE + timedelta(hours=2))
    assert "Over" in desk.reads("/cancellations/board")


@pytest.mark.parametrize(
    ("minutes", "state", "kind"),
    [(0, State.ASKED, None), (466, State.ASKED, "undecided"), (2, State.GRANTED, "not-reported"), (11, State.REPORTED, "no-answer")],
)
def test_what_needs_a_person_is_an_exception(
    desk: Browser,
    payment: Payment,
    shop: Shop,
    admin: Person,
    millenicom: ScriptedBiller,
    monday: Move,
    minutes: int,
    state: State,
    kind: str | None,
) -> None:
    """C-04: at 17:46 fewer than fifteen minutes are left"""
    cancellation = ask(payment, shop)
    if state != State.ASKED:
        decide(cancellation, admin)
    if state == State.REPORTED:
        millenicom.reversals = [UNKNOWN]
        report(millenicom)
    monday(TEN + timedelta(minutes=minutes))
    with db.reading() as session:
        assert [one.kind for one in attention(session, now=clock.now())] == ([f"cancellation.{kind}"] if kind else [])
    if kind:
        assert f'href="/cancellations/{cancellation.id}"' in desk.reads("/exceptions")


def test_a_contradiction_is_decided_by_two(
    app: Flask, payment: Payment, shop: Shop, desk: Browser, admin: Person, millenicom: ScriptedBiller
) -> None:
    """B19"""
    cancellation = decide(ask(payment, shop), admin)
    millenicom.reversals = [no("settled")]
    report(millenicom)
    with db.transaction() as session:
        end_cancellation(session, cancellation.id, yes("late"), by="job:test", now=clock.now())
    operator = Browser(app, hire("operator", name="Deniz Ak").phone)
    assert 'href="/cancellations/cases/1"' in operator.reads("/exceptions")
    assert "Refused by the biller, and cancelled later" in operator.reads("/cancellations/cases/1")
    operator.send("/cancellations/cases/1/proposal", outcome="refund", note="Mail of the biller, 23 Nov")
    page = desk.reads("/cancellations/cases/1")
    assert "Agree: The biller cancelled it after all" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    desk.send("/cancellations/cases/1/decision", seen=seen[1])
    assert "Deniz Ak" in desk.reads("/cancellations/cases/1")
    assert str(shop.balance) == "500.00 TRY"


@pytest.mark.parametrize(
    "address",
    [
        "/forms/bill-cancellation",
        "/payments/{}/cancellation/form",
        "/payments/{}/dekont",
        "/payments/{}/receipt.pdf",
        "/payments/{}/receipt.pdf?size=a5",
    ],
)
def test_papers_open_in_the_browser(counter: Browser, payment: Payment, address: str) -> None:
    """C28: and are kept nowhere"""
    answer = counter.get(address.format(payment.reference))
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert len(pypdf.PdfReader(BytesIO(answer.data)).pages) == 1


def test_page_and_pdf_count_the_same_copies(counter: Browser, payment: Payment) -> None:
    """P-11"""
    counter.send(f"/payments/{payment.reference}/receipt")
    pdf = pypdf.PdfReader(BytesIO(counter.get(f"/payments/{payment.reference}/receipt.pdf").data))
    assert "COPY 1" in pdf.pages[0].extract_text() or "KOPYA 1" in pdf.pages[0].extract_text()
    counter.send(f"/payments/{payment.reference}/receipt")
    assert "COPY 2" in counter.reads(f"/payments/{payment.reference}")

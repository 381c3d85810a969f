"""Attacks on what comes in (C1, C7, C10, C15, C18): a mail or a paper is never a way around a person, nor a way to learn something."""

from email.message import EmailMessage

import pytest
from flask import Flask
from imap_tools import MailMessage
from sqlalchemy import select

from app import clock, db
from app.cancellations import request_cancellation as requesting
from app.changes.request_change import Wish, request_change
from app.documents.clean_scan import CleanScan
from app.inquiries.open_mail import open_mail
from app.intake import open_papers
from app.notifications.model import Message
from app.people.model import Person
from app.web import files
from tests.cancellations.test_pages import Browser, file, only_cancellation, shown
from tests.intake.conftest import KEYS, MAIL, Post, answers, filed, keyed_in, last, papers, picture, state
from tests.people import Shop, hire, open_biller, open_shop

STRANGER = "someone@example.com"


@pytest.fixture
def approver(app: Flask, monday: object) -> Browser:
    return Browser(app, hire("approver", name="Kemal Öz").phone)


@pytest.fixture
def counter(app: Flask, shop: Shop) -> Browser:
    return Browser(app, shop.owner.phone)


@pytest.fixture
def stranger(app: Flask, monday: object) -> Browser:
    return Browser(app, open_shop("1000003033").owner.phone)


def bring(browser: Browser, content: bytes, reference: str = "") -> int:
    answer = browser.send("/papers", file=file(content), reference=reference)
    assert answer.status_code == 303, shown(answer)
    return last().id


# Around the second person ---------------------------------------------------------------------------------------------------------------


def test_who_decides_does_not_sort_what_came_by_mail(approver: Browser, post: Post, shop: Shop, operator: Person) -> None:
    """C18: sorting is the operators', and deciding the approvers'; the door for own papers is no way around"""
    change = keyed_in(shop, operator, kind="agent-information")
    intake = post(picture(), sender=STRANGER)
    assert intake
    assert approver.send(f"/papers/{intake.id}", reference=change.reference, which="form").status_code == 404
    assert (filed(intake), state(change)) == ([""], "incomplete")


def test_who_decides_does_not_sort_what_another_brought(
    approver: Browser, app: Flask, counter: Browser, shop: Shop, operator: Person
) -> None:
    change, number = keyed_in(shop, operator, kind="agent-information"), bring(counter, picture())
    assert approver.get(f"/papers/{number}").status_code == 404
    assert approver.send(f"/papers/{number}", reference=change.reference, which="form").status_code == 404
    assert state(change) == "incomplete"


def test_who_brought_the_customer_s_form_does_not_decide(approver: Browser, counter: Browser, shop: Shop) -> None:
    """C-03: though another asks for the cancellation"""
    millenicom = open_biller()
    shop.topped_up("500.00")
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    bring(approver, picture(payment.reference))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requesting, "clean_scan", lambda content, **rest: CleanScan(content, "image/jpeg", 1))
        address = f"/payments/{payment.reference}/cancellation/papers"
        assert counter.send(address, ready="Wrong amount", reason="", identity=file()).status_code == 303
    cancellation = only_cancellation(payment)
    page = approver.reads(f"/cancellations/{cancellation.id}")
    assert f"/cancellations/{cancellation.id}/decision" not in page, "the button is not offered"
    assert approver.send(f"/cancellations/{cancellation.id}/decision", granted="yes", reason="").status_code == 403
    assert only_cancellation(payment).state == "asked"


def test_the_institution_s_own_document_is_not_an_owner_s(post: Post, counter: Browser, shop: Shop, operator: Person) -> None:
    """C1, C18: a posting by hand against the shop; the owner, who got to know its reference, neither sees it nor proves it"""
    wanted = {"amount": 500, "direction": "from-agent", "document_number": "7"}
    wish = Wish(kind="manual-posting", by=f"person:{operator.id}", agent=shop.number, wanted=wanted, reason="till")
    change = request_change(wish, keys=KEYS, now=clock.now())
    assert state(change) == "incomplete"
    number = bring(counter, picture(change.reference), change.reference)
    assert counter.send(f"/papers/{number}", reference=change.reference, which="document").status_code == 422
    mailed = post(picture(change.reference))
    assert mailed and (mailed.doubt, filed(mailed), filed(last()), state(change)) == ("stranger", [""], [""], "incomplete")
    assert change.reference not in answers()[0]


def test_a_cashier_s_mail_opens_no_more_than_the_cashier(post: Post, shop: Shop, operator: Person) -> None:
    """C2: as at the counter, an owner's papers wait for an operator"""
    change, cashier = keyed_in(shop, operator), hire("cashier", shop=shop, name="Mehmet Kaya")
    with db.transaction() as session:
        session.get_one(Person, cashier.id).email = "mehmet@example.com"
    intake = post(picture(change.reference), sender="mehmet@example.com")
    assert intake and (intake.doubt, intake.agent, state(change)) == ("stranger", shop.number, "incomplete")


# To learn something ---------------------------------------------------------------------------------------------------------------------


def test_a_stranger_s_ended_paper_is_not_there(stranger: Browser, counter: Browser, shop: Shop, operator: Person) -> None:
    """C1: neither that it exists, nor when it ended and by whom"""
    change = keyed_in(shop, operator, kind="agent-information")
    number = bring(counter, picture(change.reference))
    assert last().outcome == "filed"
    there, missing = (stranger.send(f"/papers/{one}", reference=change.reference, which="form") for one in (number, 999_999))
    assert there.status_code == missing.status_code == 404
    assert "ended" not in shown(there)


def test_a_guess_beside_the_own_reference_tells_nothing(counter: Browser, shop: Shop, operator: Person) -> None:
    """C1: what becomes of the own paper is the same, whether there is such a request of another shop or not"""
    other = keyed_in(open_shop("1000002077"), operator)
    outcomes = []
    for guess in (other.reference, "C-AAAA-AAAA-A"):
        change = keyed_in(shop, operator, kind="agent-information")
        bring(counter, picture(change.reference), guess)
        outcomes.append((last().outcome, last().doubt, state(change)))
        operators = Browser(counter.client.application, operator.phone)
        assert operators.send(f"/changes/{change.reference}/withdrawal").status_code == 303
    assert outcomes[0] == outcomes[1] == ("filed", None, "asked")


def test_nor_does_it_in_a_mail(post: Post, shop: Shop, operator: Person) -> None:
    own, other = keyed_in(shop, operator), keyed_in(open_shop("1000002077"), operator)
    guessed, none = post(picture(own.reference), subject=other.reference), post(picture(), subject=f"{own.reference} C-AAAA-AAAA-A")
    assert guessed and none and guessed.reference == none.reference == own.reference
    assert filed(guessed) == ["form"] and state(other) == "incomplete"
    theirs = post(picture(other.reference), subject=own.reference)
    assert theirs and filed(theirs) == [""], "a paper with another request's code is never put to the own one"


# As somebody else -----------------------------------------------------------------------------------------------------------------------


def letter(**headers: str) -> bool:
    raw = "".join(f"{name.partition('/')[0].replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return open_mail(
        MailMessage.from_bytes(f"{raw}Subject: x\r\n\r\nx".encode()), place="1", too_long=False, ourselves="gise@gise.example"
    ).forged


@pytest.mark.parametrize(
    ("headers", "forged"),
    [
        pytest.param({"From": MAIL}, False, id="a server that proves nobody"),
        pytest.param({"From": MAIL, "Authentication_Results": "mx.gise.example; dkim=pass; dmarc=pass (p=reject) header.from=x"}, False, id="proven"),
        pytest.param({"From": MAIL, "Authentication_Results": "mx.gise.example; spf=pass; dmarc=fail"}, True, id="refuted"),
        pytest.param({"From": MAIL, "Authentication_Results": "mx.gise.example; spf=pass; dmarc=none"}, True, id="a domain that proves nobody"),
        pytest.param({"From": MAIL, "Authentication_Results": "mx; dmarc=temperror"}, True, id="not proven today"),
        pytest.param({"From": MAIL, "Authentication_Results": 'mx; spf=pass smtp.helo="x; dmarc=pass"; dmarc=fail'}, True, id="said in quotes"),
        pytest.param({"From": MAIL, "Authentication_Results": "mx; spf=pass (; dmarc=pass); dmarc=fail"}, True, id="said in a comment"),
        pytest.param({"From/1": MAIL, "From/2": "thief@evil.example"}, True, id="two senders in two headers"),
        pytest.param({"From": f"{MAIL}, thief@evil.example"}, True, id="two senders in one"),
        pytest.param({"From": f"{MAIL} <thief@evil.example>"}, True, id="a name that looks like an address"),
        pytest.param({"From": f'"{MAIL}" <thief@evil.example>'}, False, id="a quoted name is only a name, and the sender is the thief"),
    ],
)  # fmt: skip
def test_a_sender_whom_nobody_vouches_for_is_a_stranger(headers: dict[str, str], forged: bool) -> None:
    """C7: at most a person looks at it"""
    assert letter(**headers) is forged


# Too much -------------------------------------------------------------------------------------------------------------------------------


def test_nobody_is_flooded_with_our_answers_in_another_s_name(post: Post, shop: Shop, operator: Person) -> None:
    """C10: without papers, too; the victim is whoever the sender claims to be"""
    change = keyed_in(shop, operator)
    for _ in range(61):
        post(subject=change.reference, sender="victim@example.com")
    assert last().outcome == "too-many" and len(answers("victim@example.com")) == 60


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Your Gişe password ends today: https://evil.example/x", "Re: Your Gişe password ends today:"),
        ("Re: evil.example/login C-7K3M-9Q2X-H", "Re: C-7K3M-9Q2X-H"),
        ("www.evil.example", "Re: Evrakınız"),
        ("RE: 10.2026 faturası, no. 5", "RE: 10.2026 faturası, no. 5"),
    ],
)
def test_our_answer_carries_nobody_s_links(post: Post, shop: Shop, subject: str, told: str) -> None:
    """C15: it goes to whoever the sender claims to be, from our own address"""
    post(picture(), subject=subject, sender="victim@example.com")
    with db.reading() as session:
        assert session.scalars(select(Message.subject)).all() == [told]


def test_strangers_together_do_not_keep_shops_waiting(post: Post, shop: Shop, quick_scans: list[str]) -> None:
    """C10, C33: senders cost nothing; beyond what is opened in an hour they are kept unopened, and a shop's mail goes on"""
    for number in range(125):
        post(picture(), sender=f"bot{number}@example.com")
    assert last().outcome == "too-many" and len(quick_scans) == 120
    ours = post(picture())
    assert ours and ours.outcome is None and papers(ours)[0].scan


def test_slow_papers_do_not_keep_the_next_mail_waiting(post: Post, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """C33: a bomb in each of ten attachments"""
    monkeypatch.setattr(open_papers, "LONGEST_SECONDS", -1)
    intake = post(*[picture()] * 3)
    assert intake and [paper.problem for paper in papers(intake)] == [open_papers.TOO_SLOW] * 3
    assert answers()[0].count("başka bir e-postayla") == 3 and intake.outcome is None


def test_one_person_s_uploads_leave_room_for_others(counter: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """C10, C33"""
    monkeypatch.setattr(files, "MOST_UPLOADS", 2)
    assert [counter.send("/papers", file=file(picture()), reference="").status_code for _ in range(3)] == [303, 303, 429]
    assert counter.send("/papers", reference="").status_code == 422, "without a file nothing is counted"


def test_ten_thousand_waiting_mails_are_one_page(app: Flask, operator: Person, post: Post, shop: Shop) -> None:
    """C33: bounded whatever waits"""
    for _ in range(52):
        post(picture())
    desk = Browser(app, operator.phone)
    page = desk.reads("/intake")
    assert "To sort (52)" in page and page.count("queue-item") == 50


def test_a_subject_that_wants_to_be_a_header_stays_a_subject(post: Post, shop: Shop) -> None:
    """C15"""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = STRANGER, "x"
    raw = mail.as_bytes().replace(b"Subject: x", b"Subject: =?utf-8?q?Evrak=0D=0ABcc:_all@example.com=00?=") + b"x"
    read = open_mail(MailMessage.from_bytes(raw), place="1", too_long=False, ourselves="gise@gise.example")
    assert read.subject == "Evrak Bcc: all@example.com"

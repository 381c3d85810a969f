"""What an operator does with what waits, on the page: each act by a person with the right, once, and written down (product.md §7)."""

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.cancellations import request_cancellation as requesting
from app.cancellations.queries import cancellations_of
from app.changes.model import Change
from app.documents.clean_scan import CleanScan
from app.documents.destroy_scan import destroy_scans
from app.documents.forget_data import forget_data
from app.documents.model import Scan
from app.home.exceptions import everything
from app.intake.model import Intake
from app.people.model import Person
from tests.cancellations.test_pages import Browser, file, shown
from tests.changes.test_pages import form_on
from tests.intake.conftest import Post, answers, filed, keyed_in, last, papers, picture, state
from tests.people import Shop, at, hire, open_biller, open_shop

STRANGER = "someone@example.com"


@pytest.fixture
def desk(app: Flask, operator: Person) -> Browser:
    return Browser(app, operator.phone)


def events() -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(AuditLine.event).where(AuditLine.event.like("intake.%")).order_by(AuditLine.id)))


def test_the_queue_says_who_wrote_what_and_how_long_it_waits(desk: Browser, post: Post, shop: Shop) -> None:
    post(picture(), body="<script>alert(1)</script>\nBilgi", sender=STRANGER, subject="Evrak & form")
    page = desk.reads("/intake")
    for said in ("Evrak &amp; form", STRANGER, "3 minutes", "1 paper", "To sort (1)"):
        assert said in page
    one = desk.reads(f"/intake/{last().id}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in one and "No reference was found" in one
    assert "Mail and papers to sort" in desk.reads("/")


def test_a_stranger_s_mail_is_filed_when_an_operator_says_it_is_theirs(desk: Browser, post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    intake = post(picture(change.reference), picture(), sender=STRANGER)
    assert intake and "Yes, file it" in desk.reads(f"/intake/{intake.id}")
    assert desk.send(f"/intake/{intake.id}/confirmation").status_code == 303
    assert (filed(intake), state(change), last().outcome) == (["form", "identity"], "asked", "filed")
    assert desk.send(f"/intake/{intake.id}/confirmation").status_code == 409, "once"
    assert events() == ["intake.kept", "intake.filed", "intake.filed", "intake.ended", "intake.confirmed"]


def test_papers_are_named_one_by_one(desk: Browser, post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    intake = post(picture(), picture(), subject=change.reference)
    assert intake
    address = f"/intake/{intake.id}/papers"
    assert desk.send(f"{address}/1", reference=change.reference, which="nothing").status_code == 422
    assert desk.send(f"{address}/1", reference="C-AAAA-AAAA-A", which="form").status_code == 422
    assert desk.send(f"{address}/9", reference=change.reference, which="form").status_code == 404
    assert desk.send(f"{address}/2", reference=change.reference, which="form").status_code == 303
    assert desk.send(f"{address}/2", reference=change.reference, which="form").status_code == 409
    assert desk.send(f"{address}/1", reference=change.reference, which="form").status_code == 409, "that paper is there already"
    assert desk.send(f"{address}/1", reference=change.reference, which="identity").status_code == 303
    assert (filed(intake), state(change), last().outcome) == (["identity", "form"], "asked", "filed")


def test_a_look_at_a_paper_is_written_down_and_ends_with_the_sorting(desk: Browser, app: Flask, post: Post, shop: Shop) -> None:
    """C-08"""
    intake = post(picture())
    assert intake
    address, auditor = f"/intake/{intake.id}/papers/1/view", Browser(app, hire("auditor").phone)
    assert desk.send(address, reason="").status_code == 422
    assert "data:image/jpeg;base64," in shown(desk.send(address, reason="to sort it"))
    assert auditor.send(address, reason="curious").status_code == 403
    assert "to sort it" in auditor.reads(f"/intake/{intake.id}") and "Burak Demir" in auditor.reads(f"/intake/{intake.id}")
    assert desk.send(f"/intake/{intake.id}/end").status_code == 303
    assert desk.send(address, reason="again").status_code == 409


def test_what_a_shop_asks_for_in_a_mail_is_keyed_in_on_its_behalf(desk: Browser, post: Post, shop: Shop) -> None:
    """From the mail to a request that waits for its decision: a draft, its values, its paper"""
    intake = post(picture(), body="Adımız Yeni İletişim oldu.")
    assert intake and intake.doubt == "registered"
    assert shop.number in desk.reads(f"/intake/{intake.id}"), "the shop is known by its address"
    answer = desk.send(f"/intake/{intake.id}/draft", kind="agent-information", agent=shop.number, then="key-in")
    address = answer.headers["Location"]
    with db.reading() as session:
        (draft,) = session.scalars(select(Change)).all()
    assert (draft.state, draft.source, filed(intake)) == ("draft", "mail", ["form"]), "its only paper is the one that is missing"
    page = desk.reads(address)
    said = {"name": "Yeni İletişim", "on_behalf_of": str(shop.owner.id), "person": str(shop.owner.id)} | form_on(page)
    assert desk.send(address, **said, login_phone=shop.owner.phone).status_code == 303
    assert state(draft) == "asked" and last().outcome == "filed"


def test_a_draft_without_papers_ends_the_mail(desk: Browser, post: Post, shop: Shop) -> None:
    intake = post(body="Bir kasiyer eklemek istiyorum.")
    assert intake
    assert desk.send(f"/intake/{intake.id}/draft", kind="credit-limit", agent=shop.number).status_code in (403, 422)
    assert desk.send(f"/intake/{intake.id}/draft", kind="person-add", agent="9999999999").status_code == 404
    assert desk.send(f"/intake/{intake.id}/draft", kind="person-add", agent=shop.number, then="draft").status_code == 303
    assert last().outcome == "draft" and last().reference.startswith("C-")


def test_what_one_shop_has_sent_becomes_no_other_s_request(desk: Browser, post: Post, shop: Shop) -> None:
    """C1: its papers would be read and decided as the other's"""
    intake, other = post(picture(), body="Adımız Yeni İletişim oldu."), open_shop(name="Moda Kırtasiye")
    assert intake and intake.agent == shop.number
    answer = desk.send(f"/intake/{intake.id}/draft", kind="agent-information", agent=other.number)
    assert answer.status_code == 422 and "It came from another shop" in shown(answer)
    with db.reading() as session:
        assert session.scalars(select(Change)).all() == []


def test_an_answer_goes_to_who_wrote_and_ends_it(desk: Browser, post: Post, shop: Shop) -> None:
    intake = post(picture(), sender=STRANGER, subject="Soru")
    assert intake
    assert desk.send(f"/intake/{intake.id}/answer", text=" ").status_code == 422
    assert desk.send(f"/intake/{intake.id}/answer", text="Formu imzalayıp gönderin.").status_code == 303
    assert answers(STRANGER)[-1] == "Formu imzalayıp gönderin.\n" and last().outcome == "answered"
    assert "Answered" in desk.reads("/intake?outcome=answered")


def test_what_belongs_to_nothing_is_destroyed_and_forgotten_in_its_time(desk: Browser, post: Post, shop: Shop, monday: object) -> None:
    """C-08, C27"""
    intake = post(picture(), sender=STRANGER, body="Reklam")
    assert intake and desk.send(f"/intake/{intake.id}/end").status_code == 303
    (paper,) = papers(intake)
    assert destroy_scans(at("2026-12-22T10:00:00+03:00")) == 0 and destroy_scans(at("2026-12-24T10:00:00+03:00")) == 1
    with db.reading() as session:
        assert session.get_one(Scan, paper.scan).certificate
    forget_data(at("2027-11-25T10:00:00+03:00"))
    assert (last().sender, last().body, last().subject) == ("erased-0@erased.invalid", "", "")


def test_nobody_sees_a_mail_wait_for_more_than_a_day(post: Post, shop: Shop) -> None:
    post(picture())
    with db.reading() as session:
        assert everything(session, now=clock.now()) == []
        (late,) = everything(session, now=at("2026-11-24T11:00:00+03:00"))
    assert late.kind == "intake.unsorted"


def test_a_filed_scan_belongs_to_its_request_for_ever(post: Post, shop: Shop, operator: Person) -> None:
    """Held by the database"""
    change = keyed_in(shop, operator)
    (paper,) = papers(post(picture(change.reference)))
    with pytest.raises(Exception, match="belongs to"), db.transaction() as session:
        session.get_one(Scan, paper.scan).about = "C-AAAA-AAAA-A"


# A paper that a shop drops at the counter ---------------------------------------------------------------------------------------------


@pytest.fixture
def counter(app: Flask, shop: Shop) -> Browser:
    return Browser(app, shop.owner.phone)


def bring(browser: Browser, content: bytes, **fields: str) -> str:
    answer = browser.send("/papers", file=file(content), **({"reference": ""} | fields))
    assert answer.status_code == 303, shown(answer)
    return answer.headers["Location"]


def test_a_dropped_paper_finds_its_request_and_the_page_says_which(counter: Browser, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    assert "/papers" in counter.reads("/forms")
    address = bring(counter, picture(change.reference))
    assert address.endswith(change.reference) and change.reference in counter.reads(address)
    assert state(change) == "incomplete", "the identity card is missing"


def test_a_paper_without_code_is_asked_about(counter: Browser, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    address = bring(counter, picture())
    assert "No reference was found" in counter.reads(address)
    assert "There is no request" in shown(counter.send(address, reference="C-1", which="form"))
    assert counter.send(address, reference=change.reference, which="identity").status_code == 303
    assert filed(last()) == ["identity"]


def test_the_typed_reference_says_which_when_the_paper_does_not(counter: Browser, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator, kind="agent-information")
    assert bring(counter, picture(), reference=change.reference).endswith(change.reference)
    assert (filed(last()), state(change)) == (["form"], "asked")


def test_another_shop_s_paper_is_told_nobody(counter: Browser, app: Flask, operator: Person) -> None:
    change = keyed_in(open_shop("1000002077"), operator)
    page = counter.reads(bring(counter, picture(change.reference)))
    assert "No reference was found" in page and change.reference not in page
    answer = counter.send(f"/papers/{last().id}", reference=change.reference, which="form")
    assert "There is no request" in shown(answer) and filed(last()) == [""]
    stranger = Browser(app, hire("cashier", shop=open_shop("1000003033"), name="Başka Biri").phone)
    assert stranger.get(f"/papers/{last().id}").status_code == 404


def test_a_cashier_s_paper_of_a_change_waits_for_an_operator(app: Flask, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    page = Browser(app, hire("cashier", shop=shop, name="Mehmet Kaya").phone)
    said = page.reads(bring(page, picture(change.reference)))
    assert "Confirm that it is theirs" in said and state(change) == "incomplete" and last().doubt == "stranger"


def test_what_cannot_be_read_says_so_and_nothing_is_kept(counter: Browser, shop: Shop) -> None:
    answer = counter.send("/papers", file=file(b"MZ"), reference="")
    assert answer.status_code == 422 and "neither a JPEG" in shown(answer)
    assert counter.send("/papers", reference="").status_code == 422
    with db.reading() as session:
        assert session.query(Intake).count() == 0


# The cancellation whose papers came by mail --------------------------------------------------------------------------------------------


def test_a_mailed_form_is_completed_by_the_shop_and_counts_from_then(counter: Browser, post: Post, shop: Shop) -> None:
    """C-01, C-02"""
    millenicom = open_biller()
    shop.topped_up("500.00")
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    intake = post(picture(payment.reference))
    page = counter.reads(f"/payments/{payment.reference}")
    assert "Papers for a cancellation came in" in page and intake and intake.doubt == "cancellation"
    address = f"/payments/{payment.reference}/cancellation/papers"
    assert "counts from the moment you send this" in counter.reads(address)
    assert "Say why" in shown(counter.send(address, ready="", reason=""))
    assert "Upload a scan of the customer" in shown(counter.send(address, ready="Wrong amount", reason=""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requesting, "clean_scan", lambda content, **rest: CleanScan(content, "image/jpeg", 1))
        assert counter.send(address, ready="Wrong amount", reason="", identity=file()).status_code == 303
    with db.reading() as session:
        (cancellation,) = cancellations_of(session, payment.reference)
        form = session.get_one(Scan, cancellation.form)
    assert (cancellation.asked_at, cancellation.asked_by) == (clock.now(), shop.by) and cancellation.asked_at > intake.arrived_at
    assert (form.kind, form.about, form.closed_at) == ("form", payment.reference, None)
    assert last().outcome == "filed" and "Papers for a cancellation" not in counter.reads(f"/payments/{payment.reference}")


def test_after_the_cut_off_the_papers_are_too_late(counter: Browser, post: Post, shop: Shop, monday: object) -> None:
    """C-06: when they arrived makes no difference"""
    millenicom = open_biller()
    shop.topped_up("500.00")
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    post(picture(payment.reference), picture())
    monday(at("2026-11-23T17:00:00+03:00"))  # type: ignore[operator]
    address = f"/payments/{payment.reference}/cancellation/papers"
    assert "It was possible until" in counter.reads(address)
    answer = counter.send(address, ready="Wrong amount", reason="", identity=file())
    assert answer.status_code == 409 and "could be cancelled until" in shown(answer)

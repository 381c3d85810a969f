"""A mail's papers find their request; what is not certain waits for a person, nothing is lost, each mail is answered once (product.md §7)."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from app import clock, db
from app.agents.model import Agent
from app.changes.draft import open_draft
from app.changes.kind import Subject
from app.changes.withdraw_change import withdraw_change
from app.documents.model import Scan
from app.intake.find_request import references_in_text
from app.intake.model import Intake
from app.markets import MARKETS
from app.people.model import Person
from tests.intake.conftest import Post, answers, filed, keyed_in, papers, picture, state
from tests.people import ScriptedBiller, Shop, open_biller, open_shop

STRANGER = "someone@example.com"


def test_form_and_card_complete_the_request(post: Post, shop: Shop, operator: Person, quick_scans: list[str]) -> None:
    """C-08: the watermark says what they are for"""
    change = keyed_in(shop, operator)
    intake = post(picture(), picture(change.reference))
    assert (filed(intake), state(change)) == (["identity", "form"], "asked")
    assert intake and (intake.outcome, intake.reference, intake.agent) == ("filed", change.reference, shop.number)
    assert [change.reference in words for words in quick_scans] == [False, False, True, True]
    (said,) = answers()
    assert change.reference in said and "İmzalı form" in said
    with db.reading() as session:
        scans = [session.get_one(Scan, paper.scan) for paper in papers(intake)]
    assert [(scan.kind, scan.about) for scan in scans] == [("identity", change.reference), ("form", change.reference)]


def test_a_reference_in_the_subject_is_enough_for_the_one_paper_that_is_missing(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator, kind="agent-information")
    intake = post(picture(), subject=f"Re: {change.reference.lower()} evrakı")
    assert (filed(intake), state(change)) == (["form"], "asked")


def test_what_is_missing_after_one_paper_is_named(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    intake = post(picture(change.reference))
    assert (filed(intake), state(change), intake and intake.outcome) == (["form"], "incomplete", "filed")
    assert "Kimlik kartı" in answers()[0]
    post(picture(), subject=change.reference)
    assert state(change) == "asked"


def test_which_paper_is_which_is_never_guessed(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    without_code = post(picture(), subject=change.reference)
    assert without_code and (filed(without_code), without_code.doubt) == ([""], "which-paper")
    two_forms = post(picture(change.reference), picture(change.reference))
    assert two_forms and (filed(two_forms), two_forms.doubt) == (["", ""], "which-paper")
    two_others = post(picture(change.reference), picture(), picture())
    assert two_others and (filed(two_others), two_others.doubt) == (["form", "", ""], "which-paper")
    assert state(change) == "incomplete" and len(answers()) == 3


def test_a_stranger_with_a_right_reference_waits_and_learns_nothing(post: Post, shop: Shop, operator: Person) -> None:
    """A reference is no secret"""
    change, other = keyed_in(shop, operator), open_shop("1000009999")
    right = post(picture(change.reference), sender=STRANGER)
    wrong = post(picture("C-AAAA-AAAA-A"), sender="another@example.com")
    assert right and (right.doubt, right.outcome, right.reference, filed(right)) == ("stranger", None, change.reference, [""])
    assert wrong and wrong.doubt == "no-reference"
    assert state(change) == "incomplete" and other.number not in answers(STRANGER)[0]
    assert re.sub(r"\d+", "#", answers(STRANGER)[0]) == re.sub(r"\d+", "#", answers("another@example.com")[0])


def test_an_address_of_another_shop_is_a_stranger_s(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(open_shop("1000002077"), operator)
    intake = post(picture(change.reference))
    assert intake and (intake.doubt, filed(intake)) == ("stranger", [""])


def test_a_person_s_own_address_counts_until_the_person_is_gone(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    with db.transaction() as session:
        owner = session.get_one(Person, shop.owner.id)
        owner.email, owner.language = "Ayse@Example.com", "en"
    intake = post(picture(change.reference), sender="ayse@example.com")
    assert filed(intake) == ["form"] and "Still missing: The identity card." in answers("ayse@example.com")[0]
    with db.transaction() as session:
        owner = session.get_one(Person, shop.owner.id)
        owner.removed_at, owner.removed_by = clock.now(), "test"
    intake = post(picture(), subject=change.reference, sender="ayse@example.com")
    assert intake and intake.doubt == "stranger"


def test_a_sender_that_our_own_server_calls_forged_is_a_stranger(post: Post, shop: Shop, operator: Person) -> None:
    intake = post(picture(keyed_in(shop, operator).reference), forged=True)
    assert intake and intake.doubt == "stranger"


def test_two_references_are_for_a_person_to_sort_out(post: Post, shop: Shop, operator: Person) -> None:
    one, two = keyed_in(shop, operator), keyed_in(shop, operator, phone="05351112244")
    for intake in (post(picture(one.reference), picture(two.reference)), post(picture(one.reference), subject=two.reference)):
        assert intake and (intake.doubt, intake.reference) == ("several", "")
    assert state(one) == state(two) == "incomplete"


def test_a_registered_sender_without_reference_and_a_stranger_with_papers_wait(post: Post, shop: Shop) -> None:
    ours, theirs = post(body="Kasiyer eklemek istiyorum."), post(picture(), sender=STRANGER)
    assert ours and (ours.doubt, ours.agent) == ("registered", shop.number)
    assert theirs and (theirs.doubt, theirs.agent) == ("no-reference", None)
    assert len(answers()) == len(answers(STRANGER)) == 1


def test_who_asks_for_a_bill_is_left_to_who_answers_that(post: Post, shop: Shop, operator: Person) -> None:
    """One place says whose a mail is"""
    change = keyed_in(shop, operator)
    assert post(body="Faturam?", sender=STRANGER) is None, "no paper, no reference, not registered"
    assert post(asks_for_a_bill=True) is None, "a shop may ask for a bill, too"
    assert post(picture(), asks_for_a_bill=True, sender=STRANGER) is None, "with the last bill as a picture"
    assert post(report=True, subject=change.reference) is None
    assert post(machine="auto-submitted", subject=f"Out of office: {change.reference}") is None
    assert post(picture(change.reference), asks_for_a_bill=True, sender=STRANGER), "a form of ours is more than that"


def test_a_scanner_s_mail_is_kept_and_not_answered(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    intake = post(picture(change.reference), machine="nobody", sender="no-reply@scanner.example")
    assert intake and intake.doubt == "stranger" and answers("no-reply@scanner.example") == []


def test_what_cannot_be_opened_gets_a_sentence(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    intake = post(b"MZ executable", picture(change.reference), b"PK")
    assert filed(intake) == ["", "form", ""] and intake and intake.outcome == "filed"
    assert answers()[0].count("JPEG") == 2 and "Ek 1:" in answers()[0] and "Ek 3:" in answers()[0]
    alone = post(b"MZ executable", subject=change.reference)
    assert alone and alone.doubt == "no-paper"


def test_only_ten_attachments_are_taken(post: Post, shop: Shop) -> None:
    intake = post(*[picture()] * 12)
    assert [bool(paper.scan) for paper in papers(intake)] == [True] * 10 + [False]


def test_a_mail_that_is_too_large_or_cannot_be_taken_apart_is_not_lost(post: Post, shop: Shop) -> None:
    large = post(too_long=True, has_parts=True, sender=STRANGER, body="")
    broken = post(machine="unreadable", sender="", subject="", body="")
    assert large and large.doubt == "too-large" and "daha küçük" in answers(STRANGER)[0]
    assert broken and broken.doubt == "unreadable"


def test_the_same_mail_again_is_the_same(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    first = post(picture(change.reference), source="same")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: post(picture(change.reference), source="same"), range(2)))
    with db.reading() as session:
        assert session.query(Intake).count() == 1
    assert first and len(answers()) == 1 and post.taken == [True] * 3


def test_two_workers_at_the_same_new_mail_keep_it_once(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: post(picture(change.reference), source="new"), range(2)))
    assert len(answers()) == 1 and state(change) == "incomplete"


def test_a_flood_is_kept_unopened(post: Post, shop: Shop, quick_scans: list[str]) -> None:
    found = [post(picture(), sender=STRANGER) for _ in range(61)]
    assert found[-1] and found[-1].outcome == "too-many" and papers(found[-1]) == [] and len(quick_scans) == 60
    assert len(answers(STRANGER)) == 60


def test_a_draft_takes_its_papers_and_stays_one(post: Post, shop: Shop) -> None:
    with db.transaction() as session:
        subject = Subject(MARKETS["TR"], session.get_one(Agent, shop.number))
        draft = open_draft(session, "agent-information", subject=subject, by="test", now=clock.now())
    intake = post(picture(draft.reference))
    assert (filed(intake), state(draft)) == (["form"], "draft")


def test_a_decided_request_takes_nothing_and_nothing_is_lost(post: Post, shop: Shop, operator: Person) -> None:
    change = keyed_in(shop, operator)
    with db.transaction() as session:
        withdraw_change(session, change.reference, by=f"person:{operator.id}", now=clock.now())
    intake = post(picture(change.reference))
    assert intake and (intake.doubt, filed(intake)) == ("takes-none", [""])


@pytest.fixture
def millenicom(monday: object) -> ScriptedBiller:
    return open_biller()


def test_a_cancellation_s_form_waits_to_be_completed_and_is_not_asked_for_yet(post: Post, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-02; C-01: when it arrived is only shown"""
    shop.topped_up("500.00")
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    intake = post(picture(payment.reference), picture())
    assert intake and (filed(intake), intake.doubt, intake.outcome) == (["form", "identity"], "cancellation", None)
    assert intake.arrived_at < intake.kept_at
    assert "17:00" in answers()[0] and "HENÜZ" in answers()[0]
    again = post(picture(payment.reference))
    assert again and (filed(again), again.doubt) == ([""], "takes-none")


def test_references_are_read_as_people_write_them() -> None:
    found = references_in_text("FW: c–7k3m–9q2x–h ve P261122-7K3M9QXA2B4C", "> C-0000-0000-0\nTel 532 123 45 67")
    assert "P261122-7K3M9QXA2B4C" in found and len(found) <= 2
    assert references_in_text("Nothing C-ABC", "abcC-7K3M-9Q2X-Hx") == []

"""Asking for a cancellation: complete or not at all, in time, about a paid bill, once (C-01, C-02, C-06, C-07, C-08)."""

import threading
import time as real_time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

import psycopg
import pytest
import time_machine
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.audit import AuditLine
from app.cancellations.model import Cancellation, LateAttempt, State
from app.cancellations.queries import live_cancellation, name_of
from app.cancellations.request_cancellation import (
    AskedAlready,
    Incomplete,
    NothingToCancel,
    Pending,
    TooLate,
    request_cancellation,
    watermark,
)
from app.cancellations.see_scan import see_scan
from app.cancellations.withdraw_cancellation import withdraw_cancellation
from app.collections.model import OpenQuestion, Payment
from app.collections.model import State as PaymentState
from app.collections.settle_pending import settle_pending
from app.documents.clean_scan import CleanScan, UnsuitableScan, WrongKind
from app.documents.keep_scan import views_of
from app.documents.model import Paper, Scan
from app.errors import Invalid, NotFound, Refusal
from app.people.model import Person
from tests.cancellations.conftest import FIVE, KEYS, LAST_MOMENT, TEN, OneGateway, ask, decide, read, report, wish
from tests.conftest import Database
from tests.documents.uploads import MARKER, paper_of_photos, photo
from tests.people import UNKNOWN, ScriptedBiller, Shop, at, journal, no, open_biller, open_shop, read_payment

Move = Callable[[datetime], None]


def rows(table: str) -> int:
    with db.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_complete_request_is_recorded_with_its_scans(payment: Payment, shop: Shop) -> None:
    """C-02"""
    cancellation = ask(payment, shop, reason=" Wrong \n subscriber ")

    assert cancellation.state == State.ASKED
    assert (cancellation.payment, cancellation.agent, cancellation.asked_by) == (payment.reference, shop.number, shop.by)
    assert (cancellation.asked_at, cancellation.reason) == (TEN, "Wrong subscriber")
    assert (cancellation.cut_off_at, cancellation.report_until) == (FIVE, FIVE + timedelta(hours=1))
    with db.reading() as session:
        scans = {scan.name: (scan.kind, scan.about) for scan in session.scalars(select(Scan))}
        asked = session.scalars(select(AuditLine).filter_by(event="cancellation.asked")).one()
    assert scans == {cancellation.form: ("form", payment.reference), cancellation.identity: ("identity", payment.reference)}
    assert (asked.by, asked.about) == (shop.by, payment.reference)


def test_real_scans_are_made_anew_watermarked_and_sealed(payment: Payment, shop: Shop, admin: Person, database: Database) -> None:
    """C-08: from the upload to what a decider sees; nothing of the files lies in the database"""
    cancellation = ask(payment, shop, form=paper_of_photos([photo(colour="blue")]), identity=photo(colour="red"))

    with psycopg.connect(database.url) as connection, connection.cursor().copy("COPY scan TO STDOUT (FORMAT binary)") as copy:
        dump = b"".join(copy)
    assert not [magic for magic in (b"\xff\xd8\xff", b"JFIF", b"%PDF", MARKER.encode()) if magic in dump]
    with db.transaction() as session:
        card = see_scan(
            session, cancellation.id, "identity", agent=None, may_decide=True, reason="deciding", keys=KEYS, by="person:9", now=TEN
        )
    image = Image.open(BytesIO(card.content))
    image.load()
    assert (card.media_type, image.size) == ("image/jpeg", (600, 400))
    assert len({image.getpixel((x, 200)) for x in range(300)}) > 20  # one colour, were it not for the watermark


def test_the_watermark_says_what_for_and_when(payment: Payment, millenicom: ScriptedBiller) -> None:
    """C-08"""
    words = watermark(payment, millenicom.record, now=TEN)
    assert payment.reference in words
    assert "2026" in words


@pytest.mark.parametrize(
    ("missing", "fields"),
    [
        ({"reason": " \t"}, ["reason"]),
        ({"form": b""}, ["form"]),
        ({"identity": b""}, ["identity"]),
        ({"reason": "", "form": b"", "identity": b""}, ["reason", "form", "identity"]),
    ],
)
def test_an_incomplete_request_does_not_count(payment: Payment, shop: Shop, missing: dict[str, Any], fields: list[str]) -> None:
    """C-02: nothing is recorded, and the sentence names what is missing"""
    with pytest.raises(Incomplete) as refusal:
        ask(payment, shop, **missing)
    assert list(refusal.value.errors) == fields
    assert (refusal.value.name(), refusal.value.status) == ("incomplete", 422)
    assert rows("cancellation") == rows("scan") == rows("late_attempt") == 0


def test_real_scans_that_cannot_be_taken_leave_nothing_behind(payment: Payment, shop: Shop) -> None:
    """C-02, C11"""
    with pytest.raises(WrongKind) as refusal:
        ask(payment, shop, form=photo(size=(60, 40)), identity=b"<html>")
    assert isinstance(refusal.value, UnsuitableScan)
    assert list(refusal.value.errors) == ["identity"]
    assert rows("cancellation") == rows("scan") == 0


def test_the_last_microsecond_is_in_time(payment: Payment, shop: Shop, monday: Move) -> None:
    """C-01: 16:59:59.999999"""
    monday(LAST_MOMENT)
    assert ask(payment, shop).asked_at == LAST_MOMENT


def test_five_o_clock_is_too_late(payment: Payment, shop: Shop, monday: Move) -> None:
    """C-01, C-06: a dekont with its number, and where the customer goes; nothing was requested"""
    monday(FIVE)
    with pytest.raises(TooLate) as refusal:
        ask(payment, shop)
    assert refusal.value.facts == {
        "payment": payment.reference,
        "until": FIVE,
        "asked_at": FIVE,
        "dekont": "/dekont",
        "number": "D-2026-000001",
        "biller": "Millenicom",
        "phone": "444 0 144",
        "desk": "Büyükdere Cad. 121, Şişli / İstanbul",
    }
    assert (refusal.value.name(), refusal.value.status) == ("too-late", 409)
    with db.reading() as session:
        attempt = session.scalars(select(LateAttempt)).one()
        paper = session.scalars(select(Paper)).one()
    assert (attempt.payment, attempt.at, attempt.by, attempt.reason) == (payment.reference, FIVE, shop.by, "Wrong subscriber")
    assert paper.number == "D-2026-000001"
    assert rows("cancellation") == rows("scan") == 0


def test_asking_again_too_late_gives_the_same_dekont(payment: Payment, shop: Shop, monday: Move) -> None:
    """C-06, C21: every attempt is a fact, the paper stays one"""
    numbers = []
    for minutes in (0, 1, 600):
        monday(FIVE + timedelta(minutes=minutes))
        with pytest.raises(TooLate) as refusal:
            ask(payment, shop)
        numbers.append(refusal.value.facts["number"])
    assert numbers == ["D-2026-000001"] * 3
    assert rows("late_attempt") == 3


@pytest.mark.parametrize("moment", ["2026-11-24T00:00:00+03:00", "2026-11-24T10:00:00+03:00", "2026-12-23T10:00:00+03:00"])
def test_another_day_is_too_late(payment: Payment, shop: Shop, monday: Move, moment: str) -> None:
    """C-01: the same calendar day"""
    monday(at(moment))
    with pytest.raises(TooLate):
        ask(payment, shop)


def test_a_bill_paid_in_the_evening_cannot_be_cancelled(shop: Shop, millenicom: ScriptedBiller, monday: Move) -> None:
    """C-01"""
    monday(at("2026-11-23T17:30:00+03:00"))
    payment = shop.pays(millenicom, millenicom.bill("10.00"))
    with pytest.raises(TooLate):
        ask(payment, shop)


def test_a_development_setting_moves_the_hour(payment: Payment, shop: Shop, monday: Move) -> None:
    """contract.md §2: GISE_CUT_OFF"""
    with pytest.raises(TooLate):
        ask(payment, shop, override=time(10))
    monday(at("2026-11-23T16:59:29.999999+03:00"))
    assert ask(payment, shop, override=time(16, 59, 30)).state == State.ASKED


def test_the_time_that_counts_is_read_after_the_last_lock(payment: Payment, shop: Shop, database: Database, monday: Move) -> None:
    """C-01: asked at 16:59:59, but somebody held the payment until 17:00"""
    monday(LAST_MOMENT)
    refusals: list[Refusal] = []

    def try_to_ask() -> None:
        try:
            ask(payment, shop)
        except Refusal as refusal:
            refusals.append(refusal)

    with psycopg.connect(database.url) as connection:
        connection.execute("SELECT FROM payment WHERE reference = %s FOR UPDATE", [payment.reference])
        asking = threading.Thread(target=try_to_ask)
        asking.start()
        wait_for_a_waiting_one(database)
        monday(FIVE)
        connection.commit()
        asking.join()
    assert [refusal.name() for refusal in refusals] == ["too-late"]


def wait_for_a_waiting_one(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        while not connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchone():
            real_time.sleep(0.01)


def test_around_five_every_verdict_equals_its_recorded_time(database: Database) -> None:
    """C-01, B17, trust.md "cut-off": many at once while the hour strikes, by a clock that runs"""
    with time_machine.travel(TEN, tick=False):
        biller, shop = open_biller(), open_shop("1000001042")
        shop.topped_up("500.00")
        payments = [shop.pays(biller, biller.bill("1.00")) for _ in range(60)]
    clock.start((FIVE - timedelta(milliseconds=300)).isoformat())
    try:
        with ThreadPoolExecutor(12) as pool:
            outcomes = list(pool.map(lambda payment: verdict(payment, shop), payments))
    finally:
        clock.start(None)
    with db.reading() as session:
        in_time = {c.payment: c.asked_at for c in session.scalars(select(Cancellation))}
        late = {attempt.payment: attempt.at for attempt in session.scalars(select(LateAttempt))}
    assert set(in_time) == {payment for payment, word in outcomes if word == "asked"}
    assert set(late) == {payment for payment, word in outcomes if word == "too-late"}
    assert len(in_time) + len(late) == 60
    assert all(moment < FIVE for moment in in_time.values())
    assert all(moment >= FIVE for moment in late.values())


def verdict(payment: Payment, shop: Shop) -> tuple[str, str]:
    try:
        return payment.reference, ask(payment, shop).state
    except TooLate as refusal:
        return payment.reference, refusal.name()


def test_the_database_itself_refuses_what_was_asked_too_late(payment: Payment, shop: Shop, database: Database) -> None:
    """C-01: a named check, whatever a program thinks"""
    ask(payment, shop)
    with pytest.raises(psycopg.errors.CheckViolation, match="asked_before_the_cut_off"), psycopg.connect(database.url) as connection:
        connection.execute("UPDATE cancellation SET asked_at = cut_off_at")


@pytest.mark.parametrize(
    "column", ["asked_by = 'person:99'", "asked_at = asked_at", "cut_off_at = cut_off_at", "reason = 'x'", "identity = form"]
)
def test_nobody_rewrites_who_asked_when_and_why(payment: Payment, shop: Shop, column: str) -> None:
    """C18: the product's role may not"""
    ask(payment, shop)
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(f"UPDATE cancellation SET {column}"))


def test_a_pending_payment_cannot_be_cancelled_and_the_biller_is_asked_at_once(
    shop: Shop, millenicom: ScriptedBiller, monday: Move
) -> None:
    """C-07, P-05: resolved first, then it can"""
    millenicom.answers, millenicom.truths = [UNKNOWN], [UNKNOWN, UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    for seconds in (20, 40):
        monday(TEN + timedelta(seconds=seconds))
        settle_pending(OneGateway(millenicom), now=clock.now())  # type: ignore[arg-type]
    assert due_in(payment) > timedelta(seconds=5)

    with pytest.raises(Pending) as refusal:
        ask(payment, shop)

    assert (refusal.value.name(), refusal.value.status) == ("pending", 409)
    assert due_in(payment) == timedelta(0)
    millenicom.booked[payment.reference] = None  # type: ignore[assignment]
    settle_pending(OneGateway(millenicom), now=clock.now())  # type: ignore[arg-type]
    assert ask(payment, shop).state == State.ASKED


def due_in(payment: Payment) -> timedelta:
    with db.reading() as session:
        question = session.scalars(select(OpenQuestion).filter_by(reference=payment.reference)).one()
    return question.next_ask_at - clock.now()


def test_a_payment_that_is_just_being_sent_is_left_alone(shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-04: nobody asks within 15 s of the hold, not even for a cancellation"""
    millenicom.answers = [UNKNOWN]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    with pytest.raises(Pending):
        ask(payment, shop)
    assert due_in(payment) == timedelta(seconds=15)


def test_what_was_refused_needs_no_cancellation(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers = [no("not_allowed")]
    payment = shop.pays(millenicom, millenicom.bill("120.50"))
    with pytest.raises(NothingToCancel, match="refused"):
        ask(payment, shop)


def test_what_is_cancelled_cannot_be_cancelled_again(payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller) -> None:
    decide(ask(payment, shop), admin)
    report(millenicom)
    before = journal()
    with pytest.raises(NothingToCancel, match="cancelled"):
        ask(payment, shop)
    assert journal() == before


def test_one_live_request_for_a_payment(payment: Payment, shop: Shop) -> None:
    """C-03: the second learns who asked and when"""
    first = ask(payment, shop)
    with pytest.raises(AskedAlready) as refusal:
        ask(payment, shop)
    assert refusal.value.facts == {
        "cancellation": first.id, "payment": payment.reference, "who": "Ayşe Yılmaz", "when": TEN, "state": "asked",
    }  # fmt: skip


def test_a_live_request_is_no_late_one(payment: Payment, shop: Shop, monday: Move) -> None:
    """Whoever presses again at five past five must not send the customer away"""
    ask(payment, shop)
    monday(FIVE + timedelta(minutes=5))
    with pytest.raises(AskedAlready):
        ask(payment, shop)
    assert rows("late_attempt") == 0


def test_twenty_at_once_make_one_request(payment: Payment, shop: Shop) -> None:
    """C20"""

    def try_to_ask(_: int) -> str:
        try:
            return ask(payment, shop).state
        except AskedAlready as refusal:
            return refusal.name()

    with ThreadPoolExecutor(20) as pool:
        words = sorted(pool.map(try_to_ask, range(20)))
    assert words == ["asked"] + ["asked-already"] * 19
    assert (rows("cancellation"), rows("scan")) == (1, 2)


def test_after_a_denial_the_shop_may_ask_again_while_there_is_time(payment: Payment, shop: Shop, admin: Person) -> None:
    first = ask(payment, shop)
    decide(first, admin, granted=False, reason="The form is not signed")
    second = ask(payment, shop)
    assert (read(first).state, second.state) == (State.DENIED, State.ASKED)


def test_a_strangers_payment_is_not_found(payment: Payment, shop: Shop) -> None:
    """C1: the same answer as for one that does not exist"""
    stranger = open_shop("1000002077")
    for reference, agent in ((payment.reference, stranger.number), ("P261123-NOTTHERE0000", shop.number), ("../../x", shop.number)):
        payment.reference = reference
        with pytest.raises(NotFound):
            ask(payment, shop, agent=agent)
    assert rows("cancellation") == rows("scan") == 0


def test_an_operator_keys_in_a_paper_form_for_a_shop(payment: Payment, shop: Shop) -> None:
    """product.md §1"""
    cancellation = ask(payment, shop, agent=None, by="person:77")
    assert (cancellation.agent, cancellation.asked_by) == (shop.number, "person:77")


def test_only_the_uploader_and_the_deciders_see_the_scans(payment: Payment, shop: Shop, admin: Person) -> None:
    """C-08: each view with a reason, each recorded; everybody else finds nothing"""
    cancellation = ask(payment, shop)

    def look(by: str, *, agent: str | None, may_decide: bool, reason: str = "deciding") -> None:
        with db.transaction() as session:
            see_scan(session, cancellation.id, "identity", agent=agent, may_decide=may_decide, reason=reason, keys=KEYS, by=by, now=TEN)

    look(shop.by, agent=shop.number, may_decide=False, reason="was it readable?")
    look(f"person:{admin.id}", agent=None, may_decide=True)
    for by, agent in (("person:88", shop.number), ("person:89", None), ("person:90", "1000002077")):
        with pytest.raises(NotFound):
            look(by, agent=agent, may_decide=False)
    with pytest.raises(Invalid):
        look(f"person:{admin.id}", agent=None, may_decide=True, reason="")
    with db.reading() as session:
        views = [(name_of(session, view.by), view.reason) for view in views_of(session, cancellation.identity)]
    assert views == [("Zeynep Demir", "deciding"), ("Ayşe Yılmaz", "was it readable?")]


def test_the_shop_withdraws_and_may_ask_again(payment: Payment, shop: Shop) -> None:
    first = ask(payment, shop)
    for _ in range(2):
        with db.transaction() as session:
            withdrawn = withdraw_cancellation(session, first.id, agent=shop.number, by=shop.by, now=TEN)
    assert (withdrawn.state, withdrawn.withdrawn_by) == (State.WITHDRAWN, shop.by)
    with db.reading() as session:
        assert live_cancellation(session, payment.reference) is None
        assert {scan.closed_at for scan in session.scalars(select(Scan))} == {TEN}
    assert ask(payment, shop).state == State.ASKED
    assert read_payment(payment.reference).state == PaymentState.PAID


def test_a_stranger_withdraws_nothing(payment: Payment, shop: Shop) -> None:
    """C1"""
    cancellation = ask(payment, shop)
    with pytest.raises(NotFound), db.transaction() as session:
        withdraw_cancellation(session, cancellation.id, agent="1000002077", by="person:9", now=TEN)
    assert read(cancellation).state == State.ASKED


def test_what_is_uploaded_is_in_no_log_line(payment: Payment, shop: Shop) -> None:
    """C25: neither files nor scans show themselves when somebody prints their holder"""
    assert "card" not in repr(wish(payment, shop, identity=b"card"))
    assert "secret" not in repr(CleanScan(b"secret", "image/jpeg", 1))
    assert request_cancellation.__doc__

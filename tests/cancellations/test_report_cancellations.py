"""From the grant to the end: reported in seconds with proof, done once, refused with a dekont (C-04, C-05, C-06, B19, B20)."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from unittest.mock import Mock

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock, db
from app.agents.suspend_agent import suspend_agent
from app.billers.gateway import Answer, Order, Verdict
from app.billers.model import Tariff
from app.cancellations.end_cancellation import end_cancellation
from app.cancellations.model import Cancellation, Case, State
from app.cancellations.queries import open_cases, reports_of, waiting
from app.cancellations.resolve_case import CaseDecided, NotProposed, decide_case, propose_outcome
from app.cancellations.undo_payment import undo_payment
from app.collections.give_cash_back import give_cash_back
from app.collections.model import Payment
from app.collections.model import State as PaymentState
from app.collections.queries import cash_to_return
from app.documents.model import Paper, Scan
from app.errors import Invalid, NotFound, OwnRequest
from app.ledger.self_check import self_check
from app.notifications.model import Message
from app.people.model import Person
from app.people.second_person import FirstCountsNoMore, ProposalChanged, mark_of
from tests.cancellations.conftest import FIVE, TEN, ask, decide, hire, read, report
from tests.conftest import Database
from tests.people import UNKNOWN, ScriptedBiller, Shop, book_is_right, journal, leaves, lira, no, open_biller, read_payment, yes

Move = Callable[[datetime], None]


@pytest.fixture
def granted(payment: Payment, shop: Shop, admin: Person) -> Cancellation:
    return decide(ask(payment, shop), admin)


def end(cancellation: Cancellation, answer: Answer, *, by: str = "job:test") -> Cancellation:
    with db.transaction() as session:
        return end_cancellation(session, cancellation.id, answer, by=by, now=clock.now())


def proof(cancellation: Cancellation) -> list[tuple[datetime, bool, str | None, str]]:
    with db.reading() as session:
        return [(one.sent_at, one.in_time, one.verdict, one.word) for one in reports_of(session, cancellation.id)]


def test_done_is_the_exact_reverse_of_everything(granted: Cancellation, payment: Payment, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-05: money back, payment cancelled, bill open again, customer's cash on the shop's screen"""
    report(millenicom)

    assert read(granted).state == State.DONE
    assert millenicom.asked[-1] == f"reverse {payment.reference}"
    assert shop.balance == lira("500.00")
    after = read_payment(payment.reference)
    assert (after.state, after.released, after.balance_after) == (PaymentState.CANCELLED, True, lira("500.00").minor)
    assert journal()[-2:] == [
        "payment.cancelled   biller:millenicom -> transit 120.50",
        "payment.cancelled   transit -> agent:1000001042 120.50",
    ]
    with db.reading() as session:
        assert [owed.reference for owed in cash_to_return(session, shop.number)] == [payment.reference]
    assert book_is_right()


def test_fee_commission_and_tax_go_back_too(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    """C-05, product.md §8: bill 390.00, fee 5.00, share 3.00, tax 0.10"""
    with db.transaction() as session:
        session.add(
            Tariff(
                biller="millenicom",
                agent_group="standard",
                valid_from=date(2026, 1, 1),
                fee=[{"flat": 500}],
                share=[{"flat": 300}],
                tax=500,
            )
        )
    payment = shop.pays(millenicom, millenicom.bill("390.00"))
    decide(ask(payment, shop), admin)

    report(millenicom)

    assert journal()[-5:] == [
        "payment.cancelled   tax:bsmv -> income:fees 0.10",
        "payment.cancelled   commission:1000001042 -> income:fees 3.00",
        "payment.cancelled   income:fees -> transit 5.00",
        "payment.cancelled   biller:millenicom -> transit 390.00",
        "payment.cancelled   transit -> agent:1000001042 395.00",
    ]
    assert shop.balance == lira("500.00")
    assert book_is_right()


def test_a_cancelled_bill_can_be_paid_again(granted: Cancellation, payment: Payment, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-05: bill open again"""
    report(millenicom)
    bill = next(bill for account in millenicom.accounts.values() for bill in account.bills if bill.ref == payment.bill)
    assert shop.pays(millenicom, bill).state == PaymentState.PAID
    assert book_is_right()


def test_a_blocked_shop_gets_its_money_back(granted: Cancellation, shop: Shop, millenicom: ScriptedBiller) -> None:
    with db.transaction() as session:
        suspend_agent(session, shop.number, reason="contract expired", by="test", now=clock.now())
    report(millenicom)
    assert shop.balance == lira("500.00")


def test_the_cash_is_given_back_and_recorded(granted: Cancellation, payment: Payment, shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-13"""
    report(millenicom)
    with db.transaction() as session:
        give_cash_back(session, payment.reference, agent=shop.number, by=shop.by, now=clock.now())
        assert cash_to_return(session, shop.number) == []


def test_everybody_is_told_of_the_end(granted: Cancellation, payment: Payment, shop: Shop, millenicom: ScriptedBiller) -> None:
    """P-13: the shop, and the customer who left a number"""
    report(millenicom)
    with db.reading() as session:
        told = {message.key: message.recipient for message in session.scalars(select(Message))}
    assert told == {
        f"cancellation.granted:{granted.id}:shop": shop.owner.phone,
        f"cancellation.done:{granted.id}:shop": shop.owner.phone,
        f"cancellation.done:{granted.id}:customer": "+905321234567",
    }


def test_the_scans_are_destroyed_thirty_days_from_here(granted: Cancellation, millenicom: ScriptedBiller) -> None:
    """C-08"""
    report(millenicom)
    with db.reading() as session:
        assert {scan.closed_at for scan in session.scalars(select(Scan))} == {TEN}


def test_granted_late_it_is_reported_as_asked_in_time(
    payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller, monday: Move
) -> None:
    """C-04, B17: asked at 16:59, granted at 17:10, in time for the biller's own limit; what was sent is proven"""
    monday(FIVE - timedelta(minutes=1))
    cancellation = ask(payment, shop)
    monday(FIVE + timedelta(minutes=10))
    decide(cancellation, admin)
    monday(FIVE + timedelta(minutes=10, seconds=2))

    report(millenicom)

    assert proof(cancellation) == [(clock.now(), True, "yes", "")]
    assert read(cancellation).reported_in_time is True
    with db.reading() as session:
        sent = reports_of(session, cancellation.id)[0].sent
    assert sent == {
        "reference": payment.reference,
        "biller_reference": f"MB-{payment.reference}",
        "biller": "millenicom",
        "subscriber": payment.subscriber,
        "bill": payment.bill,
        "amount": 12050,
        "currency": "TRY",
        "reason": "customer",
        "asked_at": (FIVE - timedelta(minutes=1)).astimezone(clock.now().tzinfo).isoformat(),
    }


def test_granted_after_the_billers_limit_it_is_reported_and_said_so(
    payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller, monday: Move
) -> None:
    """C-04: 18:00 is over; the biller has the last word"""
    cancellation = ask(payment, shop)
    monday(FIVE + timedelta(hours=1))
    decide(cancellation, admin)
    report(millenicom)
    assert [in_time for _, in_time, _, _ in proof(cancellation)] == [False]
    assert read(cancellation).reported_in_time is False


def test_nothing_is_reported_that_was_not_granted(payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller) -> None:
    asked = ask(payment, shop)
    report(millenicom)
    decide(asked, admin, granted=False, reason="not signed")
    report(millenicom)
    assert millenicom.asked == [f"pay {payment.reference}"]


def test_refused_by_the_biller_means_a_dekont_at_once(
    granted: Cancellation, payment: Payment, shop: Shop, millenicom: ScriptedBiller
) -> None:
    """C-06: the facts of the attempt, and where the customer goes; the money stays where it is"""
    millenicom.reversals = [no("settled")]
    before = journal()

    report(millenicom)

    refused = read(granted)
    assert (refused.state, refused.word, refused.next_report_at) == (State.REFUSED, "settled", None)
    assert journal() == before
    assert read_payment(payment.reference).state == PaymentState.PAID
    with db.reading() as session:
        paper = session.scalars(select(Paper)).one()
        told = {message.recipient for message in session.scalars(select(Message))}
    for fact in (payment.reference, "Büyükdere Cad. 121", "444 0 144", "settled", "kimliğiniz", "Wrong subscriber"):
        assert fact in str(paper.facts)
    assert told == {shop.owner.phone, "+905321234567"}


def test_no_answer_is_repeated_hourly_and_once_more_before_the_limit(
    granted: Cancellation, payment: Payment, millenicom: ScriptedBiller, monday: Move
) -> None:
    """C-04, C-06: granted at 10:00; the money stays held by nobody's guess"""
    millenicom.reversals = [UNKNOWN] * 100
    asked_at = []
    for minute in range(60 * 11):
        monday(TEN + timedelta(minutes=minute))
        before = len(millenicom.asked)
        report(millenicom)
        if len(millenicom.asked) > before:
            asked_at.append(clock.now().astimezone(TEN.tzinfo).strftime("%H:%M"))
    assert asked_at == ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00", "17:00", "17:59", "18:59", "19:59", "20:59"]
    assert read(granted).state == State.REPORTED
    assert read_payment(payment.reference).state == PaymentState.PAID
    assert [in_time for _, in_time, _, _ in proof(granted)] == [True] * 9 + [False] * 3


def test_an_answer_after_silence_ends_it(granted: Cancellation, shop: Shop, millenicom: ScriptedBiller, monday: Move) -> None:
    millenicom.reversals = [UNKNOWN]
    report(millenicom)
    monday(TEN + timedelta(hours=1))
    report(millenicom)
    assert read(granted).state == State.DONE
    assert [verdict for _, _, verdict, _ in proof(granted)] == ["unknown", "yes"]
    assert shop.balance == lira("500.00")


def test_the_file_of_the_next_day_ends_it_too(granted: Cancellation, shop: Shop, millenicom: ScriptedBiller) -> None:
    """product.md §6: another who brings the answer"""
    millenicom.reversals = [UNKNOWN]
    report(millenicom)
    assert end(granted, yes("MB-1"), by="job:reconcile").state == State.DONE
    assert shop.balance == lira("500.00")


def test_who_dies_while_sending_leaves_a_proof_and_a_next_time(
    granted: Cancellation, shop: Shop, millenicom: ScriptedBiller, monday: Move
) -> None:
    """P-12: kill -9 between sending and writing the answer down"""
    millenicom.reverse = Mock(side_effect=SystemExit)  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        report(millenicom)
    assert proof(granted) == [(TEN, True, None, "")]
    del millenicom.reverse
    monday(TEN + timedelta(hours=1))
    report(millenicom)
    assert [verdict for _, _, verdict, _ in proof(granted)] == [None, "yes"]
    assert shop.balance == lira("500.00")


def test_no_transaction_is_open_while_the_biller_is_asked(granted: Cancellation, millenicom: ScriptedBiller, database: Database) -> None:
    """house.md §2: and what is sent was written down before"""
    seen: list[tuple[int, int]] = []
    reverse = millenicom.reverse

    def look(order: Order, *, reason: str) -> Answer:
        with psycopg.connect(database.url, autocommit=True) as connection:
            open_ones = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
            ).fetchone()
            written = connection.execute("SELECT count(*) FROM cancellation_report WHERE verdict IS NULL").fetchone()
        assert open_ones and written
        seen.append((open_ones[0], written[0]))
        return reverse(order, reason=reason)

    millenicom.reverse = look  # type: ignore[method-assign]
    report(millenicom)
    assert seen == [(0, 1)]


def test_two_workers_send_once(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    """B15"""
    payments = [shop.pays(millenicom, millenicom.bill("1.00")) for _ in range(8)]
    for one in payments:
        decide(ask(one, shop), admin)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: report(millenicom), range(4)))
    reversals = [line for line in millenicom.asked if line.startswith("reverse")]
    assert sorted(reversals) == sorted(f"reverse {one.reference}" for one in payments)
    assert shop.balance == lira("500.00")
    assert book_is_right()


def test_another_billers_silence_keeps_nobody_waiting(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    """B4: each biller in threads of its own"""
    silent = open_biller("silent")
    silent.reversals = [UNKNOWN] * 10
    kept = decide(ask(shop.pays(silent, silent.bill("1.00")), shop), admin)
    done = decide(ask(shop.pays(millenicom, millenicom.bill("1.00")), shop), admin)
    report(silent, millenicom)
    assert (read(kept).state, read(done).state) == (State.REPORTED, State.DONE)


def test_while_one_biller_hangs_the_others_new_grants_are_sent(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    """C-04, B4: granted while the worker waits for another biller's answer"""
    hanging, answers = open_biller("hanging"), threading.Event()
    hanging.reverse = lambda order, *, reason: Answer(Verdict.UNKNOWN, str(answers.wait(30)))  # type: ignore[method-assign]
    decide(ask(shop.pays(hanging, hanging.bill("1.00")), shop), admin)
    payment = shop.pays(millenicom, millenicom.bill("1.00"))
    worker = threading.Thread(target=report, args=(hanging, millenicom))
    worker.start()
    cancellation = decide(ask(payment, shop), admin)
    try:
        while worker.is_alive() and read(cancellation).state != State.DONE:
            time.sleep(0.05)
        assert read(cancellation).state == State.DONE
    finally:
        answers.set()
        worker.join()


def test_done_repeated_gives_money_back_once(granted: Cancellation, payment: Payment, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-05, B20, blnk #374: the second answer changes nothing and balances are equal before and after"""
    report(millenicom)
    before, balance, told = journal(), shop.balance, count("message")
    for _ in range(5):
        assert end(granted, yes("MB-AGAIN")).state == State.DONE
        with db.transaction() as session:
            undo_payment(session, payment.reference, by="job:test", now=clock.now())
    assert (journal(), shop.balance, count("message")) == (before, balance, told)
    assert count("cash_to_return") == 1
    assert book_is_right()


def test_done_twenty_times_at_once_gives_money_back_once(granted: Cancellation, shop: Shop, millenicom: ScriptedBiller) -> None:
    """C-05, C20"""
    millenicom.reversals = [UNKNOWN]
    report(millenicom)
    with ThreadPoolExecutor(20) as pool:
        states = list(pool.map(lambda _: end(granted, yes("MB-1")).state, range(20)))
    assert states == ["done"] * 20
    assert shop.balance == lira("500.00")
    assert [line for line in journal() if line.startswith("payment.cancelled")] == journal()[-2:]
    assert book_is_right()


def test_paying_and_undoing_at_the_same_time_never_wait_in_a_circle(shop: Shop, millenicom: ScriptedBiller, admin: Person) -> None:
    """B11, B13: one order of locks; the sums are right"""
    shop.topped_up("1000.00")
    paid = [shop.pays(millenicom, millenicom.bill("1.00")) for _ in range(12)]
    cancellations = [decide(ask(one, shop), admin) for one in paid]
    bills = [millenicom.bill("2.00") for _ in range(12)]
    with ThreadPoolExecutor(8) as pool:
        paying = [pool.submit(shop.pays, millenicom, bill) for bill in bills]
        reporting = [pool.submit(report, millenicom) for _ in range(3)]
        assert all(one.result().state == PaymentState.PAID for one in paying)
        assert [one.result() for one in reporting] == [None] * 3
    assert {read(one).state for one in cancellations} == {State.DONE}
    assert shop.balance == lira("1476.00")
    assert book_is_right()


def test_only_what_is_paid_can_be_undone(shop: Shop, millenicom: ScriptedBiller) -> None:
    millenicom.answers = [UNKNOWN]
    pending = shop.pays(millenicom, millenicom.bill("1.00"))
    with pytest.raises(ValueError, match="pending"), db.transaction() as session:
        undo_payment(session, pending.reference, by="job:test", now=clock.now())


def test_the_biller_cannot_have_answered_what_nobody_asked(granted: Cancellation, shop: Shop) -> None:
    with pytest.raises(ValueError, match="never asked"):
        end(granted, yes("MB-1"))
    with pytest.raises(NotFound), db.transaction() as session:
        end_cancellation(session, 4711, yes("MB-1"), by="job:test", now=clock.now())
    assert shop.balance == lira("379.50")


@pytest.mark.parametrize("change", ["outcome = 'refused'", "answered_at = now()", "reported_at = now()", "word = 'x'"])
def test_an_answer_stands_in_the_database_too(granted: Cancellation, millenicom: ScriptedBiller, change: str) -> None:
    report(millenicom)
    with pytest.raises(DBAPIError, match="stands"), db.transaction() as session:
        session.execute(text(f"UPDATE cancellation SET {change}"))


def count(table: str) -> int:
    with db.reading() as session:
        return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def the_case() -> Case:
    with db.reading() as session:
        return open_cases(session)[0]


def propose(case: Case, person: Person, outcome: str, note: str = "Letter of 24 Nov") -> Case:
    with db.transaction() as session:
        return propose_outcome(session, case.id, outcome=outcome, note=note, by=f"person:{person.id}", now=clock.now())


def settle_case(case: Case, person: Person) -> Case:
    """As it stands on the screen when the page is opened."""
    with db.transaction() as session:
        return decide_case(session, case.id, seen=on_screen(session, case), by=f"person:{person.id}", now=clock.now())


def on_screen(session: Session, case: Case) -> str:
    shown = session.get_one(Case, case.id)
    return mark_of(shown.outcome, shown.proposed_by, shown.proposed_at)


@pytest.fixture
def operator(monday: object) -> Person:
    return hire("operator", "05340000008", name="Burak Demir")


@pytest.fixture
def late_yes(granted: Cancellation, millenicom: ScriptedBiller) -> Case:
    """Refused, the dekont printed, and then cancelled after all."""
    millenicom.reversals = [no("settled")]
    report(millenicom)
    for _ in range(3):
        assert end(granted, yes("MB-LATE")).state == State.REFUSED
    return the_case()


@pytest.fixture
def late_no(granted: Cancellation, millenicom: ScriptedBiller) -> Case:
    """Done, the customer paid back, and the biller says it did not cancel."""
    report(millenicom)
    assert end(granted, no("stands")).state == State.DONE
    return the_case()


def test_a_late_yes_never_flips_anything_by_itself(late_yes: Case, payment: Payment, shop: Shop) -> None:
    """B19: the customer may have got the money at the biller's desk meanwhile"""
    assert (late_yes.kind, late_yes.word) == ("late-yes", "MB-LATE")
    assert count("cancellation_case") == 1
    assert read_payment(payment.reference).state == PaymentState.PAID
    assert shop.balance == lira("379.50")


def test_two_persons_turn_a_late_yes_into_a_refund(
    late_yes: Case, payment: Payment, shop: Shop, operator: Person, second_admin: Person
) -> None:
    """B19: a booking of its own, by a second person; once"""
    propose(late_yes, operator, "refund")
    with pytest.raises(OwnRequest):
        settle_case(late_yes, operator)
    assert shop.balance == lira("379.50")

    settle_case(late_yes, second_admin)

    assert shop.balance == lira("500.00")
    assert read_payment(payment.reference).state == PaymentState.CANCELLED
    with pytest.raises(CaseDecided, match="Kemal Öz"):
        settle_case(late_yes, hire("approver", "05340000003", name="A Third"))
    with pytest.raises(CaseDecided):
        propose(late_yes, operator, "noted")
    assert shop.balance == lira("500.00")
    assert book_is_right()


def test_two_persons_charge_the_agent_for_what_the_biller_did_not_cancel(
    late_no: Case, payment: Payment, shop: Shop, operator: Person, second_admin: Person, millenicom: ScriptedBiller
) -> None:
    """product.md §3: agent → biller, even if the balance falls below its limit"""
    shop.pays(millenicom, millenicom.bill("450.00"))
    propose(late_no, operator, "charge-agent")
    settle_case(late_no, second_admin)
    assert journal()[-1] == "payment.cancellation-not-made   agent:1000001042 -> biller:millenicom 120.50"
    assert shop.balance == -lira("70.50")
    assert book_is_right()


def test_a_case_may_end_without_any_money(late_yes: Case, shop: Shop, operator: Person, second_admin: Person) -> None:
    propose(late_yes, operator, "refund")
    propose(late_yes, operator, "noted", "The customer got it at the desk")
    settle_case(late_yes, second_admin)
    assert shop.balance == lira("379.50")
    with db.reading() as session:
        assert open_cases(session) == []


def test_who_has_left_is_no_first_of_two(late_yes: Case, operator: Person, second_admin: Person, shop: Shop) -> None:
    """C2, C18: rights count when it is decided; another one proposes it"""
    propose(late_yes, operator, "refund")
    leaves(f"person:{operator.id}")
    with pytest.raises(FirstCountsNoMore):
        settle_case(late_yes, second_admin)
    assert shop.balance == lira("379.50")
    propose(late_yes, hire("operator", "05340000009"), "refund")
    settle_case(late_yes, second_admin)
    assert shop.balance == lira("500.00")


def test_who_agreed_to_one_proposal_has_not_agreed_to_the_next(late_yes: Case, admin: Person, second_admin: Person, shop: Shop) -> None:
    """C-03: the proposal was replaced while the page was open"""
    propose(late_yes, admin, "noted", "The customer got it at the desk")
    with db.reading() as session:
        seen = on_screen(session, late_yes)
    propose(late_yes, admin, "refund", "Never mind")
    with pytest.raises(ProposalChanged), db.transaction() as session:
        decide_case(session, late_yes.id, seen=seen, by=f"person:{second_admin.id}", now=clock.now())
    assert shop.balance == lira("379.50")


def test_a_case_needs_a_fitting_outcome_and_a_document(late_yes: Case, admin: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        propose(late_yes, admin, "charge-agent", note=" ")
    assert list(refusal.value.errors) == ["outcome", "note"]
    with pytest.raises(NotProposed):
        settle_case(late_yes, admin)
    with pytest.raises(NotFound), db.transaction() as session:
        decide_case(session, 4711, seen="", by="person:1", now=TEN)


def test_the_queue_shows_what_waits_by_the_minutes_left(
    payment: Payment, shop: Shop, admin: Person, millenicom: ScriptedBiller, monday: Move
) -> None:
    """screens.md: undecided, unreported and unanswered ones; what has ended is gone"""
    first = ask(payment, shop)
    second = decide(ask(shop.pays(millenicom, millenicom.bill("1.00")), shop), admin)
    ended = ask(shop.pays(millenicom, millenicom.bill("2.00")), shop)
    decide(ended, admin, granted=False, reason="not signed")
    monday(FIVE)
    with db.reading() as session:
        queue = [(line.cancellation.id, line.payment.amount, line.minutes_left) for line in waiting(session, now=clock.now())]
        later = [line.minutes_left for line in waiting(session, now=FIVE + timedelta(minutes=61))]
    assert queue == [(first.id, 12050, 60), (second.id, 100, 60)]
    assert later == [-1, -1]


@pytest.mark.parametrize(
    ("tampering", "finding"),
    [
        ("UPDATE payment SET state = 'paid', released = false", "payment {p} was reversed in the book, but is paid"),
        ("DELETE FROM posting WHERE event = 'payment.cancelled' AND line = 2", "cancelled payment {p} still moves -12050 TRY on agent:1000001042 (minor units)"),
        ("DELETE FROM cash_to_return", "payment {p} is cancelled, and no shop is told to give the customer's cash back"),
        ("DELETE FROM cancellation_report; DELETE FROM cancellation", "payment {p} is cancelled, and nobody's request was done"),
    ],
)  # fmt: skip
def test_the_book_check_names_what_does_not_fit(
    granted: Cancellation, payment: Payment, millenicom: ScriptedBiller, database: Database, tampering: str, finding: str
) -> None:
    """B34"""
    report(millenicom)
    assert book_is_right()
    with psycopg.connect(database.url) as connection:
        connection.execute("ALTER TABLE posting DISABLE TRIGGER posting_is_for_ever")
        connection.execute(tampering)
    with db.reading() as session:
        assert finding.format(p=payment.reference) in self_check(session)


def test_verdicts_are_what_gateways_say() -> None:
    """The CHECK and the gateway know the same words"""
    assert {verdict.value for verdict in Verdict} == {"yes", "no", "unknown"}

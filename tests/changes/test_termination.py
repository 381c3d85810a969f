"""A shop ends: blocked at once, paid out once by a file, closed when the bank has paid; its final statement balances to zero."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app import clock, db
from app.agents.change_information import change_information
from app.agents.model import CLOSED, CLOSING, Agent
from app.agents.suspend_agent import NotInThatState
from app.bank import take_back_deposit
from app.bank.credit_deposits import credit_deposits
from app.bank.decision import Two
from app.bank.desk_model import AgentPayout, PayoutDebit, ReturnBatch
from app.bank.model import Deposit
from app.bank.payouts.batch_left import states_of
from app.bank.payouts.link_payout import DebitDecided, DebitProposed, NotItsDebit, debits_of_payout, decide_debit, propose_debit
from app.bank.payouts.link_payout import mark as mark_of_debit
from app.bank.payouts.return_batch import PayoutFile, SomeGoneBack, decide_batch, download_batch, gather_returns, mark, void_batch
from app.bank.payouts.sent_back import sent_back
from app.bank.post_by_hand import HandPosting, post_by_hand
from app.bank.return_deposit import return_deposit
from app.billers.model import Tariff
from app.cancellations.hold_closing import CancellationsOpen
from app.cancellations.model import Cancellation
from app.cancellations.request_cancellation import ShopCloses, must_stay_open
from app.changes.attention import attention
from app.changes.close_shop import PaymentsOpen, close_shops, final_statement_of
from app.changes.dossier import read_dossier
from app.changes.final_statement import FinalStatement, final_statement
from app.changes.kinds.payout_again import NotSentBack
from app.changes.model import Change, State
from app.changes.request_change import AskedAlready
from app.collections.pay_bill import pay_bill
from app.documents.clean_scan import CleanScan
from app.documents.keep_scan import keep_scan
from app.documents.model import Paper
from app.errors import Invalid, NotAllowed, OwnRequest, Refusal
from app.ledger import book
from app.ledger.book import Blocked
from app.ledger.chart import TRANSIT, agent_account, biller_account
from app.notifications.model import Message
from app.people import sessions
from app.people.model import Person
from app.people.permissions import ASK_CHANGES, PAY, SEE_OWN_STATEMENT
from app.people.second_person import FirstCountsNoMore, must_have_the_right
from app.remarks import Remark
from tests.bank.bank import FORMATS, IBAN, OTHER_IBAN, books, deposits, phone, states, transfer
from tests.changes.conftest import agent, ask, decide, name, person, read, trail
from tests.people import UNKNOWN, Shop, book_is_right, hire, journal, leaves, lira, open_biller

TO = OTHER_IBAN


@pytest.fixture
def rich(shop: Shop) -> Shop:
    """With money, and an IBAN on its record."""
    shop.topped_up("500.00")
    with db.transaction() as session:
        session.execute(update(Agent).values(iban=TO, legal_name="Kızılay İletişim Ltd. Şti."))
    return shop


def terminate(shop: Shop, admin: Person, wanted: dict[str, str] | None = None) -> Change:
    return decide(ask("termination", shop.owner, wanted), admin)


def payout() -> AgentPayout:
    with db.reading() as session:
        return session.scalars(select(AgentPayout).filter_by(withdrawn_at=None)).one()


def gather(operator: Person) -> int:
    with db.transaction() as session:
        return gather_returns(session, IBAN, [payout().reference], by=name(operator), now=clock.now()).id


def to_the_bank(operator: Person, admin: Person) -> PayoutFile:
    """Gathered by one, decided by another, downloaded."""
    with db.transaction() as session:
        batch = gather_returns(session, IBAN, [payout().reference], by=name(operator), now=clock.now())
        decide_batch(session, batch.id, granted=True, answer="", seen=mark(batch), by=name(admin), now=clock.now())
        return download_batch(session, batch.id, format="csv", by=name(operator), now=clock.now())


def bank_pays(format: str = "camt054", **more: object) -> None:
    one = payout()
    books(transfer(str(one.rest.decimal), f"HESAP KAPAMA {one.reference}", side="debit", **more), format=format)


def statement(shop: Shop) -> FinalStatement:
    with db.reading() as session:
        return final_statement(session, session.get_one(Agent, shop.number))


def papers() -> list[Paper]:
    with db.reading() as session:
        return list(session.scalars(select(Paper).filter_by(kind="final_statement").order_by(Paper.number)))


def told(phone: str) -> list[str]:
    with db.reading() as session:
        return list(session.scalars(select(Message.body).filter_by(recipient=phone).order_by(Message.id)))


def sentences() -> list[str]:
    with db.reading() as session:
        return [one.kind for one in attention(session, now=clock.now())]


@pytest.mark.parametrize("format", FORMATS)
def test_a_terminated_agents_final_statement_balances_to_zero(rich: Shop, operator: Person, admin: Person, format: str) -> None:
    """product.md §3, §7: agent → bank when the bank shows that the money has left, not before"""
    biller = open_biller()
    with db.transaction() as session:
        session.add(
            Tariff(
                biller="millenicom", agent_group="standard", valid_from=date(2026, 1, 1), fee=[{"flat": 500}], share=[{"flat": 300}], tax=5
            )
        )
    rich.pays(biller, biller.bill("390.00"))
    before = journal()

    change = terminate(rich, admin)

    assert (read(change).state, agent(rich).state) == (State.APPLIED, CLOSING)
    assert journal() == [*before, f"agent.paid-out   commission:{rich.number} -> agent:{rich.number} 3.00"]
    assert (payout().rest, payout().to_iban, payout().name) == (lira("108.00"), TO, "Kızılay İletişim Ltd. Şti.")
    assert statement(rich).balance == lira("108.00")
    assert statement(rich).closing == lira("0.00")

    to_the_bank(operator, admin)
    close_shops(clock.now())
    assert agent(rich).state == CLOSING
    bank_pays(format)
    assert journal()[-1] == f"agent.paid-out   agent:{rich.number} -> bank:{IBAN} 108.00"
    assert close_shops(clock.now()) == 1

    assert (agent(rich).state, rich.balance) == (CLOSED, lira("0.00"))
    assert person(rich.owner.id).removed_by == "job:close-shops"
    assert statement(rich).closing == lira("0.00")
    assert [each.event for each in statement(rich).totals] == ["agent.paid-out", "deposit.credited", "payment.reserved"]
    assert [paper.facts["payouts"]["total"][1] for paper in papers()] == ["0,00\u00a0TL"] * 2  # type: ignore[index]
    assert book_is_right()


def test_the_payout_appears_once(rich: Shop, operator: Person, admin: Person) -> None:
    """However often the bank shows it, in whichever format, and whatever runs again"""
    terminate(rich, admin)
    file = to_the_bank(operator, admin)
    assert file.content.decode("utf-8-sig").count(payout().reference) == 2  # reference and text of its one line
    with db.transaction() as session, pytest.raises(Refusal):
        gather_returns(session, IBAN, [payout().reference], by=name(operator), now=clock.now())
    one = transfer("500.00", f"HESAP KAPAMA {payout().reference}", side="debit")
    for format in ("camt054", "mt940", "csv", "camt053"):
        books(one, format=format)
        close_shops(clock.now())
    assert [line for line in journal() if line.startswith("agent.paid-out")] == [
        f"agent.paid-out   agent:{rich.number} -> bank:{IBAN} 500.00"
    ]
    with db.transaction() as session, pytest.raises(Refusal):
        void_batch(session, 1, note="lost", by=name(admin), now=clock.now())
    assert book_is_right()


def test_a_file_that_the_bank_books_as_one_sum(rich: Shop, operator: Person, admin: Person) -> None:
    """A return and a payout in one file, and one debit that names the file"""
    terminate(rich, admin)
    books(transfer("70.50", "kira"))
    strange = next(each for each in deposits() if each.state == "suspense")
    with db.transaction() as session:
        return_deposit(session, strange.reference, note="not ours", by=name(operator), now=clock.now())
        batch = gather_returns(session, IBAN, [strange.reference, payout().reference], by=name(operator), now=clock.now())
        decide_batch(session, batch.id, granted=True, answer="", seen=mark(batch), by=name(admin), now=clock.now())
        file = download_batch(session, batch.id, format="pain.001.001.09", by=name(operator), now=clock.now())
    assert file.content.count(b"<CdtTrfTxInf>") == 2
    books(transfer("570.50", f"TOPLU ODEME {file.name.removesuffix('.xml')}", side="debit"))
    assert close_shops(clock.now()) == 1
    assert agent(rich).state == CLOSED
    assert states()[-1] == "returned"
    assert book_is_right()


def test_a_crash_anywhere_between_loses_nothing(rich: Shop, operator: Person, admin: Person) -> None:
    """Each step stands alone in the database: whoever starts again goes on from there"""
    terminate(rich, admin)
    for step in (lambda: to_the_bank(operator, admin), bank_pays):
        for _ in range(3):
            close_shops(clock.now())
        assert (rich.balance, agent(rich).state) == (lira("500.00"), CLOSING)
        step()
    assert close_shops(clock.now()) == 1
    assert close_shops(clock.now()) == 0
    assert book_is_right()


def test_a_crash_while_the_payout_is_booked(rich: Shop, operator: Person, admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    terminate(rich, admin)
    to_the_bank(operator, admin)

    def dies(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(take_back_deposit, "see_payout_leave", dies)
        bank_pays()
    assert rich.balance == lira("500.00")
    credit_deposits(now=clock.now())
    assert rich.balance == lira("0.00")
    assert close_shops(clock.now()) == 1
    assert book_is_right()


def test_an_empty_shop_is_closed_at_once(shop: Shop, admin: Person) -> None:
    change = terminate(shop, admin)
    assert agent(shop).state == CLOSED
    assert person(shop.owner.id).removed_at is not None
    assert len(papers()) == 1
    assert read(change).outcome == {"state": CLOSED}
    assert any("F-2026-000001" in body for body in told(shop.owner.phone))


def test_nothing_is_paid_from_that_moment_on_and_its_people_only_read(rich: Shop, cashier: Person, admin: Person) -> None:
    biller = open_biller()
    bill = biller.bill("100.00")
    with db.transaction() as session:
        token, _ = sessions.begin(session, rich.owner, kind="browser", address="", now=clock.now())
    terminate(rich, admin)
    with pytest.raises(Blocked):
        rich.pays(biller, bill)
    found = sessions.find_actor(token, kind="browser", now=clock.now())
    assert found is not None
    assert found.may(SEE_OWN_STATEMENT)
    assert not found.may(PAY)
    assert not found.may(ASK_CHANGES)
    with pytest.raises(NotInThatState):
        ask("person-remove", rich.owner, person=cashier.id)
    with db.transaction() as session, pytest.raises(ShopCloses):
        must_stay_open(session, rich.number)
    bank_pays()
    close_shops(clock.now())
    assert sessions.find_actor(token, kind="browser", now=clock.now()) is None
    with db.transaction() as session, pytest.raises(NotAllowed):
        must_have_the_right(session, name(cashier), PAY)


def test_a_payment_whose_outcome_is_unknown_stops_it(rich: Shop, admin: Person) -> None:
    """P-03: its money is still held. Asked or granted, it makes no difference"""
    biller = open_biller()
    change = ask("termination", rich.owner)
    biller.answers = [UNKNOWN]
    pending = rich.pays(biller, biller.bill("100.00"))
    assert decide(change, admin).state == State.FAILED
    assert agent(rich).state == "active"
    assert not book_is_blocked(rich)
    biller.answers = [UNKNOWN]
    with pytest.raises(AskedAlready):
        ask("termination", rich.owner)
    assert trail("change.failed")[-1].facts["why"] == PaymentsOpen.name()
    assert pending.state == "pending"


def book_is_blocked(shop: Shop) -> bool:
    with db.reading() as session:
        return book.balance(session, agent_account(shop.number)).blocked


def test_asking_names_the_pending_payment(rich: Shop) -> None:
    biller = open_biller()
    biller.answers = [UNKNOWN]
    pending = rich.pays(biller, biller.bill("100.00"))
    with pytest.raises(PaymentsOpen) as refusal:
        ask("termination", rich.owner)
    assert pending.reference in str(refusal.value)


def test_an_open_cancellation_stops_it(rich: Shop, app: Flask) -> None:
    """The web application tells the slice of changes what cancellations know."""
    biller = open_biller()
    payment = rich.pays(biller, biller.bill("100.00"))
    with db.transaction() as session:
        kept = [
            keep_scan(
                session,
                CleanScan(b"x", "image/jpeg", 1),
                kind=kind,
                about=payment.reference,
                keys=(b"k" * 32,),
                by=rich.by,
                now=clock.now(),
            )
            for kind in ("form", "identity")
        ]
        session.add(
            Cancellation(
                payment=payment.reference, agent=rich.number, biller="millenicom", asked_at=clock.now(), asked_by=rich.by, reason="x",
                form=kept[0].name, identity=kept[1].name, cut_off_at=clock.now() + timedelta(hours=2), report_until=clock.now() + timedelta(hours=3),
            )
        )  # fmt: skip
    with pytest.raises(CancellationsOpen):
        ask("termination", rich.owner)


def test_late_deposits_go_to_suspense(rich: Shop, operator: Person, admin: Person) -> None:
    """E10, E9"""
    terminate(rich, admin)
    books(transfer("50.00", phone(rich)))
    bank_pays()
    close_shops(clock.now())
    books(transfer("60.00", phone(rich)))
    assert states() == ["credited", "suspense", "suspense"]
    assert rich.balance == lira("0.00")
    assert book_is_right()


def test_deposits_on_their_way_are_named_to_who_decides(rich: Shop, app: Flask) -> None:
    books(transfer("75.00", phone(rich), value=date(2026, 11, 30)), format="camt053")
    change = ask("termination", rich.owner)
    with db.reading() as session:
        said = [str(remark) for remark in read_dossier(session, session.get_one(Change, change.id), asker=None, sees_private=True).warnings]
    assert "500.00\u00a0TL" in said[0]
    assert "75.00\u00a0TL is credited on 30 Nov 2026 only" in said[1]


def owes(shop: Shop, amount: str) -> None:
    """A biller's late yes (P-07) has taken the balance below zero."""
    with db.transaction() as session:
        moves = [book.Move(agent_account(shop.number), biller_account("millenicom"), lira(amount))]
        book.post(session, "payment.late-yes", about="P261123-LATE", moves=moves, at=clock.now(), by="test", may_overdraw=True)


def test_who_owes_stays_closing_with_an_invoice_until_it_has_come(rich: Shop, operator: Person, admin: Person) -> None:
    owes(rich, "620.00")
    terminate(rich, admin)
    assert (agent(rich).state, rich.balance) == (CLOSING, -lira("120.00"))
    assert any("120,00\u00a0TL" in body for body in told(rich.owner.phone))
    assert "120,00\u00a0TL" in str(papers()[0].facts["sentence"])
    assert statement(rich).closing == -lira("120.00")
    close_shops(clock.now())
    assert "agent.owes" in sentences()

    books(transfer("120.00", phone(rich)))
    came = deposits()[-1]
    assert came.state == "suspense"
    with db.transaction() as session:
        posting = HandPosting(name="C-TEST", agent=rich.number, amount=lira("120.00"), to_agent=True, deposit=came.reference)
        post_by_hand(session, posting, decided_by=Two(name(operator), name(admin)), by=name(admin), now=clock.now())
    assert close_shops(clock.now()) == 1
    assert (agent(rich).state, rich.balance) == (CLOSED, lira("0.00"))
    assert statement(rich).closing == lira("0.00")
    assert book_is_right()


def test_commission_stands_against_what_is_owed(rich: Shop, admin: Person) -> None:
    owes(rich, "500.00")
    with db.transaction() as session:
        moves = [book.Move(TRANSIT, "income:fees", lira("5.00")), book.Move("income:fees", f"commission:{rich.number}", lira("3.00"))]
        book.post(session, "payment.paid", about="P261123-TEST", moves=moves, at=clock.now(), by="test")
    terminate(rich, admin)
    assert payout().rest == lira("3.00")


def test_without_an_iban_it_waits_for_one(shop: Shop, admin: Person, second_admin: Person) -> None:
    shop.topped_up("500.00")
    terminate(shop, admin)
    close_shops(clock.now())
    assert "agent.no-payout" in sentences()
    with db.transaction() as session:
        session.execute(update(Agent).values(iban=TO))
    close_shops(clock.now())
    assert payout().to_iban == TO


def test_another_iban_than_the_known_one_takes_two(rich: Shop, admin: Person, second_admin: Person) -> None:
    change = ask("termination", rich.owner, {"iban": IBAN})
    assert decide(change, admin).state == State.APPROVED_ONCE
    assert decide(change, second_admin).state == State.APPLIED
    assert (payout().to_iban, agent(rich).iban) == (IBAN, IBAN)


def test_what_changes_meanwhile_makes_a_new_payout_or_stops_the_file(rich: Shop, operator: Person, admin: Person) -> None:
    """E14: the bank takes a top-up back while the shop closes"""
    terminate(rich, admin)
    first = payout().reference
    owes(rich, "20.00")
    close_shops(clock.now())
    assert payout().reference != first
    assert payout().rest == lira("480.00")
    with db.transaction() as session:
        batch = gather_returns(session, IBAN, [payout().reference], by=name(operator), now=clock.now())
    with db.transaction() as session:
        moves = [book.Move(agent_account(rich.number), biller_account("millenicom"), lira("1.00"))]
        book.post(session, "payment.late-yes", about="P261123-LATER", moves=moves, at=clock.now(), by="test", may_overdraw=True)
    with db.transaction() as session, pytest.raises(SomeGoneBack):
        decide_batch(session, batch.id, granted=True, answer="", seen=mark(batch), by=name(admin), now=clock.now())
    with db.transaction() as session:
        decide_batch(session, batch.id, granted=False, answer="stale", seen=mark(batch), by=name(admin), now=clock.now())
    close_shops(clock.now())
    assert payout().rest == lira("479.00")


def test_a_file_with_another_iban_than_the_shop_s_never_leaves(rich: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """What two persons agreed to meanwhile counts for the money too"""
    terminate(rich, admin)
    number = gather(operator)
    with db.transaction() as session:
        batch = session.get_one(ReturnBatch, number)
        decide_batch(session, number, granted=True, answer="", seen=mark(batch), by=name(admin), now=clock.now())
    with db.transaction() as session:
        change_information(session, rich.number, {"iban": IBAN}, by=name(operator), now=clock.now())

    with db.transaction() as session, pytest.raises(SomeGoneBack):
        download_batch(session, number, format="csv", by=name(operator), now=clock.now())
    with db.transaction() as session:
        void_batch(session, number, note="another IBAN", by=name(admin), now=clock.now())
    close_shops(clock.now())
    assert (payout().to_iban, payout().return_batch) == (IBAN, None)


def test_two_terminations_are_one(rich: Shop, operator: Person, admin: Person) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: outcome(lambda: ask("termination", rich.owner)), range(4)))
    assert sorted(type(each).__name__ for each in made) == ["AskedAlready"] * 3 + ["Change"]
    change = next(each for each in made if isinstance(each, Change))
    deciders = [hire("approver") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        decided = list(pool.map(lambda who: outcome(lambda: decide(change, who)), deciders))
    assert sorted(type(each).__name__ for each in decided) == ["Change"] + ["Decided"] * 3
    assert payout().rest == lira("500.00")
    with pytest.raises(NotInThatState):
        ask("termination", operator, agent=rich.number, on_behalf_of=rich.owner.id)


def outcome(act: object) -> object:
    try:
        return act()  # type: ignore[operator]
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize("round", range(6))
def test_a_payment_that_races_with_it(rich: Shop, admin: Person, round: int) -> None:
    """Either it is paid before the last figures are made, or it is not paid at all"""
    biller = open_biller()
    wishes = [rich.wish(biller, biller.bill("100.00")) for _ in range(3)]
    change = ask("termination", rich.owner)
    acts = [lambda: decide(change, admin), *(lambda wish=wish: pay_bill(wish, biller, now=clock.now()) for wish in wishes)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(outcome, acts))
    paid = sum(line.startswith("payment.paid") for line in journal())
    left = lira("500.00") - lira(f"{paid * 100}.00")
    assert rich.balance == left
    if read(change).state == State.APPLIED:
        assert payout().rest == left
        assert statement(rich).closing == lira("0.00")
    else:
        assert read(change).state == State.FAILED  # a payment was just being asked about
        assert agent(rich).state == "active"
    assert book_is_right()


def test_the_papers_of_the_change_and_the_mail(rich: Shop, operator: Person, admin: Person) -> None:
    """The final statement goes to the shop before its logins end"""
    with db.transaction() as session:
        session.execute(update(Agent).values(email="dukkan@example.com"))
    change = terminate(rich, admin)
    bank_pays()
    close_shops(clock.now())
    with db.reading() as session:
        mail = session.scalars(select(Message).filter_by(recipient="dukkan@example.com").order_by(Message.id.desc()).limit(1)).one()
        assert mail.attachment_name == f"{papers()[1].number}.pdf"
        assert bytes(mail.attachment or b"").startswith(b"%PDF")
        assert final_statement_of(session, session.get_one(Change, change.id)).about == f"{change.reference} closed"


def test_two_changes_of_one_shop_that_are_decided_at_once_queue(rich: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """No deadlock between the record that both refer to and the lock that both take"""
    for round in range(5):
        name_change = ask("agent-information", rich.owner, {"name": f"Kızılay {round}"})
        suspended = ask("suspend" if round % 2 == 0 else "resume", operator, agent=rich.number, reason="r")
        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(lambda pair: decide(*pair).state, [(name_change, admin), (suspended, second_admin)]))
        assert made == [State.APPLIED] * 2


def with_another(shop: Shop, operator: Person, admin: Person) -> tuple[ReturnBatch, str]:
    """The payout and a stranger's money in one file, which is at the bank."""
    terminate(shop, admin)
    books(transfer("70.50", "kira"))
    strange = next(each for each in deposits() if each.state == "suspense")
    with db.transaction() as session:
        return_deposit(session, strange.reference, note="not ours", by=name(operator), now=clock.now())
        batch = gather_returns(session, IBAN, [strange.reference, payout().reference], by=name(operator), now=clock.now())
        decide_batch(session, batch.id, granted=True, answer="", seen=mark(batch), by=name(admin), now=clock.now())
        download_batch(session, batch.id, format="pain.001.001.09", by=name(operator), now=clock.now())
    return batch, strange.reference


def debits() -> list[int]:
    with db.reading() as session:
        return [each.id for each in debits_of_payout(session, session.get_one(AgentPayout, payout().reference))]


def propose(booking: int, who: Person, note: str = "the bank's letter") -> PayoutDebit:
    with db.transaction() as session:
        return propose_debit(session, payout().reference, booking, note=note, by=name(who), now=clock.now())


def agree(proposal: PayoutDebit, who: Person, *, granted: bool = True, answer: str = "") -> None:
    with db.transaction() as session:
        seen = mark_of_debit(proposal)
        decide_debit(session, proposal.id, granted=granted, answer=answer, seen=seen, by=name(who), now=clock.now())


def file_state(batch: ReturnBatch) -> str:
    with db.reading() as session:
        return states_of(session, [session.get_one(ReturnBatch, batch.id)])[batch.id]


def test_a_payout_that_left_alone_without_its_number_is_found_by_two(rich: Shop, operator: Person, admin: Person) -> None:
    """C18: one says which debit it was, another agrees; the file is booked when the bank has shown all of it"""
    batch, strange = with_another(rich, operator, admin)
    books(transfer("500.00", "GIDEN HAVALE", side="debit"))
    books(transfer("499.00", "GIDEN HAVALE", side="debit"))
    (right,) = debits()
    with pytest.raises(NotItsDebit):
        propose(right + 1, operator)
    with pytest.raises(Invalid):
        propose(right, operator, note=" ")
    proposal = propose(right, operator)
    with pytest.raises(DebitProposed):
        propose(right, admin)
    with pytest.raises(OwnRequest):
        agree(proposal, operator)
    with pytest.raises(Invalid):
        agree(proposal, admin, granted=False)
    assert payout().is_leaving

    agree(proposal, admin)

    with pytest.raises(DebitDecided):
        agree(proposal, admin)
    assert journal()[-1] == f"agent.paid-out   agent:{rich.number} -> bank:{IBAN} 500.00"
    assert close_shops(clock.now()) == 1
    assert file_state(batch) == "downloaded"
    books(transfer("70.50", f"IADE {strange}", side="debit"))
    assert file_state(batch) == "left"
    assert book_is_right()


def test_a_refused_debit_leaves_the_payout_on_its_way(rich: Shop, operator: Person, admin: Person) -> None:
    with_another(rich, operator, admin)
    books(transfer("500.00", "GIDEN HAVALE", side="debit"))
    agree(propose(debits()[0], operator), admin, granted=False, answer="it is the rent")
    assert payout().is_leaving
    proposal = propose(debits()[0], operator)
    bank_pays()  # meanwhile the bank has shown the real one
    with pytest.raises(NotItsDebit):
        agree(proposal, admin)
    assert [line for line in journal() if line.startswith("agent.paid-out")] == [
        f"agent.paid-out   agent:{rich.number} -> bank:{IBAN} 500.00"
    ]
    assert book_is_right()


def test_who_has_left_is_no_first_of_two_about_a_debit(rich: Shop, operator: Person, admin: Person) -> None:
    """C2, C18: rights count when it is decided; refused it can be"""
    with_another(rich, operator, admin)
    books(transfer("500.00", "GIDEN HAVALE", side="debit"))
    proposal = propose(debits()[0], operator)
    leaves(name(operator))
    with pytest.raises(FirstCountsNoMore):
        agree(proposal, admin)
    assert payout().is_leaving
    agree(proposal, admin, granted=False, answer="asked again")


def closed_and_sent_back(shop: Shop, operator: Person, admin: Person, text: str = "IADE HESAP KAPALI {}") -> str:
    """:returns: the deposit as which the money came in again"""
    terminate(shop, admin)
    to_the_bank(operator, admin)
    bank_pays()
    assert close_shops(clock.now()) == 1
    books(transfer("500.00", text.format(payout().reference)))
    return next(each.reference for each in deposits() if each.state == "suspense")


def test_a_payout_that_is_sent_back_is_named(rich: Shop, operator: Person, admin: Person) -> None:
    """It waits in suspense with its name, on the shop's page and among the exceptions"""
    deposit = closed_and_sent_back(rich, operator, admin)
    with db.reading() as session:
        found = session.scalars(select(Deposit).filter_by(reference=deposit)).one()
        (back,) = sent_back(session, rich.number).items()
        assert back == (payout().reference, found)
        assert str(Remark.from_json(found.trace[-1])) == f"Sent back: payout {payout().reference} of agent {rich.number}."
        assert found.suggested == rich.number
    assert [line.about for line in trail("agent-payout.sent-back")] == [payout().reference]


@pytest.mark.parametrize("text", ["IADE {}", "IADE"])
def test_what_was_sent_back_is_paid_out_again_by_two(rich: Shop, operator: Person, admin: Person, text: str) -> None:
    """Suspense → the shop's account, closing again → a new payout for the next file; then it is closed once more"""
    deposit = closed_and_sent_back(rich, operator, admin, text)
    first = payout()

    again = ask("payout-again", admin, {"deposit": deposit, "iban": TO}, agent=rich.number, reason="the bank knows the account now")
    assert again.persons_needed == 1
    with pytest.raises(OwnRequest):
        decide(again, admin)
    decide(again, hire("approver"))

    assert (read(again).state, agent(rich).state) == (State.APPLIED, CLOSING)
    assert journal()[-1] == f"posting.manual   suspense -> agent:{rich.number} 500.00"
    with db.reading() as session:
        _, second = session.scalars(select(AgentPayout).order_by(AgentPayout.id)).all()
    assert (second.rest, second.to_iban, second.is_leaving) == (lira("500.00"), TO, True)
    assert first.reference in sent_back_now(rich)
    with db.transaction() as session:
        batch = gather_returns(session, IBAN, [second.reference], by=name(operator), now=clock.now())
        decide_batch(session, batch.id, granted=True, answer="", seen=mark(batch), by=name(admin), now=clock.now())
        download_batch(session, batch.id, format="csv", by=name(operator), now=clock.now())
    books(transfer("500.00", second.reference, side="debit"))
    assert close_shops(clock.now()) == 1
    assert (agent(rich).state, rich.balance) == (CLOSED, lira("0.00"))
    assert statement(rich).closing == lira("0.00")
    last = papers()[-1].facts["payouts"]
    assert ["banka geri gönderdi" in row[0] for row in last["rows"]] == [True, False]  # type: ignore[index]
    assert len(papers()) == 3
    assert book_is_right()


def sent_back_now(shop: Shop) -> dict[str, Deposit]:
    with db.reading() as session:
        return sent_back(session, shop.number)


def test_a_corrected_iban_takes_one_more_person(rich: Shop, operator: Person, admin: Person) -> None:
    deposit = closed_and_sent_back(rich, operator, admin)
    again = ask("payout-again", operator, {"deposit": deposit, "iban": IBAN}, agent=rich.number, reason="the owner's letter")
    assert again.persons_needed == 2
    decide(again, admin)
    assert read(again).state == State.APPROVED_ONCE
    decide(again, hire("approver"))
    assert read(again).state == State.APPLIED
    assert agent(rich).iban == IBAN


def test_only_what_was_sent_back_is_paid_out_again(rich: Shop, operator: Person, admin: Person) -> None:
    closed_and_sent_back(rich, operator, admin)
    books(transfer("900.00", "kira"))
    other = next(each.reference for each in deposits() if each.amount == 90000)
    with pytest.raises(NotSentBack):
        ask("payout-again", operator, {"deposit": other}, agent=rich.number, reason="x")

"""What only an uploaded file tells of, above the limit, waits for a second person or for the bank's own word (docs/decisions/0017)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock, db
from app.agents.suspend_agent import suspend_agent
from app.bank.credit_deposits import credit_deposits
from app.bank.desk_limit import desk_limits, set_desk_limit
from app.bank.desk_model import DepositProposal
from app.bank.incoming.import_file import import_file
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.statement_queries import StatementReport, reports_on
from app.bank.model import Deposit, DepositState
from app.bank.payouts.return_batch import gather_returns
from app.bank.propose_decision import Proposed, Wish, decide_or_propose, decide_proposal, mark
from app.bank.queries import decisions_about
from app.bank.return_deposit import NotShown
from app.errors import OwnRequest, Refusal
from tests.bank.bank import IBAN, Paper, Transfer, all_is_right, comes, days, deposit, deposits, lira, phone, states, transfer, words
from tests.logins.test_sign_in import sign_in
from tests.people import Shop, hire, journal


@pytest.fixture
def paid(shop: Shop) -> Transfer:
    return transfer("25000.00", phone(shop))


def uploaded(*transfers: Transfer, format: str = "mt940", by: str = "person:77") -> StatementReport:
    kept = import_file(BankFile(Paper().write(format, transfers), "pazartesi.sta", "upload", by), now=clock.now())
    with db.reading() as session:
        (report,) = reports_on(session, kept)
    return report


def proposal() -> DepositProposal:
    with db.reading() as session:
        return session.scalars(select(DepositProposal)).one()


def test_up_to_the_limit_an_uploaded_credit_counts_at_once(shop: Shop) -> None:
    """contract.md §5: ``credited`` counts it"""
    report = uploaded(transfer("10000.00", phone(shop)))
    assert (report.credited, report.suspense, report.why) == (1, 0, None)
    assert shop.balance == lira("10000.00")


def test_where_uploads_count_they_are_credited_whatever_their_sum(shop: Shop, paid: Transfer) -> None:
    """As in the demo (contract.md §5); what other people do at the desk keeps its limit"""
    with db.transaction() as session:
        limit = desk_limits(session, now=clock.now())["TR"]
        set_desk_limit(session, market="TR", amount=limit, valid_from=None, uploads_wait=False, by="cli:ops", now=clock.now())
    report = uploaded(paid, transfer("9999.00", phone(shop)), transfer("9999.00", phone(shop)))
    assert (report.credited, report.suspense, report.held) == (3, 0, 0)
    assert all_is_right()


def test_above_it_it_is_matched_and_waits(shop: Shop, paid: Transfer) -> None:
    report = uploaded(paid, transfer("5.00", phone(shop)))
    assert (report.credited, report.suspense, report.held) == (1, 1, 1)
    assert "1 credits are matched and wait" in str(report.why)
    assert sorted(states()) == ["credited", "suspense"]
    assert shop.balance == lira("5.00")
    held = proposal()
    assert (held.kind, held.agent, held.proposed_by) == ("credit", shop.number, "person:77")
    assert all_is_right()


def test_many_small_ones_count_together(shop: Shop) -> None:
    """No sum is got past the limit by cutting it into pieces, in one file or in many"""
    report = uploaded(*(transfer("900.00", phone(shop)) for _ in range(30)))
    assert (report.credited, report.suspense, report.held) == (11, 19, 19)
    assert shop.balance == lira("9900.00")
    assert "today it is above 10000.00 TRY" in words(deposits()[11])
    for _ in range(3):
        uploaded(transfer("60.00", phone(shop)))
    assert shop.balance == lira("9960.00")
    uploaded(transfer("60.00", phone(shop)), by="person:78")
    assert shop.balance == lira("10020.00")
    assert all_is_right()


def test_nor_by_cutting_it_into_pieces_that_name_nobody(shop: Shop) -> None:
    """They wait in suspense; whoever gives them to a shop by hand is held by the same limit, also on the days after (C18)"""
    uploaded(*(transfer("900.00", "kira") for _ in range(13)))
    operator, given = hire("operator"), list[bool]()
    for each in deposits():
        with db.transaction() as session:
            wish = Wish(kind="assign", agent=shop.number, note="the shop called")
            later = clock.now() + days(len(given) // 6)
            given.append(decide_or_propose(session, each.reference, wish, by=f"person:{operator.id}", now=later) is None)
    assert given == [True] * 11 + [False] * 2
    assert shop.balance == lira("9900.00")
    assert all_is_right()


def test_more_small_ones_than_one_batch_holds(shop: Shop) -> None:
    uploaded(*(transfer("15.00", phone(shop)) for _ in range(1100)))
    assert shop.balance == lira("9990.00")
    assert states().count("suspense") == 1100 - 666


def test_what_is_large_by_itself_leaves_the_small_ones_alone(shop: Shop, paid: Transfer) -> None:
    uploaded(paid, *(transfer("500.00", phone(shop)) for _ in range(20)))
    assert (states().count("suspense"), shop.balance) == (1, lira("10000.00"))


def test_what_the_bank_has_shown_counts_no_more(shop: Shop) -> None:
    """All of it is credited, and the uploader's day begins anew"""
    many = [transfer("2500.00", phone(shop)) for _ in range(6)]
    uploaded(*many)
    assert states().count("suspense") == 2
    comes(Paper().camt054(many), way="feed")
    assert shop.balance == lira("15000.00")
    uploaded(transfer("10000.00", phone(shop)))
    assert shop.balance == lira("25000.00")
    assert all_is_right()


def test_the_next_day_counts_from_nothing(shop: Shop) -> None:
    uploaded(transfer("10000.00", phone(shop)))
    tomorrow = clock.now() + days(1)
    import_file(BankFile(Paper().mt940([transfer("10000.00", phone(shop))]), "sali.sta", "upload", "person:77"), now=tomorrow)
    assert shop.balance == lira("20000.00")


def test_files_that_come_at_once_count_together(shop: Shop) -> None:
    """E25, with real threads"""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: uploaded(transfer("4000.00", phone(shop))), range(6)))
    assert shop.balance == lira("8000.00")
    assert all_is_right()


def test_a_second_person_confirms_the_match(shop: Shop, paid: Transfer) -> None:
    uploader, approver = hire("operator"), hire("approver")
    uploaded(paid, by=f"person:{uploader.id}")
    assert "10000.00 TRY" in words(deposit())
    with db.transaction() as session, pytest.raises(OwnRequest):
        decide_proposal(session, proposal().id, granted=True, answer="", seen=mark(proposal()), by=f"person:{uploader.id}", now=clock.now())
    with db.transaction() as session:
        decide_proposal(session, proposal().id, granted=True, answer="", seen=mark(proposal()), by=f"person:{approver.id}", now=clock.now())
    assert (states(), shop.balance) == (["credited"], lira("25000.00"))
    assert deposit().person_id is not None  # the owner may still read why it is theirs
    with db.reading() as session:
        (decision,) = decisions_about(session, deposit().reference)
    assert (decision.kind, decision.by, decision.second_by) == ("confirmed", f"person:{uploader.id}", f"person:{approver.id}")
    assert all_is_right()


@pytest.mark.parametrize("way", ["feed", "inbox"])
def test_the_banks_own_word_is_the_second(shop: Shop, paid: Transfer, way: str) -> None:
    """E11: the same booking, shown by the bank itself, is credited once and without anybody"""
    uploaded(paid)
    comes(Paper().camt054([paid]), way=way)  # type: ignore[arg-type]
    assert (states(), shop.balance) == (["credited"], lira("25000.00"))
    assert [line.split()[0] for line in journal()] == ["deposit.suspended", "deposit.assigned"]
    assert proposal().granted is True
    credit_deposits(now=clock.now())
    assert shop.balance == lira("25000.00")
    assert all_is_right()


def test_shown_by_the_bank_first_it_never_waits(shop: Shop, paid: Transfer) -> None:
    comes(Paper().camt054([paid]), way="feed")
    uploaded(paid)
    assert shop.balance == lira("25000.00")


def test_another_upload_is_no_second_word(shop: Shop, paid: Transfer) -> None:
    uploaded(paid)
    uploaded(paid, format="camt053", by="person:78")
    assert states() == ["suspense"]


def test_a_shop_suspended_meanwhile_is_left_to_a_person(shop: Shop, paid: Transfer) -> None:
    """E10"""
    uploaded(paid)
    with db.transaction() as session:
        suspend_agent(session, shop.number, reason="risk", by="test", now=clock.now())
    comes(Paper().camt054([paid]), way="feed")
    assert states() == ["suspense"]
    assert "suspended or closing" in words(deposit())
    assert proposal().decided_at is not None
    assert all_is_right()


def test_while_it_waits_nobody_assigns_it_past_the_second(shop: Shop, other: Shop, paid: Transfer) -> None:
    uploaded(paid)
    with db.transaction() as session, pytest.raises(Proposed):
        decide_or_propose(session, deposit().reference, Wish(kind="assign", agent=other.number, note="x"), by="person:9", now=clock.now())


def test_a_person_and_the_banks_word_at_once(shop: Shop, paid: Transfer) -> None:
    """E25, with real threads: credited once"""
    approver = hire("approver")
    uploaded(paid)
    held = proposal()

    def attempt(number: int) -> None:
        try:
            if number % 2:
                comes(Paper().camt054([paid]), way="feed")
            else:
                with db.transaction() as session:
                    decide_proposal(session, held.id, granted=True, answer="", seen=mark(held), by=f"person:{approver.id}", now=clock.now())
        except Refusal:
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(attempt, range(6)))
    credit_deposits(now=clock.now())
    assert (states(), shop.balance) == (["credited"], lira("25000.00"))
    assert len(journal()) == 2
    assert all_is_right()


def test_what_only_a_file_shows_is_not_given_back(shop: Shop) -> None:
    """Else whoever writes a file is paid for it: refused whether one person or two decide, until the bank has shown it"""
    small, large = transfer("50.00", "kira"), transfer("25000.00", "aidat")
    uploaded(small, large)
    for each in deposits():
        with db.transaction() as session, pytest.raises(NotShown):
            decide_or_propose(session, each.reference, Wish(kind="return", note="sender asked"), by="person:9", now=clock.now())
    assert states() == ["suspense", "suspense"]

    comes(Paper().camt054([small]), way="feed")
    with db.transaction() as session:
        decide_or_propose(session, deposits()[0].reference, Wish(kind="return", note="sender asked"), by="person:9", now=clock.now())
    assert states() == ["returning", "suspense"]


def test_what_only_a_file_shows_is_gathered_into_no_return_file(shop: Shop) -> None:
    """Whatever brought it on its way back"""
    uploaded(transfer("50.00", "kira"))
    with db.transaction() as session:
        session.get_one(Deposit, deposit().reference).state = DepositState.RETURNING
    with db.transaction() as session, pytest.raises(NotShown):
        gather_returns(session, IBAN, [deposit().reference], by="person:9", now=clock.now())


def test_the_desk_says_why_it_cannot_be_given_back(app: Flask, shop: Shop) -> None:
    paid = transfer("50.00", "kira")
    uploaded(paid)
    page = f"/deposits/{deposit().reference}"
    operator = app.test_client()
    assert sign_in(operator, hire("operator").phone) == 303
    assert "banka kendisi bildirince iade edilebilir" in operator.get(page).text
    assert f"{page}/return" not in operator.get(page).text
    comes(Paper().camt054([paid]), way="feed")
    assert f"{page}/return" in operator.get(page).text

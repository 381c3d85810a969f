"""A person decides about a deposit (E25, E26)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app import clock, db
from app.agents.suspend_agent import suspend_agent
from app.audit import AuditLine
from app.bank.assign_deposit import AlreadyThere, NotWaiting, OtherMarket, assign_deposit, reassign_deposit
from app.bank.model import Deposit
from app.bank.queries import decisions_about
from app.bank.return_deposit import return_deposit
from app.errors import Invalid, NotFound, Refusal
from app.ledger.book import OverLimit
from tests.bank.bank import (
    BUDAPEST_IBAN,
    IBAN,
    THROUGH,
    all_is_right,
    books,
    days,
    deposit,
    deposits,
    lira,
    open_account,
    phone,
    states,
    today,
    transfer,
)
from tests.people import Shop, journal, open_biller

BY = "person:9"


@pytest.fixture
def unknown(shop: Shop) -> str:
    """A deposit in suspense."""
    books(transfer("500.00", "kimin bu para?"))
    return deposit().reference


def assign(reference: str, agent: str, *, note: str = "the shop called", verb: Callable[..., Deposit] = assign_deposit) -> Deposit:
    with db.transaction() as session:
        return verb(session, reference, agent=agent, note=note, by=BY, now=clock.now())


def test_out_of_suspense_to_an_agent(shop: Shop, unknown: str) -> None:
    assign(unknown, shop.number)

    assert states() == ["credited"]
    assert shop.balance == lira("500.00")
    assert journal() == [
        f"deposit.suspended   bank:{IBAN} -> suspense 500.00",
        "deposit.assigned   suspense -> agent:1000001042 500.00",
    ]
    assert deposit().credited_at is not None
    with db.reading() as session:
        (decision,) = decisions_about(session, unknown)
        assert (decision.kind, decision.agent, decision.note, decision.by) == ("assigned", shop.number, "the shop called", BY)
        assert session.scalars(select(AuditLine.event).filter_by(about=unknown)).all() == ["deposit.assigned"]
    assert all_is_right()


def test_one_posting_for_each_booking(shop: Shop, other: Shop, unknown: str) -> None:
    """E25: the second decider learns that it is decided"""
    assign(unknown, shop.number)
    with pytest.raises(NotWaiting) as refusal:
        assign(unknown, other.number)
    assert refusal.value.name() == "decided"
    assert refusal.value.facts["state"] == "credited"
    assert other.balance == lira("0.00")


def test_two_persons_at_once(shop: Shop, other: Shop, unknown: str) -> None:
    """E25, with real threads: assigned to one of two shops or returned, once"""

    def attempt(number: int) -> str:
        try:
            with db.transaction() as session:
                if number % 3 == 0:
                    return str(return_deposit(session, unknown, note="?", by=BY, now=clock.now()).state)
                return str(assign_deposit(session, unknown, agent=(shop, other)[number % 2].number, note="?", by=BY, now=clock.now()).agent)
        except NotWaiting:
            return ""

    with ThreadPoolExecutor(9) as pool:
        outcomes = list(pool.map(attempt, range(9)))
    assert len([outcome for outcome in outcomes if outcome]) == 1
    assert len(journal()) == (1 if states() == ["returning"] else 2)
    assert all_is_right()


def test_a_wrong_match_is_reversed_and_posted_anew(shop: Shop, other: Shop, unknown: str) -> None:
    """E26: both stay visible"""
    assign(unknown, shop.number)
    assign(unknown, other.number, note="wrong shop", verb=reassign_deposit)

    assert (shop.balance, other.balance) == (lira("0.00"), lira("500.00"))
    assert journal()[1:] == [
        "deposit.assigned   suspense -> agent:1000001042 500.00",
        "deposit.unassigned   agent:1000001042 -> suspense 500.00",
        "deposit.assigned   suspense -> agent:1000002077 500.00",
    ]
    with db.reading() as session:
        assert [decision.kind for decision in decisions_about(session, unknown)] == ["assigned", "unassigned", "assigned"]
    assign(unknown, shop.number, note="it was right after all", verb=reassign_deposit)
    assert shop.balance == lira("500.00")
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_a_wrong_automatic_match_too(shop: Shop, other: Shop, format: str) -> None:
    """E26"""
    books(transfer("500.00", phone(shop)), format=format)
    assign(deposit().reference, other.number, note="the text named the wrong shop", verb=reassign_deposit)
    assert (shop.balance, other.balance) == (lira("0.00"), lira("500.00"))
    assert deposit().person_id is None
    assert all_is_right()


def test_what_the_wrong_shop_has_spent_cannot_be_moved(shop: Shop, other: Shop, unknown: str) -> None:
    """E26: only the bank may push a balance below its limit"""
    assign(unknown, shop.number)
    biller = open_biller()
    shop.pays(biller, biller.bill("1.00"))
    with pytest.raises(OverLimit):
        assign(unknown, other.number, verb=reassign_deposit)
    assert (shop.balance, other.balance) == (lira("499.00"), lira("0.00"))
    assert all_is_right()


def test_to_the_agent_that_has_it_already(shop: Shop, unknown: str) -> None:
    assign(unknown, shop.number)
    with pytest.raises(AlreadyThere):
        assign(unknown, shop.number, verb=reassign_deposit)


def test_a_suspended_shop_may_get_what_it_cannot_spend(shop: Shop, unknown: str) -> None:
    """E10: a person decides"""
    with db.transaction() as session:
        suspend_agent(session, shop.number, reason="contract", by="test", now=clock.now())
    assign(unknown, shop.number)
    assert shop.balance == lira("500.00")


@pytest.mark.parametrize("format", THROUGH)
def test_only_agents_of_the_accounts_own_market_and_currency(shop: Shop, format: str) -> None:
    """E17"""
    open_account(BUDAPEST_IBAN, "HU")
    books(transfer("500.00", "x", currency="HUF", day=today() - days(1)), currency="HUF", iban=BUDAPEST_IBAN, format=format)
    books(transfer("500.00", "y", currency="USD"), currency="USD", format=format)
    for each in deposits():
        with pytest.raises(OtherMarket):
            assign(each.reference, shop.number)


@pytest.mark.parametrize(
    ("reference", "agent", "note", "refusal"),
    [("D000000-NOWHERE", "1000001042", "x", NotFound), (None, "9999999999", "x", NotFound), (None, "1000001042", " \n", Invalid)],
)
def test_what_is_missing_is_named(shop: Shop, unknown: str, reference: str | None, agent: str, note: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        assign(reference or unknown, agent, note=note)
    assert states() == ["suspense"]


def test_back_to_the_sender(shop: Shop, unknown: str) -> None:
    with db.transaction() as session:
        return_deposit(session, unknown, note="the sender asked for it", by=BY, now=clock.now())
    assert states() == ["returning"]
    assert journal() == [f"deposit.suspended   bank:{IBAN} -> suspense 500.00"]
    assert deposit().ended_at is None
    with db.transaction() as session, pytest.raises(NotWaiting):
        return_deposit(session, unknown, note="again", by=BY, now=clock.now())
    with pytest.raises(NotWaiting):
        assign(unknown, shop.number)
    assert all_is_right()


def test_credited_money_is_not_returned_by_hand(shop: Shop) -> None:
    books(transfer("500.00", phone(shop)))
    with db.transaction() as session, pytest.raises(NotWaiting):
        return_deposit(session, deposit().reference, note="x", by=BY, now=clock.now())

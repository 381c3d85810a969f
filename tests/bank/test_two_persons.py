"""Above the market's limit one person proposes and another decides (product.md §7; C18, E25)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit import AuditLine
from app.bank.assign_deposit import assign_deposit
from app.bank.decision import TakesTwo, Two
from app.bank.desk_limit import desk_limit, set_desk_limit
from app.bank.desk_model import DepositProposal
from app.bank.model import Deposit
from app.bank.propose_decision import ProposalDecided, Proposed, Wish, decide_or_propose, decide_proposal, mark, withdraw_proposal
from app.bank.queries import decisions_about
from app.errors import Invalid, NotFound, OwnRequest, Refusal
from app.people.model import Person
from app.people.second_person import FirstCountsNoMore, ProposalChanged
from tests.bank.bank import BUDAPEST_IBAN, IBAN, OTHER_IBAN, all_is_right, books, deposit, lira, open_account, phone, states, transfer
from tests.conftest import Database
from tests.people import Shop, hire, journal, leaves, open_biller


@pytest.fixture
def operator(shop: Shop) -> Person:
    return hire("operator", name="Deniz Aydın")


@pytest.fixture
def approver(shop: Shop) -> Person:
    return hire("approver", name="Onay Veren")


@pytest.fixture
def large(shop: Shop) -> str:
    """Just above the limit of 10,000.00, in suspense."""
    books(transfer("10000.01", "kimin bu para?"))
    return deposit().reference


def by(person: Person) -> str:
    return f"person:{person.id}"


def wish(kind: str = "assign", **more: str) -> Wish:
    return Wish(kind=kind, note="the shop called", **more)  # type: ignore[arg-type]


def proposes(person: Person, reference: str, wanted: Wish) -> DepositProposal | None:
    with db.transaction() as session:
        return decide_or_propose(session, reference, wanted, by=by(person), now=clock.now())


def decides(person: Person, proposal: DepositProposal, *, granted: bool = True, answer: str = "", seen: str | None = None) -> Deposit:
    with db.transaction() as session:
        shown = mark(proposal) if seen is None else seen
        return decide_proposal(session, proposal.id, granted=granted, answer=answer, seen=shown, by=by(person), now=clock.now())


def proposed(person: Person, reference: str, wanted: Wish) -> DepositProposal:
    proposal = proposes(person, reference, wanted)
    assert proposal is not None
    return proposal


def test_up_to_the_limit_one_person_acts(shop: Shop, operator: Person) -> None:
    books(transfer("10000.00", "kimin?"))
    assert proposes(operator, deposit().reference, wish(agent=shop.number)) is None
    assert shop.balance == lira("10000.00")


def test_above_it_nothing_moves_until_another_one_agrees(shop: Shop, operator: Person, approver: Person, large: str) -> None:
    """C18: both names stand in the decision and in the audit trail"""
    proposal = proposed(operator, large, wish(agent=shop.number))
    assert (shop.balance, states(), len(journal())) == (lira("0.00"), ["suspense"], 1)

    decides(approver, proposal)

    assert (shop.balance, states()) == (lira("10000.01"), ["credited"])
    with db.reading() as session:
        (decision,) = decisions_about(session, large)
        assert (decision.by, decision.second_by) == (by(operator), by(approver))
        lines = session.scalars(select(AuditLine).filter_by(about=large).order_by(AuditLine.id)).all()
    assert [(line.event, line.by) for line in lines] == [("deposit.proposed", by(operator)), ("deposit.assigned", by(approver))]
    assert lines[1].facts["proposed_by"] == by(operator)
    assert all_is_right()


def test_nobody_decides_the_own_proposal(shop: Shop, operator: Person, approver: Person, large: str) -> None:
    """C18: neither oneself, nor a login that one made today"""
    proposal = proposed(operator, large, wish(agent=shop.number))
    with pytest.raises(OwnRequest):
        decides(operator, proposal)
    with db.transaction() as session:
        friend = hire("approver")
        session.get_one(Person, friend.id).added_by = by(operator)
    with pytest.raises(OwnRequest):
        decides(friend, proposal)
    assert states() == ["suspense"]


def test_the_verb_itself_refuses_one_person(shop: Shop, large: str) -> None:
    """Whatever door is forgotten, the verb asks for two, and the two must differ"""
    with db.transaction() as session, pytest.raises(TakesTwo) as refusal:
        assign_deposit(session, large, agent=shop.number, note="x", by="person:9", now=clock.now())
    assert "10000.00 TRY" in str(refusal.value)
    with db.transaction() as session, pytest.raises(OwnRequest):
        assign_deposit(session, large, agent=shop.number, note="x", by=Two("person:9", "person:9"), now=clock.now())


def test_the_database_refuses_one_person_too(shop: Shop, operator: Person, large: str, database: Database) -> None:
    """Held by CHECK"""
    proposed(operator, large, wish(agent=shop.number))
    with psycopg.connect(database.url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE deposit_proposal SET decided_at = now(), decided_by = proposed_by, granted = true")


def test_a_refusal_says_why_and_leaves_it_as_it_was(shop: Shop, operator: Person, approver: Person, large: str) -> None:
    proposal = proposed(operator, large, wish(agent=shop.number))
    with pytest.raises(Invalid):
        decides(approver, proposal, granted=False, answer=" ")
    decides(approver, proposal, granted=False, answer="no document")
    assert states() == ["suspense"]
    again = proposed(operator, large, wish(agent=shop.number))
    decides(approver, again)
    assert states() == ["credited"]


def test_what_was_on_the_screen_is_what_is_decided(shop: Shop, operator: Person, approver: Person, large: str) -> None:
    """The version is checked: one proposal withdrawn, another made"""
    first = proposed(operator, large, wish(agent=shop.number))
    with db.transaction() as session:
        withdraw_proposal(session, first.id, by=by(operator), now=clock.now())
    second = proposed(operator, large, wish("return"))
    with pytest.raises(ProposalChanged):
        decides(approver, second, seen=mark(first))
    with pytest.raises(ProposalDecided):
        decides(approver, first)


def test_only_who_proposed_withdraws(shop: Shop, operator: Person, large: str) -> None:
    proposal = proposed(operator, large, wish(agent=shop.number))
    with db.transaction() as session, pytest.raises(NotFound):
        withdraw_proposal(session, proposal.id, by=by(hire("operator")), now=clock.now())


def test_one_proposal_at_a_time(shop: Shop, other: Shop, operator: Person, large: str) -> None:
    proposed(operator, large, wish(agent=shop.number))
    with pytest.raises(Proposed):
        proposes(hire("operator"), large, wish(agent=other.number))


@pytest.mark.parametrize("wanted", [wish(agent="9999999999"), Wish(kind="return", note=" "), wish("dismiss", target="biller:nobody")])
def test_what_cannot_be_done_is_not_proposed(shop: Shop, operator: Person, large: str, wanted: Wish) -> None:
    with pytest.raises(Refusal):
        proposes(operator, large, wanted)
    with db.reading() as session:
        assert session.scalars(select(DepositProposal)).all() == []


def test_moving_returning_and_dismissing_take_two_as_well(shop: Shop, other: Shop, operator: Person, approver: Person) -> None:
    """E26, and every other way out of the agent's or the institution's hands"""
    open_biller("azercell")
    books(transfer("20000.00", phone(shop)), transfer("20000.00", "a"), transfer("20000.00", "b"))
    with db.reading() as session:
        first, second, third = session.scalars(select(Deposit.reference).order_by(Deposit.id)).all()
    wanted = {first: wish("reassign", agent=other.number), second: wish("return"), third: wish("dismiss", target="biller:azercell")}
    before = journal()
    proposals = [proposed(operator, reference, each) for reference, each in wanted.items()]
    assert journal() == before
    for proposal in proposals:
        decides(approver, proposal)
    assert states() == ["credited", "returning", "not-top-up"]
    assert other.balance == lira("20000.00")
    assert journal()[-1] == "deposit.dismissed   suspense -> biller:azercell 20000.00"
    assert all_is_right()


def test_a_dismissed_deposit_that_the_bank_takes_back(shop: Shop, operator: Person) -> None:
    """E15: interest booked by mistake"""
    open_account(OTHER_IBAN)
    interest, own = transfer("12.00", "faiz"), transfer("13.00", "virman")
    books(interest, own)
    with db.reading() as session:
        first, second = session.scalars(select(Deposit.reference).order_by(Deposit.id)).all()
    proposes(operator, first, wish("dismiss", target="cost:bank"))
    proposes(operator, second, wish("dismiss", target=f"bank:{OTHER_IBAN}"))
    assert all_is_right()
    books(interest.taken_back(), own.taken_back())
    assert states() == ["taken-back", "taken-back"]
    assert journal()[-2:] == [
        f"deposit.taken-back   cost:bank -> bank:{IBAN} 12.00",
        f"bank.own-transfer   bank:{OTHER_IBAN} -> bank:{IBAN} 13.00",
    ]
    assert all_is_right()


def test_the_bank_overtakes_a_proposal(shop: Shop, operator: Person, approver: Person) -> None:
    """E15: what is taken back is nobody's to decide any more"""
    unknown = transfer("20000.00", "kimin?")
    books(unknown)
    proposal = proposed(operator, deposit().reference, wish(agent=shop.number))
    books(unknown.taken_back())
    with pytest.raises(ProposalDecided):
        decides(approver, proposal)
    assert states() == ["taken-back"]
    assert all_is_right()


def test_each_market_has_its_limit_from_a_day_on(shop: Shop) -> None:
    open_account(BUDAPEST_IBAN, "HU")
    now = clock.now()
    with db.transaction() as session:
        assert str(desk_limit(session, "HU", now=now)) == "80000.00 HUF"
        set_desk_limit(session, market="TR", amount=lira("5.00"), valid_from=None, by="test", now=now)
        assert desk_limit(session, "TR", now=now) == lira("5.00")
        with pytest.raises(Invalid):
            set_desk_limit(session, market="TR", amount=lira("9.00"), valid_from=date(2020, 1, 1), by="test", now=now)
        with pytest.raises(Invalid):
            set_desk_limit(session, market="HU", amount=lira("9.00"), valid_from=None, by="test", now=now)
    books(transfer("5.01", "kimin?"))
    assert proposes(hire("operator"), deposit().reference, wish(agent=shop.number)) is not None


def test_many_approvers_at_once_decide_it_once(shop: Shop, operator: Person, large: str) -> None:
    """E25, with real threads: agreed or refused, by one of them"""
    proposal = proposed(operator, large, wish(agent=shop.number))
    approvers = [hire("approver") for _ in range(6)]

    def attempt(number: int) -> str:
        try:
            return str(decides(approvers[number], proposal, granted=number % 2 == 0, answer="no").state)
        except ProposalDecided:
            return ""

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, range(6)))
    assert len([outcome for outcome in outcomes if outcome]) == 1
    assert len(journal()) == (2 if states() == ["credited"] else 1)
    assert all_is_right()


def test_many_operators_at_once_make_one_proposal(shop: Shop, other: Shop, large: str) -> None:
    """With real threads; nobody waits in a circle"""
    operators = [hire("operator") for _ in range(6)]

    def attempt(number: int) -> bool:
        try:
            return proposes(operators[number], large, wish(agent=(shop, other)[number % 2].number)) is not None
        except (Proposed, IntegrityError):
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1


@pytest.mark.parametrize("granted", [True, False])
def test_who_has_left_is_no_first_of_two(shop: Shop, operator: Person, approver: Person, large: str, granted: bool) -> None:
    """C2, C18: rights count when it is decided; refused it can be, and proposed anew by another one"""
    proposal = proposed(operator, large, wish(agent=shop.number))
    leaves(by(operator))
    if granted:
        with pytest.raises(FirstCountsNoMore, match=operator.name):
            decides(approver, proposal)
        assert (states(), shop.balance) == (["suspense"], lira("0.00"))
    decides(approver, proposal, granted=False, answer="propose it anew")
    decides(approver, proposed(hire("operator"), large, wish(agent=shop.number)))
    assert states() == ["credited"]

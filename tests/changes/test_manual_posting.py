"""Money between suspense and a shop by the word of people: a document, two other persons, and its reverse at most once."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from app import clock, db
from app.agents.statement import statement
from app.bank.assign_deposit import NotWaiting, assign_deposit
from app.changes.dossier import read_dossier
from app.changes.kinds.manual_posting import DocumentUsed
from app.changes.kinds.manual_posting_reversal import NothingToReverse, ReversedAlready
from app.changes.model import Change, State
from app.changes.request_change import AskedAlready
from app.errors import Invalid, NotAllowed, OwnRequest, Refusal
from app.people.model import Person
from tests.bank.bank import books, deposits, states, transfer
from tests.changes.conftest import ask, decide, name, read, trail
from tests.conftest import Database
from tests.people import Shop, book_is_right, hire, journal, lira, open_shop

PAPER = {"document": b"scan"}


@pytest.fixture
def paid(shop: Shop) -> Shop:
    shop.topped_up("500.00")
    return shop


def post(shop: Shop, by: Person, amount: int, direction: str, scans: dict[str, bytes] = PAPER, **wanted: object) -> Change:
    said = {"document_number": "BANK-77"} if "deposit" not in wanted else {}
    return ask(
        "manual-posting", by, {"amount": amount, "direction": direction} | said | wanted, agent=shop.number, reason="letter of the bank", scans=scans
    )  # fmt: skip


def by_two(change: Change, admin: Person, second_admin: Person) -> Change:
    decide(change, admin)
    return read(decide(change, second_admin))


def waiting_deposit(amount: str = "80.00") -> str:
    books(transfer(amount, "kira"))
    return deposits()[-1].reference


def test_from_the_shop_into_suspense_and_from_there_to_the_shop(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """product.md §3: posting.manual, suspense ↔ agent"""
    out = by_two(post(paid, operator, 100_00, "from-agent"), admin, second_admin)
    back = by_two(post(paid, operator, 60_00, "to-agent", document_number="BANK-78"), admin, second_admin)
    assert (out.state, back.state) == (State.APPLIED, State.APPLIED)
    assert journal()[1:] == [
        f"posting.manual   agent:{paid.number} -> suspense 100.00",
        f"posting.manual   suspense -> agent:{paid.number} 60.00",
    ]
    with db.reading() as session:
        lines = statement(session, paid.number)
    assert [(line.about, line.amount) for line in lines[:2]] == [(back.reference, lira("60.00")), (out.reference, -lira("100.00"))]
    assert book_is_right()


def test_always_two_other_persons(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """C18: weight above no limit, however small"""
    change = post(paid, admin, 1, "from-agent")
    assert change.persons_needed == 2
    with pytest.raises(OwnRequest):
        decide(change, admin)
    assert decide(change, second_admin).state == State.APPROVED_ONCE
    with pytest.raises(Refusal):
        decide(change, second_admin)
    assert len(journal()) == 1
    with pytest.raises(NotAllowed):
        post(paid, paid.owner, 1, "from-agent")


def test_without_the_document_nobody_decides(paid: Shop, operator: Person, admin: Person) -> None:
    change = post(paid, operator, 100_00, "from-agent", scans={})
    assert change.state == State.INCOMPLETE
    with pytest.raises(Refusal, match="Still missing"):
        decide(change, admin)


@pytest.mark.parametrize(
    "wanted", [{"amount": 0}, {"document_number": ""}, {"direction": "up"}, {"deposit": "D1"}, {"amount": -5}, {"amount": "5"}]
)
def test_what_makes_no_posting(paid: Shop, operator: Person, wanted: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        ask(
            "manual-posting",
            operator,
            {"amount": 100, "direction": "to-agent", "document_number": "X"} | wanted,
            agent=paid.number,
            reason="r",
        )


def test_a_deposit_goes_with_its_posting(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """E25: it cannot be assigned once more"""
    reference = waiting_deposit()
    change = by_two(post(paid, operator, 80_00, "to-agent", deposit=reference), admin, second_admin)
    assert change.state == State.APPLIED
    assert states() == ["credited", "credited"]
    assert journal()[-1] == f"posting.manual   suspense -> agent:{paid.number} 80.00"
    with db.transaction() as session, pytest.raises(NotWaiting):
        assign_deposit(session, reference, agent=paid.number, note="again", by=name(operator), now=clock.now())
    assert book_is_right()
    back = by_two(reverse(paid, operator, change), admin, second_admin)
    assert back.state == State.APPLIED
    assert states() == ["credited", "suspense"]
    assert book_is_right()


def test_not_a_part_of_a_deposit_nor_what_other_deposits_hold(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    reference = waiting_deposit()
    part = by_two(post(paid, operator, 79_00, "to-agent", deposit=reference), admin, second_admin)
    free = by_two(post(paid, operator, 80_00, "to-agent"), admin, second_admin)
    assert (part.state, free.state) == (State.FAILED, State.FAILED)
    assert [line.facts["why"] for line in trail("change.failed")] == ["not-that-deposit", "not-covered"]
    assert paid.balance == lira("500.00")
    assert book_is_right()


def test_more_than_the_shop_has_fails_whole(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    assert by_two(post(paid, operator, 500_01, "from-agent"), admin, second_admin).state == State.FAILED
    assert len(journal()) == 1


def reverse(shop: Shop, by: Person, change: Change) -> Change:
    return ask("manual-posting-reversal", by, {"reverses": change.reference}, agent=shop.number, reason="typed wrongly", scans=PAPER)


def test_a_posting_is_reversed_once(paid: Shop, operator: Person, admin: Person, second_admin: Person, database: Database) -> None:
    change = by_two(post(paid, operator, 100_00, "from-agent"), admin, second_admin)
    reversal = reverse(paid, operator, change)
    with pytest.raises(AskedAlready):
        reverse(paid, operator, change)
    assert by_two(reversal, admin, second_admin).state == State.APPLIED
    assert paid.balance == lira("500.00")
    with pytest.raises(ReversedAlready):
        reverse(paid, operator, change)
    with pytest.raises(NothingToReverse):
        reverse(paid, operator, reversal)
    with psycopg.connect(database.url) as connection, pytest.raises(psycopg.errors.UniqueViolation, match="posting_reversed_once"):
        connection.execute(
            "INSERT INTO change (reference, kind, market, agent, matter, source, opened_at, opened_by, asked_at, asked_by, complete_at,"
            " complete_by, wanted, before, version, granted_at, granted_by, applied_at, applied_by, approvals)"
            " SELECT 'C-0000-0000-0', kind, market, agent, 'x', source, opened_at, opened_by, asked_at, asked_by, complete_at, complete_by,"
            " wanted, before, version, granted_at, granted_by, applied_at, applied_by, approvals FROM change WHERE reference = %s",
            [reversal.reference],
        )
    assert book_is_right()


def test_what_is_not_in_the_book_cannot_be_reversed(paid: Shop, operator: Person) -> None:
    waiting = post(paid, operator, 100_00, "from-agent")
    with pytest.raises(NothingToReverse):
        reverse(paid, operator, waiting)


def test_many_deciders_post_once(paid: Shop, operator: Person) -> None:
    change = post(paid, operator, 100_00, "from-agent")
    deciders = [hire("approver") for _ in range(6)]

    def outcome(who: Person) -> str:
        try:
            return decide(change, who).state
        except Refusal as refusal:
            return refusal.name()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(outcome, deciders))
    assert answers == ["applied", "approved-once", *["decided"] * 4]
    assert paid.balance == lira("400.00")
    assert book_is_right()


def test_two_postings_for_the_same_free_money(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """Suspense never pays out what belongs to a deposit that waits"""
    waiting_deposit("100.00")
    by_two(post(paid, operator, 100_00, "from-agent"), admin, second_admin)
    wishes = [post(paid, operator, 100_00, "to-agent", document_number=f"BANK-{number}") for number in range(3)]
    for wish in wishes:
        decide(wish, admin)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda wish: decide(wish, second_admin), wishes))
    assert sorted(read(wish).state for wish in wishes) == [State.APPLIED, State.FAILED, State.FAILED]
    assert book_is_right()


def test_the_same_document_again_is_refused_by_name(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """B3: whatever else it says; who confirms that another posting is meant is believed, and the deciders read it"""
    first = by_two(post(paid, operator, 100_00, "from-agent"), admin, second_admin)
    for number in ("BANK-77", " bank-77"):
        with pytest.raises(DocumentUsed, match=f"{first.reference}, asked for at .* by Burak Demir.* it is applied") as refusal:
            post(paid, operator, 50_00, "to-agent", document_number=number)
        assert (refusal.value.name(), refusal.value.status) == ("must-confirm", 409)
    with pytest.raises(DocumentUsed):
        post(open_shop(), operator, 100_00, "from-agent")
    second = post(paid, operator, 50_00, "to-agent", another="yes")
    with db.reading() as session:
        lines = read_dossier(session, session.get_one(Change, second.id), asker=None, sees_private=True).lines
    assert "Another posting with this document number is meant" in [line.new for line in lines]
    assert by_two(second, admin, second_admin).state == State.APPLIED


def test_a_number_is_free_when_nothing_was_moved_by_it(paid: Shop, operator: Person, admin: Person, second_admin: Person) -> None:
    """Denied, or reversed; while a reversal is only asked for it is not"""
    decide(post(paid, operator, 100_00, "from-agent"), admin, granted=False, reason="another amount")
    first = by_two(post(paid, operator, 70_00, "from-agent"), admin, second_admin)
    back = ask("manual-posting-reversal", operator, {"reverses": first.reference}, agent=paid.number, reason="x", scans=PAPER)
    with pytest.raises(DocumentUsed):
        post(paid, operator, 60_00, "from-agent")
    by_two(back, admin, second_admin)
    assert post(paid, operator, 60_00, "from-agent").state == State.ASKED


def test_one_document_at_the_same_moment(paid: Shop, operator: Person) -> None:
    """Two who key the same letter in, with other amounts"""
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda amount: attempt(paid, operator, amount), range(1, 7)))
    assert sorted(made) == ["asked", *["must-confirm"] * 5]


def attempt(shop: Shop, by: Person, amount: int) -> str:
    try:
        return post(shop, by, amount, "from-agent").state
    except DocumentUsed as refusal:
        return refusal.name()

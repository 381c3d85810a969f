"""What the bank takes back (E14, E15; B23)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock, db
from app.bank.assign_deposit import assign_deposit
from app.bank.credit_deposits import credit_deposits
from app.bank.model import BankBooking
from app.bank.queries import could_be_taken_back, open_reversals
from app.bank.return_deposit import return_deposit
from app.bank.settle_reversal import NotItsOriginal, NotOpen, link_reversal, set_reversal_aside
from app.errors import Invalid
from app.ledger.book import OverLimit
from app.notifications.model import Message
from app.people.add_person import add_person
from tests.bank.bank import (
    CUSTOMER_IBAN,
    FORMATS,
    IBAN,
    OTHER_IBAN,
    THROUGH,
    Transfer,
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
from tests.people import PASSWORD, ScriptedBiller, Shop, journal, open_biller


@pytest.fixture
def millenicom(shop: Shop) -> ScriptedBiller:
    return open_biller()


@pytest.mark.parametrize("format", FORMATS)
def test_a_reversal_takes_the_money_back_even_below_the_limit(shop: Shop, millenicom: ScriptedBiller, format: str) -> None:
    """E14: the agent has spent it; paying is then stopped by the limit itself"""
    paid = transfer("500.00", phone(shop))
    books(paid, format=format)
    shop.pays(millenicom, millenicom.bill("400.00"))

    books(paid.taken_back(), format=format, opening="1500.00")

    assert states() == ["taken-back"]
    assert shop.balance == -lira("400.00")
    assert journal()[-1] == f"deposit.taken-back   agent:1000001042 -> bank:{IBAN} 500.00"
    with pytest.raises(OverLimit):
        shop.pays(millenicom, millenicom.bill("1.00"))
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_both_sides_are_told_once(shop: Shop, format: str) -> None:
    """E14: the shop's owner and our operator"""
    with db.transaction() as session:
        add_person(
            session, agent=None, role="operator", name="Ali Kaya", phone="05340000003", password=PASSWORD, by="test", now=clock.now()
        )
    paid = transfer("500.00", phone(shop))
    books(paid, format=format)
    shop_message, operator_message = messages_after(paid.taken_back(), format)

    assert shop_message.recipient == shop.owner.phone
    assert shop_message.body.replace("\u00a0", " ") == (
        f"Banka 500,00 TL tutarındaki havalenizi geri aldı (yükleme {deposit().reference}). Bakiyeniz şimdi 0,00 TL. "
        "Yeniden yükleme yapana kadar ödemeler durduruldu."
    )
    assert operator_message.recipient == "+905340000003"
    assert "Banka 1000001042 numaralı bayinin" in operator_message.body
    credit_deposits(now=clock.now())
    assert len(messages()) == 2


@pytest.mark.parametrize("format", FORMATS)
def test_a_reversal_of_a_line_in_suspense_closes_it(shop: Shop, format: str) -> None:
    """E15"""
    unknown = transfer("500.00", "kimin?")
    books(unknown, format=format)
    books(unknown.taken_back(), format=format, opening="1500.00")
    assert states() == ["taken-back"]
    assert journal()[-1] == f"deposit.taken-back   suspense -> bank:{IBAN} 500.00"
    assert messages() == []
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_a_reversal_in_the_same_file_as_its_original(shop: Shop, format: str) -> None:
    """E14"""
    paid = transfer("500.00", phone(shop))
    books(paid, paid.taken_back(), format=format)
    assert states() == ["taken-back"]
    assert shop.balance == lira("0.00")
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_a_reversal_that_comes_before_its_original_waits_for_it(shop: Shop, format: str) -> None:
    """E14: files out of order"""
    paid = transfer("500.00", phone(shop), day=today() - days(1))
    books(paid.taken_back(day=today()), format=format)
    assert journal() == []
    books(paid, format=format)
    assert states() == ["taken-back"]
    assert all_is_right()


def test_a_reversal_again_changes_nothing(shop: Shop) -> None:
    """E11, E14"""
    paid = transfer("500.00", phone(shop))
    back = paid.taken_back()
    books(paid)
    books(back)
    before = journal()
    for format in FORMATS:
        books(paid, back, format=format)
    assert journal() == before


@pytest.mark.parametrize("format", THROUGH)
def test_of_twins_each_reversal_takes_one_back(shop: Shop, format: str) -> None:
    """E13, E14"""
    twin = transfer("100.00", phone(shop), reference="")
    books(twin, twin, twin, format=format)
    books(twin.taken_back(), twin.taken_back(), format=format)
    assert sorted(states()) == ["credited", "taken-back", "taken-back"]
    assert shop.balance == lira("100.00")
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_some_banks_say_iade_on_a_plain_debit(shop: Shop, format: str) -> None:
    """B23: only the text says it"""
    paid = transfer("5000.00", f"7777/MBL-6973644-GÜNEŞ İLETİŞİM-{phone(shop)}")
    books(paid, format=format)
    books(transfer("5000.00", f"İADE {paid.text}", side="debit", iban=""), format=format)
    assert states() == ["taken-back"]
    assert shop.balance == lira("0.00")


def test_a_plain_debit_is_no_reversal(shop: Shop) -> None:
    """The same amount and text, but nobody says that anything is taken back"""
    paid = transfer("500.00", phone(shop))
    books(paid)
    books(replace(paid, side="debit", reference="D1"))
    assert states() == ["credited"]


@pytest.mark.parametrize("format", THROUGH)
def test_what_could_be_two_agents_money_goes_to_a_person(shop: Shop, other: Shop, format: str) -> None:
    """E14: the same sender paid for both, the reversal's text says nothing"""
    books(transfer("500.00", phone(shop)), transfer("500.00", phone(other)), format=format)
    books(transfer("500.00", "X", side="debit", reversal=True), format=format)
    assert states() == ["credited", "credited"]
    with db.reading() as session:
        (reversal,) = open_reversals(session)

    with db.transaction() as session:
        link_reversal(session, reversal.id, deposits()[1].reference, note="bank's letter of today", by="person:9", now=clock.now())
    assert states() == ["credited", "taken-back"]
    assert (shop.balance, other.balance) == (lira("500.00"), lira("0.00"))
    with db.transaction() as session, pytest.raises(NotOpen):
        link_reversal(session, reversal.id, deposits()[0].reference, note="again", by="person:9", now=clock.now())
    assert all_is_right()


def test_a_person_cannot_link_what_differs_or_leave_out_why(shop: Shop) -> None:
    books(transfer("500.00", phone(shop)))
    books(transfer("501.00", "X", side="debit", reversal=True, iban=""))
    reversal = only_reversal()
    with db.transaction() as session, pytest.raises(NotItsOriginal):
        link_reversal(session, reversal.id, deposit().reference, note="?", by="person:9", now=clock.now())
    with db.transaction() as session, pytest.raises(Invalid):
        set_reversal_aside(session, reversal.id, note=" ", by="person:9", now=clock.now())
    with db.transaction() as session:
        set_reversal_aside(session, reversal.id, note="a fee of the bank's own", by="person:9", now=clock.now())
    with db.reading() as session:
        assert open_reversals(session) == []
    assert states() == ["credited"]


def test_by_its_amount_alone_only_when_it_stands_alone(shop: Shop) -> None:
    """A marked reversal with neither text nor sender: one deposit of that amount, or a person decides"""
    books(transfer("500.00", phone(shop)), transfer("70.00", phone(shop)))
    books(transfer("70.00", "", side="debit", reversal=True, iban=""))
    assert states() == ["credited", "taken-back"]


@pytest.mark.parametrize("format", THROUGH)
def test_the_banks_reference_names_the_original(shop: Shop, other: Shop, format: str) -> None:
    """E14: before text and sender"""
    first, second = transfer("500.00", phone(shop)), transfer("500.00", phone(other))
    books(first, second, format=format)
    books(transfer("500.00", f"RUECK {first.reference}", side="debit", reversal=True), format=format)
    assert states() == ["taken-back", "credited"]


@pytest.mark.parametrize("format", THROUGH)
def test_what_was_assigned_by_hand_is_taken_back_from_whom_it_went_to(shop: Shop, format: str) -> None:
    """E14, E26"""
    unknown = transfer("500.00", "kimin?")
    books(unknown, format=format)
    with db.transaction() as session:
        assign_deposit(session, deposit().reference, agent=shop.number, note="called", by="person:9", now=clock.now())
    books(unknown.taken_back(), format=format)
    assert shop.balance == lira("0.00")
    assert states() == ["taken-back"]
    assert all_is_right()


def test_our_own_return_leaves_the_book_when_it_leaves_the_bank(shop: Shop) -> None:
    """Decided by an operator, made by hand at the bank: the debit that the bank then shows is the return itself"""
    unknown = transfer("500.00", "kimin bu para")
    books(unknown)
    with db.transaction() as session:
        return_deposit(session, deposit().reference, note="sender asked", by="person:9", now=clock.now())
    assert journal() == [f"deposit.suspended   bank:{IBAN} -> suspense 500.00"]
    assert all_is_right()
    books(transfer("500.00", "IADE kimin bu para", side="debit", iban=CUSTOMER_IBAN))
    assert journal()[-1] == f"deposit.returned   suspense -> bank:{IBAN} 500.00"
    assert (deposit().state, deposit().taken_back_by is not None) == ("returned", True)
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_a_coming_deposit_that_is_taken_back_is_never_credited(shop: Shop, format: str) -> None:
    """E14, E18"""
    coming = transfer("500.00", phone(shop), value=today() + days(2))
    books(coming, format=format)
    books(coming.taken_back(value=None), format=format)
    credit_deposits(now=clock.now() + timedelta(days=3))
    assert states() == ["taken-back"]
    assert journal() == []


@pytest.mark.parametrize("format", THROUGH)
def test_a_refund_and_an_own_transfer_are_taken_back_where_they_went(shop: Shop, format: str) -> None:
    """E20, E21"""
    open_account(OTHER_IBAN)
    open_biller("azercell", ibans=[CUSTOMER_IBAN])
    own, refund = transfer("10.00", "kasa", iban=OTHER_IBAN), transfer("20.00", "mahsup")
    books(own, refund, format=format)
    books(own.taken_back(), refund.taken_back(), format=format)
    assert journal()[-2:] == [
        f"bank.own-transfer   bank:{OTHER_IBAN} -> bank:{IBAN} 10.00",
        f"biller.refunded   biller:azercell -> bank:{IBAN} 20.00",
    ]
    assert all_is_right()


def test_a_part_is_taken_back_by_a_person(shop: Shop, millenicom: ScriptedBiller) -> None:
    """E14: the bank takes 200 of 500; the agent may fall below its limit, is told, and the rest stands"""
    paid = transfer("500.00", phone(shop))
    books(paid)
    shop.pays(millenicom, millenicom.bill("400.00"))
    books(transfer("200.00", f"KISMI IADE {paid.reference}", side="debit", reversal=True))
    assert states() == ["credited"]
    with db.reading() as session:
        (reversal,) = open_reversals(session)
        assert [each.reference for each in could_be_taken_back(session, reversal)] == [deposit().reference]
    link(reversal, deposit().reference)
    assert (states(), deposit().taken_back_sum, shop.balance) == (["credited"], 200_00, -lira("100.00"))
    assert journal()[-1] == f"deposit.taken-back   agent:1000001042 -> bank:{IBAN} 200.00"
    (told,) = messages()
    assert "200,00" in told.body
    assert "durduruldu" in told.body
    with pytest.raises(OverLimit):
        shop.pays(millenicom, millenicom.bill("1.00"))
    assert all_is_right()

    books(transfer("300.00", f"RUECK {paid.reference}", side="debit", reversal=True))
    assert (states(), shop.balance) == (["taken-back"], -lira("400.00"))
    assert len(messages()) == 2
    assert all_is_right()


def test_a_part_of_what_waits_and_then_the_rest_is_assigned(shop: Shop) -> None:
    """E15, E26: what is left is what moves"""
    books(transfer("500.00", "kimin?"))
    books(transfer("200.00", "X", side="debit", reversal=True))
    link(only_reversal(), deposit().reference)
    with db.transaction() as session:
        assign_deposit(session, deposit().reference, agent=shop.number, note="called", by="person:9", now=clock.now())
    assert shop.balance == lira("300.00")
    assert all_is_right()


def test_twice_taken_back_is_a_question_for_a_person(shop: Shop) -> None:
    """E14: the bank reverses the same deposit under two references; the second finds nothing that stands"""
    paid = transfer("500.00", phone(shop))
    books(paid)
    books(paid.taken_back(), paid.taken_back())
    assert states() == ["taken-back"]
    assert shop.balance == lira("0.00")
    assert len(journal()) == 2
    with db.transaction() as session, pytest.raises(NotItsOriginal):
        link_reversal(session, only_reversal().id, deposit().reference, note="?", by="person:9", now=clock.now())
    assert all_is_right()


def test_what_is_on_its_way_back_and_reversed_by_the_bank_leaves_once(shop: Shop) -> None:
    """E15: the bank was quicker than our return"""
    unknown = transfer("500.00", "kimin bu para")
    books(unknown)
    with db.transaction() as session:
        return_deposit(session, deposit().reference, note="sender asked", by="person:9", now=clock.now())
    books(unknown.taken_back())
    assert states() == ["returned"]
    books(transfer("500.00", f"IADE {deposit().reference}", side="debit"))
    assert journal()[-1] == f"deposit.returned   suspense -> bank:{IBAN} 500.00"
    assert len(journal()) == 2
    assert all_is_right()


def link(reversal: BankBooking, reference: str) -> None:
    with db.transaction() as session:
        link_reversal(session, reversal.id, reference, note="bank's letter", by="person:9", now=clock.now())


def messages() -> list[Message]:
    with db.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def messages_after(back: Transfer, format: str) -> list[Message]:
    books(back, format=format)
    return messages()


def only_reversal() -> BankBooking:
    with db.reading() as session:
        (reversal,) = open_reversals(session)
    return reversal

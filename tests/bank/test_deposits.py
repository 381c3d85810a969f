"""From a credit line to the agent's balance: the E-rules (product.md §5), through every format where it makes sense."""

import itertools
from datetime import datetime, timedelta

import pytest
import time_machine

from app import clock, db
from app.agents.model import CLOSING, Agent
from app.agents.suspend_agent import suspend_agent
from app.bank.credit_deposits import credit_deposits
from app.markets import MARKETS
from app.money import Money
from app.people.model import FormerPhone, Person
from tests.bank.bank import (
    BUDAPEST_IBAN,
    CUSTOMER_IBAN,
    FORMATS,
    IBAN,
    OTHER_IBAN,
    THROUGH,
    Paper,
    all_is_right,
    books,
    comes,
    days,
    deposit,
    deposits,
    lira,
    open_account,
    phone,
    states,
    today,
    transfer,
    words,
)
from tests.people import Shop, journal, open_biller

BATCHES = ("camt053", "camt054")  # E28: neither MT940 nor an export shows the transfers that a booking is made of


@pytest.mark.parametrize("format", FORMATS)
def test_a_transfer_with_the_shops_phone_is_credited(shop: Shop, format: str) -> None:
    """E1, E2"""
    (report,) = books(transfer("500.00", f"BAKIYE YUKLEME {phone(shop)} AHMET"), format=format)

    assert (report.state, report.new, report.known, report.credited, report.suspense) == ("imported", 1, 0, 1, 0)
    assert shop.balance == lira("500.00")
    assert journal() == [f"deposit.credited   bank:{IBAN} -> agent:1000001042 500.00"]
    assert words(deposit()) == f"{shop.owner.phone} is the phone of a person of agent 1000001042."
    assert all_is_right()


def test_a_top_up_has_four_times(shop: Shop) -> None:
    """booked, seen, matched, credited"""
    booked = clock.now() - timedelta(minutes=2)
    books(transfer("500.00", phone(shop), at=booked))

    only = deposit()
    assert only.booked_at == booked
    assert only.seen_at <= only.matched_at <= only.credited_at  # type: ignore[operator]
    assert (only.agent, only.person_id) == ("1000001042", shop.owner.id)
    assert (only.sender_name, only.sender_iban) == ("AYSE YILMAZ", CUSTOMER_IBAN)


@pytest.mark.parametrize("format", THROUGH)
@pytest.mark.parametrize("text", ["{phone} {phone}", "{phone} / tel {phone}"])
def test_the_same_phone_twice_is_credited_once(shop: Shop, text: str, format: str) -> None:
    """E3"""
    books(transfer("500.00", text.format(phone=phone(shop))), format=format)
    assert shop.balance == lira("500.00")


@pytest.mark.parametrize("format", THROUGH)
def test_phones_of_two_agents_are_a_persons_decision(shop: Shop, other: Shop, format: str) -> None:
    """E5"""
    books(transfer("500.00", f"{phone(shop)} ve {phone(other)}"), format=format)
    assert states() == ["suspense"]
    assert journal() == [f"deposit.suspended   bank:{IBAN} -> suspense 500.00"]
    assert "names several agents" in words(deposit())
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_several_numbers_one_registered_phone(shop: Shop, format: str) -> None:
    """E6"""
    books(transfer("500.00", f"VKN 5551112233 {phone(shop)}"), format=format)
    assert states() == ["credited"]
    assert "+905551112233 is nobody's registered phone." in words(deposit())


@pytest.mark.parametrize("format", THROUGH)
@pytest.mark.parametrize("text", ["", "BAKIYE", "05551112233"])
def test_no_phone_or_nobodys(shop: Shop, text: str, format: str) -> None:
    """E7: without an earlier transfer there is nothing to suggest"""
    books(transfer("500.00", text), format=format)
    assert states() == ["suspense"]
    assert deposit().suggested is None


@pytest.mark.parametrize("format", THROUGH)
def test_a_known_sender_is_only_a_suggestion(shop: Shop, format: str) -> None:
    """E7"""
    books(transfer("500.00", phone(shop)), format=format)
    books(transfer("100.00", "unuttum"), format=format)
    assert states() == ["credited", "suspense"]
    assert deposits()[1].suggested == "1000001042"
    assert "Earlier transfers from this account were for agent 1000001042." in words(deposits()[1])
    assert shop.balance == lira("500.00")


@pytest.mark.parametrize("format", THROUGH)
def test_a_phone_glued_to_other_digits(shop: Shop, format: str) -> None:
    """E8"""
    books(transfer("500.00", f"{phone(shop)}77"), format=format)
    assert states() == ["suspense"]


@pytest.mark.parametrize("format", THROUGH)
def test_the_phone_of_a_removed_person(shop: Shop, format: str) -> None:
    """E9"""
    with db.transaction() as session:
        person = session.get_one(Person, shop.owner.id)
        person.removed_at, person.removed_by = clock.now(), "test"
    books(transfer("500.00", phone(shop)), format=format)
    assert states() == ["suspense"]
    assert "former person of agent 1000001042" in words(deposit())


@pytest.mark.parametrize("format", THROUGH)
def test_a_suspended_agent(shop: Shop, format: str) -> None:
    """E10"""
    with db.transaction() as session:
        suspend_agent(session, shop.number, reason="contract", by="test", now=clock.now())
    books(transfer("500.00", phone(shop)), format=format)
    assert states() == ["suspense"]
    assert shop.balance == lira("0.00")


@pytest.mark.parametrize("format", THROUGH)
def test_a_closing_agent(shop: Shop, format: str) -> None:
    """E10"""
    with db.transaction() as session:
        session.get_one(Agent, shop.number).state = CLOSING
    books(transfer("500.00", phone(shop)), format=format)
    assert states() == ["suspense"]


@pytest.mark.parametrize("format", FORMATS)
def test_an_amount_of_zero_is_noted(shop: Shop, format: str) -> None:
    """E16"""
    books(transfer("0.00", phone(shop)), format=format)
    assert states() == ["noted"]
    assert journal() == []


@pytest.mark.parametrize("format", THROUGH)
def test_another_currency_waits_in_suspense_in_its_own(shop: Shop, format: str) -> None:
    """E17"""
    books(transfer("500.00", phone(shop), currency="USD"), currency="USD", format=format)
    assert states() == ["suspense"]
    assert "It came in USD, the account is kept in TRY." in words(deposit())
    assert deposit().money == Money(50_000, "USD")
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_a_currency_that_the_book_does_not_keep_is_named(shop: Shop, format: str) -> None:
    """E17: shown, not posted"""
    (report,) = books(transfer("500.00", phone(shop), currency="NOK"), currency="NOK", format=format)
    assert deposits() == []
    assert [str(note) for note in report.notes] == ["Our book does not keep NOK: these bookings are shown, not posted."]


@pytest.mark.parametrize("format", THROUGH)
def test_an_agent_of_another_market(shop: Shop, format: str) -> None:
    """E17"""
    open_account(BUDAPEST_IBAN, "HU")
    books(
        transfer("500.00", f"+90{phone(shop)[1:]}", currency="HUF", day=today() - days(1)),
        currency="HUF",
        iban=BUDAPEST_IBAN,
        format=format,
    )
    assert states() == ["suspense"]
    assert "belongs to another market" in words(deposit())


@pytest.mark.parametrize("format", FORMATS)
def test_a_value_date_ahead_is_coming_until_that_day(shop: Shop, format: str) -> None:
    """E18"""
    books(transfer("500.00", phone(shop), value=today() + days(2)), format=format)
    coming = deposit()
    assert (coming.state, coming.agent, coming.credited_at) == ("coming", "1000001042", None)
    assert journal() == []

    midnight = datetime.combine(today(), datetime.min.time(), MARKETS["TR"].zone)
    with time_machine.travel(midnight + days(2) - timedelta(seconds=1)):
        credit_deposits(now=clock.now())
        assert states() == ["coming"]
    with time_machine.travel(midnight + days(2)):
        credit_deposits(now=clock.now())
    assert states() == ["credited"]
    assert shop.balance == lira("500.00")
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_a_value_date_in_the_past_is_credited_today_with_both_dates(shop: Shop, format: str) -> None:
    """E19"""
    books(transfer("500.00", phone(shop), value=today() - days(3)), format=format)
    only = deposit()
    assert only.state == "credited"
    assert (only.day, only.value_date) == (today(), today() - days(3))


@pytest.mark.parametrize("format", FORMATS)
def test_our_own_other_account_is_no_top_up(shop: Shop, format: str) -> None:
    """E20: even with a phone in the text"""
    open_account(OTHER_IBAN)
    books(transfer("500.00", phone(shop), iban=OTHER_IBAN), format=format)
    assert states() == ["not-top-up"]
    assert journal() == [f"bank.own-transfer   bank:{IBAN} -> bank:{OTHER_IBAN} 500.00"]
    assert all_is_right()


@pytest.mark.parametrize("format", FORMATS)
def test_a_billers_refund_is_routed_by_the_senders_account(shop: Shop, format: str) -> None:
    """E21: whatever phone the text carries"""
    open_biller("millenicom", ibans=[CUSTOMER_IBAN])
    books(transfer("500.00", phone(shop)), format=format)
    assert states() == ["not-top-up"]
    assert journal() == [f"biller.refunded   bank:{IBAN} -> biller:millenicom 500.00"]
    assert all_is_right()


@pytest.mark.parametrize("format", THROUGH)
def test_a_phone_changed_today_still_matches_for_a_while(shop: Shop, format: str) -> None:
    """E23"""
    old = change_phone(shop)
    books(transfer("500.00", old), format=format)
    assert states() == ["credited"]
    assert "was until lately the phone of a person of agent 1000001042" in words(deposit())


@pytest.mark.parametrize("format", THROUGH)
def test_a_phone_changed_long_ago_does_not(shop: Shop, format: str) -> None:
    """E23: the grace is thirty days"""
    old = change_phone(shop, until=clock.now() - days(31))
    books(transfer("500.00", old), format=format)
    assert states() == ["suspense"]


@pytest.mark.parametrize("format", THROUGH)
def test_a_phone_that_somebody_else_has_now_is_theirs(shop: Shop, other: Shop, format: str) -> None:
    """E23"""
    old = change_phone(shop)
    with db.transaction() as session:
        session.get_one(Person, other.owner.id).phone = "+90" + old[1:]
    books(transfer("500.00", old), format=format)
    assert other.balance == lira("500.00")
    assert shop.balance == lira("0.00")


@pytest.mark.parametrize("format", THROUGH)
def test_a_phone_that_a_removed_person_had_and_somebody_else_has_now(shop: Shop, other: Shop, format: str) -> None:
    """E9, E23"""
    with db.transaction() as session:
        person = session.get_one(Person, shop.owner.id)
        person.removed_at, person.removed_by = clock.now(), "test"
        session.flush()
        session.get_one(Person, other.owner.id).phone = shop.owner.phone
    books(transfer("500.00", phone(shop)), format=format)
    assert other.balance == lira("500.00")


@pytest.mark.parametrize("format", THROUGH)
def test_a_phone_cut_short_suggests_somebody(shop: Shop, format: str) -> None:
    """E24"""
    books(transfer("500.00", f"BAKIYE YUKLEME {phone(shop)[:-1]}"), format=format)
    assert states() == ["suspense"]
    assert deposit().suggested == "1000001042"
    assert "was cut short; a phone of agent 1000001042 begins like this." in words(deposit())


@pytest.mark.parametrize("format", THROUGH)
def test_a_beginning_that_several_agents_share_suggests_nobody(shop: Shop, other: Shop, format: str) -> None:
    """E24"""
    books(transfer("500.00", phone(shop)[:8]), format=format)
    assert deposit().suggested is None


@pytest.mark.parametrize(
    ("format", "status"),
    [("mt940", "PDNG"), *itertools.product(("camt053", "camt054", "csv"), ("PDNG", "INFO", "FUTR"))],  # MT940 only knows “expected”
)
def test_what_is_only_announced_is_shown_and_never_credited(shop: Shop, format: str, status: str) -> None:
    """E27"""
    books(transfer("500.00", phone(shop), status=status), format=format)
    assert states() == ["noted"]
    assert journal() == []


@pytest.mark.parametrize("format", THROUGH)
def test_what_was_announced_is_credited_once_when_it_is_booked(shop: Shop, format: str) -> None:
    """E27, E11"""
    announced = transfer("500.00", phone(shop), reference="F77", status="PDNG")
    booked = transfer("500.00", phone(shop), reference="F77")
    books(announced, format=format)
    books(announced, format=format)
    books(booked, format=format)
    books(booked, format="camt053")
    assert states() == ["credited"]
    assert shop.balance == lira("500.00")
    assert all_is_right()


@pytest.mark.parametrize("format", BATCHES)
def test_the_transfers_of_a_batch_are_the_deposits(shop: Shop, other: Shop, format: str) -> None:
    """E28"""
    batch = transfer("300.00", parts=(("120.00", phone(shop)), ("180.00", phone(other))))
    books(batch, format=format)
    assert [(each.amount, each.state) for each in deposits()] == [(12_000, "credited"), (18_000, "credited")]
    assert (shop.balance, other.balance) == (lira("120.00"), lira("180.00"))
    books(batch, format="camt053")
    assert len(deposits()) == 2
    assert all_is_right()


@pytest.mark.parametrize("format", BATCHES)
def test_a_batch_whose_transfers_do_not_make_it_waits_whole(shop: Shop, format: str) -> None:
    """E28: nobody gets the batch's total"""
    books(transfer("300.00", parts=(("120.00", phone(shop)), ("179.99", "x"))), format=format)
    assert [(each.amount, each.state, each.suggested) for each in deposits()] == [(30_000, "suspense", "1000001042")]
    assert shop.balance == lira("0.00")


def test_a_payment_of_ours_that_came_back_is_no_top_up(shop: Shop) -> None:
    """RD, RvslInd on a credit"""
    for format in FORMATS:
        books(transfer("500.00", phone(shop), reversal=True), format=format)
    assert set(states()) == {"suspense"}
    assert shop.balance == lira("0.00")


def test_money_that_went_out_is_no_deposit(shop: Shop) -> None:
    (report,) = books(transfer("500.00", phone(shop), side="debit"))
    assert (report.new, report.debits) == (1, (1, 50_000))
    assert deposits() == []


def test_an_account_that_is_not_ours_posts_nothing_and_says_so(shop: Shop) -> None:
    (report,) = books(transfer("500.00", phone(shop)), iban=OTHER_IBAN)
    assert (report.state, report.new, deposits()) == ("imported", 1, [])
    assert str(report.reason) == "The account is not ours: nothing is credited."


def test_an_account_may_have_other_names_in_the_banks_files(shop: Shop) -> None:
    open_account(OTHER_IBAN, aliases=["LIMA/0629"])
    books(transfer("500.00", phone(shop)), format="mt940", iban="LIMA/0629")
    assert deposit().iban == OTHER_IBAN


def change_phone(shop: Shop, *, until: datetime | None = None) -> str:
    """:returns: the old one, as its owner wrote it"""
    old = phone(shop)
    with db.transaction() as session:
        person = session.get_one(Person, shop.owner.id)
        session.add(FormerPhone(person_id=person.id, phone=person.phone, until=until or clock.now()))
        person.phone = "+905559998877"
    return old


def test_a_swift_message_in_its_braces(shop: Shop) -> None:
    """As the network delivers it: no event, although it begins with a brace"""
    message = Paper().mt940([transfer("500.00", phone(shop))]).removesuffix(b"-\r\n")
    comes(b"{1:F01BANKTRISAXXX1009000000}{2:I940BANKTRISXXXXN}{4:\r\n" + message + b"-}")
    assert (states(), shop.balance) == (["credited"], lira("500.00"))

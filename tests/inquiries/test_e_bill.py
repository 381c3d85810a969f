"""E-bill by e-mail: switched on and off at the counter, free, with consent (product.md §11); each new bill mailed once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.billers import look_up_bills
from app.billers.gateway import BillerUnreachable, SubscriberNotFound
from app.errors import Invalid, TooMany
from app.inquiries import mail_e_bills as mailing
from app.inquiries import switch_e_bill as switching
from app.inquiries.mail_e_bills import mail_e_bills
from app.inquiries.model import EBill
from app.inquiries.switch_e_bill import Consent, switch_off, switch_on
from tests.inquiries.conftest import TEN, OneGateway, account, messages, open_azercell, open_bill
from tests.people import ScriptedBiller

Travel = Callable[[datetime], None]
NUMBER = "502003015"


@pytest.fixture
def biller(ten_o_clock: object) -> ScriptedBiller:
    azercell = open_azercell()
    account(azercell, NUMBER, open_bill(azercell, 18_40))
    return azercell


def on(biller: ScriptedBiller, *, email: str = "ayse@example.com", given: bool = True, number: str = NUMBER) -> EBill:
    consent = Consent(subscriber=number, email=email, given=given, agent="2000003015", by="person:7")
    return switch_on(biller.record, biller, consent, now=clock.now())


def off(biller: ScriptedBiller) -> EBill | None:
    return switch_off(biller.record, biller, NUMBER, by="person:8", now=clock.now())


def new_bill(biller: ScriptedBiller, minor: int = 21_15, *, month: int = 11) -> str:
    bill = open_bill(biller, minor, month=month, issued_on=clock.now().date())
    account(biller, NUMBER, bill, *biller.accounts[NUMBER].bills)
    return bill.ref


def work(*billers: ScriptedBiller, all_of_them: bool = False) -> None:
    mail_e_bills(OneGateway(*billers), now=clock.now(), all_of_them=all_of_them)  # type: ignore[arg-type]


def records() -> list[EBill]:
    with db.reading() as session:
        return list(session.scalars(select(EBill).order_by(EBill.id)))


def mailed(to: str = "ayse@example.com") -> list[str]:
    """The keys of the mails that carry a bill."""
    return [message.key for message in messages() if message.attachment and message.recipient == to]


def events() -> list[tuple[str, str]]:
    with db.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.event.startswith("e-bill")).order_by(AuditLine.id))
        return [(line.event, line.by) for line in lines]


def test_the_consent_is_written_down_and_the_biller_told(biller: ScriptedBiller) -> None:
    e_bill = on(biller, email=" Ayse@Example.COM ")
    assert (e_bill.email, e_bill.consent_by, e_bill.agent, e_bill.told_biller_at) == (
        "Ayse@example.com",
        "person:7",
        "2000003015",
        clock.now(),
    )
    assert biller.e_bills == {NUMBER: "Ayse@example.com"} and events() == [("e-bill.switched-on", "person:7")]
    (confirmation,) = messages()
    assert confirmation.recipient == "Ayse@example.com" and confirmation.attachment is None


def test_no_address_stands_in_the_audit_trail(biller: ScriptedBiller) -> None:
    """C25"""
    on(biller)
    with db.reading() as session:
        assert all("ayse@" not in str(line.facts) for line in session.scalars(select(AuditLine)))


@pytest.mark.parametrize(
    "email", ["", "ayse", "ayse@", "@example.com", "a b@example.com", "a@b", "a@example.com\nBcc: b@example.com", "a@-x.com", "a..b@example.com",
              "x" * 250 + "@example.com", "a@example.com,b@example.com", "<a@example.com>"],
)  # fmt: skip
def test_an_address_mail_cannot_be_sent_to_is_refused(biller: ScriptedBiller, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        on(biller, email=email)
    assert list(refused.value.errors) == ["email"] and records() == []


def test_without_consent_nothing_is_switched(biller: ScriptedBiller) -> None:
    with pytest.raises(Invalid) as refused:
        on(biller, given=False)
    assert list(refused.value.errors) == ["consent"] and records() == [] and biller.asked == biller.looked_up == []


def test_who_is_no_subscriber_has_no_e_bill(biller: ScriptedBiller) -> None:
    with pytest.raises(SubscriberNotFound):
        on(biller, number="509999999")
    (e_bill,) = records()
    assert (e_bill.off_by, e_bill.next_tell_at) == ("biller:azercell", None) and messages() == []


def test_pressing_twice_or_at_two_counters_is_one(biller: ScriptedBiller) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: on(biller), range(4)))
    assert len(records()) == 1 and len(messages()) == 1


def test_a_biller_that_is_away_is_told_later(biller: ScriptedBiller, ten_o_clock: Travel) -> None:
    biller.reachable = False
    e_bill = on(biller)
    assert e_bill.told_biller_at is None and e_bill.next_tell_at and messages() == []
    biller.reachable = True
    work(biller)
    assert biller.e_bills == {}, "not before its time"
    ten_o_clock(TEN + timedelta(seconds=31))
    work(biller)
    assert biller.e_bills == {NUMBER: "ayse@example.com"} and records()[0].told_biller_at and len(messages()) == 1


def test_off_is_as_easy(biller: ScriptedBiller) -> None:
    on(biller)
    e_bill = off(biller)
    assert e_bill and (e_bill.off_by, e_bill.next_look_at) == ("person:8", None)
    assert biller.e_bills == {NUMBER: ""} and events()[-1] == ("e-bill.switched-off", "person:8")
    new_bill(biller)
    work(biller, all_of_them=True)
    assert mailed() == []
    again = off(biller)
    assert again and again.off_at == e_bill.off_at and len(events()) == 2


def test_off_that_overtakes_on_is_told_last(biller: ScriptedBiller, ten_o_clock: Travel) -> None:
    """While the biller is being told of the switch-on, another counter switches off: in the end the biller knows of the latter."""
    real = biller.switch_e_bill

    def slow(subscriber: str, *, email: str) -> None:
        if email:
            with patch.object(biller, "switch_e_bill", real):
                off(biller)
        real(subscriber, email=email)

    with patch.object(biller, "switch_e_bill", slow):
        on(biller)
    assert biller.e_bills == {NUMBER: "ayse@example.com"}, "the older word came last"
    ten_o_clock(TEN + timedelta(seconds=1))
    work(biller)
    assert biller.e_bills == {NUMBER: ""}


def test_each_new_bill_is_mailed_once(biller: ScriptedBiller, ten_o_clock: Travel) -> None:
    on(biller)
    work(biller)
    assert mailed() == [], "bills that were there already are not mailed"
    ref = new_bill(biller)
    work(biller)
    assert mailed() == [], "looked at within the hour"
    ten_o_clock(TEN + timedelta(hours=1))
    for _ in range(3):
        work(biller, all_of_them=True)
    assert mailed() == [f"e-bill:{records()[0].id}:{ref}"] and records()[0].last_bill_mailed == ref
    with db.reading() as session:
        (line,) = session.scalars(select(AuditLine).filter_by(event="bill.mailed"))
    assert (line.about, line.by, line.facts["how"]) == (f"azercell/{NUMBER}/{ref}", "job:mail-e-bills", "e-bill")
    (mail,) = [message for message in messages() if message.attachment]
    assert "21,15 AZN" in mail.body and mail.attachment_name.endswith(".pdf") and not mail.is_reply


def test_by_hand_it_is_looked_at_now(biller: ScriptedBiller) -> None:
    on(biller)
    work(biller)
    new_bill(biller)
    work(biller, all_of_them=True)
    assert len(mailed()) == 1


def test_each_registration_is_looked_at_once_an_hour(biller: ScriptedBiller, ten_o_clock: Travel) -> None:
    on(biller)
    before = len(biller.looked_up)
    for minute in range(0, 121, 10):
        ten_o_clock(TEN + timedelta(minutes=minute))
        work(biller)
    assert len(biller.looked_up) - before == 3


def test_an_old_bill_that_is_seen_late_and_an_account_are_no_new_bills(biller: ScriptedBiller) -> None:
    on(biller)
    old = open_bill(biller, 5_00, month=3)
    empty = open_bill(biller, 0, month=11, issued_on=clock.now().date())
    account(biller, NUMBER, empty, old)
    work(biller)
    assert mailed() == []


def test_a_biller_that_is_away_costs_no_bill(biller: ScriptedBiller, ten_o_clock: Travel) -> None:
    on(biller)
    new_bill(biller)
    biller.reachable = False
    work(biller)
    biller.reachable = True
    ten_o_clock(TEN + timedelta(hours=1))
    work(biller)
    assert len(mailed()) == 1


def test_two_workers_at_once_mail_once(biller: ScriptedBiller) -> None:
    on(biller)
    new_bill(biller)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: work(biller, all_of_them=True), range(4)))
    assert len(mailed()) == 1


class Killed(Exception):
    """The process ends here."""


@pytest.mark.parametrize(
    ("place", "name"),
    [(mailing, "look_at"), (mailing, "copy_for_mail"), (mailing, "mail_bill"), (switching, "note_told"), (switching, "note_bills_there")],
)
@pytest.mark.parametrize("after", [False, True])
def test_whoever_is_killed_between_two_steps_is_finished_by_the_next(
    biller: ScriptedBiller, ten_o_clock: Travel, place: object, name: str, after: bool
) -> None:
    real, deaths = getattr(place, name), iter([True])

    def dies(*args: object, **kwargs: object) -> object:
        dying = next(deaths, False)
        if dying and not after:
            raise Killed
        answer = real(*args, **kwargs)
        if dying:
            raise Killed
        return answer

    def try_all() -> None:
        on(biller)
        new_bill(biller)
        work(biller)

    with patch.object(place, name, dies):
        with pytest.raises(Killed):
            try_all()
        if len(biller.accounts[NUMBER].bills) == 1:
            new_bill(biller)
        for hours in (1, 2):
            ten_o_clock(TEN + timedelta(hours=hours))
            work(biller)
    assert len(mailed()) == 1 and biller.e_bills == {NUMBER: "ayse@example.com"}


def test_what_a_dead_address_never_got_goes_to_the_right_one(biller: ScriptedBiller, ten_o_clock: Travel) -> None:
    on(biller, email="wrong@example.com")
    ref = new_bill(biller)
    work(biller)
    with db.transaction() as session:
        session.get_one(EBill, records()[0].id).bounced_at = clock.now()
    later = new_bill(biller, 30_00, month=12)
    ten_o_clock(TEN + timedelta(hours=2))
    work(biller, all_of_them=True)
    assert len(mailed("wrong@example.com")) == 1, "nothing more goes to an address that does not exist"
    on(biller, email="right@example.com")
    work(biller, all_of_them=True)
    number = records()[-1].id
    assert mailed("right@example.com") == [f"e-bill:{number}:{ref}", f"e-bill:{number}:{later}"]
    assert [bool(record.off_at) for record in records()] == [True, False] and biller.e_bills == {NUMBER: "right@example.com"}


def test_another_biller_s_outage_hinders_nobody(biller: ScriptedBiller) -> None:
    on(biller)
    new_bill(biller)
    with patch.object(biller, "switch_e_bill", side_effect=BillerUnreachable(biller="Azercell", phone="111")):
        work(biller)
    assert len(mailed()) == 1


def test_walking_through_numbers_is_slowed_as_when_bills_are_looked_up(biller: ScriptedBiller) -> None:
    """C10: the same count."""
    for number in range(look_up_bills.NOT_FOUND_PER_AGENT):
        with pytest.raises(SubscriberNotFound):
            on(biller, number=f"50999{number:04d}", email=f"a{number}@example.com")
    asked = len(biller.looked_up)
    with pytest.raises(TooMany):
        on(biller)
    with pytest.raises(TooMany):
        look_up_bills.look_up_bills(biller.record, NUMBER, biller, asked_by="2000003015", now=clock.now())
    assert len(biller.looked_up) == asked and biller.e_bills == {}


def test_no_mailbox_and_no_mail_server_is_flooded(biller: ScriptedBiller, ten_o_clock: Travel) -> None:
    for tag in range(switching.SWITCHES_TO_AN_ADDRESS):
        on(biller, email=f"Ayse+{tag}@example.com")
    with pytest.raises(TooMany):
        on(biller, email="ayse@example.com")
    ten_o_clock(TEN + timedelta(hours=2))
    for place in range(switching.SWITCHES_OF_A_SHOP):
        on(biller, email=f"b{place}@example.com")
    with pytest.raises(TooMany):
        on(biller, email="somebody@example.com")
    assert records()[-1].email == f"b{switching.SWITCHES_OF_A_SHOP - 1}@example.com"


def test_an_address_that_is_replaced_learns_of_it_once(biller: ScriptedBiller) -> None:
    on(biller)
    on(biller, email="other@example.com")
    on(biller, email="other@example.com")
    first, told, second = messages()
    assert (first.recipient, told.recipient) == ("ayse@example.com", "ayse@example.com")
    assert told.key == f"e-bill:{records()[0].id}:off" and second.recipient == "other@example.com"

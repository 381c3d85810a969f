"""An SMS with a subscriber number answers what is owed (product.md §11; carriers.md, Azercell), once, and costs once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import structlog
from sqlalchemy import select

from app import clock, db
from app.audit import AuditLine
from app.billers.gateway import BillerUnreachable
from app.billing.bill import Line, Section
from app.billing.owed import owed_bills
from app.inquiries import answer_inquiries as answering
from app.inquiries import charge_inquiries as charging
from app.inquiries import read_sms_inbox as reading
from app.inquiries.answer_inquiries import OutsideIsAway
from app.inquiries.answer_sms import text_of_charge
from app.money import Money, round_to_money
from tests.inquiries.conftest import AYSE, TEN, OneGateway, SmsGateway, account, inquiries, manat, messages, open_bill, outcomes, read_inbox
from tests.people import ScriptedBiller, open_biller

Travel = Callable[[datetime], None]


def test_what_is_owed_comes_back_and_the_line_pays(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    account(azercell, "502003015", open_bill(azercell, 18_40))
    gateway.says("502003015")
    read_inbox(gateway, azercell)
    (message,) = messages()
    assert (message.channel, message.recipient) == ("sms", AYSE)
    assert all(part in message.body for part in ("Azercell", "502003015", "18,40 AZN", "10.2026", "30.11.2026"))
    assert "0,0236 AZN" in message.body, "what the message costs is said"
    (inquiry,) = inquiries()
    assert (inquiry.outcome, inquiry.charged_to) == ("answered", "502003015")
    assert azercell.charges == {f"SMS-{inquiry.id}": ("502003015", text_of_charge(azercell.record), Decimal("0.0236"))}
    assert "650" in text_of_charge(azercell.record)


def test_several_bills_their_sum_an_advance_and_what_is_not_billed(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    account(azercell, "502003015", open_bill(azercell, 21_15), open_bill(azercell, 18_40, month=9), advance=1_60, unbilled=3_25)
    gateway.says("502003015")
    read_inbox(gateway, azercell)
    text = messages()[0].body
    assert all(part in text for part in ("39,55 AZN", "21,15 AZN", "18,40 AZN", "1,60 AZN", "3,25 AZN"))
    assert len(text) <= 3 * 67, "three joined messages at most"


def test_many_bills_stay_short_and_the_sum_is_of_all(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    account(azercell, "502003015", *(open_bill(azercell, 1_234_567_89, month=month) for month in range(11, 2, -1)), advance=5, unbilled=9)
    gateway.says("502003015")
    read_inbox(gateway, azercell)
    text = messages()[0].body
    assert len(text) <= 3 * 67 and "11.111.111,01 AZN" in text and "0,0236 AZN" in text


@pytest.mark.parametrize(("count", "on_the_bill"), [(1, "0.02"), (3, "0.07"), (7, "0.17"), (50, "1.18")])
def test_prices_are_sent_as_they_are_and_rounded_on_the_bill_alone(
    gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel, count: int, on_the_bill: str
) -> None:
    """1 → 0.0236, 3 → 0.0708, 7 → 0.1652 → 0.17 on the bill (rounding each would give 0.14), 50 → 1.18 (carriers.md)"""
    account(azercell, "502003015")
    for number in range(count):
        gateway.says("502003015", sender="+994" + account(azercell, f"51{number // 20:07d}"))
    read_inbox(gateway, azercell)
    amounts = [amount for _, _, amount in azercell.charges.values()]
    assert len(amounts) == count and set(amounts) == {Decimal("0.0236")}
    assert sum(amounts) == Decimal("0.0236") * count
    assert str(round_to_money(sum(amounts, start=Decimal(0)), "AZN").decimal) == on_the_bill


def test_a_writer_s_own_line_pays_for_a_question_about_another(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    account(azercell, "502003015")
    account(azercell, "507777777")
    gateway.says("507777777")
    gateway.says("507777777", sender="+994511111111")  # not a subscriber: the line asked about pays †
    read_inbox(gateway, azercell)
    assert sorted(charged[0] for charged in azercell.charges.values()) == ["502003015", "507777777"]
    assert [inquiry.charged_to for inquiry in inquiries()] == ["502003015", "507777777"]


def test_a_line_pays_for_strangers_three_times_a_day_and_then_they_are_answered_free(
    gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel
) -> None:
    """Nobody runs up a bill for somebody else."""
    account(azercell, "507777777")
    for number in range(5):
        gateway.says("507777777", sender=f"+99455111111{number}")
    gateway.says("507777777", sender="+994507777777")
    read_inbox(gateway, azercell)
    assert outcomes() == ["nothing-owed"] * 6 and len(messages()) == 6
    paying = [inquiry.sender for inquiry in inquiries() if inquiry.charged_at]
    assert len(azercell.charges) == len(paying) == 4 and paying[-1] == "+994507777777", "one's own questions are always charged"
    assert all(inquiry.next_charge_at is None for inquiry in inquiries())
    with db.reading() as session:
        assert len(session.scalars(select(AuditLine).filter_by(event="inquiry.not-charged")).all()) == 2
    ten_o_clock(TEN + timedelta(days=1, seconds=1))
    gateway.says("507777777", sender="+994551111110")
    read_inbox(gateway, azercell)
    assert len(azercell.charges) == 5


def test_a_charge_that_is_tried_again_counts_once(gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel) -> None:
    account(azercell, "507777777")
    gateway.says("507777777", sender="+994551111110")
    real = azercell.charge
    with patch.object(azercell, "charge", side_effect=BillerUnreachable(biller="Azercell", phone="111")):
        for hours in range(5):
            ten_o_clock(TEN + timedelta(hours=hours))
            read_inbox(gateway, azercell)
    assert azercell.charge == real and azercell.charges == {}
    for number in (1, 2, 3):
        gateway.says("507777777", sender=f"+99455111111{number}")
    ten_o_clock(TEN + timedelta(hours=6))
    read_inbox(gateway, azercell)
    assert len(azercell.charges) == 3


def test_an_answer_that_breaks_us_costs_no_other_and_ends(gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel) -> None:
    """Whatever a biller sends for one number: loud, and after the last pause that customer is told."""
    account(azercell, "502003015")
    account(azercell, "507777777")
    real = azercell.inquire

    def hostile(subscriber: str, **more: object) -> object:
        if subscriber == "507777777":
            raise OverflowError("nobody thought of it")
        return real(subscriber, **more)  # type: ignore[arg-type]

    gateway.says("507777777")
    gateway.says("502003015")
    with patch.object(azercell, "inquire", hostile), structlog.testing.capture_logs() as said:
        for seconds in (0, 11, 32, 63, 95):
            ten_o_clock(TEN + timedelta(seconds=seconds))
            read_inbox(gateway, azercell)
    assert outcomes() == ["unreachable", "nothing-owed"] and len(messages()) == 2
    assert [line["tries"] for line in said if line["event"] == "inquiry.cannot-be-answered"] == [1, 2, 3, 4]


def test_where_it_is_free_nothing_is_charged_or_said(gateway: SmsGateway, ten_o_clock: Travel) -> None:
    millenicom = open_biller("millenicom", sms_code="4144")
    account(millenicom, "5300001042", currency="TRY")
    gateway.says("5300001042", sender="+905321234567", to="4144")
    read_inbox(gateway, millenicom)
    assert millenicom.charges == {} and outcomes() == ["nothing-owed"] and inquiries()[0].next_charge_at is None


def test_four_different_answers_when_there_is_nothing_to_say(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    """P-28; only what was told is paid for †"""
    account(azercell, "500000001")
    account(azercell, "500000002", state="closed")
    for number in ("500000001", "500000002", "500000003"):
        gateway.says(number, sender=f"+99455{number[-7:]}")
    read_inbox(gateway, azercell)
    assert sorted(str(outcome) for outcome in outcomes()) == ["closed", "not-found", "nothing-owed"]
    assert len({message.body for message in messages()}) == 3
    assert len(azercell.charges) == 1


def test_a_biller_that_is_away_is_asked_again_for_a_minute_before_that_is_said(
    gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel
) -> None:
    account(azercell, "502003015")
    azercell.reachable = False
    gateway.says("502003015")
    for seconds in (0, 5, 10, 30, 60):
        ten_o_clock(TEN + timedelta(seconds=seconds))
        read_inbox(gateway, azercell)
        assert outcomes() == ["unreachable" if seconds == 60 else None]
    assert azercell.looked_up == ["502003015"] * 4
    (message,) = messages()
    assert "111" in message.body, "the biller's phone"
    assert azercell.charges == {}


def test_it_comes_back_within_the_minute(gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel) -> None:
    account(azercell, "502003015")
    azercell.reachable = False
    gateway.says("502003015")
    read_inbox(gateway, azercell)
    azercell.reachable = True
    ten_o_clock(TEN + timedelta(seconds=11))
    read_inbox(gateway, azercell)
    assert outcomes() == ["nothing-owed"] and len(messages()) == len(azercell.charges) == 1


@pytest.mark.parametrize("text", ["", "salam", "borcum nə qədərdir?", "50200301", "502003015 507777777", "🙂" * 800, "0" * 1600])
def test_what_cannot_be_read_is_told_how_to_write(gateway: SmsGateway, azercell: ScriptedBiller, text: str) -> None:
    gateway.says(text)
    read_inbox(gateway, azercell)
    assert outcomes() == ["unreadable"] and azercell.looked_up == []
    (message,) = messages()
    assert "502003015" in message.body, "an example"


@pytest.mark.parametrize(
    ("sender", "to"), [("650", "650"), ("AZERCELL", "650"), ("GISE", "650"), ("*1111", "650"), (AYSE, "9999"), (AYSE, "")]
)
def test_machines_and_numbers_that_are_none_of_ours_are_not_answered(
    gateway: SmsGateway, azercell: ScriptedBiller, sender: str, to: str
) -> None:
    gateway.says("502003015", sender=sender, to=to)
    read_inbox(gateway, azercell)
    assert outcomes() == ["ignored"] and messages() == [] and azercell.looked_up == []


def test_whoever_writes_too_often_hears_nothing_for_the_rest_of_the_hour(
    gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel
) -> None:
    """C10"""
    account(azercell, "502003015")
    for _ in range(25):
        gateway.says("502003015")
    gateway.says("502003015", sender="+994557654321")
    read_inbox(gateway, azercell)
    assert outcomes().count("nothing-owed") == 21 and outcomes().count("too-many") == 5
    assert len(messages()) == len(azercell.charges) == 21
    ten_o_clock(TEN + timedelta(minutes=61))
    gateway.says("502003015")
    read_inbox(gateway, azercell)
    assert outcomes()[-1] == "nothing-owed"


def test_walking_through_numbers_ends_soon(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    """C10"""
    for number in range(12):
        gateway.says(f"50{number:07d}")
        read_inbox(gateway, azercell)
    assert outcomes().count("not-found") == 5 and outcomes().count("too-many") == 7


def test_two_workers_that_read_at_once_answer_and_charge_once(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    account(azercell, "502003015")
    for _ in range(6):
        gateway.says("502003015")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: read_inbox(gateway, azercell), range(4)))
    assert outcomes() == ["nothing-owed"] * 6
    assert len(messages()) == len(azercell.charges) == 6


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (reading, "keep_inquiry"),
        (answering, "ask"),
        (answering, "end_inquiry"),
        (answering, "charge"),
        (charging, "note_charged"),
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_whoever_is_killed_between_two_steps_is_finished_by_the_next(
    gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel, place: SimpleNamespace, name: str, after: bool
) -> None:
    """One reply, one charge, whatever step we die before or after."""
    account(azercell, "502003015", open_bill(azercell, 18_40))
    gateway.says("502003015")
    real, deaths = getattr(place, name), iter([True])

    def dies(*args: object, **kwargs: object) -> object:
        dying = next(deaths, False)
        if dying and not after:
            raise Killed
        answer = real(*args, **kwargs)
        if dying:
            raise Killed
        return answer

    with patch.object(place, name, dies):
        with pytest.raises(Killed):
            read_inbox(gateway, azercell)
        for seconds in (31, 62):
            ten_o_clock(TEN + timedelta(seconds=seconds))
            read_inbox(gateway, azercell)
    assert outcomes() == ["answered"] and len(messages()) == 1
    (inquiry,) = inquiries()
    assert list(azercell.charges) == [f"SMS-{inquiry.id}"] and inquiry.charged_at and inquiry.next_charge_at is None


def test_a_gateway_that_is_away_is_loud_and_what_waits_is_answered(
    gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel
) -> None:
    account(azercell, "502003015")
    azercell.reachable = False
    gateway.says("502003015")
    read_inbox(gateway, azercell)
    gateway.away, azercell.reachable = True, True
    ten_o_clock(TEN + timedelta(seconds=11))
    with pytest.raises(OutsideIsAway):
        read_inbox(gateway, azercell)
    assert outcomes() == ["nothing-owed"]


def test_a_charge_that_is_unclear_is_sent_again_under_its_reference(
    gateway: SmsGateway, azercell: ScriptedBiller, ten_o_clock: Travel
) -> None:
    account(azercell, "502003015")
    gateway.says("502003015")
    with patch.object(azercell, "charge", side_effect=BillerUnreachable(biller="Azercell", phone="111")):
        read_inbox(gateway, azercell)
    assert outcomes() == ["nothing-owed"] and azercell.charges == {}
    ten_o_clock(TEN + timedelta(seconds=31))
    read_inbox(gateway, azercell)
    assert len(azercell.charges) == 1


def test_one_hanging_biller_keeps_no_other_s_customer_waiting(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    other = open_biller("bakcell", sms_code="555", sms_price="0.0100")
    account(azercell, "502003015")
    account(other, "5300001042", currency="TRY")
    answered: list[str] = []

    def hang(subscriber: str, *, period: str | None = None) -> object:
        while not any(message.recipient == "+905321234567" for message in messages()):
            answered.append("waits")
        return azercell.accounts[subscriber]

    gateway.says("502003015")
    gateway.says("5300001042", sender="+905321234567", to="555")
    with patch.object(azercell, "inquire", hang):
        read_inbox(gateway, azercell, other)
    assert outcomes() == ["nothing-owed", "nothing-owed"]


def test_nothing_personal_is_logged(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    """C25"""
    account(azercell, "502003015")
    for text in ("502003015", "salam", "507777777"):
        gateway.says(text)
    with structlog.testing.capture_logs() as lines:
        read_inbox(gateway, azercell)
    said = str(lines)
    assert "inquiry.ended" in said and not any(marker in said for marker in ("502003015", "507777777", "salam"))


# What is owed ------------------------------------------------------------------------------------------------------------------------


def lira_bill(biller: ScriptedBiller, minor: int, month: int, *, past_due: int = 0, of: tuple[str, ...] = ()) -> object:
    lines = tuple(Line("Geçmiş dönem borcu", Money(past_due, "TRY"), inputs={"bill": ref}) for ref in of)
    sections = (Section("past-due", "Geçmiş dönem", Money(past_due, "TRY"), lines),) if of else ()
    return open_bill(biller, minor, month=month, currency="TRY", past_due=Money(past_due, "TRY"), sections=sections)


def test_past_debt_on_a_newer_bill_is_not_counted_twice(gateway: SmsGateway, ten_o_clock: Travel) -> None:
    """P-25: May 390.00 unpaid, June shows 785.85 with it (carriers.md)"""
    millenicom = open_biller("millenicom", sms_code="4144")
    may, april = open_bill(millenicom, 390_00, month=5, currency="TRY"), open_bill(millenicom, 100_00, month=4, currency="TRY")
    june = lira_bill(millenicom, 785_85, 6, past_due=390_00, of=(may.ref,))
    june_without_names = lira_bill(millenicom, 785_85, 6, past_due=390_00)
    may_with_april = lira_bill(millenicom, 490_00, 5, past_due=100_00, of=(april.ref,))
    all_in_june = lira_bill(millenicom, 885_85, 6, past_due=490_00, of=(may_with_april.ref,))  # type: ignore[attr-defined]
    for bills, counted in (
        ([june, may], [june]),
        ([june, may, april], [june, april]),
        ([june_without_names, may, april], [june_without_names]),
        ([all_in_june, may_with_april, april], [all_in_june]),
        ([open_bill(millenicom, 395_85, month=6, currency="TRY"), may], None),
    ):
        assert owed_bills(bills) == (counted or bills)  # type: ignore[arg-type]
    account(millenicom, "5300001042", june, may, currency="TRY")  # type: ignore[arg-type]
    gateway.says("5300001042", sender="+905321234567", to="4144")
    read_inbox(gateway, millenicom)
    assert "785,85 TRY" in messages()[0].body and "390,00" not in messages()[0].body


def test_a_closed_bill_is_not_owed(azercell: ScriptedBiller) -> None:
    bills = [
        open_bill(azercell, 5_00, state="paid", open=manat(0)),
        open_bill(azercell, 3_00, month=9),
        open_bill(azercell, -5_00, state="credit"),
    ]
    assert owed_bills(bills) == bills[1:2]


def test_the_job_is_told_to_run_by_anybody(gateway: SmsGateway, azercell: ScriptedBiller) -> None:
    reading.read_sms_inbox(gateway, OneGateway(azercell), now=clock.now())  # type: ignore[arg-type]
    assert inquiries() == []

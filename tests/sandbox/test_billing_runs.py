"""Bills come as the days pass: each once, on its day, however the clock gets there."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from app.billing.bill import Account, Bill
from app.billing.explain import explain
from app.money import Money
from sandbox.billers.collect import Order, collect
from sandbox.billers.look_up import look_up
from sandbox.billers.reverse import reverse
from sandbox.billers.shelf import Shelf
from sandbox.billing_runs import begin
from sandbox.billing_runs.run import pause, run
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.carriers.millenicom import Millenicom
from sandbox.store import Store
from tests.sandbox.doors import BankDoor, DirectDoor
from tests.sandbox_process import Sandbox, running_sandbox

MORNING = "2025-05-20T10:00:00+02:00"
OWING, PAID_IN_PART = "5399000001", "5399000003"  # of Millenicom's cast: May and June open; 500.00 of June paid


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with made(tmp_path / "store") as store:
        yield store


def made(path: Path) -> closing[Store]:
    return closing(Store(path, partial(begin.populate, seed=3, subscribers=12, now=datetime.fromisoformat(MORNING))))


def live_until(store: Store, day: date, *, billers: tuple[str, ...] = tuple(CARRIERS)) -> None:
    for biller in billers:
        with store.writing() as connection:
            run(connection, CARRIERS[biller], today=day)


def shown(store: Store, biller: str, number: str, day: date) -> Account:
    with store.reading() as connection:
        found = look_up(connection, CARRIERS[biller], number, Shelf(), last=24, period=None, today=day)
    assert isinstance(found, Account)
    return found


def newest(store: Store, biller: str, number: str, day: date) -> Bill:
    return next(bill for bill in shown(store, biller, number, day).bills if bill.amount)


def everything(store: Store) -> list[tuple[object, ...]]:
    with store.reading() as connection:
        columns = "biller, ref, month, due_on, charged_on, amount, late_fee, current, late_since, state, way, acts_on, acts_with, paid_at, content"
        rows = connection.execute(f"SELECT {columns} FROM bills WHERE kind = 'bill' ORDER BY biller, subscriber, id").fetchall()
        people = connection.execute("SELECT biller, number, advance FROM subscribers ORDER BY 1, 2").fetchall()
        return [tuple(row) for row in (*rows, *people)]


def test_a_long_jump_is_the_same_as_many_days(tmp_path: Path) -> None:
    with made(tmp_path / "jumped") as jumped, made(tmp_path / "stepped") as stepped:
        day, end = date(2025, 5, 20), date(2026, 3, 10)
        live_until(jumped, end)
        while day <= end:
            live_until(stepped, day)
            day += timedelta(days=1)
        assert everything(jumped) == everything(stepped)
        live_until(jumped, end)
        assert everything(jumped) == everything(stepped), "a day that was done stays done"


def test_a_run_that_is_stopped_begins_again_and_issues_each_bill_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill: nothing of an unfinished run is there."""
    before = everything(store)
    carrier, calls = CARRIERS["masmovil"], 0
    whole = Carrier.bill

    def stops_in_the_middle(self: Carrier, *arguments: object) -> Bill:
        nonlocal calls
        calls += 1
        if calls == 7:
            raise KeyboardInterrupt
        return whole(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Carrier, "bill", stops_in_the_middle)
    with pytest.raises(KeyboardInterrupt), store.writing() as connection:
        run(connection, carrier, today=date(2025, 5, 23))
    monkeypatch.undo()
    assert everything(store) == before
    live_until(store, date(2025, 5, 23))
    refs = [row[1] for row in everything(store) if row[0] == "masmovil" and "202505" in str(row[1])]
    assert len(refs) == len(set(refs)) > 10


def test_the_minicycle_arrives_between_two_starts(tmp_path: Path) -> None:
    """MASMOVIL's notice, on one store started on 20 and on 23 May, and on a new one of 23 May."""
    seen = []
    with running_sandbox(tmp_path / "one", clock=MORNING, subscribers=12) as sandbox:
        assert [bill.last_day for bill in DirectDoor(sandbox).account("600004021").bills if bill.open] == [date(2025, 4, 30)]
        sandbox.stop()
        sandbox.clock = "2025-05-23T10:00:00+02:00"
        sandbox.start()
        seen.append(DirectDoor(sandbox).account("600004021").bills[0])
    with running_sandbox(tmp_path / "two", clock="2025-05-23T10:00:00+02:00", subscribers=12) as sandbox:
        seen.append(DirectDoor(sandbox).account("600004021").bills[0])
    assert seen[0] == seen[1]
    assert (seen[0].last_day, seen[0].open, seen[0].charged_on) == (date(2025, 5, 21), Money(2025, "EUR"), date(2025, 5, 29))


def test_a_day_that_begins_while_it_runs_brings_its_bills(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock="2025-05-21T23:59:58+02:00", subscribers=10) as sandbox:
        door = DirectDoor(sandbox)
        before = door.account("600004021").bills[0]
        while (after := door.account("600004021").bills[0]) == before:
            pass
        assert (after.last_day, after.issued_on) == (date(2025, 5, 21), date(2025, 5, 22))


def test_plain_people_have_an_open_newest_bill_all_the_year(store: Store) -> None:
    day = date(2025, 5, 20)
    for _ in range(40):
        day += timedelta(days=11)
        live_until(store, day)
        for biller, carrier in CARRIERS.items():
            bills = shown(store, biller, carrier.example, day).bills
            assert bills[0].open == bills[0].amount and all(bill.state == "paid" for bill in bills[1:] if bill.amount)


def test_a_direct_debit_is_charged_on_its_day_and_warned_of_before(store: Store) -> None:
    """P-26. The financed telephone's minicycle is charged on 4 June."""
    told = []
    for day in (date(2025, 5, 31), date(2025, 6, 1), date(2025, 6, 3), date(2025, 6, 4)):
        live_until(store, day)
        bill = newest(store, "masmovil", "699000003", day)
        told.append((bill.state, bill.flags, bill.version))
    assert [(state, flags) for state, flags, _ in told] == [
        ("open", ()), ("open", ("near-charge-date",)), ("open", ("near-charge-date",)), ("paid", ()),
    ]  # fmt: skip
    assert told[0][2] != told[1][2] == told[2][2] != told[3][2]
    with store.reading() as connection:
        (by,) = connection.execute("SELECT paid_by FROM bills WHERE ref = 'E-699000003-202505'").fetchone()
    assert by.startswith("DEBIT-")


def test_a_standing_order_is_executed_and_a_dispute_stops_it(store: Store) -> None:
    with store.reading() as connection:
        (number,) = connection.execute("SELECT number FROM subscribers WHERE biller = 'vodafone-hu' AND kind = 'standing-order'").fetchone()
    bill = newest(store, "vodafone-hu", number, date(2025, 5, 20))
    assert bill.flags == ("standing-order",) and bill.charged_on == date(2025, 5, 30)
    live_until(store, date(2025, 5, 30))
    assert newest(store, "vodafone-hu", number, date(2025, 5, 30)).state == "paid"
    live_until(store, date(2025, 6, 2))
    with store.writing() as connection:
        connection.execute("UPDATE bills SET disputed = 1 WHERE subscriber = ? AND state = 'open'", (number,))
    live_until(store, date(2025, 6, 30))
    disputed = newest(store, "vodafone-hu", number, date(2025, 6, 30))
    assert (disputed.state, disputed.flags) == ("open", ("disputed", "standing-order"))


def test_a_paused_carrier_issues_nothing_and_makes_up_for_it(store: Store) -> None:
    carrier, resumed = CARRIERS["masmovil"], date(2025, 5, 27)
    with store.writing() as connection:
        pause(connection, carrier, paused=True, today=date(2025, 5, 20))
    before = shown(store, "masmovil", "600004021", date(2025, 5, 20))
    live_until(store, resumed)
    held = shown(store, "masmovil", "600004021", resumed)
    assert [bill.ref for bill in held.bills] == [bill.ref for bill in before.bills]
    assert held.subscriber.unbilled == Money(2025 + 579, "EUR"), "the minicycle, and 6/31 of 29.90"
    with store.writing() as connection:
        pause(connection, carrier, paused=False, today=resumed)
    late = newest(store, "masmovil", "600004021", resumed)
    assert (late.first_day, late.last_day, late.issued_on) == (date(2025, 5, 1), date(2025, 5, 21), resumed)
    assert (late.due_on, late.charged_on, late.open) == (date(2025, 6, 3), date(2025, 6, 3), Money(2025, "EUR"))
    assert shown(store, "masmovil", "600004021", resumed).subscriber.unbilled == Money(579, "EUR")
    live_until(store, date(2025, 6, 22))
    assert newest(store, "masmovil", "600004021", date(2025, 6, 22)).issued_on == date(2025, 6, 22)


def test_the_control_that_pauses(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock="2025-05-21T12:00:00+02:00", subscribers=10) as sandbox:
        sandbox.control.pause_billing("masmovil")
        sandbox.stop()
        sandbox.clock = "2025-05-22T12:00:00+02:00"
        sandbox.start()
        assert DirectDoor(sandbox).account("600004021").bills[0].last_day == date(2025, 4, 30)
        sandbox.control.pause_billing("masmovil", False)
        sandbox.control.pause_billing("masmovil", False)
        assert DirectDoor(sandbox).account("600004021").bills[0].last_day == date(2025, 5, 21)


# Money on several bills ---------------------------------------------------------------------------------


def pay(
    connection: sqlite3.Connection,
    carrier: Carrier,
    number: str,
    bill: Bill,
    day: date,
    *,
    amount: str | None = None,
    reference: str = "P-1",
) -> str:
    money = Money(int(amount.replace(".", "")), carrier.currency) if amount else bill.open
    order = Order(reference, number, bill.ref, money, bill.version)
    answer = collect(connection, carrier, order, now=noon(day))
    return answer.code or answer.state


def noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time().replace(hour=12)).astimezone()


JULY = date(2025, 7, 3)


@pytest.fixture
def july(store: Store) -> Store:
    live_until(store, JULY, billers=("millenicom",))
    return store


def test_paying_june_closes_may_and_a_reversal_opens_both_exactly(july: Store) -> None:
    """P-25, and the same day."""
    carrier, before = CARRIERS["millenicom"], shown(july, "millenicom", OWING, JULY)
    june, may = before.bills
    assert (may.open.minor, june.open.minor) == (39000, 78585)
    with july.writing() as connection:
        assert pay(connection, carrier, OWING, june, JULY) == "accepted"
        assert pay(connection, carrier, OWING, may, JULY, reference="P-2") == "already_paid"
    assert [bill.state for bill in shown(july, "millenicom", OWING, JULY).bills] == ["paid", "paid"]
    with july.writing() as connection:
        assert reverse(connection, carrier, "P-1", now=noon(JULY), remember=True).state == "reversed"
    assert shown(july, "millenicom", OWING, JULY) == before


def test_paying_may_first_lowers_june_and_an_old_quote_is_no_longer_good(july: Store) -> None:
    """P-25, P-22."""
    carrier = CARRIERS["millenicom"]
    june, may = shown(july, "millenicom", OWING, JULY).bills
    with july.writing() as connection:
        assert pay(connection, carrier, OWING, may, JULY) == "accepted"
        assert pay(connection, carrier, OWING, june, JULY, reference="P-2") == "amount_changed"
    lowered = newest(july, "millenicom", OWING, JULY)
    assert (lowered.open.minor, lowered.amount.minor) == (39585, 78585) and lowered.version != june.version
    with july.writing() as connection:
        assert pay(connection, carrier, OWING, lowered, JULY, reference="P-3") == "accepted"


def test_a_part_is_no_payment_here_unless_the_carrier_takes_parts(july: Store) -> None:
    """P-27. The switch stands on the carrier's class."""

    class TakesParts(Millenicom):
        accepts_less = True

    before = shown(july, "millenicom", OWING, JULY)
    june = before.bills[0]
    with july.writing() as connection:
        assert pay(connection, CARRIERS["millenicom"], OWING, june, JULY, amount="500.00") == "amount_changed"
        assert pay(connection, TakesParts(), OWING, june, JULY, amount="900.00", reference="P-2") == "amount_changed"
        assert pay(connection, TakesParts(), OWING, june, JULY, amount="500.00", reference="P-3") == "accepted"
    after = shown(july, "millenicom", OWING, JULY)
    assert [(bill.open.minor, bill.state) for bill in after.bills] == [(28585, "open"), (0, "paid")]
    with july.writing() as connection:
        assert reverse(connection, TakesParts(), "P-3", now=noon(JULY), remember=True).state == "reversed"
    assert shown(july, "millenicom", OWING, JULY) == before


def test_late_fees_go_on_from_the_last_bill_that_charged_one(store: Store) -> None:
    """390.00 and 390.00 open: May's next fee counts from June's issue, June's from its own due date; fees bear none (P-25)."""
    with store.writing() as connection:
        (number,) = connection.execute("SELECT number FROM subscribers WHERE biller = 'millenicom' AND kind = 'several-open'").fetchone()
        connection.execute("UPDATE bills SET acts_on = NULL WHERE subscriber = ?", (number,))
    live_until(store, date(2025, 6, 1), billers=("millenicom",))
    with store.writing() as connection:
        connection.execute("UPDATE bills SET acts_on = NULL WHERE subscriber = ?", (number,))
    live_until(store, date(2025, 7, 1), billers=("millenicom",))
    june, may, *_ = shown(store, "millenicom", number, date(2025, 7, 1)).bills
    fees = {line.text: line.inputs for part in june.sections for line in part.lines if line.rule == "late-fee"}
    assert fees[f"Gecikme bedeli, fatura {may.number}"]["days"] == "18"
    older = [inputs for text, inputs in fees.items() if may.number not in text]
    assert len(older) == 3 and {inputs["days"] for inputs in older} == {"30"}
    assert (
        sum(line.amount.minor for part in june.sections for line in part.lines if line.rule == "past-due")
        == june.past_due.minor
        == may.open.minor
    )
    assert june.open == june.amount and explain(june).adds_up


def test_a_practice_bill_is_carried_nowhere(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock="2025-05-31T12:00:00+03:00", subscribers=10) as sandbox:
        door = BankDoor(sandbox)
        number = sandbox.control.subscribers("millenicom")[0]["number"]
        before = door.account(number).bills[0]
        practice = door.bill(number, sandbox.control.bill("millenicom", number, 12345))
        assert (practice.open.minor, practice.past_due.minor, practice.charged_on) == (12345, 0, None)
        assert door.bill(number, before.ref).open == before.open
        sandbox.stop()
        sandbox.clock = "2025-07-02T12:00:00+03:00"
        sandbox.start()
        bills = door.account(number).bills
        assert all(line.inputs.get("bill") != practice.ref for bill in bills for part in bill.sections for line in part.lines)
        assert door.bill(number, practice.ref).state == "open"


def test_an_sms_charge_stands_on_the_bill_of_its_month(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock="2025-05-30T12:00:00+04:00", subscribers=10) as sandbox:
        door, headers = DirectDoor(sandbox, biller="azercell", currency="AZN"), {"Authorization": "Bearer x"}
        before = door.account("502003015").subscriber.unbilled
        for turn in range(7):
            body = {"reference": f"S-{turn}", "text": "SMS 650", "amount": "0.0236"}
            assert door.http.request("POST", f"{door.base}/subscribers/502003015/charges", json=body, headers=headers).status == 201
        assert (door.account("502003015").subscriber.unbilled - before).minor == 17
        sandbox.stop()
        sandbox.clock = "2025-06-01T12:00:00+04:00"
        sandbox.start()
        bill = door.account("502003015").bills[0]
        (line,) = [line for part in bill.sections for line in part.lines if line.text == "SMS 650"]
        assert (line.amount.minor, str(line.quantity), bill.amount.minor) == (17, "7", 1817)
        assert door.account("502003015").subscriber.unbilled.minor == 60, "one of June's 30 days of 18.00"


def test_a_year_is_quick(sandbox_of_its_own: Sandbox) -> None:
    numbers = [one["number"] for one in sandbox_of_its_own.control.subscribers("masmovil")]
    door = DirectDoor(sandbox_of_its_own)
    sandbox_of_its_own.stop()
    sandbox_of_its_own.clock = (datetime.now().astimezone() + timedelta(days=365)).isoformat()
    sandbox_of_its_own.start()
    assert all(isinstance(door.inquire(number), Account | str) for number in numbers)
    assert len(door.account("600004021", last="24").bills) >= 16


def test_old_bills_are_there_for_whoever_asks(sandbox_of_its_own: Sandbox) -> None:
    """Six months before the store's first day, all paid, below the newer ones; asked for once or again."""
    for door in (DirectDoor(sandbox_of_its_own), BankDoor(sandbox_of_its_own)):
        number = CARRIERS[door.biller].example
        usual = door.account(number).bills
        everything = door.account(number, last="24").bills
        assert everything[: len(usual)] == usual and 6 <= len(everything) <= 8
        assert all(bill.state == "paid" and explain(bill).adds_up for bill in everything[2:])
        for newer, older in pairwise(everything):
            assert (newer.first_day - older.last_day).days == 1
        assert door.account(number, last="24").bills == everything
        assert door.account(number, period=f"{everything[-1].last_day:%Y-%m}").bills == (everything[-1],)
        assert door.pay(door.new_reference(), number, everything[-1], amount=1).by_reference.startswith("WEB-")
        assert door.account(number).bills == usual

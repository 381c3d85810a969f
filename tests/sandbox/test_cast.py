"""The worked examples of carriers.md, asked for at the doors: each to the last minor unit, in every store whose clock is past them."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.billing.bill import Account, Bill, Line
from app.billing.explain import explain
from sandbox.carriers.directory import CARRIERS
from sandbox.cast.directory import CAST
from tests.sandbox.doors import BankDoor, DirectDoor, Door
from tests.sandbox_process import HOME, Sandbox, running_sandbox

# made long after the examples, made on the day after the last of them, and lived through in three steps
HISTORIES = {
    "made later": ["2026-11-22T10:00:00+03:00"],
    "lived through": ["2025-05-20T10:00:00+02:00", "2025-07-02T10:00:00+02:00", "2026-03-01T12:00:00+00:00"],
}


@pytest.fixture(scope="module", params=HISTORIES)
def past(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    moments = HISTORIES[request.param]
    with running_sandbox(tmp_path_factory.mktemp("cast"), clock=moments[0], subscribers=10) as sandbox:
        for moment in moments[1:]:
            sandbox.stop()
            sandbox.clock = moment
            sandbox.start()
        yield sandbox


def door_of(sandbox: Sandbox, biller: str) -> Door:
    return BankDoor(sandbox) if biller == "millenicom" else DirectDoor(sandbox, biller=biller, currency=CARRIERS[biller].currency)


def account(sandbox: Sandbox, biller: str, number: str, **query: str) -> Account:
    return door_of(sandbox, biller).account(number, **query)


def bill(sandbox: Sandbox, biller: str, number: str, month: str) -> Bill:
    (found,) = account(sandbox, biller, number, period=month).bills
    assert explain(found).adds_up
    return found


def lines(one: Bill, kind: str) -> list[Line]:
    return [line for section in one.sections if section.kind == kind for line in section.lines]


def of_kind(one: Bill, kind: str) -> str:
    return str(sum(line.amount.decimal for line in lines(one, kind)))


def amount_and_open(one: Bill) -> tuple[str, str, str]:
    return str(one.amount.decimal), str(one.open.decimal), one.state


def test_nothing_muddles_the_examples_later(past: Sandbox) -> None:
    for biller, roles in CAST.items():
        for number in roles:
            found = account(past, biller, number)
            assert found.subscriber.state == "active" and found.subscriber.unbilled.minor == 0
            assert len([one for one in found.bills if one.amount]) <= 3


def test_masmovil_the_minicycle(past: Sandbox) -> None:
    """29.90 × 21/31 = 20.2548 → 20.25, charged on 29 May; April as always, nothing extra afterwards."""
    april, mini, june = (bill(past, "masmovil", "699000001", month) for month in ("2025-04", "2025-05", "2025-06"))
    assert (str(mini.first_day), str(mini.last_day), str(mini.issued_on), str(mini.charged_on)) == (
        "2025-05-01",
        "2025-05-21",
        "2025-05-22",
        "2025-05-29",
    )
    assert amount_and_open(mini) == ("20.25", "20.25", "open") and mini.notes[0] == "IVA 21 % incluido: 16,74 + 3,51"
    assert amount_and_open(april) == ("29.90", "0.00", "paid")
    assert amount_and_open(june) == ("29.90", "29.90", "open") and str(june.charged_on) == "2025-06-30"


def test_masmovil_three_lines(past: Sandbox) -> None:
    mini = bill(past, "masmovil", "699000002", "2025-05")
    assert [str(line.amount.decimal) for line in lines(mini, "monthly")] == ["13.48", "6.77", "3.35"]
    assert amount_and_open(mini) == ("23.60", "23.60", "open")


def test_masmovil_a_financed_device_pays_no_two_instalments_in_one_month(past: Sandbox) -> None:
    """12.50 €: early May k · 4 June k+1 · end of June none (moved) · end of July k+2; all by direct debit."""
    told = []
    for month in ("2025-04", "2025-05", "2025-06", "2025-07"):
        one = bill(past, "masmovil", "699000003", month)
        (line,) = [line for line in lines(one, "other") if line.rule.startswith("instalment")]
        told.append((str(one.charged_on), line.rule, int(line.inputs["number"]), str(line.amount.decimal), one.state))
    k = told[0][2]
    assert told == [
        ("2025-05-05", "instalment", k, "12.50", "paid"),
        ("2025-06-04", "instalment", k + 1, "12.50", "paid"),
        ("2025-06-30", "instalment-moved", k + 2, "0.00", "paid"),
        ("2025-07-31", "instalment", k + 2, "12.50", "paid"),
    ]


@pytest.mark.parametrize(
    ("number", "month", "days", "amount"),
    [
        ("699000004", "2025-05", ["12"], "11.57"),  # starting on 10 May
        ("699000005", "2025-05", ["5"], "4.82"),  # ending on 5 May
        ("699000006", "2025-05", ["14", "7"], "22.51"),  # another plan from 15 May
        ("699000008", "2025-01", ["1"], "0.96"),  # a start on 31 January
        ("699000009", "2024-02", ["1"], "1.03"),  # a leap February
    ],
)
def test_masmovil_parts_of_a_cycle(past: Sandbox, number: str, month: str, days: list[str], amount: str) -> None:
    one = bill(past, "masmovil", number, month)
    assert [line.inputs["days"] for line in lines(one, "monthly")] == days
    assert str(one.amount.decimal) == amount


def test_masmovil_joining_on_22_may_knows_no_minicycle(past: Sandbox) -> None:
    assert account(past, "masmovil", "699000007", period="2025-05").bills == ()
    assert str(bill(past, "masmovil", "699000007", "2025-06").amount.decimal) == "29.90"


def test_masmovil_a_bonus_of_the_minicycle_ends_on_the_21st(past: Sandbox) -> None:
    one = bill(past, "masmovil", "699000010", "2025-05")
    (bonus,) = lines(one, "other")
    assert (str(one.amount.decimal), str(bonus.last_day)) == ("25.25", "2025-05-21")


def test_vodafone_the_first_bill(past: Sandbox) -> None:
    """19/30 of 8,000 and July in advance: 13,066.67 net, 3,528.00 VAT, 0.33 rounding, 16,595 Ft; 6.33 GB and 316 min 40 s."""
    one = bill(past, "vodafone-hu", "709900001", "2025-06")
    assert [str(line.amount.decimal) for line in lines(one, "monthly")] == ["5066.67", "8000.00"]
    assert (of_kind(one, "tax"), of_kind(one, "rounding"), amount_and_open(one)) == ("3528.00", "0.33", ("16595.00", "16595.00", "open"))
    data, calls = lines(one, "included")[:2]
    assert data.quantity and calls.quantity and (f"{data.quantity:.2f}", round(calls.quantity * 60)) == ("6.33", 316 * 60 + 40)


def test_vodafone_a_plan_change_in_august(past: Sandbox) -> None:
    one = bill(past, "vodafone-hu", "709900002", "2025-08")
    assert [str(line.amount.decimal) for line in lines(one, "monthly")] == ["-4387.10", "6032.26", "11000.00", "822.58", "1500.00"]
    assert [of_kind(one, kind) for kind in ("discount", "usage", "other", "tax", "rounding")] == [
        "-1703.23",
        "1840.00",
        "1500.00",
        "4483.22",
        "0.27",
    ]
    assert amount_and_open(one) == ("21088.00", "21088.00", "open")


def test_vodafone_the_one_day_trap(past: Sandbox) -> None:
    credit, first = lines(bill(past, "vodafone-hu", "709900003", "2025-08"), "monthly")[:2]
    assert (str(credit.amount.decimal), credit.first_day, first.first_day) == ("-4129.03", date(2025, 8, 16), date(2025, 8, 15))


def test_vodafone_a_cancellation_is_a_credit_balance(past: Sandbox) -> None:
    """−7,333.33 net; a negative bill is not payable."""
    one = bill(past, "vodafone-hu", "709900004", "2025-09")
    assert [str(line.amount.decimal) for line in lines(one, "monthly")] == ["-7333.33"]
    assert amount_and_open(one) == ("-9313.00", "0.00", "credit")
    assert str(account(past, "vodafone-hu", "709900004").subscriber.advance.decimal) == "9313.00"


def test_vodafone_a_credit_lowers_the_next_bill(past: Sandbox) -> None:
    august, september = (bill(past, "vodafone-hu", "709900007", month) for month in ("2025-08", "2025-09"))
    assert (august.state, amount_and_open(september)) == ("credit", ("6350.00", "0.00", "paid"))
    assert account(past, "vodafone-hu", "709900007").subscriber.advance == -(august.amount + september.amount)


def test_vodafone_premium_and_late_roaming(past: Sandbox) -> None:
    premium = bill(past, "vodafone-hu", "709900005", "2025-08")
    assert [(line.rule, str(line.amount.decimal)) for line in lines(premium, "usage")] == [
        ("within-allowance", "0.00"),
        ("per-unit", "1200.00"),
    ]
    (late,) = lines(bill(past, "vodafone-hu", "709900006", "2025-08"), "usage")
    assert (late.first_day, late.text) == (date(2025, 7, 28), "Roaming (késve érkezett)")


def test_azercell_an_advance_lowers_the_next_bill(past: Sandbox) -> None:
    """Bill 18.40, paid 20.00 → advance 1.60; next bill 21.15 → payable 19.55."""
    april, may = (bill(past, "azercell", "519900001", month) for month in ("2025-04", "2025-05"))
    assert (amount_and_open(april), amount_and_open(may)) == (("18.40", "0.00", "paid"), ("21.15", "19.55", "open"))
    assert account(past, "azercell", "519900001").subscriber.advance.minor == 0


def test_azercell_seven_inquiries_are_rounded_on_the_bill(past: Sandbox) -> None:
    """7 × 0.0236 = 0.1652 → 0.17; rounding each would give 0.14."""
    one = bill(past, "azercell", "519900002", "2025-05")
    (line,) = lines(one, "usage")
    assert (str(line.quantity), str(line.unit_price), str(line.amount.decimal)) == ("7", "0.0236", "0.17")
    assert str(one.amount.decimal) == "11.97"


def test_millenicom_june_carries_may(past: Sandbox) -> None:
    """390.00 + 5.85 + 390.00 = 785.85 (P-25)."""
    may, june = (bill(past, "millenicom", "5399000001", month) for month in ("2025-05", "2025-06"))
    assert (amount_and_open(may), amount_and_open(june)) == (("390.00", "390.00", "open"), ("785.85", "785.85", "open"))
    assert (str(june.past_due.decimal), of_kind(june, "other"), of_kind(june, "past-due")) == ("390.00", "5.85", "390.00")
    (owing,) = [one for one in past.control.subscribers("millenicom") if one["number"] == "5399000001"]
    assert (owing["owed"], owing["open_bills"]) == (78585, 2)


def test_millenicom_may_was_paid_elsewhere_first(past: Sandbox) -> None:
    may, june = (bill(past, "millenicom", "5399000002", month) for month in ("2025-05", "2025-06"))
    assert (amount_and_open(may), amount_and_open(june)) == (("390.00", "0.00", "paid"), ("785.85", "395.85", "open"))


def test_millenicom_a_part_was_paid(past: Sandbox) -> None:
    """500.00 → late fee 5.85, May 390.00, June 104.15; remains 285.85 (P-27)."""
    may, june = (bill(past, "millenicom", "5399000003", month) for month in ("2025-05", "2025-06"))
    assert (may.state, amount_and_open(june)) == ("paid", ("785.85", "285.85", "open"))


def test_a_newcomer_finds_everybody_of_the_cast_in_the_papers() -> None:
    listed = (HOME / "sandbox/README.md").read_text()
    assert [number for roles in CAST.values() for number in roles if f"`{number}`" not in listed] == []


def test_before_their_time_the_examples_are_not_there_yet(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, clock="2025-05-20T10:00:00+02:00", subscribers=10) as sandbox:
        assert [str(one.last_day) for one in account(sandbox, "masmovil", "699000001").bills] == ["2025-04-30"]
        assert account(sandbox, "vodafone-hu", "709900001").bills == ()
        (azercell,) = [one for one in account(sandbox, "azercell", "519900001").bills if one.amount]
        assert azercell.state == "paid" and account(sandbox, "azercell", "519900001").subscriber.advance.minor == 160
        assert account(sandbox, "azercell", "519900002").subscriber.unbilled.minor == round(1180 * 20 / 31) + 12, "five inquiries so far"

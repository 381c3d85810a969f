"""Whatever a biller sends is refused as unreadable or explained; it never breaks a look-up (C10)."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from time import perf_counter
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.billers.bill_words import in_words
from app.billers.keep_wrong_bills import row_of
from app.billers.look_up_bills import make_quotes
from app.billing.bill import BILL_STATES, SECTION_KINDS, Account, Bill, Line, Section, Subscriber
from app.billing.codec import Unreadable, account_from_json, account_to_json
from app.billing.explain import Verdict, explain
from app.billing.owed import all_in
from app.billing.rules import RULES
from app.billing.xml import account_from_xml, account_to_xml
from app.money import LARGEST, Money
from tests.billers.sample_bills import biller
from tests.people import at

DAY = date(2026, 6, 1)
SOMEBODY = Subscriber("5301112233", "A*** Y*****", "active", Money(0, "TRY"), Money(0, "TRY"))


def bill_of(*lines: Line, kind: str = "monthly", ref: str = "B-1", **more: Any) -> Bill:
    amount = Money(sum(line.amount.minor for line in lines), "TRY")
    sections = (Section(kind, "", amount, lines),)
    zero = Money(0, "TRY")
    bill = Bill(ref, ref, DAY, DAY, DAY, DAY, amount, amount, zero, "open", "v1", sections=sections, notes=("n",))
    return replace(bill, **more)


def line_of(rule: str, printed: int = 0, **inputs: str) -> Line:
    return Line("x", Money(printed, "TRY"), quantity=Decimal(1), unit="GB", unit_price=Decimal("1.5"), rule=rule, inputs=inputs)


def sent(*bills: Bill) -> dict[str, Any]:
    return account_to_json(Account(SOMEBODY, bills))


def changed(change: Callable[[Any], object]) -> dict[str, Any]:
    answer = deepcopy(sent(bill_of(line_of("as-told", 100, amount="1.00"))))
    change(answer)
    return answer


def first_line(answer: Any) -> Any:
    return answer["bills"][0]["sections"][0]["lines"][0]


HOSTILE: dict[str, Callable[[Any], object]] = {
    "NUL in a note": lambda answer: answer["bills"][0].update(notes=["a\0b"]),
    "half a surrogate pair in a note": lambda answer: answer["bills"][0].update(notes=["\ud800"]),
    "half a surrogate pair in a ref": lambda answer: answer["bills"][0].update(ref="B\udfff"),
    "NUL in a title": lambda answer: answer["bills"][0]["sections"][0].update(title="\0"),
    "half a surrogate pair in a name": lambda answer: answer["subscriber"].update(name="\udc00"),
    "NUL in an input": lambda answer: first_line(answer).update(inputs={"bill": "\0"}),
    "half a surrogate pair in an input": lambda answer: first_line(answer).update(inputs={"bill": "\ud999"}),
    "NUL in an input's name": lambda answer: first_line(answer).update(inputs={"a\0": "1"}),
    "an input's endless name": lambda answer: first_line(answer).update(inputs={"a" * 2001: "1"}),
    "one ref twice": lambda answer: answer["bills"].append(answer["bills"][0]),
    "another currency": lambda answer: answer["bills"][0].update(currency="EUR"),
    "too many bills": lambda answer: answer.update(bills=[answer["bills"][0] | {"ref": f"B-{count}"} for count in range(61)]),
    "a quantity beyond counting": lambda answer: first_line(answer).update(quantity="1e16"),
    "a zero with a power": lambda answer: first_line(answer).update(quantity="0e99999"),
    "a price too fine": lambda answer: first_line(answer).update(unit_price="1e-13"),
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_no_page_can_hold_is_unreadable(change: Callable[[Any], object]) -> None:
    assert account_from_json(changed(lambda answer: None)).bills
    with pytest.raises(Unreadable):
        account_from_json(changed(change))


def test_what_is_just_possible_is_read() -> None:
    most = changed(lambda answer: answer.update(bills=[answer["bills"][0] | {"ref": f"B-{count}"} for count in range(60)]))
    first_line(most).update(quantity="9e15", unit_price="0.000000000001")
    assert len(account_from_json(most).bills) == 60


def test_the_bank_door_refuses_the_same() -> None:
    """Its XML goes through the same reader."""
    bill = bill_of(line_of("as-told", 100, amount="1.00"))
    answer = ElementTree.Element("InquiryResult")
    answer.extend(account_to_xml(Account(SOMEBODY, (bill, bill))))
    with pytest.raises(Unreadable, match="ref"):
        account_from_xml(answer)


def said(bill: Bill) -> list[str]:
    explained = explain(bill)
    own = [one for section in explained.sections for one in section.lines]
    return [in_words(sentence, "tr", of="tr") for one in own for sentence in (one.how, *one.remarks)] + [
        in_words(finding.say, "hu", of="tr") for finding in explained.findings
    ]


def test_an_allowance_beyond_any_arithmetic_is_taken_as_printed() -> None:
    line = line_of("included", allowance="9999999999999", days="9999999999999", of="0.000000000001")
    assert all(said(bill_of(line, kind="included")))


def test_a_tax_whose_right_amount_nobody_can_write_is_still_found() -> None:
    """Its base is wrong; what it should have made is larger than any bill."""
    fee, tax = line_of("as-told", 10**14, amount=f"{10**12}.00"), line_of("percent", 99_999_999_99, base="1", percent="9999999999")
    bill = bill_of(fee)
    bill = replace(bill, sections=(*bill.sections, Section("tax", "", tax.amount, (tax,))), amount=fee.amount + tax.amount)
    (found,) = explain(bill).findings
    assert (found.place, found.off) == ("numbers", Money(0, "TRY")) and said(bill)


def test_a_credit_from_the_first_day_of_all_days_is_explained() -> None:
    line = replace(line_of("credit-by-days", -100, fee="1.00", days="1", of="1", billed="1.00"), first_day=date.min, last_day=date.min)
    assert explain(bill_of(line)).sections[0].lines[0].verdict is Verdict.RIGHT
    assert said(bill_of(line))


names = ("fee", "days", "of", "billed", "quantity", "unit_price", "used", "allowance", "base", "percent", "debt", "total", "amount", "bill")
numbers = st.one_of(
    st.sampled_from(["0", "-0", "NaN", "sNaN", "Infinity", "1e999999", "1E-999999", "0.000000000001", "9999999999999", "-9999999999999", "", "B-0"]),
    st.integers(-(10**40), 10**40).map(str),
    st.decimals(-100, 100, places=2).map(str),
)  # fmt: skip
moneys = st.one_of(st.integers(-LARGEST, LARGEST), st.sampled_from([0, 1, LARGEST, -LARGEST])).map(lambda minor: Money(minor, "TRY"))
decimals = st.none() | st.decimals(Decimal(-(10**16)) + 1, Decimal(10**16) - 1, places=3)
days = st.one_of(st.dates(), st.sampled_from([date.min, date.max]))
lines = st.builds(
    Line,
    text=st.just("x"),
    amount=moneys,
    first_day=st.none() | days,
    last_day=st.none() | days,
    quantity=decimals,
    unit=st.sampled_from(["", "GB", "minute", "sms", "?"]),
    unit_price=decimals,
    rule=st.sampled_from([*sorted(RULES), "", "?"]),
    inputs=st.dictionaries(st.sampled_from([*names, "number", "month"]), numbers, max_size=14),
)
sections = st.builds(Section, st.sampled_from(SECTION_KINDS), st.sampled_from(["", "KDV"]), moneys, st.lists(lines, max_size=4).map(tuple))
bills = st.builds(
    Bill,
    ref=st.integers(0, 5).map("B-{}".format),
    number=st.just("1"),
    first_day=days,
    last_day=days,
    issued_on=days,
    due_on=days,
    amount=moneys,
    open=moneys,
    past_due=moneys,
    state=st.sampled_from(BILL_STATES),
    version=st.just("v1"),
    sections=st.lists(sections, max_size=4).map(tuple),
)


@settings(deadline=None)
@given(st.lists(bills, max_size=4, unique_by=lambda bill: bill.ref).map(tuple))
def test_whatever_is_read_is_explained_and_judged(some: tuple[Bill, ...]) -> None:
    account = account_from_json(account_to_json(Account(SOMEBODY, some)))
    assert account.bills == some
    quotes = make_quotes(biller("millenicom", bill_order="oldest-first", amount_rule="exact"), account, today=DAY)
    assert [quote.bill.ref for quote in quotes] == [bill.ref for bill in some]
    assert all(sentence for bill in some for sentence in said(bill))


def test_bills_that_all_name_each_other_are_judged_at_once() -> None:
    """P-25: two hundred of them, in a moment and not in minutes"""
    refs = tuple(f"B-{count}" for count in range(200))
    began = perf_counter()
    assert all_in("B-0", dict.fromkeys(refs, refs)) == refs[1:]
    assert perf_counter() - began < 0.1


def test_a_difference_beyond_any_money_is_written_down_as_the_largest() -> None:
    """Ten thousand sections of the largest amount are more than a column of the database holds"""
    sections = (Section("other", "", Money(LARGEST, "TRY")),) * 10_000
    wrong = explain(bill_of(sections=sections))
    assert wrong.difference.minor == -10_000 * LARGEST
    row = row_of(wrong, biller("millenicom"), SOMEBODY.number, seen_by="test", now=at("2026-06-01T12:00:00+03:00"))
    assert row["difference"] == -LARGEST

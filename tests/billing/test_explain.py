"""Every bill is computed again: why each amount is what it is, and exactly where a wrong one is wrong (product.md §12)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.billers.bill_words import in_words
from app.billing.bill import Bill, Line, Section
from app.billing.carriers import azercell, masmovil, millenicom, vodafone_hu
from app.billing.draft import Draft
from app.billing.explain import ExplainedLine, Explanation, Verdict, explain
from app.billing.instalments import Financing
from app.billing.period import Period
from app.billing.proration import Fee
from app.billing.rules import RULES
from app.billing.usage import Allowance, Charged, Used
from app.money import Money
from tests.billing.test_masmovil import FIRST_NEW, MINICYCLE, plan
from tests.billing.test_millenicom import JUNE, june
from tests.billing.test_rules import drafts
from tests.billing.test_vodafone_hu import AUGUST, august


def as_bill(draft: Draft, *, ref: str = "B-1") -> Bill:
    """As it lies on a carrier's shelf."""
    return Bill(
        ref=ref,
        number=ref,
        first_day=draft.period.first,
        last_day=draft.period.last,
        issued_on=draft.issued_on,
        due_on=draft.due_on,
        charged_on=draft.charged_on,
        amount=draft.amount,
        open=draft.amount,
        past_due=Money(0, draft.currency),
        state="open",
        version="v1",
        sections=draft.sections,
        notes=draft.notes,
    )


def minicycle(*fees: Fee, cycle: Period = MINICYCLE, **more: object) -> Bill:
    made = masmovil.draft(masmovil.Contract(fees or (plan("29.90"),), **more), cycle)  # type: ignore[arg-type]
    assert made is not None
    return as_bill(made)


def vodafone(contract: vodafone_hu.Contract, closed: Period = AUGUST) -> Bill:
    made = vodafone_hu.draft(contract, closed)
    assert made is not None
    return as_bill(made)


def lines(explanation: Explanation, kind: str) -> list[ExplainedLine]:
    return [one for section in explanation.sections if section.section.kind == kind for one in section.lines]


def told(explanation: Explanation, kind: str, *, of: str = "es") -> list[str]:
    return [in_words(one.how, "en", of=of).replace("\u00a0", " ") for one in lines(explanation, kind)]


def remarked(explanation: Explanation, kind: str, *, of: str = "hu") -> list[list[str]]:
    return [[in_words(remark, "en", of=of).replace("\u00a0", " ") for remark in one.remarks] for one in lines(explanation, kind)]


def with_line(bill: Bill, section: int, place: int, **changes: object) -> Bill:
    """One line changed, its section and the total left as they are."""
    part = bill.sections[section]
    changed = tuple(replace(line, **changes) if at == place else line for at, line in enumerate(part.lines))  # type: ignore[arg-type]
    return with_section(bill, section, lines=changed)


def with_section(bill: Bill, section: int, **changes: object) -> Bill:
    parts = tuple(replace(one, **changes) if at == section else one for at, one in enumerate(bill.sections))  # type: ignore[arg-type]
    return replace(bill, sections=parts)


@settings(deadline=None)
@given(drafts())
def test_whatever_a_carrier_makes_adds_up(made: Draft | None) -> None:
    if made is None:
        return
    explained = explain(as_bill(made))
    assert explained.adds_up and not explained.difference and explained.not_computable == 0, explained.findings
    for section in explained.sections:
        for one in section.lines:
            assert "{" not in in_words(one.how, "en", of="tr")


@settings(deadline=None)
@given(drafts().filter(bool), st.data(), st.integers(-10_000, 10_000).filter(bool))
def test_any_single_changed_amount_is_found_with_its_exact_difference(made: Draft, data: st.DataObject, off: int) -> None:
    bill, by = as_bill(made), Money(off, made.currency)
    section = data.draw(st.integers(0, len(bill.sections) - 1))
    part = bill.sections[section]
    match data.draw(st.sampled_from(["line", "section", "total"])):
        case "line":
            place = data.draw(st.integers(0, len(part.lines) - 1))
            wrong = with_line(bill, section, place, amount=part.lines[place].amount + by)
            expected = {("line", by), ("section", -by)}
            asked = Money(0, made.currency)
        case "section":
            wrong = with_section(bill, section, amount=part.amount + by)
            expected, asked = {("section", by), ("total", -by)}, Money(0, made.currency)
        case _:
            wrong = replace(bill, amount=bill.amount + by)
            expected, asked = {("total", by)}, by
    explained = explain(wrong)
    assert not explained.adds_up
    assert {(finding.place, finding.off) for finding in explained.findings} == expected
    assert wrong.amount - sum((one.computed for one in explained.sections), start=Money(0, made.currency)) == asked
    assert abs(explained.difference.minor) == abs(off)


@settings(deadline=None)
@given(drafts().filter(bool), st.data(), st.integers(1, 10_000))
def test_a_wrong_line_that_its_sums_agree_with_is_found_by_its_rule(made: Draft, data: st.DataObject, off: int) -> None:
    """Nothing but the rule tells: the customer would be asked for too much."""
    bill, by = as_bill(made), Money(off, made.currency)
    section = data.draw(st.integers(0, len(bill.sections) - 1))
    place = data.draw(st.integers(0, len(bill.sections[section].lines) - 1))
    line = bill.sections[section].lines[place]
    wrong = with_line(bill, section, place, amount=line.amount + by)
    wrong = replace(with_section(wrong, section, amount=bill.sections[section].amount + by), amount=bill.amount + by)
    explained = explain(wrong)
    assert [(finding.place, finding.off) for finding in explained.findings] == [("line", by)]
    assert explained.difference == by


def test_the_minicycle_in_words() -> None:
    explained = explain(minicycle())
    assert told(explained, "monthly") == ["29.90 € × 21 of 31 days = 20.2548 → 20.25 €."]
    assert in_words(lines(explained, "monthly")[0].how, "tr", of="es").replace("\u00a0", " ").count("20,2548 → 20,25 €") == 1


def test_sms_inquiries_in_words() -> None:
    """0.17 together, 0.14 one by one."""
    made = azercell.draft(azercell.Contract(()), JUNE, inquiries=[Charged(azercell.SMS_TEXT, azercell.SMS_INQUIRY, 7)])
    assert made is not None
    explained = explain(as_bill(made))
    assert told(explained, "usage", of="az") == ["7 SMS × 0.0236 ₼ = 0.1652 → 0.17 ₼."]
    assert remarked(explained, "usage", of="az") == [["The line is rounded once. Rounding each unit would make another amount."]]


def test_a_late_fee_and_past_debt_in_words() -> None:
    explained = explain(as_bill(june()))
    assert told(explained, "other") == ["390.00 TL × 2.5 % a month × 18 of 30 days = 5.85 TL."]
    assert told(explained, "past-due") == ["Still open of bill M-05: 390.00 TL. Paying this bill closes that one; it is never taken twice."]
    assert told(explained, "tax") == ["300.00 TL × 20 % = 60.00 TL.", "300.00 TL × 10 % = 30.00 TL."]


def test_a_credit_in_words_and_the_one_day_trap() -> None:
    explained = explain(vodafone(august()))
    assert told(explained, "monthly", of="hu")[0] == (
        "Credit for what was paid in advance: 8,000 Ft × 17 of 31 days = −4,387.0968 → −4,387.10 Ft."
    )
    assert remarked(explained, "monthly")[0] == [
        "Deleted on 14 Aug 2025, still paid for that day: the credit runs from the day after deletion, 15 Aug 2025."
    ]
    trap = remarked(explain(vodafone(august(deleted=date(2025, 8, 15)))), "monthly")[0]
    assert trap[1] == (
        "The old plan was deleted and the new one activated on the same day, 15 Aug 2025: the credit starts on 16 Aug 2025, the new plan on "
        "15 Aug 2025. That day is paid twice, exactly as the biller's rules say."
    )
    assert told(explained, "rounding", of="hu") == ["21,087.73 Ft is rounded to a whole amount: 0.27 Ft."]
    assert told(explained, "discount", of="hu") == ["−17,032.26 Ft × 10 % = −1,703.226 → −1,703.23 Ft."]


def test_allowances_in_words() -> None:
    data = Allowance("data", "50 GB", "GB", Decimal(50))
    bill = minicycle(allowances=(("Fibra + móvil", (data,)),), usage=(Used("data", Decimal("51.5"), date(2025, 5, 20)),))
    explained = explain(bill)
    assert told(explained, "included") == ["50 GB, paid for with the fee."]
    assert told(explained, "usage") == [
        "The allowance of 50 GB is used up; what goes beyond it stands on its own line.",
        "(51.5 GB used − 50 GB free) × 2.42 € = 3.63 €.",
    ]
    free = minicycle(allowances=(("Fibra + móvil", (data,)),), usage=(Used("data", Decimal(20), date(2025, 5, 20)),))
    assert told(explain(free), "usage") == ["20 GB of 50 GB used, nothing to pay; 30 GB left."]


def test_minutes_are_told_as_minutes_and_seconds() -> None:
    """500 min × 19/30 = 316 min 40 s"""
    calls = (Allowance("call", "500 perc", "minute", Decimal(500)),)
    contract = vodafone_hu.Contract((vodafone_hu.Plan(Fee("Go", Decimal(8000), date(2025, 6, 12)), calls),))
    explained = explain(vodafone(contract, JUNE))
    assert told(explained, "included", of="hu")[0] == "500 min × 19 of 30 days = 316 min 40 s, paid for with the fee."


def test_a_moved_instalment_says_why() -> None:
    phone = Financing("Móvil financiado", Decimal("12.50"), 24, since=date(2024, 12, 1))
    charged = explain(minicycle(financings=(phone,)))
    moved = explain(minicycle(financings=(phone,), cycle=FIRST_NEW))
    assert told(charged, "other") == ["Instalment 7 of 24: 12.50 €. Instalments are whole, never by days."]
    assert told(moved, "other") == [
        "Instalment 8 of 24 is moved to the next charge date: one was charged in 2025-06 already, and two never fall in one month."
    ]


def test_what_nobody_can_compute_is_not_wrong() -> None:
    """A real biller's line may have no rule: only the sums are judged."""
    bill = minicycle()
    plain = with_line(bill, 0, 0, rule="", inputs={})
    strange = with_line(bill, 0, 0, rule="moon-phase", inputs={})
    broken = with_line(bill, 0, 0, inputs={"fee": "29.90", "days": "x", "of": "31"})
    for one, said in ((plain, "tells no rule"), (strange, "“moon-phase” is not known"), (broken, "cannot be read (fee-by-days)")):
        explained = explain(one)
        assert explained.adds_up and explained.not_computable == 1
        assert lines(explained, "monthly")[0].verdict is Verdict.NOT_COMPUTABLE
        assert said in told(explained, "monthly")[0]
    wrong = explain(with_line(plain, 0, 0, amount=Money(2026, "EUR")))
    assert [(finding.place, finding.off) for finding in wrong.findings] == [("section", Money(-1, "EUR"))]


def test_a_section_without_lines_is_taken_as_printed() -> None:
    bill = with_section(minicycle(), 0, lines=(), title="")
    assert explain(bill).adds_up
    assert [finding.place for finding in explain(with_section(bill, 0, amount=Money(1, "EUR"))).findings] == ["total"]
    assert "says" in in_words(explain(with_section(minicycle(), 0, title="", amount=Money(1, "EUR"))).findings[1].say, "en", of="es")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantity": Decimal(8)}, "shows 8 and is computed with 7"),
        ({"unit_price": Decimal("0.0237")}, "shows 0.0237 and is computed with 0.0236"),
    ],
)
def test_what_a_line_shows_is_what_it_is_computed_with(changes: dict[str, object], said: str) -> None:
    made = azercell.draft(azercell.Contract(()), JUNE, inquiries=[Charged(azercell.SMS_TEXT, azercell.SMS_INQUIRY, 7)])
    assert made is not None
    (finding,) = explain(with_line(as_bill(made), 0, 0, **changes)).findings
    assert finding.place == "numbers" and said in in_words(finding.say, "en", of="az")


def test_the_days_of_a_fee_are_the_days_it_shows() -> None:
    (finding,) = explain(with_line(minicycle(), 0, 0, last_day=date(2025, 5, 20))).findings
    assert "computed with 21 days" in in_words(finding.say, "en", of="es")


def test_a_tax_on_another_base_is_found() -> None:
    """Each line fits its own numbers, and the bill asks for 2.00 too much."""
    made = millenicom.draft(millenicom.Contract((Fee("Fiber", Decimal("300.00"), date(2024, 1, 1)),)), JUNE)
    assert made is not None
    bill = as_bill(made)
    tax = bill.sections[1]
    kdv = replace(tax.lines[0], amount=Money(6200, "TRY"), inputs={"base": "310.00", "percent": "20"})
    wrong = with_section(bill, 1, lines=(kdv, tax.lines[1]), amount=Money(9200, "TRY"))
    explained = explain(replace(wrong, amount=bill.amount + Money(200, "TRY")))
    (finding,) = explained.findings
    assert (finding.place, finding.off) == ("numbers", Money(200, "TRY"))
    assert "computed on 310.00" in in_words(finding.say, "en", of="tr") and not explained.adds_up


def test_a_discount_of_what_the_bill_does_not_have_is_found() -> None:
    bill = vodafone(august())
    place = [section.kind for section in bill.sections].index("discount")
    (line,) = bill.sections[place].lines
    wrong = with_line(bill, place, 0, inputs={"base": "17032.30", "percent": "-10"})
    assert line.amount == bill.sections[place].amount
    assert [finding.place for finding in explain(wrong).findings] == ["numbers"]


def test_two_taxes_may_share_the_net_between_them() -> None:
    parts = (
        Section("monthly", "", Money(3000, "EUR")),
        Section(
            "tax", "", Money(250, "EUR"),
            (
                Line("5 %", Money(50, "EUR"), rule="percent", inputs={"base": "10.00", "percent": "5"}),
                Line("10 %", Money(200, "EUR"), rule="percent", inputs={"base": "20.00", "percent": "10"}),
            ),
        ),
    )  # fmt: skip
    assert explain(replace(minicycle(), amount=Money(3250, "EUR"), sections=parts)).adds_up
    assert not explain(
        replace(minicycle(), amount=Money(2250, "EUR"), sections=(Section("monthly", "", Money(2000, "EUR")), parts[1]))
    ).adds_up


@settings(deadline=None)
@given(
    st.sampled_from(sorted(RULES)),
    st.dictionaries(
        st.sampled_from(
            ["fee", "days", "of", "billed", "quantity", "unit_price", "used", "allowance", "base", "percent", "debt", "total", "amount", "number", "month", "bill"]
        ),
        st.one_of(st.text("abc1.-{}", max_size=70), st.integers(-(10**40), 10**40).map(str), st.just("NaN"), st.just("1E-20"), st.just("1e999999"), st.just("1E-999999"), st.integers(-5, 99).map(str)),
    ),
    st.sampled_from(["monthly", "usage", "discount", "tax", "rounding", "past-due"]),
    st.one_of(st.none(), st.sampled_from([Decimal("1e99"), Decimal("-1.5"), Decimal("1e-99"), Decimal(0), Decimal("0.333333333")])),
)  # fmt: skip
def test_a_stranger_s_line_never_breaks_the_page(rule: str, inputs: dict[str, str], kind: str, quantity: Decimal | None) -> None:
    line = Line("x", Money(1, "EUR"), date(2025, 5, 1), date(2025, 5, 2), quantity, "minute", quantity, rule, inputs)
    bill = replace(minicycle(), sections=(Section(kind, "s", Money(1, "EUR"), (line,)),), amount=Money(1, "EUR"))
    explained = explain(bill)
    said = [in_words(one.how, "hu", of="es") for section in explained.sections for one in section.lines]
    said += [in_words(finding.say, "tr", of="es") for finding in explained.findings]
    assert all(len(sentence) < 600 for sentence in said)

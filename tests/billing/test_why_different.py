"""Why is it different this month? Every euro of the difference has a reason."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings

from app.billers.bill_words import in_words
from app.billing.bill import Bill
from app.billing.carriers import azercell, masmovil, millenicom
from app.billing.draft import Draft
from app.billing.instalments import Financing
from app.billing.period import month_of
from app.billing.proration import Fee
from app.billing.usage import Charged, Used
from app.billing.why_different import Difference, why_different
from app.money import Money, total
from tests.billing.test_explain import as_bill, minicycle, vodafone, with_section
from tests.billing.test_masmovil import APRIL, FIRST_NEW, LONG_AGO, SECOND_NEW, plan
from tests.billing.test_millenicom import MAY, bill, june
from tests.billing.test_rules import drafts
from tests.billing.test_vodafone_hu import AUGUST, SEPTEMBER, august


def told(differences: list[Difference], *, of: str = "es") -> list[tuple[str, str, str, str]]:
    return [
        (one.kind, one.what.text, str(one.amount.decimal), in_words(one.why, "en", of=of).replace("\u00a0", " ")) for one in differences
    ]


@settings(deadline=None)
@given(drafts(), drafts())
def test_the_differences_are_the_difference(newer: Draft | None, older: Draft | None) -> None:
    if newer is None or older is None or newer.currency != older.currency:
        return
    found = why_different(as_bill(newer), as_bill(older))
    assert total((one.amount for one in found), newer.currency) == newer.amount - older.amount
    sizes = [abs(one.amount.minor) for one in found]
    assert sizes == sorted(sizes, reverse=True) and 0 not in sizes
    for one in found:
        assert "{" not in in_words(one.why, "en", of="tr")
        assert one.kind != "sums"


@settings(deadline=None)
@given(drafts(), drafts())
def test_they_are_it_even_if_a_bill_does_not_add_up(newer: Draft | None, older: Draft | None) -> None:
    if newer is None or older is None or newer.currency != older.currency:
        return
    wrong = replace(as_bill(newer), amount=newer.amount + Money(7, newer.currency))
    found = why_different(wrong, as_bill(older))
    assert total((one.amount for one in found), newer.currency) == wrong.amount - older.amount
    assert [one.amount.minor for one in found if one.kind == "sums"] == [7]


def test_a_bill_like_the_one_before_has_no_differences() -> None:
    assert why_different(minicycle(cycle=SECOND_NEW), minicycle(cycle=FIRST_NEW)) == []


def test_the_minicycle_is_shorter() -> None:
    assert told(why_different(minicycle(), minicycle(cycle=APRIL))) == [
        ("days", "Fibra + móvil", "-9.65", "It is charged for 21 days instead of 30."),
    ]
    assert told(why_different(minicycle(cycle=FIRST_NEW), minicycle())) == [
        ("days", "Fibra + móvil", "9.65", "It is charged for 31 days instead of 21."),
    ]


def test_a_price_an_option_and_usage() -> None:
    calls = (Used("abroad", Decimal(10), date(2025, 6, 30)), Used("abroad", Decimal(4), date(2025, 5, 30)))
    older = minicycle(plan("29.90"), plan("4.95", LONG_AGO, date(2025, 6, 21), "Bono"), cycle=FIRST_NEW, usage=calls)
    newer = minicycle(plan("31.90"), cycle=SECOND_NEW, usage=calls)
    assert told(why_different(newer, older)) == [
        ("gone", "Bono", "-4.95", "No longer on this bill."),
        ("price", "Fibra + móvil", "2.00", "The price is 31.90 € instead of 29.90 €."),
        ("usage", "Llamadas internacionales", "0.73", "More was used: 10 min instead of 4 min."),
    ]
    assert told(why_different(older, newer))[0] == ("new", "Bono", "4.95", "New on this bill.")


def test_a_one_off_and_an_instalment_that_moved() -> None:
    phone = Financing("Móvil", Decimal("12.50"), 24, since=date(2024, 12, 1))
    bonus = masmovil.Bonus("Bono 10 GB", Decimal(10), Decimal("5.00"), date(2025, 5, 19))
    mini = minicycle(financings=(phone,), bonuses=(bonus,))
    following = minicycle(financings=(phone,), cycle=FIRST_NEW)
    assert [(kind, amount) for kind, _, amount, _ in told(why_different(following, mini))] == [
        ("moved", "-12.50"),
        ("days", "9.65"),
        ("one-off", "-5.00"),
    ]
    after = minicycle(financings=(phone,), cycle=SECOND_NEW)
    assert told(why_different(after, following)) == [
        ("moved", "Móvil", "12.50", "The instalment was moved on the bill before; now it is charged.")
    ]


def test_a_plan_change_with_its_credit() -> None:
    found = why_different(vodafone(august()), vodafone(august(), month_of(date(2025, 7, 1))))
    assert ("credit", "A", "-12387.10", "A credit for 15 Aug 2025 – 31 Aug 2025, which had been paid in advance.") in told(found, of="hu")
    assert {one.kind for one in found} >= {"credit", "new", "one-off", "follows"}
    assert {one.kind for one in why_different(vodafone(august(), SEPTEMBER), vodafone(august(), AUGUST))} >= {"gone", "one-off"}


def test_past_debt_and_its_late_fee_are_new() -> None:
    found = told(why_different(as_bill(june()), as_bill(bill(MAY))), of="tr")
    assert [(kind, text, amount) for kind, text, amount, _ in found] == [
        ("new", "Fatura M05", "390.00"),
        ("new", "Gecikme bedeli, fatura M05", "5.85"),
    ]


def test_another_tax_rate_is_said() -> None:
    """KDV rose from 18 to 20 % in July 2023; a bill of June is issued on 1 July, one of July on 1 August."""

    def of(month: date) -> Bill:
        made = millenicom.draft(millenicom.Contract((Fee("Fiber", Decimal("300.00"), date(2022, 1, 1)),)), month_of(month))
        assert made is not None
        return as_bill(made)

    assert told(why_different(of(date(2023, 7, 1)), of(date(2023, 6, 1)))) == [
        ("rate", "KDV %20", "6.00", "The rate is 20 % instead of 18 %."),
    ]


def test_lines_without_rules_have_their_amounts() -> None:
    newer, older = (with_section(minicycle(), 0, lines=(), amount=Money(minor, "EUR")) for minor in (3000, 2000))
    newer, older = (replace(one, amount=one.sections[0].amount) for one in (newer, older))
    assert told(why_different(newer, older)) == [("amount", "Cuotas mensuales", "10.00", "30.00 € instead of 20.00 €.")]


def test_inquiries_by_sms() -> None:
    def of(times: int) -> Bill:
        made = azercell.draft(azercell.Contract(()), MAY, inquiries=[Charged(azercell.SMS_TEXT, azercell.SMS_INQUIRY, times)])
        assert made is not None
        return as_bill(made)

    assert told(why_different(of(7), of(3)), of="az") == [
        ("usage", "650-yə SMS sorğusu", "0.10", "More was used: 7 SMS instead of 3 SMS."),
    ]

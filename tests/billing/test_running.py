"""What the running cycle has cost so far: the same rules, the days until today (contract.md §6, ``unbilled``)."""

from datetime import date
from decimal import Decimal

import pytest

from app.billing.carriers import azercell, masmovil, millenicom, vodafone_hu
from app.billing.instalments import Financing
from app.billing.period import Period, month_of
from app.billing.proration import Fee
from app.billing.usage import Charged, Used
from app.money import Money

LONG_AGO = date(2024, 1, 1)
MAY = month_of(date(2025, 5, 1))
MINICYCLE = Period(date(2025, 5, 1), date(2025, 5, 21))
SEVEN_SMS = (Charged(azercell.SMS_TEXT, azercell.SMS_INQUIRY, 7),)


def test_fees_by_days_and_what_was_used_until_today() -> None:
    used = (Used("abroad", Decimal(10), date(2025, 5, 9)), Used("abroad", Decimal(10), date(2025, 5, 11)))
    phone = Financing("Móvil", Decimal("12.50"), 24, since=LONG_AGO)
    contract = masmovil.Contract((Fee("Fibra", Decimal("31.00"), LONG_AGO),), usage=used, financings=(phone,))
    assert masmovil.running(contract, MINICYCLE, date(2025, 5, 10)) == Money(10_00 + 1_21, "EUR")


@pytest.mark.parametrize("cycle", [MINICYCLE, masmovil.CYCLES.of(date(2025, 6, 1)), masmovil.CYCLES.of(date(2025, 2, 1))])
def test_on_its_last_day_it_is_the_bill_that_comes(cycle: Period) -> None:
    contract = masmovil.Contract((Fee("Fibra", Decimal("29.90"), LONG_AGO),), usage=(Used("abroad", Decimal(10), cycle.first),))
    made = masmovil.draft(contract, cycle, inquiries=SEVEN_SMS)
    assert made and masmovil.running(contract, cycle, cycle.last, inquiries=SEVEN_SMS) == made.amount


def test_inquiries_are_rounded_over_their_sum() -> None:
    contract = azercell.Contract((Fee("SuperSən", Decimal("31.00"), LONG_AGO),))
    assert azercell.running(contract, MAY, date(2025, 5, 1), inquiries=SEVEN_SMS) == Money(1_00 + 17, "AZN")


def test_net_fees_come_with_their_taxes_and_charges_without() -> None:
    contract = millenicom.Contract((Fee("Fiber", Decimal("310.00"), LONG_AGO),))
    charged = (Charged("SMS", Decimal("1.5000"), 1),)
    assert millenicom.running(contract, MAY, date(2025, 5, 10), inquiries=charged) == Money(100_00 + 20_00 + 10_00 + 1_50, "TRY")


def test_what_was_paid_in_advance_is_not_unbilled() -> None:
    old, new = vodafone_hu.Plan(Fee("A", Decimal(8000), LONG_AGO)), vodafone_hu.Plan(Fee("B", Decimal(3100), date(2025, 5, 5)))
    used = (Used("premium", Decimal(1), date(2025, 5, 2)),)
    assert vodafone_hu.running(vodafone_hu.Contract((old,)), MAY, date(2025, 5, 10)) == Money(0, "HUF")
    contract = vodafone_hu.Contract((old, new), usage=used)
    assert vodafone_hu.running(contract, MAY, date(2025, 5, 10)) == Money(152400, "HUF")  # (600 + 6 × 100) × 1.27


@pytest.mark.parametrize("module", [millenicom, vodafone_hu])
def test_a_charge_stands_on_the_bill_without_more_tax(module: object) -> None:
    assert module in (millenicom, vodafone_hu)
    if module is millenicom:
        plain, charged = (
            millenicom.draft(millenicom.Contract((Fee("F", Decimal(300), LONG_AGO),)), MAY, inquiries=i) for i in ((), SEVEN_SMS)
        )
        assert plain and charged and (charged.amount - plain.amount, charged.of_kind("tax")) == (Money(17, "TRY"), plain.of_kind("tax"))
    else:
        made = vodafone_hu.draft(vodafone_hu.Contract((vodafone_hu.Plan(Fee("F", Decimal(100), LONG_AGO)),)), MAY, inquiries=SEVEN_SMS)
        assert (
            made and made.of_kind("tax") == Money(2700, "HUF") and (made.of_kind("other"), made.amount.minor % 100) == (Money(17, "HUF"), 0)
        )

"""Azercell (AZ, AZN): calendar months, lines with ƏDV inside, SMS inquiries charged to the line and rounded only on the bill."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.billing.bill import Section
from app.billing.draft import Draft, section, sections, sum_of
from app.billing.period import ONE_DAY, Period
from app.billing.proration import Fee, fee_during
from app.billing.taxes import included, rates_on, with_comma
from app.billing.usage import Allowance, Charged, Price, Used, charge_lines, included_during, rate
from app.money import Money, total

CURRENCY = "AZN"
SMS_INQUIRY = Decimal("0.0236")  # to 650: 0.02 and 18 % ƏDV
SMS_TEXT = "650-yə SMS sorğusu"
DAYS_TO_PAY = timedelta(days=30)

PRICES = {
    "call": Price("Paketdən kənar danışıq", "minute", Decimal("0.0450")),
    "data": Price("Paketdən kənar internet", "GB", Decimal("1.5000")),
    "sms": Price("SMS", "sms", Decimal("0.0300")),
    "premium": Price("Xüsusi nömrələrə zənglər", "minute", Decimal("0.5000")),
    "roaming": Price("Rouminq", "minute", Decimal("0.9000")),
}
LATE = "(gecikmiş)"


@dataclass(frozen=True, slots=True)
class Contract:
    """:ivar allowances: fee text -> what a month of it includes"""

    fees: tuple[Fee, ...]
    allowances: tuple[tuple[str, tuple[Allowance, ...]], ...] = ()
    usage: tuple[Used, ...] = ()


def draft(contract: Contract, month: Period, *, inquiries: Sequence[Charged] = ()) -> Draft | None:
    """:param inquiries: what was charged to the line in this month"""
    allowances = dict(contract.allowances)
    running = [(fee, days) for fee in contract.fees if (days := fee.days_in(month))]
    usage = rate(contract.usage, PRICES, free_units(contract, month), closed=month, late_mark=LATE, currency=CURRENCY)
    parts = sections(
        section("monthly", "Aylıq ödənişlər", (fee_during(fee, month, full=month, currency=CURRENCY) for fee in contract.fees), CURRENCY),
        section(
            "included",
            "Paketə daxildir",
            (one for fee, days in running for one in included_during(allowances.get(fee.text, ()), days, full=month, currency=CURRENCY)),
            CURRENCY,
        ),
        section("usage", "İstifadə", [*usage, *charge_lines(inquiries, month, CURRENCY)], CURRENCY),
    )
    if not any(part.kind != "included" for part in parts):
        return None
    issued_on = month.last + ONE_DAY
    return Draft(month, issued_on, issued_on + DAYS_TO_PAY, None, CURRENCY, parts, tuple(notes(parts, month)))


def running(contract: Contract, month: Period, today: date, *, inquiries: Sequence[Charged] = ()) -> Money:
    """What the month has cost up to ``today``: fees by days, usage, inquiries."""
    seen = Period(month.first, today)
    fees = [one for fee in contract.fees if (one := fee_during(fee, seen, full=month, currency=CURRENCY))]
    usage = rate(contract.usage, PRICES, free_units(contract, month), closed=seen, late_mark=LATE, currency=CURRENCY)
    return total((one.amount for one in (*fees, *usage, *charge_lines(inquiries, seen, CURRENCY))), CURRENCY)


def free_units(contract: Contract, month: Period) -> dict[str, Decimal]:
    """Kind -> what the plans include, as many days' worth as they run in the month."""
    allowances, free = dict(contract.allowances), dict[str, Decimal]()
    for fee in contract.fees:
        if days := fee.days_in(month):
            for allowance in allowances.get(fee.text, ()):
                free[allowance.kind] = free.get(allowance.kind, Decimal(0)) + allowance.part(days.days, month.days)
    return free


def notes(parts: Sequence[Section], month: Period) -> Iterator[str]:
    for tax in rates_on("AZ", month.last + ONE_DAY):
        base, vat = included(sum_of(parts, CURRENCY), tax.percent)
        yield f"{tax.name} {tax.percent} % daxildir: {with_comma(base)} + {with_comma(vat)}"

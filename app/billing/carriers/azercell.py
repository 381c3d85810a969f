"""Azercell (AZ, AZN): calendar months, lines with ƏDV inside, SMS inquiries charged to the line and rounded only on the bill."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from app.billing.bill import Line, Section
from app.billing.draft import Draft, section, sections, sum_of
from app.billing.period import ONE_DAY, Period
from app.billing.proration import Fee, fee_during
from app.billing.rules import line
from app.billing.taxes import included, rates_on
from app.billing.usage import Allowance, Price, Used, included_during, rate

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


def draft(contract: Contract, month: Period, *, inquiries: Sequence[tuple[str, Decimal, int]] = ()) -> Draft | None:
    """
    :param inquiries: what was charged to the line in this month: text, unit price, how often
    """
    allowances = dict(contract.allowances)
    running = [(fee, days) for fee in contract.fees if (days := fee.days_in(month))]
    free: dict[str, Decimal] = {}
    for fee, days in running:
        for allowance in allowances.get(fee.text, ()):
            free[allowance.kind] = free.get(allowance.kind, Decimal(0)) + allowance.part(days.days, month.days)
    usage = rate(contract.usage, PRICES, free, closed=month, late_mark=LATE, currency=CURRENCY)
    parts = sections(
        section("monthly", "Aylıq ödənişlər", (fee_during(fee, month, full=month, currency=CURRENCY) for fee in contract.fees), CURRENCY),
        section(
            "included",
            "Paketə daxildir",
            (one for fee, days in running for one in included_during(allowances.get(fee.text, ()), days, full=month, currency=CURRENCY)),
            CURRENCY,
        ),
        section("usage", "İstifadə", [*usage, *inquiry_lines(inquiries, month)], CURRENCY),
    )
    if not any(part.kind != "included" for part in parts):
        return None
    issued_on = month.last + ONE_DAY
    return Draft(month, issued_on, issued_on + DAYS_TO_PAY, None, CURRENCY, parts, tuple(notes(parts, month)))


def inquiry_lines(inquiries: Sequence[tuple[str, Decimal, int]], month: Period) -> Iterator[Line]:
    """All of one price on one line: n × 0.0236, rounded once. Rounding each would give 0.14 for seven."""
    for text, price, times in inquiries:
        told = {"quantity": times, "unit_price": price}
        yield line(text, "per-unit", told, CURRENCY, during=month, quantity=Decimal(times), unit="sms", unit_price=price)


def notes(parts: Sequence[Section], month: Period) -> Iterator[str]:
    for tax in rates_on("AZ", month.last + ONE_DAY):
        base, vat = included(sum_of(parts, CURRENCY), tax.percent)
        yield f"{tax.name} {tax.percent} % daxildir: {base.decimal} + {vat.decimal}"

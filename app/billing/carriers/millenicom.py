"""
Millenicom (TR, TRY): calendar months, net lines with KDV and ÖİV in a tax section, and what is still open of older bills
printed on the newer one with its late fee.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.billing.bill import Line, Section
from app.billing.debt import Claim, late_fee_line, past_due_line
from app.billing.draft import Draft, section, sections, sum_of
from app.billing.period import ONE_DAY, Period
from app.billing.proration import Fee, fee_during
from app.billing.rules import line
from app.billing.taxes import rates_on
from app.billing.usage import Charged, Price, Used, charge_lines, rate
from app.money import Money, total

CURRENCY = "TRY"
DAYS_TO_PAY = timedelta(days=12)
LATE_FEE = Decimal("2.5")  # percent a month †

PRICES = {
    "call": Price("Telefon görüşmeleri", "minute", Decimal("0.4350")),
    "premium": Price("Özel servis numaraları", "minute", Decimal("3.5000")),
    "roaming": Price("Uluslararası dolaşım", "minute", Decimal("12.0000")),
}
LATE = "(geç gelen)"


@dataclass(frozen=True, slots=True)
class Contract:
    fees: tuple[Fee, ...]
    usage: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True)
class Older:
    """
    An older bill that is still open when a new one is issued.

    :ivar late_since: its due date, or the issue of the last bill that charged a late fee for it
    """

    claim: Claim
    number: str
    late_since: date


def draft(contract: Contract, month: Period, *, older: Sequence[Older] = (), inquiries: Sequence[Charged] = ()) -> Draft | None:
    """
    :param older: oldest first
    :param inquiries: what was charged to the line in this month, with its tax
    """
    issued_on = month.last + ONE_DAY
    own = own_sections(contract, month, month, inquiries, issued_on)
    if not own:
        return None
    parts = sections(
        *own,
        section("other", "Gecikme bedeli", (late_fee_of(one, issued_on) for one in older), CURRENCY),
        section(
            "past-due", "Geçmiş dönem borcu", (past_due_line(f"Fatura {one.number}", one.claim) for one in older if one.claim.own), CURRENCY
        ),
    )
    services = "Hizmetler: " + ", ".join(fee.text for fee in contract.fees if fee.days_in(month))
    return Draft(month, issued_on, issued_on + DAYS_TO_PAY, None, CURRENCY, parts, (services,))


def own_sections(contract: Contract, seen: Period, month: Period, inquiries: Sequence[Charged], issued_on: date) -> tuple[Section, ...]:
    """
    Services of the days ``seen``, their taxes, and what others charged.

    :param month: what a whole fee pays for
    """
    net = sections(
        section("monthly", "Aylık ücretler", (fee_during(fee, seen, full=month, currency=CURRENCY) for fee in contract.fees), CURRENCY),
        section("usage", "Kullanım", rate(contract.usage, PRICES, {}, closed=seen, late_mark=LATE, currency=CURRENCY), CURRENCY),
    )
    taxes = section("tax", "Vergiler", tax_lines(net, issued_on) if net else (), CURRENCY)
    return sections(*net, taxes, section("other", "Vergiler dahil", charge_lines(inquiries, seen, CURRENCY), CURRENCY))


def running(contract: Contract, month: Period, today: date, *, inquiries: Sequence[Charged] = ()) -> Money:
    """What the month has cost up to ``today``, with its taxes."""
    own = own_sections(contract, Period(month.first, today), month, inquiries, month.last + ONE_DAY)
    return total((part.amount for part in own), CURRENCY)


def tax_lines(net: Sequence[Section], issued_on: date) -> Iterator[Line]:
    """KDV and ÖİV, both on the net sum."""
    base = sum_of(net, CURRENCY)
    for tax in rates_on("TR", issued_on):
        yield line(f"{tax.name} %{tax.percent}", "percent", {"base": base.decimal, "percent": tax.percent}, CURRENCY)


def late_fee_of(older: Older, issued_on: date) -> Line | None:
    """On the older bill's own services; a late fee bears none."""
    text = f"Gecikme bedeli, fatura {older.number}"
    return late_fee_line(text, older.claim.current, due_on=older.late_since, on=issued_on, percent_a_month=LATE_FEE)

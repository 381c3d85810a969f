"""What the sandbox has to know about a carrier, and the parts every bill is put together from."""

from abc import ABC, abstractmethod
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from app.billing.bill import Bill, Line, Section
from app.money import Money, round_to_money, total

PRACTICE = {"TR": "Alıştırma faturası", "AZ": "Təcrübə hesabı", "ES": "Factura de práctica", "HU": "Gyakorlószámla"}
PAYABLE = timedelta(days=365)  # a practice bill, or an account that takes payments


class Carrier(ABC):
    """
    :cvar door: ``direct`` or ``bank``
    :cvar pattern: regular expression of the whole subscriber number; no two carriers' patterns meet
    :cvar example: a number that matches and that every store has
    :cvar initial: begins every bill's ref
    :cvar takes_any_amount: less than the bill is a part, more becomes the subscriber's advance
    """

    code: str
    name: str
    country: str
    currency: str
    zone: ZoneInfo
    door: str
    pattern: str
    example: str
    initial: str
    iban: str
    phone: str
    takes_any_amount: bool = False

    @abstractmethod
    def new_number(self, luck: Random) -> str:
        """A subscriber number of this carrier's shape."""

    @abstractmethod
    def issue(self, subscriber: str, luck: Random, *, today: date, count: int) -> list[Bill]:
        """The subscriber's last ``count`` bills as of ``today``, oldest first, all open."""

    def practice_bill(self, ref: str, amount: Money, *, today: date) -> Bill:
        """A bill of exactly this amount, payable for a year."""
        title = PRACTICE[self.country]
        sections = [section("other", title, [Line(title, amount, rule="as-told", inputs={"amount": str(amount.decimal)})])]
        return self.bill(ref, period=month_of(today), issued_on=today, due_on=today + PAYABLE, sections=sections)

    def account_bill(self, ref: str, *, today: date) -> Bill:
        """Takes what somebody pays who owes nothing."""
        return self.bill(ref, period=month_of(today), issued_on=today, due_on=today + PAYABLE, sections=[])

    def bill(
        self,
        ref: str,
        *,
        period: tuple[date, date],
        issued_on: date,
        due_on: date,
        sections: Sequence[Section],
        notes: Sequence[str] = (),
        charged_on: date | None = None,
    ) -> Bill:
        """Amount = sum of the sections = sum of their lines. The version is the shelf's business."""
        amount = total((part.amount for part in sections), self.currency)
        return Bill(
            ref=ref,
            number=ref.replace("-", ""),
            first_day=period[0],
            last_day=period[1],
            issued_on=issued_on,
            due_on=due_on,
            charged_on=charged_on,
            amount=amount,
            open=amount,
            past_due=Money(0, self.currency),
            state="open",
            version="-",
            sections=tuple(sections),
            notes=tuple(notes),
            iban=self.iban,
            biller_phone=self.phone,
        )

    def ref(self, subscriber: str, last_day: date) -> str:
        return f"{self.initial}-{subscriber}-{last_day:%Y%m}"

    def fee(self, text: str, price: str, period: tuple[date, date]) -> Line:
        """A month's fee in full."""
        return Line(text, self.round(Decimal(price)), *period, Decimal(1), "month", four(price), "full-month", {"fee": price})

    def used(self, text: str, quantity: int, unit: str, price: str, period: tuple[date, date]) -> Line:
        """Quantity × unit price, rounded once."""
        inputs = {"quantity": str(quantity), "unit_price": price}
        return Line(text, self.round(quantity * Decimal(price)), *period, Decimal(quantity), unit, four(price), "per-unit", inputs)

    def tax(self, text: str, percent: int, base: Money) -> Line:
        amount = self.round(base.decimal * percent / 100)
        return Line(text, amount, rule="percent", inputs={"percent": str(percent), "base": str(base.decimal)})

    def included_tax(self, percent: int, gross: Money) -> tuple[Money, Money]:
        """Base and tax of an amount that contains its tax; together they are the amount."""
        base = self.round(gross.decimal * 100 / (100 + percent))
        return base, gross - base

    def round(self, value: Decimal) -> Money:
        return round_to_money(value, self.currency)


def section(kind: str, title: str, lines: Sequence[Line]) -> Section:
    return Section(kind, title, total((line.amount for line in lines), lines[0].amount.currency), tuple(lines))


def four(price: str) -> Decimal:
    return Decimal(price).quantize(Decimal("0.0001"))


def month_of(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def months_before(day: date, count: int) -> list[tuple[date, date]]:
    """The last ``count`` whole months that were over on ``day``, oldest first."""
    months: list[tuple[date, date]] = []
    first = day.replace(day=1)
    while len(months) < count:
        months.insert(0, month_of(first - timedelta(days=1)))
        first = months[0][0]
    return months

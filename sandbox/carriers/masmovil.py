"""
MASMOVIL: fibre and mobile, lines include 21 % IVA. Until April 2025 a bill is a calendar month; May 2025 is cut
at the 21st (the minicycle), and from then on a cycle runs from the 22nd to the 21st.
"""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from app.billing.bill import Bill, Line
from app.money import total
from sandbox.carriers.carrier import Carrier, four, month_of, section

TARIFFS = (("Fibra 500 Mb + móvil 50 GB", "29.90"), ("Fibra 1 Gb + móvil 100 GB", "39.90"), ("Móvil 30 GB", "9.99"))
VAT = 21
LAST_OLD_CYCLE = date(2025, 4, 30)
MINICYCLE = date(2025, 5, 1), date(2025, 5, 21)


class Masmovil(Carrier):
    code, name, country, currency = "masmovil", "MASMOVIL", "ES", "EUR"
    zone = ZoneInfo("Europe/Madrid")
    door = "direct"
    pattern = r"6[0-9]{8}"
    example = "600004021"
    initial = "E"
    iban, phone = "ES7699900019110123456789", "2373"

    def new_number(self, luck: Random) -> str:
        return f"6{luck.randrange(1_000_000, 10**8):08d}"

    def issue(self, subscriber: str, luck: Random, *, today: date, count: int) -> list[Bill]:
        tariff, price = luck.choice(TARIFFS)
        bills = []
        for period in cycles_before(today, count):
            calls = luck.randrange(0, 40)
            sections = [section("monthly", "Cuotas mensuales", [self.cycle_fee(tariff, price, period)])]
            if calls:
                sections.append(section("usage", "Consumos", [self.used("Llamadas internacionales", calls, "minute", "0.1210", period)]))
            base, vat = self.included_tax(VAT, total((part.amount for part in sections), self.currency))
            bills.append(
                self.bill(
                    self.ref(subscriber, period[1]),
                    period=period,
                    issued_on=period[1] + timedelta(days=1),
                    due_on=charge_day(period),
                    charged_on=charge_day(period),
                    sections=sections,
                    notes=[f"IVA {VAT} % incluido: {base.decimal} + {vat.decimal}"],
                )
            )
        return bills

    def cycle_fee(self, tariff: str, price: str, period: tuple[date, date]) -> Line:
        """The whole fee, but 21 of 31 days of it in the minicycle."""
        if period != MINICYCLE:
            return self.fee(tariff, price, period)
        days, of = 21, 31
        inputs = {"fee": price, "days": str(days), "of": str(of)}
        return Line(tariff, self.round(Decimal(price) * days / of), *period, Decimal(1), "month", four(price), "days-of-month", inputs)


def cycles_before(today: date, count: int) -> list[tuple[date, date]]:
    """The last ``count`` cycles that were over on ``today``, oldest first."""
    cycles = [cycle_of(today)]
    while len(cycles) <= count:
        cycles.insert(0, cycle_of(cycles[0][0] - timedelta(days=1)))
    return cycles[:count]


def cycle_of(day: date) -> tuple[date, date]:
    if day <= LAST_OLD_CYCLE:
        return month_of(day)
    if day <= MINICYCLE[1]:
        return MINICYCLE
    begins_in = month_of(day) if day.day >= 22 else month_of(day.replace(day=1) - timedelta(days=1))
    return begins_in[0].replace(day=22), (begins_in[1] + timedelta(days=21))


def charge_day(period: tuple[date, date]) -> date:
    """Old cycle: early in the next month. Minicycle: 29 May. New cycle: the end of the month in which it is issued."""
    if period[1] <= LAST_OLD_CYCLE:
        return period[1] + timedelta(days=5)
    return date(2025, 5, 29) if period == MINICYCLE else month_of(period[1])[1]

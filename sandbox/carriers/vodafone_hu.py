"""
Vodafone Hungary: mobile telephone; fees in advance, usage looking back, lines are net with 27 % ÁFA of their own,
and the total is a whole number of forints.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from zoneinfo import ZoneInfo

from app.billing.bill import Bill, Line, Section
from app.money import Money, total
from sandbox.carriers.carrier import Carrier, month_of, months_before, section

TARIFFS = (("Go L 10 GB", "8000", 10), ("Go XL 25 GB", "11000", 25), ("Red M 5 GB", "5500", 5))
VAT = 27
DAYS_TO_PAY = 17


class VodafoneHungary(Carrier):
    code, name, country, currency = "vodafone-hu", "Vodafone Magyarország", "HU", "HUF"
    zone = ZoneInfo("Europe/Budapest")
    door = "direct"
    pattern = r"70[0-9]{7}"
    example = "700005033"
    initial = "V"
    iban, phone = "HU88999000242999900100000000", "1270"

    def new_number(self, luck: Random) -> str:
        return f"70{luck.randrange(100_000, 10**7):07d}"

    def issue(self, subscriber: str, luck: Random, *, today: date, count: int) -> list[Bill]:
        tariff, price, gigabytes = luck.choice(TARIFFS)
        bills = []
        for used_in in months_before(today, count):
            period = month_of(used_in[1] + timedelta(days=1))
            free = Line(f"{gigabytes} GB adat", Money(0, self.currency), *period, Decimal(gigabytes), "GB", rule="included")
            sections = [
                section("monthly", "Havi díjak", [self.fee(tariff, price, period)]),
                section("included", "Az előfizetésben foglalt tételek", [free]),
                section(
                    "usage", "Forgalmi díjak", [self.used("Hívások a kereten felül", luck.randrange(1, 45), "minute", "31.50", used_in)]
                ),
            ]
            net = total((part.amount for part in sections), self.currency)
            sections.append(section("tax", "Adó", [self.tax("ÁFA 27%", VAT, net)]))
            bills.append(
                self.bill(
                    self.ref(subscriber, period[1]),
                    period=period,
                    issued_on=period[0],
                    due_on=period[0] + timedelta(days=DAYS_TO_PAY),
                    sections=[*sections, *self.rounding(sections)],
                    notes=["A havi díjakat előre, a forgalmi díjakat utólag számlázzuk."],
                )
            )
        return bills

    def rounding(self, sections: list[Section]) -> list[Section]:
        """To whole forints, half up; no section when nothing is to be rounded."""
        exact = total((part.amount for part in sections), self.currency)
        whole = self.round(exact.decimal.quantize(Decimal(1), ROUND_HALF_UP))
        if whole == exact:
            return []
        line = Line("Kerekítés egész forintra", whole - exact, rule="whole-forint", inputs={"exact": str(exact.decimal)})
        return [section("rounding", "Kerekítés", [line])]

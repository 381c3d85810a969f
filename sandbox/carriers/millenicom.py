"""Millenicom: internet and telephone at home; lines are net, KDV and ÖİV stand in a tax section of their own."""

from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.billing.bill import Bill
from app.money import total
from sandbox.carriers.carrier import Carrier, months_before, section

TARIFFS = (("Fiber 100 Mbps", "300.00"), ("Fiber 200 Mbps", "364.90"), ("VDSL 50 Mbps", "259.90"), ("ADSL 16 Mbps", "219.90"))
KDV, OIV = 20, 10  # percent of the net amount
DAYS_TO_PAY = 25


class Millenicom(Carrier):
    code, name, country, currency = "millenicom", "Millenicom", "TR", "TRY"
    zone = ZoneInfo("Europe/Istanbul")
    door = "bank"
    pattern = r"53[0-9]{8}"
    example = "5300001042"
    initial = "M"
    iban, phone = "TR370069900000001234567890", "444 0 144"

    def new_number(self, luck: Random) -> str:
        return f"53{luck.randrange(1_000_000, 10**8):08d}"

    def issue(self, subscriber: str, luck: Random, *, today: date, count: int) -> list[Bill]:
        tariff, price = luck.choice(TARIFFS)
        has_telephone = luck.random() < 0.5
        bills = []
        for period in months_before(today, count):
            sections = [section("monthly", "Aylık ücretler", [self.fee(tariff, price, period)])]
            if has_telephone:
                minutes = luck.randrange(5, 240)
                sections.append(section("usage", "Kullanım", [self.used("Telefon görüşmeleri", minutes, "minute", "0.4350", period)]))
            net = total((part.amount for part in sections), self.currency)
            sections.append(section("tax", "Vergiler", [self.tax("KDV %20", KDV, net), self.tax("ÖİV %10", OIV, net)]))
            issued_on = period[1] + timedelta(days=1)
            bills.append(
                self.bill(
                    self.ref(subscriber, period[1]),
                    period=period,
                    issued_on=issued_on,
                    due_on=issued_on + timedelta(days=DAYS_TO_PAY),
                    sections=sections,
                    notes=[f"Hizmetler: {tariff}" + (", sabit telefon" if has_telephone else "")],
                )
            )
        return bills

"""Azercell: mobile telephone; every line includes 18 % ƏDV, any amount may be paid, what is too much is an advance."""

from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.billing.bill import Bill
from app.money import total
from sandbox.carriers.carrier import Carrier, months_before, section

TARIFFS = (("Premium+ 10 GB", "18.00"), ("Premium+ 20 GB", "25.00"), ("SuperSən 5 GB", "9.90"), ("Biznes Sərbəst", "34.50"))
VAT = 18
SMS_INQUIRY = "0.0236"  # to 650, VAT included
DAYS_TO_PAY = 30


class Azercell(Carrier):
    code, name, country, currency = "azercell", "Azercell", "AZ", "AZN"
    zone = ZoneInfo("Asia/Baku")
    door = "direct"
    pattern = r"(?:10|50|51)[0-9]{7}"
    example = "502003015"
    initial = "A"
    iban, phone = "AZ94SBOX40060019449990012300", "*1111"
    takes_any_amount = True

    def new_number(self, luck: Random) -> str:
        return luck.choice(("10", "50", "51")) + f"{luck.randrange(2_000_000, 10**7):07d}"

    def issue(self, subscriber: str, luck: Random, *, today: date, count: int) -> list[Bill]:
        tariff, price = luck.choice(TARIFFS)
        bills = []
        for period in months_before(today, count):
            usage = [self.used("Paketdən kənar danışıq", luck.randrange(1, 120), "minute", "0.0450", period)]
            if inquiries := luck.choice((0, 0, 1, 3, 7)):
                usage.append(self.used("650-yə SMS sorğusu", inquiries, "sms", SMS_INQUIRY, period))
            sections = [section("monthly", "Aylıq ödənişlər", [self.fee(tariff, price, period)]), section("usage", "İstifadə", usage)]
            base, vat = self.included_tax(VAT, total((part.amount for part in sections), self.currency))
            issued_on = period[1] + timedelta(days=1)
            bills.append(
                self.bill(
                    self.ref(subscriber, period[1]),
                    period=period,
                    issued_on=issued_on,
                    due_on=issued_on + timedelta(days=DAYS_TO_PAY),
                    sections=sections,
                    notes=[f"ƏDV {VAT} % daxildir: {base.decimal} + {vat.decimal}"],
                )
            )
        return bills

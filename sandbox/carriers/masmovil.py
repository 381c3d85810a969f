"""MASMOVIL: fibre and mobile; the cycle that changed in May 2025, telephones on instalments, data bonuses."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from app.billing.carriers import masmovil as billing
from app.billing.carriers.masmovil import Bonus, Contract
from app.billing.carriers.millenicom import Older
from app.billing.draft import Draft
from app.billing.instalments import Financing
from app.billing.period import ONE_DAY, Period
from app.billing.proration import Fee
from app.billing.usage import Allowance, Charged
from app.money import Money
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import Person
from sandbox.carriers.timeline import TIME_BEGAN, Habit, option_near, plans_near, used_near
from sandbox.cast import masmovil as cast

# text, price, GB, minutes
TARIFFS = (
    ("Fibra 500 Mb + móvil 50 GB", "29.90", 50, 6000),
    ("Fibra 1 Gb + móvil 100 GB", "39.90", 100, 6000),
    ("Móvil 30 GB", "9.99", 30, 300),
    ("Móvil 60 GB", "19.90", 60, 600),
)
OPTIONS = (("TV", "4.95"), ("Línea adicional", "9.99"), ("Antivirus", "2.99"))
HABITS = (Habit("call", 1, 90), Habit("abroad", 0.4, 40), Habit("data", 1, 14, 10), Habit("premium", 0.05, 5), Habit("roaming", 0.06, 8))
ALLOWANCES = tuple(
    (
        text,
        (
            Allowance("data", f"{gigabytes} GB", "GB", Decimal(gigabytes)),
            Allowance("call", f"{minutes} minutos", "minute", Decimal(minutes)),
        ),
    )
    for text, _, gigabytes, minutes in TARIFFS
)
HAS_DEVICE, INSTALMENTS, DEVICE_LASTS = 0.15, 24, timedelta(days=800)
DEVICES = (("Móvil financiado", "12.50"), ("Tableta financiada", "8.75"), ("Móvil financiado", "21.00"))
BUYS_BONUS = 0.08


class Masmovil(Carrier):
    code, name, country, currency = "masmovil", "MASMOVIL", "ES", "EUR"
    zone = ZoneInfo("Europe/Madrid")
    door = "direct"
    pattern = r"6[0-9]{8}"
    example = "600004021"
    initial = "E"
    iban, phone = "ES7699900019110123456789", "2373"
    cycles = billing.CYCLES

    def new_number(self, luck: Random) -> str:
        return f"6{luck.randrange(1_000_000, 99_000_000):08d}"

    def draft(self, person: Person, cycle: Period, *, inquiries: Sequence[Charged], older: Sequence[Older]) -> Draft | None:
        return billing.draft(self.story(person, cycle), cycle, inquiries=inquiries)

    def running(self, person: Person, cycle: Period, today: date) -> Money:
        return billing.running(self.story(person, cycle), cycle, today)

    def story(self, person: Person, during: Period) -> Contract:
        """As much of the contract as bills of these days need."""
        if person.number in cast.ROLES:
            return cast.ROLES[person.number].contract
        if person.number == self.example:
            return Contract((Fee(TARIFFS[0][0], Decimal(TARIFFS[0][1]), TIME_BEGAN),), ALLOWANCES)
        devices = tuple(devices_near(person, during))
        counted = (
            Period(min(device.since for device in devices), during.last) if devices else during
        )  # instalments are counted from their first
        fees = [Fee(text, Decimal(price), first, last) for (text, price, _, _), first, last in plans_near(person, counted, TARIFFS)]
        return Contract(
            fees=(*fees, *option_near(person, during, OPTIONS)),
            allowances=ALLOWANCES,
            usage=used_near(person, during, HABITS),
            bonuses=tuple(bonuses_near(person, during)),
            financings=devices,
        )


def devices_near(person: Person, during: Period) -> list[Financing]:
    bought = devices_of(person, during.last.year)
    return [device for device in bought if device.since <= during.last and device.since + DEVICE_LASTS > during.first]


@lru_cache(maxsize=2048)
def devices_of(person: Person, until: int) -> tuple[Financing, ...]:
    """Some buy a device every other year, and pay it off."""
    luck, bought = person.luck("device"), list[Financing]()
    if luck.random() < HAS_DEVICE:
        since = TIME_BEGAN + timedelta(days=luck.randrange(DEVICE_LASTS.days))
        while since.year <= until:
            text, amount = luck.choice(DEVICES)
            if person.is_there(since):
                bought.append(Financing(text, Decimal(amount), INSTALMENTS, since))
            since += DEVICE_LASTS
    return tuple(bought)


def bonuses_near(person: Person, during: Period) -> Iterator[Bonus]:
    """Now and then somebody buys data; at most once in a calendar month."""
    month = during.first.replace(day=1)
    while month <= during.last:
        luck = person.luck("bonus", month)
        on = month + timedelta(days=luck.randrange(28))
        if luck.random() < BUYS_BONUS and on in during and person.is_there(on):
            yield Bonus("Bono 10 GB", Decimal(10), Decimal("5.00"), on)
        month = (month + timedelta(days=31) + ONE_DAY).replace(day=1)

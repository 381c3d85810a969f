"""Vodafone Hungary: mobile telephone; fees in advance, usage looking back, whole forints."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from app.billing.carriers import vodafone_hu as billing
from app.billing.carriers.millenicom import Older
from app.billing.carriers.vodafone_hu import Contract, OneOff, Plan
from app.billing.draft import Draft
from app.billing.period import ONE_DAY, Period
from app.billing.proration import Fee
from app.billing.usage import Allowance, Charged
from app.money import Money
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import Person
from sandbox.carriers.timeline import TIME_BEGAN, Habit, option_near, plans_near, used_near
from sandbox.cast import vodafone_hu as cast

# text, price, GB, minutes
TARIFFS = (("Go L 10 GB", "8000", 10, 500), ("Go XL 25 GB", "11000", 25, 1000), ("Red M 5 GB", "5500", 5, 200))
OPTIONS = (("Nemzetközi hívás opció", "1500"), ("Éjszakai adat", "990"))
HABITS = (Habit("call", 1, 120), Habit("data", 1, 4, 10), Habit("sms", 0.4, 15), Habit("premium", 0.06, 3), Habit("roaming", 0.08, 6))
HAS_DISCOUNT, HAS_USAGE_DISCOUNT, TAKES_SERVICE = 0.15, 0.1, 0.05
SERVICES = (("SIM-csere", "2000"), ("Számlamásolat", "600"), ("Egyedi megállapodás", "-500"))


class VodafoneHungary(Carrier):
    code, name, country, currency = "vodafone-hu", "Vodafone Magyarország", "HU", "HUF"
    zone = ZoneInfo("Europe/Budapest")
    door = "direct"
    pattern = r"70[0-9]{7}"
    example = "700005033"
    initial = "V"
    iban, phone = "HU88999000242999900100000000", "1270"

    def new_number(self, luck: Random) -> str:
        return f"70{luck.randrange(100_000, 9_900_000):07d}"

    def draft(self, person: Person, cycle: Period, *, inquiries: Sequence[Charged], older: Sequence[Older]) -> Draft | None:
        return billing.draft(self.story(person, cycle), cycle, inquiries=inquiries)

    def running(self, person: Person, cycle: Period, today: date) -> Money:
        return billing.running(self.story(person, cycle), cycle, today)

    def story(self, person: Person, during: Period) -> Contract:
        """As much of the contract as bills of these days need."""
        if person.number in cast.ROLES:
            return cast.ROLES[person.number].contract
        if person.number == self.example:
            return Contract((plan(TARIFFS[0], TIME_BEGAN, None),))
        percent, usage_percent = discounts_of(person)
        plans = [plan(tariff, first, last, percent) for tariff, first, last in plans_near(person, during, TARIFFS)]
        return Contract(
            plans=(*plans, *(Plan(fee) for fee in option_near(person, during, OPTIONS))),
            usage=used_near(person, during, HABITS),
            one_offs=tuple(services_near(person, during)),
            usage_discount=usage_percent,
        )


@lru_cache(maxsize=2048)
def discounts_of(person: Person) -> tuple[Decimal, Decimal]:
    """Percent of the monthly fee, and of usage beyond the allowance."""
    luck = person.luck("discount")
    return Decimal(10 if luck.random() < HAS_DISCOUNT else 0), Decimal(20 if luck.random() < HAS_USAGE_DISCOUNT else 0)


def plan(tariff: tuple[str, str, int, int], first: date, last: date | None, discount: Decimal = Decimal(0)) -> Plan:
    text, price, gigabytes, minutes = tariff
    data = Allowance("data", f"{gigabytes} GB adat", "GB", Decimal(gigabytes))
    calls = Allowance("call", f"{minutes} perc", "minute", Decimal(minutes))
    return Plan(Fee(text, Decimal(price), first, last), (data, calls), discount=discount)


def services_near(person: Person, during: Period) -> Iterator[OneOff]:
    month = during.first.replace(day=1)
    while month <= during.last:
        luck = person.luck("service", month)
        on = month + timedelta(days=luck.randrange(28))
        if luck.random() < TAKES_SERVICE and person.is_there(on):
            text, amount = luck.choice(SERVICES)
            yield OneOff(text, Decimal(amount), on)
        month = (month + timedelta(days=31) + ONE_DAY).replace(day=1)

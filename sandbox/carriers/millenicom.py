"""Millenicom: internet and telephone at home, behind a bank's door; what stays open is carried to the next bill."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from app.billing.carriers import millenicom as billing
from app.billing.carriers.millenicom import Contract, Older
from app.billing.draft import Draft
from app.billing.period import Period
from app.billing.proration import Fee
from app.billing.usage import Charged
from app.money import Money
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import Person
from sandbox.carriers.timeline import TIME_BEGAN, Habit, option_near, plans_near, used_near
from sandbox.cast import millenicom as cast

TARIFFS = (("Fiber 100 Mbps", "300.00"), ("Fiber 200 Mbps", "364.90"), ("VDSL 50 Mbps", "259.90"), ("ADSL 16 Mbps", "219.90"))
OPTIONS = (("Sabit IP", "29.90"), ("Modem kiralama", "24.90"), ("TV paketi", "59.90"))
HABITS = (Habit("call", 0.9, 80), Habit("premium", 0.06, 4), Habit("roaming", 0.03, 3))
HAS_TELEPHONE = 0.5


class Millenicom(Carrier):
    code, name, country, currency = "millenicom", "Millenicom", "TR", "TRY"
    zone = ZoneInfo("Europe/Istanbul")
    door = "bank"
    pattern = r"53[0-9]{8}"
    example = "5300001042"
    initial = "M"
    iban, phone = "TR370069900000001234567890", "444 0 144"
    carries_debt = True

    def new_number(self, luck: Random) -> str:
        return f"53{luck.randrange(1_000_000, 99_000_000):08d}"

    def draft(self, person: Person, cycle: Period, *, inquiries: Sequence[Charged], older: Sequence[Older]) -> Draft | None:
        return billing.draft(self.story(person, cycle), cycle, inquiries=inquiries, older=older)

    def running(self, person: Person, cycle: Period, today: date) -> Money:
        return billing.running(self.story(person, cycle), cycle, today)

    def story(self, person: Person, during: Period) -> Contract:
        """As much of the contract as bills of these days need."""
        if person.number in cast.ROLES:
            return cast.ROLES[person.number].contract
        if person.number == self.example:
            return Contract((Fee(TARIFFS[0][0], Decimal(TARIFFS[0][1]), TIME_BEGAN),))
        fees = [Fee(text, Decimal(price), first, last) for (text, price), first, last in plans_near(person, during, TARIFFS)]
        usage = used_near(person, during, HABITS) if has_telephone(person) else ()
        return Contract((*fees, *option_near(person, during, OPTIONS)), usage)


@lru_cache(maxsize=2048)
def has_telephone(person: Person) -> bool:
    return person.luck("telephone").random() < HAS_TELEPHONE

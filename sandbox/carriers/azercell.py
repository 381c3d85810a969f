"""Azercell: mobile telephone; any amount may be paid, what is too much is an advance for the next bill."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from app.billing.carriers import azercell as billing
from app.billing.carriers.azercell import Contract
from app.billing.carriers.millenicom import Older
from app.billing.draft import Draft
from app.billing.period import Period
from app.billing.proration import Fee
from app.billing.usage import Allowance, Charged
from app.money import Money
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import Person
from sandbox.carriers.timeline import TIME_BEGAN, Habit, option_near, plans_near, used_near
from sandbox.cast import azercell as cast

# text, price, GB, minutes
TARIFFS = (
    ("Premium+ 10 GB", "18.00", 10, 300),
    ("Premium+ 20 GB", "25.00", 20, 600),
    ("SuperSən 5 GB", "9.90", 5, 60),
    ("Biznes Sərbəst", "34.50", 50, 3000),
)
OPTIONS = (("Gecə internet paketi", "3.00"), ("Beynəlxalq zənglər paketi", "4.50"))
HABITS = (Habit("call", 1, 180), Habit("data", 1, 5, 10), Habit("sms", 0.3, 20), Habit("premium", 0.05, 5), Habit("roaming", 0.06, 6))
ALLOWANCES = tuple(
    (
        text,
        (
            Allowance("data", f"{gigabytes} GB internet", "GB", Decimal(gigabytes)),
            Allowance("call", f"{minutes} dəqiqə", "minute", Decimal(minutes)),
        ),
    )
    for text, _, gigabytes, minutes in TARIFFS
)


class Azercell(Carrier):
    code, name, country, currency = "azercell", "Azercell", "AZ", "AZN"
    zone = ZoneInfo("Asia/Baku")
    door = "direct"
    pattern = r"(?:10|50|51)[0-9]{7}"
    example = "502003015"
    initial = "A"
    iban, phone = "AZ94SBOX40060019449990012300", "*1111"
    accepts_less = accepts_more = True

    def new_number(self, luck: Random) -> str:
        return luck.choice(("10", "50", "51")) + f"{luck.randrange(2_000_000, 9_900_000):07d}"

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
        fees = [Fee(text, Decimal(price), first, last) for (text, price, _, _), first, last in plans_near(person, during, TARIFFS)]
        return Contract((*fees, *option_near(person, during, OPTIONS)), ALLOWANCES, used_near(person, during, HABITS))

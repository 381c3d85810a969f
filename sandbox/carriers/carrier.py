"""What the sandbox has to know about a carrier. Bills themselves are made by ``app.billing.carriers``."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.billing.bill import Bill, Line, Section
from app.billing.carriers.millenicom import Older
from app.billing.cycle import CALENDAR_MONTHS, Cycles
from app.billing.draft import Draft
from app.billing.period import ONE_DAY, Period, month_of
from app.billing.usage import Charged
from app.money import Money
from sandbox.carriers.person import Person

PRACTICE = {"TR": "Alıştırma faturası", "AZ": "Təcrübə hesabı", "ES": "Factura de práctica", "HU": "Gyakorlószámla"}
PAYABLE = timedelta(days=365)  # a practice bill, or an account that takes payments


class Carrier(ABC):
    """
    :cvar door: ``direct`` or ``bank``
    :cvar pattern: regular expression of the whole subscriber number; no two carriers' patterns meet
    :cvar example: a number that matches and that every store has
    :cvar initial: begins every bill's ref
    :cvar accepts_less: than is open: the rest stays open †
    :cvar accepts_more: than is open: it becomes the subscriber's advance †
    :cvar carries_debt: older open bills stand on a newer one and are paid with it (P-25)
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
    accepts_less: bool = False
    accepts_more: bool = False
    carries_debt: bool = False
    cycles: Cycles = CALENDAR_MONTHS

    @abstractmethod
    def new_number(self, luck: Random) -> str:
        """A subscriber number of this carrier's shape, before those of the cast."""

    @abstractmethod
    def draft(self, person: Person, cycle: Period, *, inquiries: Sequence[Charged], older: Sequence[Older]) -> Draft | None:
        """
        The bill of a cycle; ``None`` when there is nothing to bill.

        :param older: what is still open, oldest first; only for who carries debt
        """

    @abstractmethod
    def running(self, person: Person, cycle: Period, today: date) -> Money:
        """What the cycle has cost up to ``today``, without what others charged."""

    def issue_day(self, cycle: Period) -> date:
        """When ``app.billing`` says a cycle's bill is issued: on the day after it."""
        return cycle.last + ONE_DAY

    def midnight(self, day: date) -> str:
        """When the day begins there, as times are told."""
        return datetime.combine(day, time(), self.zone).isoformat(timespec="milliseconds")

    def bill(self, draft: Draft, subscriber: str) -> Bill:
        """With what is printed on it; how it stands is the shelf's business."""
        ref, amount = f"{self.initial}-{subscriber}-{draft.period.last:%Y%m}", draft.amount
        return Bill(
            ref=ref,
            number=ref.replace("-", ""),
            first_day=draft.period.first,
            last_day=draft.period.last,
            issued_on=draft.issued_on,
            due_on=draft.due_on,
            charged_on=draft.charged_on,
            amount=amount,
            open=amount,
            past_due=draft.of_kind("past-due"),
            state="open",
            version="-",
            sections=draft.sections,
            notes=draft.notes,
            iban=self.iban,
            biller_phone=self.phone,
        )

    def practice_bill(self, ref: str, amount: Money, *, today: date) -> Bill:
        """A bill of exactly this amount, payable for a year."""
        title = PRACTICE[self.country]
        line = Line(title, amount, rule="as-told", inputs={"amount": str(amount.decimal)})
        return self.without_cycle(ref, (Section("other", title, amount, (line,)),), today=today)

    def account_bill(self, ref: str, *, today: date) -> Bill:
        """Takes what somebody pays who owes nothing."""
        return self.without_cycle(ref, (), today=today)

    def without_cycle(self, ref: str, sections: tuple[Section, ...], *, today: date) -> Bill:
        draft = Draft(month_of(today), today, today + PAYABLE, None, self.currency, sections)
        return replace(self.bill(draft, "-"), ref=ref, number=ref.replace("-", ""))

"""A biller's bill as a paper: every line as the biller made it, in the customer's language. A copy, and free of charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app import amounts, languages
from app.billers.bill_words import four_decimals, language_of, quantity, section_title, span
from app.billers.model import Biller
from app.billers.warnings import warning
from app.billing.bill import DOES_NOT_ADD_UP, Bill, Line, Section, Subscriber
from app.billing.explain import explain
from app.billing.help_texts import HELP
from app.billing.terms import in_language
from app.documents.print_paper import print_paper
from app.errors import N_
from app.markets import MARKETS
from app.money import Money, is_cash_rounded, round_cash
from app.web import display

Rows = list[tuple[str, str]]

NET_KINDS = ("monthly", "included", "usage", "other", "discount")  # what a tax section is counted on
FREE_KINDS = ("included", "usage")  # a zero here is no price

STATES = {
    "open": (N_("OPEN"), ""),
    "nothing-open": (N_("NOTHING TO PAY"), N_("Nothing of this bill is open.")),
    "paid": (N_("PAID"), N_("This bill is paid. Do not pay it again.")),
    "credit": (N_("CREDIT BALANCE"), N_("This bill is in the customer's favour: nothing is to be paid.")),
    "withdrawn": (N_("WITHDRAWN"), N_("The biller has taken this bill back: nothing is to be paid.")),
}


@dataclass(frozen=True)
class Shop:
    """Who hands the paper out: name, and lines such as address, phone and agent number."""

    name: str
    lines: tuple[str, ...] = ()


NOBODY = Shop("")  # the institution itself, by mail


@dataclass(frozen=True)
class Copy:
    """
    One copy of a bill, in one language.

    :ivar shop: where it is printed, else :data:`NOBODY`
    :ivar number: which copy it is, from 1; 0 when nobody counts
    """

    biller: Biller
    subscriber: Subscriber
    bill: Bill
    language: str
    shop: Shop
    number: int
    at: datetime

    def say(self, sentence: str, **facts: object) -> str:
        return languages.say(sentence, self.language, **facts)

    def money(self, amount: Money) -> str:
        return amounts.money(amount, self.language)

    def day(self, on: date) -> str:
        return languages.day(on, self.language)

    def theirs(self, text: str) -> str:
        """What the biller wrote, in the reader's language."""
        return in_language(text, of=language_of(self.biller), to=self.language)

    @property
    def state(self) -> str:
        return "nothing-open" if self.bill.state == "open" and self.bill.open.minor <= 0 else self.bill.state

    @property
    def is_payable(self) -> bool:
        return self.state == "open"

    @property
    def has_tax(self) -> bool:
        """The lines are net then; without such a section they contain it."""
        return any(section.kind == "tax" for section in self.bill.sections)


def print_bill(
    biller: Biller, subscriber: Subscriber, bill: Bill, *, language: str, at: datetime, shop: Shop | None = None, copy: int = 0
) -> bytes:
    """
    A4, as many pages as the bill needs (product.md §11).

    :param shop: that prints it; ``None`` when the institution mails it
    :param copy: which copy it is, from 1, see :func:`app.billers.hand_out_bill.record_copy`; from the second on the paper says so
    """
    return print_paper("bill", facts_of(Copy(biller, subscriber, bill, language, shop or NOBODY, copy, at)), at=at)


def facts_of(copy: Copy) -> dict[str, object]:
    bill = copy.bill
    title = f"{copy.biller.name} {bill.number}"
    return {
        "language": copy.language,
        "title": title,
        "institution": "Gişe",
        "shop": {"name": copy.shop.name, "lines": copy.shop.lines},
        "copy": copy.say(N_("COPY {copy}"), copy=copy.number) if copy.number > 1 else "",
        "biller": copy.biller.name,
        "name": copy.say(N_("Bill")),
        "running": f"{title} · {copy.biller.subscriber_label} {copy.subscriber.number}",
        "head": head(copy),
        "subscriber": subscriber_rows(copy),
        "state": state(copy),
        "warnings": [warning(flag, charged_on=bill.charged_on, language=copy.language) for flag in warnings(copy)],
        "sections": [section_facts(copy, section) for section in bill.sections],
        "total": (copy.say(N_("Total of the bill")), copy.money(bill.amount)),
        "parts": parts(copy),
        "open": (copy.say(N_("Open now")), copy.money(bill.open)),
        "cash": cash(copy),
        "ways": {"title": copy.say(N_("Ways to pay")), "rows": ways_to_pay(copy) if copy.is_payable else []},
        "notes": {"title": copy.say(N_("The biller's notes")), "lines": [copy.theirs(note) for note in bill.notes]},
        "foot": foot(copy),
        "page-of": languages.translate(N_("Page {page} of {pages}"), copy.language),
    }


def head(copy: Copy) -> Rows:
    bill = copy.bill
    rows = [
        (copy.say(N_("Bill number")), bill.number),
        (copy.say(N_("Billed period")), span(bill.first_day, bill.last_day, copy.language)),
        (copy.say(N_("Issued on")), copy.day(bill.issued_on)),
        (copy.say(N_("Due date")), copy.day(bill.due_on)),
    ]
    if bill.charged_on:
        rows.append((copy.say(N_("Charged by the biller on")), copy.day(bill.charged_on)))
    return rows


def subscriber_rows(copy: Copy) -> Rows:
    subscriber = copy.subscriber
    rows = [(copy.biller.subscriber_label, subscriber.number), (copy.say(N_("Name")), subscriber.name)]
    if subscriber.advance:
        rows.append((copy.say(N_("Advance")), copy.money(subscriber.advance)))
    return rows


def state(copy: Copy) -> dict[str, object]:
    """What the reader sees first. Only an open bill shows an amount there: no other may look payable."""
    word, sentence = STATES[copy.state]
    payable = {"until": due(copy), "amount": copy.money(copy.bill.open)} if copy.is_payable else {}
    return {"payable": copy.is_payable, "word": copy.say(word), "sentence": copy.say(sentence), **payable}


def due(copy: Copy) -> str:
    return copy.say(N_("to pay until {day}") if today(copy) <= copy.bill.due_on else N_("was due on {day}"), day=copy.day(copy.bill.due_on))


def today(copy: Copy) -> date:
    return copy.at.astimezone(MARKETS[copy.biller.market].zone).date()


def warnings(copy: Copy) -> Sequence[str]:
    """What to think of before paying (P-26, P-29), and a sum that is wrong whatever the bill's state."""
    before_paying = [flag for flag in copy.bill.flags if flag != DOES_NOT_ADD_UP] if copy.is_payable else []
    return before_paying if explain(copy.bill).adds_up else [*before_paying, DOES_NOT_ADD_UP]


def section_facts(copy: Copy, section: Section) -> dict[str, object]:
    return {
        "title": section_title(section, copy.language, of=language_of(copy.biller)),
        "help": copy.say(HELP[section.kind]),
        "columns": columns(copy, section),
        "lines": [line_cells(copy, section, line) for line in section.lines],
        "sum": (copy.say(N_("Sum")), copy.money(section.amount)),
    }


def columns(copy: Copy, section: Section) -> list[str]:
    """Heads of the second to fifth column; one over nothing stays empty."""
    lines = section.lines
    amount = N_("Net amount") if copy.has_tax and section.kind in NET_KINDS else N_("Amount")
    return [
        copy.say(N_("Period")) if any(line.first_day or line.last_day for line in lines) else "",
        copy.say(N_("Quantity")) if any(line.quantity is not None for line in lines) else "",
        copy.say(N_("Unit price")) if any(line.unit_price is not None for line in lines) else "",
        copy.say(amount),
    ]


def line_cells(copy: Copy, section: Section, line: Line) -> list[str]:
    is_free = section.kind in FREE_KINDS and not line.amount
    return [
        copy.theirs(line.text),
        span(line.first_day, line.last_day, copy.language),
        quantity(line.quantity, line.unit, copy.language) if line.quantity is not None else "",
        four_decimals(line.unit_price, line.amount.currency, copy.language) if line.unit_price is not None else "",
        "" if is_free else copy.money(line.amount),
    ]


def parts(copy: Copy) -> Rows:
    """From the total to what is open now."""
    bill = copy.bill
    rows = []
    if bill.past_due:
        rows.append((copy.say(N_("Of that from earlier bills")), copy.money(bill.past_due)))
    if copy.is_payable and bill.open < bill.amount:
        rows.append((copy.say(N_("Paid already, or taken from the advance")), copy.money(bill.open - bill.amount)))
    if copy.is_payable and bill.amount < bill.open:
        rows.append((copy.say(N_("Added by the biller since then")), copy.money(bill.open - bill.amount)))
    return rows


def cash(copy: Copy) -> Rows:
    """A line of its own where coins are larger than money."""
    if not copy.is_payable or not is_cash_rounded(copy.bill.currency):
        return []
    return [(copy.say(N_("Cash to pay, rounded to 5 Ft")), copy.money(round_cash(copy.bill.open)))]


def ways_to_pay(copy: Copy) -> Rows:
    bill, overdue = copy.bill, copy.bill.due_on < today(copy)
    here = copy.say(N_("At this shop") if copy.shop.name else N_("At a shop of Gişe"))
    rows = []
    if not overdue:
        rows.append((here, copy.say(N_("until {day}"), day=copy.day(bill.due_on))))
    elif copy.biller.overdue != "refuse":  # P-24
        rows.append((here, copy.say(N_("also now, after the due date"))))
    if bill.iban:
        fours = " ".join(bill.iban[start : start + 4] for start in range(0, len(bill.iban), 4))
        rows.append((copy.say(N_("By transfer to {biller}"), biller=copy.biller.name), fours))
    if phone := bill.biller_phone or copy.biller.phone:
        rows.append((copy.say(N_("Questions about the bill")), f"{copy.biller.name}, {phone}"))
    return rows


def foot(copy: Copy) -> str:
    moment = display.moment(copy.at, copy.language, MARKETS[copy.biller.market].zone)
    made = copy.say(N_("A copy that Gişe made for the customer, free of charge, on {moment}."), moment=moment)
    return made + " " + copy.say(N_("Copy {copy}."), copy=copy.number) if copy.number > 1 else made

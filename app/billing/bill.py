"""A carrier's bill, line by line, and the subscriber it belongs to (contract.md §5, ``Bill``)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.money import Money

SECTION_KINDS = ("monthly", "included", "usage", "other", "discount", "tax", "past-due", "rounding")
PAST_DUE = "past-due"
BILL_STATES = ("open", "paid", "withdrawn", "credit")
SUBSCRIBER_STATES = ("active", "suspended", "closed")

# What a person has to confirm before such a bill is paid (P-26, P-29).
STANDING_ORDER, NEAR_CHARGE_DATE, DISPUTED, DOES_NOT_ADD_UP = "standing-order", "near-charge-date", "disputed", "does-not-add-up"
FLAGS = (STANDING_ORDER, NEAR_CHARGE_DATE, DISPUTED, DOES_NOT_ADD_UP)


@dataclass(frozen=True, slots=True)
class Line:
    """
    One amount and where it comes from.

    :ivar unit_price: in major units, up to four decimals; the line is rounded once, half-up
    :ivar rule: name of the rule that made the amount; with ``inputs`` it can be computed again
    """

    text: str
    amount: Money
    first_day: date | None = None
    last_day: date | None = None
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    rule: str = ""
    inputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    kind: str
    title: str
    amount: Money
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """
    :ivar ref: the biller's own identifier of this bill
    :ivar number: the number printed on it
    :ivar amount: what the bill asked for; :ivar open: what is payable now (zero when closed)
    :ivar past_due: older debt that ``amount`` contains
    :ivar version: changes whenever amount, open amount, due date, state or flags change (P-22)
    :ivar flags: what has to be confirmed before paying, of :data:`FLAGS`
    """

    ref: str
    number: str
    first_day: date
    last_day: date
    issued_on: date
    due_on: date
    amount: Money
    open: Money
    past_due: Money
    state: str
    version: str
    charged_on: date | None = None
    flags: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    iban: str = ""
    biller_phone: str = ""

    @property
    def currency(self) -> str:
        return self.amount.currency


def covers(bill: Bill) -> tuple[str, ...]:
    """
    P-25: refs of the older bills whose debt stands on this one, in the order of its lines.

    A line of the ``past-due`` section names its bill in ``inputs["bill"]``; a late fee may name the same one again.
    """
    named = (line.inputs.get("bill", "") for section in bill.sections if section.kind == PAST_DUE for line in section.lines)
    return tuple(dict.fromkeys(ref for ref in named if ref and ref != bill.ref))


@dataclass(frozen=True, slots=True)
class Subscriber:
    """
    :ivar name: masked by the biller
    :ivar unbilled: running usage that no bill holds yet; :ivar advance: paid beyond what was owed
    """

    number: str
    name: str
    state: str
    unbilled: Money
    advance: Money
    e_bill: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The answer to a look-up: newest bill first."""

    subscriber: Subscriber
    bills: tuple[Bill, ...]

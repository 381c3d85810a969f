"""
What is still owed of several bills: past debt carried to a newer bill, late fees, partial payments, advances
(P-25, P-27; carriers.md, Millenicom and Azercell).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.billing.bill import Line
from app.billing.rules import line
from app.money import Money, total

DAYS_OF_A_MONTH = 30  # of a late fee †


@dataclass(frozen=True, slots=True)
class Claim:
    """
    What one bill still asks for of its own, without the older bills printed on it.

    :ivar late_fee: for older bills that were paid late; it belongs to the bill that carries it
    :ivar current: its own services and taxes
    """

    ref: str
    late_fee: Money
    current: Money

    @property
    def own(self) -> Money:
        return self.late_fee + self.current


def payable(claims: Sequence[Claim], ref: str) -> Money:
    """
    P-25: its own part and what is open of the older bills.

    :param claims: oldest first
    """
    place = [claim.ref for claim in claims].index(ref)
    return total((claim.own for claim in claims[: place + 1]), claims[place].current.currency)


def allocate(payment: Money, claims: Sequence[Claim], ref: str) -> tuple[list[Claim], Money]:
    """
    P-27: late fees first, then the oldest bill, then the newer ones up to the one that was paid.

    :param claims: oldest first; those newer than ``ref`` are not touched
    :returns: the claims as they stand afterwards, and what was paid beyond: the subscriber's advance
    """
    place = [claim.ref for claim in claims].index(ref) + 1
    left, rest = payment, list(claims)
    for index in range(place):
        paid = smaller(left, rest[index].late_fee)
        rest[index], left = replace(rest[index], late_fee=rest[index].late_fee - paid), left - paid
    for index in range(place):
        paid = smaller(left, rest[index].current)
        rest[index], left = replace(rest[index], current=rest[index].current - paid), left - paid
    return rest, left


def smaller(one: Money, other: Money) -> Money:
    return one if one < other else other


def past_due_line(text: str, claim: Claim) -> Line:
    """The older bill's remainder, on a newer one; ``inputs["bill"]`` says which it is (P-25)."""
    return line(text, "past-due", {"amount": claim.own.decimal, "bill": claim.ref}, claim.current.currency)


def late_fee_line(text: str, debt: Money, *, due_on: date, on: date, percent_a_month: Decimal) -> Line | None:
    """
    For the days from the due date to ``on``; ``None`` when it is not late.

    :param debt: what was open all the time, of one bill
    """
    days = (on - due_on).days
    if days <= 0 or not debt:
        return None
    inputs = {"debt": debt.decimal, "percent": percent_a_month, "days": days, "of": DAYS_OF_A_MONTH}
    return line(text, "late-fee", inputs, debt.currency)


def use_advance(asked: Money, advance: Money) -> tuple[Money, Money]:
    """:returns: what is still to be paid of a new bill, and what is left of the advance"""
    used = smaller(asked, advance) if asked.minor > 0 else Money(0, asked.currency)
    return asked - used, advance - used

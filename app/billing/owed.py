"""What a subscriber owes in all: pure. Past debt printed on a newer bill is not counted twice (P-25)."""

from collections.abc import Iterable, Sequence

from app.billing.bill import Bill, covers
from app.money import Money, total


def owed(bills: Sequence[Bill], currency: str) -> Money:
    """:param bills: the newest first, as a look-up gives them"""
    return total((bill.open for bill in owed_bills(bills)), currency)


def owed_bills(bills: Sequence[Bill]) -> list[Bill]:
    """
    The open bills whose payable amounts together are the debt; the newest first.

    An open bill that contains older ones, by its past-due lines or, where no line names one, by its past debt alone, stands
    for them and for what they contain.

    :param bills: the newest first, as a look-up gives them
    """
    counted, contained = [], set[str]()
    unpaid = [bill for bill in bills if bill.state == "open" and bill.open.minor > 0]
    for place, bill in enumerate(unpaid):
        if bill.ref not in contained:
            counted.append(bill)
        contained |= refs_within(bill, unpaid[place + 1 :])
    return counted


def refs_within(bill: Bill, older: Iterable[Bill]) -> set[str]:
    named = set(covers(bill))
    if named or bill.past_due.minor <= 0:
        return named
    return {one.ref for one in older}

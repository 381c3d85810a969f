"""What a subscriber owes in all: pure. Past debt printed on a newer bill is not counted twice (P-25)."""

from collections.abc import Iterable, Sequence

from app.billing.bill import Bill

PAST_DUE = "past-due"


def owed_bills(bills: Sequence[Bill]) -> list[Bill]:
    """
    The open bills whose payable amounts together are the debt; the newest first.

    An open bill that contains older ones, by its past-due lines (``inputs["bill"]`` names each) or by its past debt alone,
    stands for them, and for what they contain.

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
    lines = [line for section in bill.sections if section.kind == PAST_DUE for line in section.lines]
    named = {line.inputs["bill"] for line in lines if "bill" in line.inputs}
    if named or bill.past_due.minor <= 0:
        return named
    return {one.ref for one in older}

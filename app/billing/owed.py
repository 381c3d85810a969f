"""What a number owes over all its open bills, nothing twice (P-25)."""

from collections.abc import Sequence

from app.billing.bill import Bill
from app.money import Money, total


def owed(bills: Sequence[Bill], currency: str) -> Money:
    """An open bill whose remainder is printed on an open newer one is part of that one's open amount."""
    waiting = [bill for bill in bills if bill.state == "open" and bill.open.minor > 0]
    within = {
        line.inputs.get("bill") for bill in waiting for section in bill.sections if section.kind == "past-due" for line in section.lines
    }
    return total((bill.open for bill in waiting if bill.ref not in within), currency)

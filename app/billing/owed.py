"""
Several bills of one subscriber: which of them contains which, and what is owed in all: pure. Past debt printed on a newer bill is
not counted, and not paid, twice (P-25).
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from app.billing.bill import Bill, covers
from app.money import Money, total

Contents = Mapping[str, Sequence[str]]  # ref of a bill → refs of all whose debt it contains


def owed(bills: Sequence[Bill], contents: Contents, currency: str) -> Money:
    """
    :param bills: the newest first, as a look-up gives them
    :param contents: as :func:`contents_of` makes it of the whole account
    """
    return total((bill.open for bill in uncontained(bills, contents)), currency)


def owed_bills(bills: Sequence[Bill]) -> list[Bill]:
    """
    The open bills of a whole account whose payable amounts together are the debt; the newest first.

    :param bills: the newest first, as a look-up gives them
    """
    return uncontained(bills, contents_of(bills))


def uncontained(bills: Sequence[Bill], contents: Contents) -> list[Bill]:
    """The open ones that stand on no newer open one."""
    counted, found = [], set[str]()
    for bill in bills:
        if is_unpaid(bill):
            if bill.ref not in found:
                counted.append(bill)
            found.update(contents[bill.ref])
    return counted


def contents_of(bills: Sequence[Bill]) -> dict[str, tuple[str, ...]]:
    """
    July names June, June names May: July contains both.

    :param bills: all of the account, the newest first
    :returns: ref of each → refs of all older bills whose debt it contains
    """
    named = {bill.ref: refs_within(bill, bills[place + 1 :]) for place, bill in enumerate(bills)}
    return {ref: all_in(ref, named) for ref in named}


def refs_within(bill: Bill, older: Iterable[Bill]) -> tuple[str, ...]:
    """Those that its past-due lines name; where no line names one, its past debt is all that is open of older bills."""
    named = covers(bill)
    if named or bill.past_due.minor <= 0 or not is_unpaid(bill):
        return named
    return tuple(one.ref for one in older if is_unpaid(one))


def all_in(ref: str, named: Contents) -> tuple[str, ...]:
    """The nearest first. Bills that name each other end it too."""
    found, waiting = {ref: None}, deque(named[ref])
    while waiting:
        other = waiting.popleft()
        if other not in found:
            found[other] = None
            waiting += named.get(other, ())
    return tuple(found)[1:]


def contained(contents: Contents) -> dict[str, str]:
    """
    :param contents: of the bills that are looked at, the newest first
    :returns: ref of each that another one of them contains → the newest of those
    """
    return {ref: by for by in reversed(list(contents)) for ref in contents[by] if ref in contents and ref != by}


def is_unpaid(bill: Bill) -> bool:
    return bill.state == "open" and bill.open.minor > 0

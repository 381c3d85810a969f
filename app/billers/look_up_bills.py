"""Ask a biller what a subscriber owes, and keep what was quoted (P-20 … P-29)."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import db, throttle
from app.billers.disputes import compare_disputes
from app.billers.gateway import Gateway, SubscriberNotFound
from app.billers.keep_wrong_bills import keep_wrong_bills
from app.billers.model import Biller, QuotedBill
from app.billing.bill import DISPUTED, DOES_NOT_ADD_UP, Account, Bill, Subscriber
from app.billing.explain import Explanation, explain
from app.billing.owed import contained, contents_of, is_unpaid, owed
from app.errors import N_, Invalid
from app.markets import MARKETS
from app.money import Money

NOT_FOUND_PER_AGENT, WINDOW = 40, 600  # walking through numbers is slowed; found ones are free (C10)


@dataclass(frozen=True)
class Quote:
    """
    What may be paid of one bill now.

    :ivar explained: the bill computed again
    :ivar smallest: minor units, as are ``largest`` and ``step``
    :ivar must_confirm: what the customer has to be asked first
    :ivar refuse: why it cannot be paid now: ``closed``, ``overdue``, ``newest-only``; else empty
    :ivar covers: refs of all older bills whose debt it contains (P-25)
    :ivar after: refs of the bills that have to be paid before it, the oldest first (P-21)
    :ivar days_overdue: 0 until the day after its due date (P-24)
    """

    bill: Bill
    explained: Explanation
    smallest: int
    largest: int
    step: int
    options: tuple[int, ...]
    must_confirm: tuple[str, ...]
    refuse: str
    covers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    days_overdue: int = 0

    @property
    def is_exact(self) -> bool:
        return self.smallest == self.largest

    def money(self, minor: int) -> Money:
        return Money(minor, self.bill.currency)


@dataclass(frozen=True)
class LookUp:
    subscriber: Subscriber
    quotes: tuple[Quote, ...]

    @property
    def payable(self) -> tuple[Quote, ...]:
        return tuple(quote for quote in self.quotes if not quote.refuse)

    @property
    def contained_in(self) -> dict[str, Bill]:
        """P-25: ref of each bill whose debt stands on a newer one that can be paid → the newest such bill."""
        bills = {quote.bill.ref: quote.bill for quote in self.payable}
        return {ref: bills[by] for ref, by in contained({quote.bill.ref: quote.covers for quote in self.payable}).items()}

    @property
    def owed(self) -> Money:
        """All that is open, nothing counted twice."""
        contents = {quote.bill.ref: quote.covers for quote in self.quotes}
        return owed([quote.bill for quote in self.quotes], contents, self.subscriber.unbilled.currency)

    def chosen_first(self, biller: Biller) -> frozenset[str]:
        """Refs that are ticked when the page opens: the newest bill that may be paid now, or all where the biller takes all."""
        twice = self.contained_in
        free = [quote for quote in self.payable if quote.bill.ref not in twice]
        if biller.bill_order == "all":
            return frozenset(quote.bill.ref for quote in free)
        return frozenset([quote.bill.ref for quote in free if not quote.after][:1])


def look_up_bills(biller: Biller, subscriber: str, gateway: Gateway, *, asked_by: str, now: datetime, period: str | None = None) -> LookUp:
    """
    A journey: the biller is asked with no transaction open, then its quotes are kept.

    :param asked_by: the agent number, or who else asks; only its not-found answers are counted
    :raises Invalid: if the number has not the biller's shape
    :raises SubscriberNotFound: …
    :raises AccountClosed: …
    :raises BillerUnreachable: …
    :raises TooMany: if this agent asked for too many numbers that do not exist
    """
    if not re.fullmatch(biller.subscriber_pattern, subscriber):
        raise Invalid(subscriber=N_("This is no number of that biller."))
    if period is not None and not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", period):
        raise Invalid(period=N_("A period is a month such as 2026-10."))
    with not_found_counted(asked_by, now=now):
        account, shown = inquire(biller, subscriber, gateway, period=period)
    quotes = make_quotes(biller, account, today=now.astimezone(MARKETS[biller.market].zone).date())
    with db.transaction() as session:
        keep_quotes(session, biller, account.subscriber, quotes, now=now)
        # After the quotes' rows are locked: a dispute written down meanwhile is seen here, or sees them (P-29).
        disputed = compare_disputes(session, biller, account, now=now)
        if disputed:
            quotes = tuple(with_warning(quote, DISPUTED) if quote.bill.ref in disputed else quote for quote in quotes)
            keep_quotes(session, biller, account.subscriber, quotes, now=now)
        keep_wrong_bills(session, biller, account.subscriber.number, [quote.explained for quote in quotes], seen_by=asked_by, now=now)
    return LookUp(account.subscriber, tuple(quote for quote in quotes if quote.bill.ref in shown))


@contextmanager
def not_found_counted(asked_by: str, *, now: datetime) -> Iterator[None]:
    """
    Around each question about a number that somebody typed.

    :raises TooMany: if this agent asked for too many numbers that do not exist
    """
    throttle.exhausted(f"not-found:{asked_by}", most=NOT_FOUND_PER_AGENT, now=now)
    try:
        yield
    except SubscriberNotFound:
        throttle.hit(f"not-found:{asked_by}", most=NOT_FOUND_PER_AGENT, seconds=WINDOW, now=now)
        raise


def inquire(biller: Biller, subscriber: str, gateway: Gateway, *, period: str | None) -> tuple[Account, Collection[str]]:
    """
    Which bill may be paid, and what it contains, depends on every open one (P-21, P-25), also when only those of one month are
    asked for.

    :returns: all bills that count, and the refs of those that were asked for
    """
    account = gateway.inquire(subscriber, period=period)
    shown = {bill.ref for bill in account.bills}
    if period is not None and (biller.bill_order != "any" or any(map(is_unpaid, account.bills))):
        whole = gateway.inquire(subscriber)
        older = [bill for bill in account.bills if bill.ref not in {other.ref for other in whole.bills}]
        account = replace(whole, bills=(*whole.bills, *older))
    return account, shown


def make_quotes(biller: Biller, account: Account, *, today: date) -> tuple[Quote, ...]:
    """Pure: the biller's rules applied to its bills, the newest first."""
    payable = [bill for bill in account.bills if not is_closed(biller, bill)]
    contents = contents_of(account.bills)
    return tuple(
        make_quote(
            biller,
            bill,
            is_newest=bill in payable[:1],
            covers=contents[bill.ref],
            after=in_order(biller, bill, payable, contents),
            today=today,
        )
        for bill in account.bills
    )


def is_closed(biller: Biller, bill: Bill) -> bool:
    """An *account* bill with nothing open may still take an advance where any amount is allowed."""
    return bill.state != "open" or (bill.open.minor <= 0 and biller.amount_rule not in ("any", "range", "multiple", "options"))


def in_order(biller: Biller, bill: Bill, payable: Sequence[Bill], contents: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """P-21: which open bills come before this one. A bill that another one contains is paid with that."""
    if biller.bill_order not in ("oldest-first", "all") or bill not in payable:
        return ()
    older = [other.ref for other in payable[payable.index(bill) + 1 :] if other.ref not in contents[bill.ref]]
    return tuple(ref for ref in reversed(older) if not any(ref in contents[other] for other in older))


def make_quote(biller: Biller, bill: Bill, *, is_newest: bool, covers: tuple[str, ...], after: tuple[str, ...], today: date) -> Quote:
    days_overdue = max(0, (today - bill.due_on).days) if bill.open.minor > 0 else 0
    if is_closed(biller, bill):
        refuse = "closed"
    elif biller.overdue == "refuse" and days_overdue:
        refuse = "overdue"
    elif biller.bill_order == "single" and not is_newest:
        refuse = "newest-only"
    else:
        refuse = ""
    smallest, largest, step, options = amounts(biller, bill.open.minor)
    explained = explain(bill)
    flags = dict.fromkeys((*bill.flags, *([] if explained.adds_up else [DOES_NOT_ADD_UP])))
    return Quote(bill, explained, smallest, largest, step, options, tuple(flags), refuse, covers, after, days_overdue)


def amounts(biller: Biller, payable: int) -> tuple[int, int, int, tuple[int, ...]]:
    """P-20: smallest, largest, step and options in minor units."""
    match biller.amount_rule:
        case "exact":
            return payable, payable, 1, ()
        case "up":
            return max(payable, 1), max(payable, biller.largest), 1, ()
        case "down":
            return 1, payable, 1, ()
        case "multiple":
            return biller.step, biller.largest, biller.step, ()
        case "options":
            return min(biller.options), max(biller.options), 1, tuple(biller.options)
        case _:  # any, range
            return biller.smallest, biller.largest, 1, ()


def with_warning(quote: Quote, flag: str) -> Quote:
    return replace(quote, must_confirm=tuple(dict.fromkeys((*quote.must_confirm, flag))))


def keep_quotes(session: Session, biller: Biller, subscriber: Subscriber, quotes: Sequence[Quote], *, now: datetime) -> None:
    if not quotes:
        return
    new = insert(QuotedBill).values([
        {
            "biller": biller.code,
            "subscriber": subscriber.number,
            "bill": quote.bill.ref,
            "version": quote.bill.version,
            "currency": quote.bill.currency,
            "smallest": quote.smallest,
            "largest": quote.largest,
            "step": quote.step,
            "options": list(quote.options),
            "must_confirm": list(quote.must_confirm),
            "refuse": quote.refuse,
            "covers": list(quote.covers),
            "after": list(quote.after),
            "facts": facts_of(quote.bill, subscriber),
            "quoted_at": now,
        }
        for quote in sorted(quotes, key=lambda quote: quote.bill.ref)
    ])  # fmt: skip
    kept = {column.name: new.excluded[column.name] for column in QuotedBill.__table__.columns if not column.primary_key}
    session.execute(new.on_conflict_do_update(index_elements=["biller", "subscriber", "bill"], set_=kept))


def facts_of(bill: Bill, subscriber: Subscriber) -> dict[str, str]:
    facts = {
        "number": bill.number,
        "name": subscriber.name,
        "from": bill.first_day.isoformat(),
        "to": bill.last_day.isoformat(),
        "due_on": bill.due_on.isoformat(),
        "open": str(bill.open.minor),
    }
    return facts | ({"charged_on": bill.charged_on.isoformat()} if bill.charged_on else {})

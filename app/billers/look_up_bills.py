"""Ask a biller what a subscriber owes, and keep what was quoted (P-20 … P-28)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import db, throttle
from app.billers.gateway import Gateway, SubscriberNotFound
from app.billers.keep_wrong_bills import keep_wrong_bills
from app.billers.model import Biller, QuotedBill
from app.billing.bill import DOES_NOT_ADD_UP, Account, Bill, Subscriber
from app.billing.explain import Explanation, explain
from app.errors import N_, Invalid
from app.markets import MARKETS

NOT_FOUND_PER_AGENT, WINDOW = 40, 600  # walking through numbers is slowed; found ones are free (C10)


@dataclass(frozen=True)
class Quote:
    """
    What may be paid of one bill now.

    :ivar explained: the bill computed again
    :ivar smallest: minor units, as are ``largest`` and ``step``
    :ivar must_confirm: what the customer has to be asked first
    :ivar refuse: why it cannot be paid now: ``closed``, ``overdue``, ``older-first``; else empty
    """

    bill: Bill
    explained: Explanation
    smallest: int
    largest: int
    step: int
    options: tuple[int, ...]
    must_confirm: tuple[str, ...]
    refuse: str


@dataclass(frozen=True)
class LookUp:
    subscriber: Subscriber
    quotes: tuple[Quote, ...]


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
    throttle.exhausted(f"not-found:{asked_by}", most=NOT_FOUND_PER_AGENT, now=now)
    try:
        account = gateway.inquire(subscriber, period=period)
    except SubscriberNotFound:
        throttle.hit(f"not-found:{asked_by}", most=NOT_FOUND_PER_AGENT, seconds=WINDOW, now=now)
        raise
    quotes = make_quotes(biller, account, today=now.astimezone(MARKETS[biller.market].zone).date())
    with db.transaction() as session:
        keep_quotes(session, biller, account.subscriber, quotes, now=now)
        keep_wrong_bills(session, biller, account.subscriber.number, [quote.explained for quote in quotes], seen_by=asked_by, now=now)
    return LookUp(account.subscriber, quotes)


def make_quotes(biller: Biller, account: Account, *, today: date) -> tuple[Quote, ...]:
    """Pure: the biller's rules applied to its bills, the newest first."""
    payable = [bill for bill in account.bills if not is_closed(biller, bill)]
    allowed = in_order(biller, payable)
    return tuple(make_quote(biller, bill, allowed=bill in allowed, today=today) for bill in account.bills)


def is_closed(biller: Biller, bill: Bill) -> bool:
    """An *account* bill with nothing open may still take an advance where any amount is allowed."""
    return bill.state != "open" or (bill.open.minor <= 0 and biller.amount_rule not in ("any", "range", "multiple", "options"))


def in_order(biller: Biller, payable: Sequence[Bill]) -> Sequence[Bill]:
    """P-21: which of several open bills may be paid now."""
    match biller.bill_order:
        case "oldest-first" | "all":
            return payable[-1:]
        case "single":
            return payable[:1]
        case _:
            return payable


def make_quote(biller: Biller, bill: Bill, *, allowed: bool, today: date) -> Quote:
    if is_closed(biller, bill):
        refuse = "closed"
    elif biller.overdue == "refuse" and bill.due_on < today:
        refuse = N_("overdue")
    else:
        refuse = "" if allowed else N_("older-first")
    smallest, largest, step, options = amounts(biller, bill.open.minor)
    explained = explain(bill)
    flags = dict.fromkeys((*bill.flags, *([] if explained.adds_up else [DOES_NOT_ADD_UP])))
    return Quote(bill, explained, smallest, largest, step, options, tuple(flags), refuse)


def amounts(biller: Biller, payable: int) -> tuple[int, int, int, tuple[int, ...]]:
    """P-20: smallest, largest, step and options in minor units."""
    match biller.amount_rule:
        case "exact":
            return payable, payable, 1, ()
        case "up":
            return max(payable, 1), biller.largest, 1, ()
        case "down":
            return 1, payable, 1, ()
        case "multiple":
            return biller.step, biller.largest, biller.step, ()
        case "options":
            return min(biller.options), max(biller.options), 1, tuple(biller.options)
        case _:  # any, range
            return biller.smallest, biller.largest, 1, ()


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
            "facts": {
                "number": quote.bill.number,
                "name": subscriber.name,
                "from": quote.bill.first_day.isoformat(),
                "to": quote.bill.last_day.isoformat(),
                "due_on": quote.bill.due_on.isoformat(),
                "open": str(quote.bill.open.minor),
            },
            "quoted_at": now,
        }
        for quote in sorted(quotes, key=lambda quote: quote.bill.ref)
    ])  # fmt: skip
    kept = {column.name: new.excluded[column.name] for column in QuotedBill.__table__.columns if not column.primary_key}
    session.execute(new.on_conflict_do_update(index_elements=["biller", "subscriber", "bill"], set_=kept))

"""From what a cashier ticked to what is paid: in the biller's order, nothing twice (P-21, P-25)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.billers.model import Biller, QuotedBill
from app.billing.owed import contained
from app.collections.model import Payment, State
from app.collections.pay_bill import QUOTE_LASTS, AllTogether, AlreadyPaid, not_payable, older_first


@dataclass(frozen=True)
class Choice:
    """
    :ivar quotes: to be paid, the oldest first
    :ivar dropped: bills that are not paid by themselves, each with the one that contains it
    """

    quotes: Sequence[QuotedBill]
    dropped: Sequence[tuple[QuotedBill, QuotedBill]]


def choose_bills(session: Session, biller: Biller, subscriber: str, refs: Collection[str], *, now: datetime) -> Choice | None:
    """
    :param refs: what was ticked
    :returns: ``None`` if one of them was not shown within the last ten minutes (P-22)
    :raises AlreadyPaid: …
    :raises NotPayable: if the biller does not take one of them here (P-21, P-24)
    :raises OlderFirst: if one that comes first is not among them (P-21)
    :raises AllTogether: if the biller takes all of them or none (P-21)
    """
    known = {quote.bill: quote for quote in fresh_quotes(session, biller, subscriber, now=now)}
    if not refs or not known.keys() >= set(refs):
        return None
    chosen = {ref: quote for ref, quote in known.items() if ref in refs}
    for quote in chosen.values():
        if quote.refuse:
            raise AlreadyPaid(where="") if quote.refuse == "closed" else not_payable(biller, quote.refuse)
    twice = contained({ref: quote.covers for ref, quote in chosen.items()})
    check_order(session, biller, subscriber, known, chosen)
    return Choice(
        quotes=[quote for ref, quote in reversed(chosen.items()) if ref not in twice],
        dropped=[(chosen[ref], chosen[by]) for ref, by in twice.items()],
    )


def fresh_quotes(session: Session, biller: Biller, subscriber: str, *, now: datetime) -> list[QuotedBill]:
    """The newest bill first, as they were shown."""
    shown = select(QuotedBill).where(
        QuotedBill.biller == biller.code, QuotedBill.subscriber == subscriber, QuotedBill.quoted_at > now - QUOTE_LASTS
    )
    return sorted(session.scalars(shown), key=place, reverse=True)


def place(quote: QuotedBill) -> tuple[str, int, str]:
    """Later periods are newer; of one period the one that others come before."""
    return quote.facts["to"], len(quote.after) + len(quote.covers), quote.bill


def check_order(session: Session, biller: Biller, subscriber: str, known: dict[str, QuotedBill], chosen: dict[str, QuotedBill]) -> None:
    paid = paid_since(session, biller, subscriber, known)
    for quote in reversed(chosen.values()):
        for ref in quote.after:
            if ref not in chosen and ref not in paid:
                raise older_first(biller, subscriber, ref)
    if biller.bill_order == "all":
        with_them = {ref for quote in chosen.values() for ref in (quote.bill, *quote.covers)}
        for ref, quote in known.items():
            if not quote.refuse and ref not in with_them and ref not in paid:
                raise AllTogether(biller=biller.name, bill=ref, number=quote.facts["number"], code="all-together")


def paid_since(session: Session, biller: Biller, subscriber: str, known: dict[str, QuotedBill]) -> set[str]:
    """Refs of those that were paid here, in full, after they were shown."""
    live = select(Payment).where(Payment.biller == biller.code, Payment.subscriber == subscriber, ~Payment.released)
    return {
        payment.bill
        for payment in session.scalars(live.where(Payment.state == State.PAID))
        if payment.bill in known and is_paid_since(payment, known[payment.bill])
    }


def is_paid_since(payment: Payment, quote: QuotedBill) -> bool:
    return payment.settled_at is not None and payment.settled_at >= quote.quoted_at and payment.remainder.minor <= 0

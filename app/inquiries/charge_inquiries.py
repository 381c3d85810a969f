"""
The price of an SMS goes onto a line's next bill: exactly as it is, never rounded here, and once however often we die (our
reference names it). Whose line: the writer's own if that is a subscriber of this biller, else the one asked about †.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock, db
from app.billers.gateway import AccountClosed, BillerUnreachable, Gateway, SubscriberNotFound
from app.billers.model import Biller
from app.inquiries.answer_sms import text_of_charge
from app.inquiries.model import Inquiry
from app.inquiries.numbers import find_subscribers

log = structlog.get_logger()

BY = "job:read-sms-inbox"
AT_ONCE = 4
PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))


def billers_to_charge(session: Session, channel: str, *, now: datetime) -> set[str]:
    due = select(Inquiry.biller).where(Inquiry.channel == channel, Inquiry.next_charge_at <= now).distinct()
    return {code for code in session.scalars(due) if code}


def take_charges(biller: str, channel: str, *, now: datetime) -> list[Inquiry]:
    """Each with its next time already set: whoever dies while charging, somebody does it again."""
    with db.transaction() as session:
        owing = (
            select(Inquiry)
            .where(Inquiry.biller == biller, Inquiry.channel == channel, Inquiry.next_charge_at <= now)
            .order_by(Inquiry.next_charge_at, Inquiry.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        taken = list(session.scalars(owing))
        for inquiry in taken:
            inquiry.next_charge_at = now + PAUSES[min(inquiry.charge_tries, len(PAUSES) - 1)]
            inquiry.charge_tries += 1
        return taken


def charge(inquiry: Inquiry, biller: Biller, gateway: Gateway) -> None:
    for line in lines_of(inquiry, biller):
        try:
            gateway.charge(line, reference=f"SMS-{inquiry.id}", text=text_of_charge(biller), amount=Decimal(biller.sms_price))
        except (SubscriberNotFound, AccountClosed):
            continue
        except BillerUnreachable:
            log.info("inquiry.not-charged-yet", inquiry=inquiry.id, biller=biller.code, tries=inquiry.charge_tries)
            return
        note_charged(inquiry, line, now=clock.now())
        return
    note_nobody_to_charge(inquiry, now=clock.now())


def lines_of(inquiry: Inquiry, biller: Biller) -> Iterator[str]:
    assert inquiry.subscriber
    own = [candidate.subscriber for candidate in find_subscribers(inquiry.sender.removeprefix("+"), [biller])]
    yield from dict.fromkeys([*own, inquiry.subscriber])


def note_charged(inquiry: Inquiry, line: str, *, now: datetime) -> None:
    with db.transaction() as session:
        kept = session.get_one(Inquiry, inquiry.id, with_for_update=True)
        if kept.charged_at is None:
            kept.charged_at, kept.charged_to, kept.next_charge_at = now, line, None


def note_nobody_to_charge(inquiry: Inquiry, *, now: datetime) -> None:
    """The biller knows neither line any more: the answer was free."""
    with db.transaction() as session:
        kept = session.get_one(Inquiry, inquiry.id, with_for_update=True)
        if kept.charged_at is None:
            kept.next_charge_at = None
            audit.record(session, "inquiry.nobody-to-charge", about=inquiry.id, by=BY, at=now, biller=inquiry.biller or "")

"""
The price of an SMS goes onto a line's next bill: exactly as it is, never rounded here, and once however often we die (our
reference names it). Whose line: the writer's own if that is a subscriber of this biller, else the one asked about †, which pays for
strangers a few times a day only.
"""

from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock, db, throttle
from app.billers.gateway import AccountClosed, BillerUnreachable, Gateway, SubscriberNotFound
from app.billers.model import Biller
from app.errors import TooMany
from app.inquiries.answer_sms import text_of_charge
from app.inquiries.model import Inquiry
from app.inquiries.numbers import find_subscribers

log = structlog.get_logger()

BY = "job:read-sms-inbox"
AT_ONCE = 4
MOST_FOR_STRANGERS, A_DAY = 3, 86400  # charges of one line for what others ask about it
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
    own = own_lines(inquiry, biller)
    for line in dict.fromkeys([*own, subscriber_of(inquiry)]):
        if line not in own and pays_too_often(inquiry, line, now=clock.now()):
            end_uncharged(inquiry, "inquiry.not-charged", now=clock.now())
            return
        try:
            gateway.charge(line, reference=f"SMS-{inquiry.id}", text=text_of_charge(biller), amount=Decimal(biller.sms_price))
        except (SubscriberNotFound, AccountClosed):
            continue
        except BillerUnreachable:
            log.info("inquiry.not-charged-yet", inquiry=inquiry.id, biller=biller.code, tries=inquiry.charge_tries)
            return
        note_charged(inquiry, line, now=clock.now())
        return
    end_uncharged(inquiry, "inquiry.nobody-to-charge", now=clock.now())


def own_lines(inquiry: Inquiry, biller: Biller) -> list[str]:
    return [candidate.subscriber for candidate in find_subscribers(inquiry.sender.removeprefix("+"), [biller])]


def subscriber_of(inquiry: Inquiry) -> str:
    assert inquiry.subscriber
    return inquiry.subscriber


def pays_too_often(inquiry: Inquiry, line: str, *, now: datetime) -> bool:
    """Counts this one, once however often it is tried: whoever dies in between has counted too much, never too little."""
    counted, key = f"sms-charge:{inquiry.id}", f"sms-charges:{inquiry.biller}/{line}"
    try:
        throttle.exhausted(counted, most=1, now=now)
    except TooMany:
        return False
    try:
        throttle.hit(key, most=MOST_FOR_STRANGERS, seconds=A_DAY, now=now)
    except TooMany:
        log.warning("inquiry.line-pays-too-often", inquiry=inquiry.id, biller=inquiry.biller)
        return True
    throttle.hit(counted, most=1, seconds=A_DAY * 30, now=now)
    return False


def note_charged(inquiry: Inquiry, line: str, *, now: datetime) -> None:
    with db.transaction() as session:
        kept = session.get_one(Inquiry, inquiry.id, with_for_update=True)
        if kept.charged_at is None:
            kept.charged_at, kept.charged_to, kept.next_charge_at = now, line, None


def end_uncharged(inquiry: Inquiry, event: str, *, now: datetime) -> None:
    """The biller knows neither line any more, or the one asked about paid for strangers often enough: the answer was free."""
    with db.transaction() as session:
        kept = session.get_one(Inquiry, inquiry.id, with_for_update=True)
        if kept.charged_at is None:
            kept.next_charge_at = None
            audit.record(session, event, about=inquiry.id, by=BY, at=now, biller=inquiry.biller or "")

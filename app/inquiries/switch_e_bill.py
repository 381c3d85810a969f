"""
The e-bill, switched on and off at a counter, free. Our own record of the consent comes first; then the biller is told through
its door; what stays unclear is told again by a job until the biller has accepted it.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import audit, clock, db, throttle
from app.billers.bill_words import language_of
from app.billers.gateway import AccountClosed, BillerUnreachable, Gateway, SubscriberNotFound
from app.billers.look_up_bills import not_found_counted
from app.billers.model import Biller
from app.errors import N_, Invalid
from app.inquiries.model import EBill
from app.languages import say
from app.markets import MARKETS
from app.notifications.addresses import mailbox_of, masked, read_mail_address
from app.notifications.write_message import write_mail

log = structlog.get_logger()

PAUSES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
SWITCHES_OF_A_SHOP, SWITCHES_TO_AN_ADDRESS, AN_HOUR = 60, 5, 3600


@dataclass(frozen=True)
class Consent:
    """
    What the customer agreed to, before whom.

    :ivar email: as it was typed; :ivar given: the customer said yes
    """

    subscriber: str
    email: str
    given: bool
    agent: str
    by: str


def switch_on(biller: Biller, gateway: Gateway, consent: Consent, *, now: datetime) -> EBill:
    """
    A journey. Pressing twice is one switching; another address replaces the first.

    :returns: the record; ``told_biller_at`` is ``None`` while the biller has not accepted it
    :raises Invalid: if there is no consent, or the number or the address has not the right shape
    :raises SubscriberNotFound: …
    :raises AccountClosed: …
    :raises TooMany: if this shop asked for too many numbers that do not exist, or switches too often, or to this address
    """
    email = checked(biller, consent)
    with not_found_counted(consent.agent, now=now):
        slow_down(consent, email, now=now)
        with db.transaction() as session:
            e_bill, is_new = register(session, biller, consent, email, now=now)
        if is_new:
            note_bills_there(e_bill.id, gateway, by=f"biller:{biller.code}")
        return tell_biller(biller, e_bill.subscriber, gateway)


def switch_off(biller: Biller, gateway: Gateway, subscriber: str, *, by: str, now: datetime) -> EBill | None:
    """
    A journey.

    :returns: the record as it is now; ``None`` if there never was one
    """
    with db.transaction() as session:
        lock(session, biller.code, subscriber)
        e_bill = newest(session, biller.code, subscriber)
        if e_bill is None:
            return None
        if e_bill.off_at is None:
            end(session, e_bill, by=by, now=now)
            e_bill.told_biller_at, e_bill.next_tell_at, e_bill.tells = None, now, 0
    return tell_biller(biller, subscriber, gateway)


def checked(biller: Biller, consent: Consent) -> str:
    email = read_mail_address(consent.email)
    wrong = {}
    if not re.fullmatch(biller.subscriber_pattern, consent.subscriber):
        wrong["subscriber"] = N_("This is no number of that biller.")
    if email is None:
        wrong["email"] = N_("This is no e-mail address.")
    if not consent.given:
        wrong["consent"] = N_("Ask the customer first: bills go by mail only to who agreed to it.")
    if wrong or email is None:
        raise Invalid(**wrong)
    return email


def slow_down(consent: Consent, email: str, *, now: datetime) -> None:
    """
    Each switch writes a mail: nobody floods a mailbox, and no shop the mail server.

    :raises TooMany: …
    """
    throttle.hit(f"e-bill:{consent.agent}", most=SWITCHES_OF_A_SHOP, seconds=AN_HOUR, now=now)
    throttle.hit(f"e-bill-to:{mailbox_of(email)}", most=SWITCHES_TO_AN_ADDRESS, seconds=AN_HOUR, now=now)


def lock(session: Session, biller: str, subscriber: str) -> None:
    """Two counters that switch at once wait for each other."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"e-bill:{biller}/{subscriber}", 0))))


def newest(session: Session, biller: str, subscriber: str) -> EBill | None:
    question = select(EBill).filter_by(biller=biller, subscriber=subscriber).order_by(EBill.id.desc()).limit(1)
    return session.scalars(question.with_for_update()).first()


def register(session: Session, biller: Biller, consent: Consent, email: str, *, now: datetime) -> tuple[EBill, bool]:
    """:returns: the live record, and whether it is a new one"""
    lock(session, biller.code, consent.subscriber)
    old = newest(session, biller.code, consent.subscriber)
    if old and old.off_at is None and old.email == email and old.bounced_at is None:
        return old, False
    e_bill = EBill(
        biller=biller.code, subscriber=consent.subscriber, email=email, agent=consent.agent, consent_at=now, consent_by=consent.by,
        bills_from=now.astimezone(MARKETS[biller.market].zone).date(), seen=[], tells=0, next_tell_at=now, next_look_at=now,
    )  # fmt: skip
    if old and old.off_at is None:
        carry_over(old, e_bill)
        end(session, old, by=consent.by, now=now)
        old.next_tell_at = None
        tell_it_is_off(session, old, biller, now=now)
        session.flush()
    session.add(e_bill)
    session.flush()
    about = f"{biller.code}/{consent.subscriber}"
    audit.record(session, "e-bill.switched-on", about=about, by=consent.by, at=now, email=masked(email), agent=consent.agent)
    return e_bill, True


def carry_over(old: EBill, new: EBill) -> None:
    """What the first address never got, goes to the right one."""
    new.bills_from = old.bills_from
    new.seen = [ref for ref in old.seen if not (old.bounced_at and ref == old.last_bill_mailed)]


def end(session: Session, e_bill: EBill, *, by: str, now: datetime) -> None:
    e_bill.off_at, e_bill.off_by, e_bill.next_look_at = now, by, None
    about = f"{e_bill.biller}/{e_bill.subscriber}"
    audit.record(session, "e-bill.switched-off", about=about, by=by, at=now, email=masked(e_bill.email))


def note_bills_there(number: int, gateway: Gateway, *, by: str) -> None:
    """
    Bills that are there already are not mailed; if the biller does not tell which, the day of issue decides.

    :raises SubscriberNotFound: …
    :raises AccountClosed: …
    """
    with db.reading() as session:
        subscriber = session.get_one(EBill, number).subscriber
    try:
        there = [bill.ref for bill in gateway.inquire(subscriber).bills]
    except BillerUnreachable:
        return
    except (SubscriberNotFound, AccountClosed):
        give_up(number, by=by, now=clock.now())
        raise
    with db.transaction() as session:
        e_bill = session.get_one(EBill, number, with_for_update=True)
        if not e_bill.seen and not e_bill.last_bill_mailed:
            e_bill.seen = there


def give_up(number: int, *, by: str, now: datetime) -> None:
    """The biller knows no such subscriber: there is nothing to mail, and nobody to tell."""
    with db.transaction() as session:
        e_bill = session.get_one(EBill, number, with_for_update=True)
        e_bill.next_tell_at = None
        if e_bill.off_at is None:
            end(session, e_bill, by=by, now=now)


@dataclass(frozen=True)
class Order:
    """How it stood when the biller was told. :ivar email: empty for off"""

    number: int
    email: str


def tell_biller(biller: Biller, subscriber: str, gateway: Gateway) -> EBill:
    """
    Once, if it does not know yet; unclear stays to be told again.

    :raises SubscriberNotFound: …
    :raises AccountClosed: …
    """
    order = take_order(biller.code, subscriber, now=clock.now())
    if order:
        try:
            gateway.switch_e_bill(subscriber, email=order.email)
        except BillerUnreachable:
            log.info("e-bill.biller-away", e_bill=order.number, biller=biller.code)
        except (SubscriberNotFound, AccountClosed):
            give_up(order.number, by=f"biller:{biller.code}", now=clock.now())
            if order.email:
                raise
        else:
            note_told(biller, subscriber, order, now=clock.now())
    with db.reading() as session:
        return session.scalars(select(EBill).filter_by(biller=biller.code, subscriber=subscriber).order_by(EBill.id.desc()).limit(1)).one()


def take_order(biller: str, subscriber: str, *, now: datetime) -> Order | None:
    """With the next time already set: whoever dies while telling, a job tells again."""
    with db.transaction() as session:
        lock(session, biller, subscriber)
        e_bill = newest(session, biller, subscriber)
        if e_bill is None or e_bill.next_tell_at is None:
            return None
        e_bill.next_tell_at = now + PAUSES[min(e_bill.tells, len(PAUSES) - 1)]
        e_bill.tells += 1
        return Order(e_bill.id, "" if e_bill.off_at else e_bill.email)


def note_told(biller: Biller, subscriber: str, order: Order, *, now: datetime) -> None:
    """If it was switched meanwhile, the biller may have heard the older word last: it is told again."""
    with db.transaction() as session:
        lock(session, biller.code, subscriber)
        e_bill = newest(session, biller.code, subscriber)
        assert e_bill
        if e_bill.id != order.number or order.email != ("" if e_bill.off_at else e_bill.email):
            e_bill.told_biller_at, e_bill.next_tell_at = None, now
            return
        e_bill.told_biller_at, e_bill.next_tell_at = now, None
        confirm(session, e_bill, biller, now=now)


def confirm(session: Session, e_bill: EBill, biller: Biller, *, now: datetime) -> None:
    """To the customer, at the address: whoever did not ask for it learns of it, and a wrong one comes back at once."""
    if e_bill.off_at:
        tell_it_is_off(session, e_bill, biller, now=now)
        return
    body = N_(
        "From now on each new bill of {biller} for the subscriber {subscriber} comes to this address, free of charge. "
        "It can be switched off at any service point, also free."
    )
    write_to(session, e_bill, biller, "on", N_("E-bill switched on"), body, now=now)


def tell_it_is_off(session: Session, e_bill: EBill, biller: Biller, *, now: datetime) -> None:
    """Also when another address takes its place: nobody's bills go elsewhere unnoticed."""
    body = N_("Bills of {biller} for the subscriber {subscriber} are no longer mailed to you.")
    write_to(session, e_bill, biller, "off", N_("E-bill switched off"), body, now=now)


def write_to(session: Session, e_bill: EBill, biller: Biller, occasion: str, subject: str, body: str, *, now: datetime) -> None:
    """Once for each occasion, and to no address from which mails come back."""
    language = language_of(biller)
    text = say(body, language, biller=biller.name, subscriber=e_bill.subscriber) + "\n"
    if e_bill.bounced_at is None:
        write_mail(session, key=f"e-bill:{e_bill.id}:{occasion}", to=e_bill.email, subject=say(subject, language), body=text, now=now)

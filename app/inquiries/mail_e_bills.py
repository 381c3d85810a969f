"""Each new bill goes once, as PDF, to who agreed to it. Billers that have not heard of a switch yet are told again."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from app import clock, db
from app.billers.bill_words import language_of
from app.billers.gateway import AccountClosed, BillerUnreachable, Gateway, SubscriberNotFound
from app.billers.gateways import Gateways
from app.billers.hand_out_bill import HandOut, copy_for_mail
from app.billers.model import E_BILL, Biller
from app.billers.queries import all_billers
from app.billing.bill import Account, Bill
from app.errors import N_
from app.inquiries.answer_mail import about
from app.inquiries.model import EBill
from app.inquiries.switch_e_bill import give_up, tell_biller
from app.languages import say
from app.notifications.write_message import write_mail

log = structlog.get_logger()

BY = "job:mail-e-bills"
LOOK_EVERY, AN_INSTANT = timedelta(hours=1), timedelta(seconds=1)
MOST_A_RUN, MOST_FAILURES = 500, 3  # of one biller


def mail_e_bills(gateways: Gateways, *, now: datetime, all_of_them: bool = False) -> None:
    """
    A job. Each biller in a thread of its own; one that does not answer is left alone until the next run.

    :param all_of_them: also who was looked at within the hour, for somebody who asks for it by hand
    """
    billers = list(all_billers())
    with ThreadPoolExecutor(max(1, len(billers))) as pool:
        list(pool.map(lambda biller: serve(biller, gateways.of(biller), now=now, all_of_them=all_of_them), billers))


def serve(biller: Biller, gateway: Gateway, *, now: datetime, all_of_them: bool) -> None:
    tell_due(biller, gateway, now=now)
    look_at_due(biller, gateway, now=now, all_of_them=all_of_them)


def tell_due(biller: Biller, gateway: Gateway, *, now: datetime) -> None:
    with db.reading() as session:
        due = select(EBill.subscriber).where(EBill.biller == biller.code, EBill.next_tell_at <= now)
        subscribers = session.scalars(due.order_by(EBill.next_tell_at).limit(MOST_A_RUN)).all()
    for subscriber in subscribers:
        try:
            if tell_biller(biller, subscriber, gateway).next_tell_at:
                return  # it does not answer
        except (SubscriberNotFound, AccountClosed) as refusal:
            log.info("e-bill.refused", biller=biller.code, reason=refusal.name())


def look_at_due(biller: Biller, gateway: Gateway, *, now: datetime, all_of_them: bool) -> None:
    """One that cannot be looked at keeps no other waiting; several in a row mean that the biller is away."""
    within, failures = LOOK_EVERY + AN_INSTANT if all_of_them else AN_INSTANT, 0
    for _ in range(MOST_A_RUN):
        e_bill = take_next(biller.code, before=now + within, next_look_at=now + max(LOOK_EVERY, within))
        if e_bill is None:
            return
        try:
            look_at(e_bill, biller, gateway)
        except BillerUnreachable:
            failures += 1
            log.info("e-bill.biller-away", e_bill=e_bill.id, biller=biller.code)
            if failures == MOST_FAILURES:
                return
        else:
            failures = 0


def take_next(biller: str, *, before: datetime, next_look_at: datetime) -> EBill | None:
    """Whoever takes one moves its next look on first: two workers never look at once."""
    with db.transaction() as session:
        waiting = (
            select(EBill)
            .where(EBill.biller == biller, EBill.next_look_at < before, EBill.bounced_at.is_(None))
            .order_by(EBill.next_look_at, EBill.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        e_bill = session.scalars(waiting).first()
        if e_bill is not None:
            e_bill.next_look_at = next_look_at
        return e_bill


def look_at(e_bill: EBill, biller: Biller, gateway: Gateway) -> None:
    """:raises BillerUnreachable: …"""
    try:
        account = gateway.inquire(e_bill.subscriber)
    except AccountClosed:
        give_up(e_bill.id, by=f"biller:{biller.code}", now=clock.now())
        return
    except SubscriberNotFound:
        log.warning("e-bill.subscriber-not-found", e_bill=e_bill.id, biller=biller.code)
        return
    for bill in new_bills(e_bill, account.bills):
        mail_bill(e_bill, biller, account, bill)


def new_bills(e_bill: EBill, bills: Iterable[Bill]) -> list[Bill]:
    """Pure: issued since the consent, not seen before; the oldest first. An account that takes payments is no bill."""
    new = [bill for bill in bills if bill.ref not in e_bill.seen and bill.issued_on >= e_bill.bills_from and bill.amount]
    return sorted(new, key=lambda bill: (bill.issued_on, bill.last_day))


def mail_bill(e_bill: EBill, biller: Biller, account: Account, bill: Bill) -> None:
    """In one transaction: mailed, recorded as a copy and noted, or nothing of it."""
    now, language = clock.now(), language_of(biller)
    copy = HandOut(biller, account.subscriber, bill, language, by=BY)
    subject = say(N_("{biller}: your bill {number}"), language, biller=biller.name, number=bill.number)
    stop = say(N_("You get this mail because you asked for it at a service point, where it can be switched off, too."), language)
    with db.transaction() as session:
        kept = session.get_one(EBill, e_bill.id, with_for_update=True)
        if kept.off_at or kept.bounced_at or bill.ref in kept.seen:
            return
        name, pdf = copy_for_mail(session, copy, how=E_BILL, to=kept.email, now=now)
        write_mail(
            session, key=f"e-bill:{kept.id}:{bill.ref}", to=kept.email, subject=subject, now=now,
            body=f"{about(biller, account, bill, language)}\n\n{stop}\n", attachment_name=name, attachment=pdf,
        )  # fmt: skip
        kept.seen, kept.last_bill_mailed = [*kept.seen, bill.ref], bill.ref

"""
What waits is asked at its biller and answered: no transaction is open meanwhile, and the reply is written in the one that ends
the inquiry. If we stop in between, the biller is asked again; there is one reply.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, db
from app.billers.gateway import AccountClosed, BillerUnreachable, Gateway, SubscriberNotFound
from app.billers.gateways import Gateways
from app.billers.model import Biller
from app.billers.queries import all_billers
from app.billing.bill import Account
from app.inquiries.answer_mail import answer_mail
from app.inquiries.answer_sms import answer_sms
from app.inquiries.charge_inquiries import billers_to_charge, charge, take_charges
from app.inquiries.keep_inquiry import note_not_found
from app.inquiries.model import CLOSED, NOT_FOUND, TOLD, UNREACHABLE, Inquiry
from app.inquiries.reply import Reply

log = structlog.get_logger()

AT_ONE_BILLER_AT_ONCE = 4
LEASE = timedelta(seconds=30)  # longer than a biller is waited for
LOOK_EVERY, ONE_RUN_LASTS = 1, 8  # seconds

# Between the questions at a biller that does not answer; after the last one the customer is told.
PAUSES = {
    "sms": (timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=30)),
    "mail": (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)),
}
Way = Callable[[Inquiry, Biller, Account | str], Reply]
WAYS: dict[str, Way] = {"sms": answer_sms, "mail": answer_mail}


class OutsideIsAway(Exception):
    """The SMS gateway or the mailbox does not answer; what came in before is answered all the same."""


@dataclass(frozen=True)
class Desk:
    """One biller, one way to be written to."""

    biller: Biller
    gateway: Gateway
    channel: str


def answer_inquiries(gateways: Gateways, channel: str, take_in: Callable[[], object]) -> None:
    """
    Each biller is asked in threads of its own: while one hangs, what comes in for the others is taken in and answered.

    :param take_in: fetches what is new and keeps it
    :raises OutsideIsAway: at the end, if it could not
    """
    billers = {biller.code: biller for biller in all_billers()}
    asking: dict[str, Future[None]] = {}
    away: OutsideIsAway | None = None
    with ThreadPoolExecutor(max(1, len(billers))) as pool:
        while True:
            try:
                take_in()
            except OutsideIsAway as error:
                away = error
            for code in billers_to_ask(channel, now=clock.now()) & billers.keys():
                if code not in asking or is_over(asking[code]):
                    asking[code] = pool.submit(serve, Desk(billers[code], gateways.of(billers[code]), channel))
            busy = [one for one in asking.values() if not is_over(one)]
            if not busy:
                break
            wait(busy, timeout=LOOK_EVERY)
    if away:
        raise away


def is_over(asking: "Future[None]") -> bool:
    """A bug in a thread is as loud as one anywhere else."""
    return asking.done() and asking.result() is None


def billers_to_ask(channel: str, *, now: datetime) -> set[str]:
    with db.reading() as session:
        due = select(Inquiry.biller).where(Inquiry.channel == channel, Inquiry.next_try_at <= now).distinct()
        waiting = {code for code in session.scalars(due) if code}
        return waiting | billers_to_charge(session, channel, now=now)


def serve(desk: Desk) -> None:
    """Answers first, prices when nobody waits."""
    deadline = monotonic() + ONE_RUN_LASTS
    with ThreadPoolExecutor(AT_ONE_BILLER_AT_ONCE) as pool:
        while monotonic() < deadline:
            if due := take_due(desk, now=clock.now()):
                list(pool.map(lambda inquiry: answer(inquiry, desk), due))
            elif owing := take_charges(desk.biller.code, desk.channel, now=clock.now()):
                list(pool.map(lambda inquiry: charge(inquiry, desk.biller, desk.gateway), owing))
            else:
                return


def take_due(desk: Desk, *, now: datetime) -> list[Inquiry]:
    """Whoever takes one moves its next time on first: two workers never ask at once, a killed one loses nothing."""
    with db.transaction() as session:
        waiting = (
            select(Inquiry)
            .where(Inquiry.biller == desk.biller.code, Inquiry.channel == desk.channel, Inquiry.next_try_at <= now)
            .order_by(Inquiry.next_try_at, Inquiry.id)
            .limit(AT_ONE_BILLER_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        taken = list(session.scalars(waiting))
        for inquiry in taken:
            inquiry.tries += 1
            inquiry.next_try_at = now + LEASE
        return taken


def answer(inquiry: Inquiry, desk: Desk) -> None:
    """What a biller sends may break what nobody thought of: that is loud, costs this inquiry alone, and it ends like any other."""
    try:
        tell(inquiry, desk, ask(inquiry, desk))
    except Exception:
        log.exception("inquiry.cannot-be-answered", inquiry=inquiry.id, biller=inquiry.biller, tries=inquiry.tries)
        tell(inquiry, desk, UNREACHABLE)


def tell(inquiry: Inquiry, desk: Desk, found: Account | str) -> None:
    pauses = PAUSES[inquiry.channel]
    if found == UNREACHABLE and inquiry.tries <= len(pauses):
        try_again(inquiry, at=clock.now() + pauses[inquiry.tries - 1])
        return
    if found == NOT_FOUND:
        note_not_found(inquiry.channel, inquiry.sender, now=clock.now())
    reply = WAYS[inquiry.channel](inquiry, desk.biller, found)
    with db.transaction() as session:
        end_inquiry(session, inquiry.id, reply, is_charged=inquiry.channel == "sms" and desk.biller.sms_price != "0", now=clock.now())


def ask(inquiry: Inquiry, desk: Desk) -> Account | str:
    """:returns: the account, or why there is none (P-28)"""
    assert inquiry.subscriber
    try:
        return desk.gateway.inquire(inquiry.subscriber, period=inquiry.period)
    except SubscriberNotFound:
        return NOT_FOUND
    except AccountClosed:
        return CLOSED
    except BillerUnreachable:
        return UNREACHABLE


def try_again(inquiry: Inquiry, *, at: datetime) -> None:
    log.info("inquiry.biller-away", inquiry=inquiry.id, biller=inquiry.biller, tries=inquiry.tries)
    with db.transaction() as session:
        kept = session.get_one(Inquiry, inquiry.id, with_for_update=True)
        if kept.outcome is None:
            kept.next_try_at = at


def end_inquiry(session: Session, number: str, reply: Reply, *, is_charged: bool, now: datetime) -> None:
    """Once: whoever comes second finds it ended and writes nothing."""
    inquiry = session.get_one(Inquiry, number, with_for_update=True)
    if inquiry.outcome is not None:
        return
    inquiry.outcome, inquiry.ended_at, inquiry.next_try_at = reply.outcome, now, None
    if is_charged and reply.outcome in TOLD:
        inquiry.next_charge_at = now
    reply.write(session, inquiry, now=now)
    log.info("inquiry.ended", inquiry=inquiry.id, channel=inquiry.channel, biller=inquiry.biller, outcome=reply.outcome)

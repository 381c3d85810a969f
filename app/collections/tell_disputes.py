"""Billers hear of disputes: at once, and again while they do not answer, but not for ever (P-29)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from time import monotonic

import structlog
from sqlalchemy import select

from app import audit, clock, db
from app.billers.gateway import AccountClosed, BillerUnreachable, Gateway, SubscriberNotFound
from app.billers.gateways import Gateways
from app.billers.model import Dispute
from app.billers.queries import all_billers
from app.errors import NotFound, Refusal

log = structlog.get_logger()

BY = "job:tell-disputes"
# Counted from one attempt to the next; after the last one people see that the biller could not be told.
AGAIN_AFTER = [timedelta(minutes=m) for m in (1, 5, 15, 60, 6 * 60, 24 * 60, 24 * 60)]
ONE_RUN_LASTS = 10  # seconds; the next run begins where this one stopped
CLEAR_NO = (SubscriberNotFound, AccountClosed, NotFound)


def tell_disputes(gateways: Gateways, *, now: datetime) -> None:
    """A job. Each biller is told in a thread of its own: one that hangs keeps no other waiting."""
    billers = [biller for biller in all_billers() if biller.code in billers_to_tell(now)]
    if billers:
        with ThreadPoolExecutor(len(billers)) as pool:
            list(pool.map(lambda biller: tell_biller(biller.code, gateways.of(biller)), billers))


def billers_to_tell(now: datetime) -> Sequence[str]:
    with db.reading() as session:
        return session.scalars(select(Dispute.biller).where(Dispute.next_tell_at <= now).distinct()).all()


def tell_biller(code: str, gateway: Gateway) -> None:
    deadline = monotonic() + ONE_RUN_LASTS
    while monotonic() < deadline and (dispute := take_due(code, now=clock.now())):
        try:
            tell(dispute, gateway, by=BY)
        except CLEAR_NO as no:
            log.info("dispute.refused", dispute=dispute.id, biller=code, word=no.name())


def take_due(biller: str, *, now: datetime) -> Dispute | None:
    """Whoever takes one moves its next time on first: two workers never tell at once, a killed one loses nothing."""
    with db.transaction() as session:
        waiting = select(Dispute).where(Dispute.biller == biller, Dispute.next_tell_at <= now).order_by(Dispute.next_tell_at).limit(1)
        dispute = session.scalars(waiting.with_for_update(skip_locked=True)).one_or_none()
        if dispute is not None:
            taken(dispute, now=now)
        return dispute


def taken(dispute: Dispute, *, by_person: bool = False, now: datetime) -> None:
    """:param by_person: who tries after we gave up; if that fails too, once more a minute later"""
    dispute.times_told += 1
    place = 0 if by_person else dispute.times_told - 1
    dispute.next_tell_at = now + AGAIN_AFTER[place] if place < len(AGAIN_AFTER) else None


def tell(dispute: Dispute, gateway: Gateway, *, by: str) -> Dispute:
    """
    One call, no transaction open meanwhile. A biller that took it without our hearing so is told again: its bill stays
    disputed either way.

    :raises SubscriberNotFound: these three are its clear no, and are written down
    :raises AccountClosed: …
    :raises NotFound: it knows no such bill
    """
    try:
        reference = gateway.dispute(subscriber=dispute.subscriber, bill=dispute.bill, reason=dispute.reason)
    except BillerUnreachable:
        return gave_up(dispute, by=by, now=clock.now()) if dispute.next_tell_at is None else dispute
    except CLEAR_NO as no:
        refused(dispute, no, by=by, now=clock.now())
        raise
    return told(dispute, reference, by=by, now=clock.now())


def gave_up(dispute: Dispute, *, by: str, now: datetime) -> Dispute:
    log.error("dispute.untold", dispute=dispute.id, biller=dispute.biller, bill=dispute.bill)
    with db.transaction() as session:
        audit.record(session, "dispute.untold", about=dispute.bill, by=by, at=now, biller=dispute.biller, dispute=dispute.id)
    return dispute


def refused(dispute: Dispute, no: Refusal, *, by: str, now: datetime) -> None:
    with db.transaction() as session:
        present = session.get_one(Dispute, dispute.id, with_for_update=True)
        if present.state == "asked":
            present.refused_at, present.word, present.next_tell_at = now, no.name(), None
            biller, word = present.biller, present.word
            audit.record(session, "dispute.refused", about=present.bill, by=by, at=now, biller=biller, dispute=present.id, word=word)


def told(dispute: Dispute, reference: str, *, by: str, now: datetime) -> Dispute:
    with db.transaction() as session:
        present = session.get_one(Dispute, dispute.id, with_for_update=True)
        if present.state == "asked":
            present.told_at, present.biller_reference, present.next_tell_at = now, reference[:80], None
            audit.record(session, "dispute.told", about=present.bill, by=by, at=now, biller=present.biller, dispute=present.id)
        return present

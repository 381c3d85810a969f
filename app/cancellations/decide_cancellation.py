"""One person asks, another decides, once (C-03)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.cancellations.issue_dekont import dekont_of_cancellation
from app.cancellations.model import Cancellation, State
from app.cancellations.queries import name_of
from app.cancellations.tell_shop import tell_shop
from app.collections.model import Payment
from app.documents.keep_scan import close_scans
from app.documents.model import Scan
from app.errors import N_, Invalid, NotFound, OwnRequest, Refusal
from app.people.permissions import DECIDE_CANCELLATIONS
from app.people.second_person import is_the_asker, must_have_the_right
from app.text import one_line

LONGEST_REASON = 300


class Decided(Refusal):
    """For whoever comes second: one outcome, with a name and a time."""

    say = N_("Cancellation {cancellation} was {outcome} by {who} at {when}; that stands.")


def decide_cancellation(session: Session, number: int, *, granted: bool, reason: str = "", by: str, now: datetime) -> Cancellation:
    """
    Granted, it is reported to the biller within seconds, as asked in time whatever the hour is now (C-04). Denied,
    its dekont is there at once (C-06).

    :raises NotAllowed: for whoever has not the right at this moment
    :raises NotFound: if there is no such cancellation
    :raises OwnRequest: for who asked or brought a paper that proves it, in whatever login (C-03)
    :raises Decided: if somebody was quicker, or the shop has withdrawn it
    :raises Invalid: if it is denied without a reason
    """
    must_have_the_right(session, by, DECIDE_CANCELLATIONS)
    reason = one_line(reason, longest=LONGEST_REASON)
    if not granted and not reason:
        raise Invalid(reason=N_("Say why the cancellation is denied; the shop reads it to the customer."))
    cancellation = lock(session, number, agent=None)
    if is_own(session, cancellation, by, now=now):
        raise OwnRequest
    if cancellation.state != State.ASKED:
        raise was_decided(session, cancellation)
    cancellation.decided_at, cancellation.decided_by, cancellation.granted, cancellation.decision_reason = now, by, granted, reason
    cancellation.next_report_at = now if granted else None
    session.flush()
    audit.record(
        session,
        "cancellation.granted" if granted else "cancellation.denied",
        about=cancellation.payment,
        by=by,
        at=now,
        cancellation=number,
        asked_by=name_of(session, cancellation.asked_by),
        decided_by=name_of(session, by),
        reason=reason,
    )
    payment = session.get_one(Payment, cancellation.payment)
    if not granted:
        close(session, cancellation, now=now)
        dekont_of_cancellation(session, payment, cancellation, by=by, now=now)
    tell_shop(session, payment, cancellation, now=now)
    return cancellation


def lock(session: Session, number: int, *, agent: str | None) -> Cancellation:
    """Whoever decides, withdraws or ends it at the same moment queues here. :raises NotFound: …"""
    found = session.execute(select(Cancellation).filter_by(id=number).with_for_update().execution_options(populate_existing=True))
    cancellation = found.scalar_one_or_none()
    if cancellation is None or (agent is not None and cancellation.agent != agent):
        raise NotFound
    return cancellation


def is_own(session: Session, cancellation: Cancellation, by: str, *, now: datetime) -> bool:
    """C-03: of who asked, and of who brought a paper that proves it; that is not always the same, when it came over a desk before."""
    bringers = session.scalars(select(Scan.kept_by).where(Scan.name.in_((cancellation.form, cancellation.identity))))
    return any(is_the_asker(session, one, by, now=now) for one in {cancellation.asked_by, *bringers})


def was_decided(session: Session, cancellation: Cancellation) -> Decided:
    if cancellation.state == State.WITHDRAWN:
        who, when, outcome = cancellation.withdrawn_by, cancellation.withdrawn_at, "withdrawn"
    else:
        who, when, outcome = cancellation.decided_by, cancellation.decided_at, "granted" if cancellation.granted else "denied"
    return Decided(cancellation=cancellation.id, outcome=outcome, who=name_of(session, who or ""), when=when, state=cancellation.state)


def close(session: Session, cancellation: Cancellation, *, now: datetime) -> None:
    """The matter has ended: from now on the days until its scans are destroyed count (C-08)."""
    close_scans(session, [cancellation.form, cancellation.identity], now=now)

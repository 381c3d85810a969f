"""Ask for a payment to be cancelled: complete or not at all, and in time (C-01, C-02, C-07)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import audit, clock, db, languages
from app.agents.model import CLOSED, CLOSING, Agent
from app.billers.model import Biller
from app.cancellations.cut_off import Limits, limits_of
from app.cancellations.issue_dekont import dekont_of_late_attempt
from app.cancellations.model import Cancellation, LateAttempt
from app.cancellations.queries import live_cancellation, name_of
from app.collections.model import OpenQuestion, Payment, State
from app.collections.pay_bill import LIVE_CALL_ENDS_WITHIN
from app.collections.queries import find_payment
from app.documents.clean_scan import CleanScan, clean_scan
from app.documents.keep_scan import file_scan, keep_scan
from app.errors import N_, Invalid, Refusal
from app.markets import MARKETS
from app.text import one_line

LONGEST_REASON = 300
PURPOSE = N_("Only to cancel payment {payment}")


class Incomplete(Invalid):
    """:ivar errors: what is missing, field by field"""

    say = N_("A cancellation needs the reason, the signed form and a scan of the identity card. Still missing: {fields}.")


class TooLate(Refusal):
    """``dekont`` is its address, ``number`` what stands on it."""

    say = N_(
        "Payment {payment} could be cancelled until {until} only. "
        "Print its dekont {number} and send the customer with it to {biller}, phone {phone}."
    )


class Pending(Refusal):
    say = N_(
        "The outcome of payment {payment} is not known yet, so it cannot be cancelled. The biller is being asked; try again in a minute."
    )


class NothingToCancel(Refusal):
    say = N_("Payment {payment} was {state}; there is nothing to cancel.")


class ShopCloses(Refusal):
    say = N_("Agent {agent} is being closed, and its last figures stand. Send the customer to the biller.")


class AskedAlready(Refusal):
    say = N_("Cancellation {cancellation} of payment {payment} was asked for by {who} at {when} and is {state}.")


@dataclass(frozen=True, repr=False)
class Wish:
    """
    What a shop, or an operator with a paper form, asks for.

    :ivar agent: whose payments the asker may see; ``None`` for the institution's own people
    :ivar form: the uploaded file, as are the bytes of ``identity``; empty when missing
    :ivar dekont_at: where the door that asks serves the payment's dekont
    :ivar kept: names of scans that came by mail and are kept already, by ``form`` and ``identity``; instead of a file
    """

    payment: str
    agent: str | None
    by: str
    reason: str
    form: bytes
    identity: bytes
    dekont_at: str
    kept: Mapping[str, str] = field(default_factory=dict)


def request_cancellation(wish: Wish, *, keys: Sequence[bytes], override: time | None) -> Cancellation:
    """
    A journey: the scans are made anew with no transaction open, then everything is recorded in one.

    There is no ``now``: the time that counts is read inside, after the last lock (C-01).

    :param keys: ``config.scan_keys``
    :param override: ``config.cut_off``
    :raises NotFound: if there is no such payment, or it is another agent's
    :raises Incomplete: … (C-02)
    :raises app.documents.clean_scan.UnsuitableScan: if one of the files cannot be taken
    :raises Pending: if the payment's outcome is unknown (C-07); the biller is then asked at once (P-05)
    :raises NothingToCancel: if it was refused or is cancelled already
    :raises AskedAlready: if there is a live request
    :raises ShopCloses: if the shop is closing or closed
    :raises TooLate: with the number of its dekont and where the customer goes (C-06)
    """
    check_complete(wish)
    with db.reading() as session:
        payment = find_payment(session, wish.payment, agent=wish.agent)
        biller = session.get_one(Biller, payment.biller)
    words = watermark(payment, biller, now=clock.now())
    files = {"form": wish.form, "identity": wish.identity}
    scans = {name: clean_scan(content, field=name, watermark=words) for name, content in files.items() if name not in wish.kept}
    with db.transaction() as session:
        outcome = decide_now(session, wish, payment.agent, biller, scans, keys=keys, override=override)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def check_complete(wish: Wish) -> None:
    errors = {}
    if not one_line(wish.reason):
        errors["reason"] = N_("Say why the customer wants the payment cancelled.")
    if not wish.form and "form" not in wish.kept:
        errors["form"] = N_("Upload the form with the customer's signature.")
    if not wish.identity and "identity" not in wish.kept:
        errors["identity"] = N_("Upload a scan of the customer's identity card.")
    if errors:
        raise Incomplete(**errors)


def watermark(payment: Payment, biller: Biller, *, now: datetime) -> str:
    """Purpose and date (C-08), in the language of the market whose customer it is."""
    market = MARKETS[biller.market]
    language = languages.supported(market.languages[0])
    purpose = languages.say(PURPOSE, language, payment=payment.reference)
    return f"{purpose} · {languages.day(now.astimezone(market.zone).date(), language)} · Gişe"


def decide_now(
    session: Session,
    wish: Wish,
    agent: str,
    biller: Biller,
    scans: Mapping[str, CleanScan],
    *,
    keys: Sequence[bytes],
    override: time | None,
) -> Cancellation | Refusal:
    """A refusal is returned, not raised: what it leaves behind (a late attempt, a question to the biller) stays."""
    must_stay_open(session, agent)
    payment = session.execute(select(Payment).filter_by(reference=wish.payment).with_for_update()).scalar_one()
    now = clock.now()  # C-01: nobody who asks about this payment waits for anything after this line
    if payment.state == State.PENDING:
        hurry(session, payment, now=now)
    if refusal := why_not(session, payment):
        return refusal
    limits = limits_of(session, payment, override=override)
    if not limits.allow(now):
        return too_late(session, wish, payment, biller, limits, now=now)
    return record(session, wish, payment, limits, scans, keys=keys, now=now)


def must_stay_open(session: Session, number: str) -> None:
    """
    A shop that closes has its last figures: nobody begins to undo what they are made of. Nor does it begin to close before
    this request is recorded.

    :raises ShopCloses: …
    """
    question = select(Agent).filter_by(number=number).with_for_update(read=True).execution_options(populate_existing=True)
    if session.scalars(question).one().state in (CLOSING, CLOSED):
        raise ShopCloses(agent=number)


def why_not(session: Session, payment: Payment) -> Refusal | None:
    """What stands against it whatever the hour is."""
    if payment.state == State.PENDING:
        return Pending(payment=payment.reference)
    if payment.state != State.PAID:
        return NothingToCancel(payment=payment.reference, state=payment.state)
    if live := live_cancellation(session, payment.reference):
        return AskedAlready(
            cancellation=live.id, payment=payment.reference, who=name_of(session, live.asked_by), when=live.asked_at, state=live.state
        )
    return None


def hurry(session: Session, payment: Payment, *, now: datetime) -> None:
    """P-05: the biller is asked before anything else is done; never while a live call may still run (P-04)."""
    soon = func.greatest(now, OpenQuestion.asked_since + LIVE_CALL_ENDS_WITHIN)
    session.execute(
        update(OpenQuestion)
        .where(OpenQuestion.reference == payment.reference)
        .values(next_ask_at=func.least(OpenQuestion.next_ask_at, soon))
    )


def too_late(session: Session, wish: Wish, payment: Payment, biller: Biller, limits: Limits, *, now: datetime) -> TooLate:
    """C-06: the attempt is a fact, and its dekont is there at once."""
    attempt = LateAttempt(
        payment=payment.reference,
        agent=payment.agent,
        at=now,
        by=wish.by,
        reason=one_line(wish.reason, longest=LONGEST_REASON),
        cut_off_at=limits.asked_until,
    )
    session.add(attempt)
    session.flush()
    audit.record(session, "cancellation.late", about=payment.reference, by=wish.by, at=now, cut_off=limits.asked_until.isoformat())
    paper = dekont_of_late_attempt(session, payment, attempt, by=wish.by, now=now)
    return TooLate(
        payment=payment.reference,
        until=limits.asked_until,
        asked_at=now,
        dekont=wish.dekont_at,
        number=paper.number,
        biller=biller.name,
        phone=biller.phone,
        desk=biller.desk,
    )


def record(
    session: Session,
    wish: Wish,
    payment: Payment,
    limits: Limits,
    scans: Mapping[str, CleanScan],
    *,
    keys: Sequence[bytes],
    now: datetime,
) -> Cancellation:
    cancellation = Cancellation(
        payment=payment.reference,
        agent=payment.agent,
        biller=payment.biller,
        asked_at=now,
        asked_by=wish.by,
        reason=one_line(wish.reason, longest=LONGEST_REASON),
        form=scan_of(session, "form", wish, scans, keys=keys, now=now),
        identity=scan_of(session, "identity", wish, scans, keys=keys, now=now),
        cut_off_at=limits.asked_until,
        report_until=limits.reported_until,
    )
    session.add(cancellation)
    session.flush()
    audit.record(session, "cancellation.asked", about=payment.reference, by=wish.by, at=now, cancellation=cancellation.id)
    return cancellation


def scan_of(session: Session, kind: str, wish: Wish, scans: Mapping[str, CleanScan], *, keys: Sequence[bytes], now: datetime) -> str:
    """:returns: its name; one that came by mail is this request's from now on"""
    if kind in wish.kept:
        return file_scan(session, wish.kept[kind], kind=kind, about=wish.payment, by=wish.by, now=now).name
    return keep_scan(session, scans[kind], kind=kind, about=wish.payment, keys=keys, by=wish.by, now=now).name

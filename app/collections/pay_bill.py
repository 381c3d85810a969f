"""Pay one bill from the agent's balance: reserve, ask, settle (P-01)."""

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app import clock, db
from app.billers.gateway import AccountClosed, BillerUnreachable, Gateway, Order, SubscriberNotFound
from app.billers.model import Biller, QuotedBill
from app.billers.queries import opens_at
from app.billers.tariff import Charges
from app.billers.warnings import word
from app.collections.model import Payment, State
from app.collections.references import new_receipt_code, new_reference
from app.collections.settle import settle
from app.errors import N_, NotFound, Refusal
from app.ledger.book import Blocked, OverLimit
from app.markets import Market
from app.money import Money

QUOTE_LASTS = timedelta(minutes=10)  # P-22
LIVE_CALL_ENDS_WITHIN = timedelta(seconds=15)  # P-04: nobody else asks before
TWIN_WAITS_SECONDS = 12  # P-08

RESERVE = """
    SELECT verdict, reference, balance, fact FROM reserve_payment(
        %(reference)b, %(agent)b, %(person)b::bigint, %(key)b, %(body_hash)b, %(biller)b, %(subscriber)b, %(bill)b, %(version)b,
        %(amount)b::bigint, %(fee)b::bigint, %(share)b::bigint, %(tax)b::bigint, %(currency)b, %(confirmed)b::text[], %(customer_phone)b,
        %(receipt_code)b, %(at)b, %(fresh_since)b, %(next_ask_at)b)
"""


class AlreadyPaid(Refusal):
    say = N_("This bill has been paid already{where}. Do not take the money a second time.")


class PaidElsewhere(AlreadyPaid):
    say = N_(
        "{biller} says that this bill was paid elsewhere already. Nothing was paid here and the money is back on your balance. "
        "Give the customer the cash back."
    )
    known_as = "already-paid"


class InFlight(Refusal):
    say = N_("A payment for subscriber {subscriber} is under way{where}. Wait for its outcome before you pay again.")


class QuoteChanged(Refusal):
    say = N_("The bill has changed or was shown too long ago. Nothing was paid. Look it up again and tell the customer the new amount.")


class KeyReused(Refusal):
    say = N_("This payment key was used for another payment. A new payment needs a new key.")


class AmountNotAllowed(Refusal):
    say = N_("This amount cannot be paid on this bill: between {smallest} and {largest} is possible.")
    status = 422
    known_as = "amount-not-allowed"  # so are those below; the facts say what is possible


class OnlyExactly(AmountNotAllowed):
    say = N_("This bill is paid in one piece: only {smallest} is possible.")


class OnlyInSteps(AmountNotAllowed):
    say = N_("This amount cannot be paid on this bill: only multiples of {step} between {smallest} and {largest} are possible.")


class OnlyOneOf(AmountNotAllowed):
    say = N_("This amount cannot be paid on this bill: one of these is possible: {options}.")


class MustConfirm(Refusal):
    """``confirm`` lists what the customer has not been asked yet, as codes for machines."""

    say = N_("{confirm} Ask the customer first, and confirm that it is paid all the same.")


class NotPayable(Refusal):
    say = N_("{biller} does not take this bill here ({code}).")
    status = 422
    known_as = "refused"


class Overdue(NotPayable):
    say = N_("This bill is overdue, and {biller} takes it only itself: the customer may call {phone}.")


class NewestOnly(NotPayable):
    say = N_("{biller} takes only the newest bill here. Choose that one.")


class OlderFirst(NotPayable):
    """``bill`` is the ref of the one that comes first."""

    say = N_("{biller} takes older bills first: bill {number} comes before this one.")


class AllTogether(NotPayable):
    """``bill`` is the ref of one that is missing."""

    say = N_("{biller} takes all open bills together, and bill {number} is missing. Choose all of them.")


class ClosedNow(Refusal):
    say = N_("{biller} takes payments from {opens} on. Looking up is possible now.")
    status = 503
    retry_after = 600


class RefusedByBiller(Refusal):
    say = N_("{biller} refused the payment ({code}). Nothing was paid; the money is back on your balance.")
    status = 422
    known_as = "refused"


@dataclass(frozen=True)
class Wish:
    """
    What a cashier, or a point of sale, wants paid.

    :ivar key: made by the form or the client, unique for its agent for ever
    :ivar version: of the bill as it was shown
    :ivar confirmed: what the customer was asked and agreed to
    """

    agent: str
    person: int
    market: Market
    biller: Biller
    charges: Charges
    key: str
    subscriber: str
    bill: str
    amount: Money
    version: str
    confirmed: tuple[str, ...] = ()
    customer_phone: str = ""

    @property
    def body_hash(self) -> bytes:
        body = [
            self.biller.code,
            self.subscriber,
            self.bill,
            self.amount.minor,
            self.amount.currency,
            self.version,
            sorted(self.confirmed),
            self.customer_phone,
        ]
        return hashlib.sha256(json.dumps(body).encode()).digest()


def pay_bill(wish: Wish, gateway: Gateway, *, now: datetime) -> Payment:
    """
    Money is held first, then the biller is asked once, then the payment is settled.

    No transaction is open while the biller is asked. If we stop in between, the payment stays
    pending and ``settle_pending`` finishes it (P-12).

    :returns: the payment in its present state: paid, pending (the answer was unclear) or refused
    :raises QuoteChanged: if the bill was not shown like this within ten minutes today (P-22), or one whose debt it
        shares was paid since (P-25)
    :raises AlreadyPaid: if the bill has a live payment, or stands on a newer one that has (P-09, P-25)
    :raises InFlight: if another payment for this subscriber is under way (P-09)
    :raises AmountNotAllowed: … (P-20)
    :raises MustConfirm: … (P-26, P-29)
    :raises OlderFirst: if another bill has to be paid before (P-21)
    :raises NotPayable: if the biller's rules keep this bill from being paid here (P-21, P-24)
    :raises OverLimit: if the agent's balance is too low
    :raises Blocked: if the agent may not pay
    :raises ClosedNow: outside the biller's hours (P-30)
    :raises KeyReused: if the key belongs to another payment
    :raises BillerUnreachable: if too many calls to it are under way
    """
    if (opens := opens_at(wish.biller, now)) is not None and find_by_key(wish) is None:
        raise ClosedNow(biller=wish.biller.name, opens=opens)
    with gateway.place():
        payment, is_new = reserve(wish, now=now)
        if is_new:
            answer = gateway.pay(order_of(payment))
            return settle(payment, answer, by=f"person:{wish.person}", now=clock.now())
    return present_truth(wish, payment.reference)


def reserve(wish: Wish, *, now: datetime) -> tuple[Payment, bool]:
    """
    Our own record and the hold, in one transaction and one round trip.

    :returns: the payment, and whether it is new (P-08: the same key again finds the first)
    """
    local_midnight = now.astimezone(wish.market.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    reference = new_reference(now, wish.market.zone)
    payment = Payment(
        reference=reference,
        agent=wish.agent,
        person_id=wish.person,
        key=wish.key,
        body_hash=wish.body_hash,
        biller=wish.biller.code,
        subscriber=wish.subscriber,
        bill=wish.bill,
        version=wish.version,
        amount=wish.amount.minor,
        fee=wish.charges.fee.minor,
        share=wish.charges.share.minor,
        tax=wish.charges.tax.minor,
        currency=wish.amount.currency,
        confirmed=list(wish.confirmed),
        customer_phone=wish.customer_phone,
        receipt_code=new_receipt_code(reference),
        state=State.PENDING,
        was_unknown=False,
        asked_at=now,
        biller_reference="",
        code="",
    )
    columns = {name: getattr(payment, name) for name in RESERVED_COLUMNS}
    row = db.call(
        RESERVE,
        columns
        | {
            "person": wish.person,
            "at": now,
            "fresh_since": max(now - QUOTE_LASTS, local_midnight),
            "next_ask_at": now + LIVE_CALL_ENDS_WITHIN,
        },
    )
    payment.balance_after = row.balance
    if row.verdict == "new":
        return payment, True
    if row.verdict == "known":
        payment.reference = row.reference
        return payment, False
    raise explain(wish, row.verdict, row.reference, row.balance, row.fact)


RESERVED_COLUMNS = (
    "reference", "agent", "key", "body_hash", "biller", "subscriber", "bill", "version", "amount", "fee", "share", "tax", "currency",
    "confirmed", "customer_phone", "receipt_code",
)  # fmt: skip


def explain(wish: Wish, verdict: str, reference: str | None, balance: int | None, fact: str | None) -> Refusal:
    """The database's one word as a sentence."""
    currency = wish.amount.currency
    match verdict:
        case "quote-changed":
            return QuoteChanged()
        case "amount-not-allowed":
            return amount_not_allowed(*(Money(int(minor), currency) for minor in (fact or "1 1 1").split()))
        case "must-confirm":
            return MustConfirm(confirm=tuple(word(flag) for flag in (fact or "").split() if flag not in wish.confirmed))
        case "over-limit":
            return OverLimit(needed=wish.amount + wish.charges.fee, available=Money(balance or 0, currency))
        case "blocked":
            return Blocked()
        case "closed":
            return AlreadyPaid(where="")
        case "already-paid" | "in-flight":
            return name_the_first(wish, verdict, reference)
        case "older-first":
            return older_first(wish.biller, wish.subscriber, fact or "")
        case code:
            return not_payable(wish.biller, code)


def amount_not_allowed(smallest: Money, largest: Money, step: Money, *options: Money) -> AmountNotAllowed:
    """P-20: what is possible instead, in the words of the biller's rule."""
    if options:
        return OnlyOneOf(smallest=smallest, largest=largest, options=options)
    if smallest == largest:
        return OnlyExactly(smallest=smallest, largest=largest)
    if step.minor > 1:
        return OnlyInSteps(smallest=smallest, largest=largest, step=step)
    return AmountNotAllowed(smallest=smallest, largest=largest)


def not_payable(biller: Biller, code: str) -> NotPayable:
    match code:
        case "overdue":
            return Overdue(biller=biller.name, phone=biller.phone, code=code)
        case "newest-only":
            return NewestOnly(biller=biller.name, code=code)
        case _:
            return NotPayable(biller=biller.name, code=code)


def older_first(biller: Biller, subscriber: str, ref: str) -> OlderFirst:
    with db.reading() as session:
        first = session.get(QuotedBill, (biller.code, subscriber, ref))
    return OlderFirst(biller=biller.name, bill=ref, number=first.facts["number"] if first else ref, code="older-first")


def name_the_first(wish: Wish, verdict: str, reference: str | None) -> Refusal:
    """P-09: the sentence names the first payment to its own shop, and no stranger's."""
    with db.reading() as session:
        first = session.get(Payment, reference) if reference else None
    where, facts = "", {}
    if first is not None and first.agent == wish.agent:
        where, facts = f" ({first.reference})", {"payment": first.reference}
    if verdict == "in-flight" or (first is not None and first.state == State.PENDING):
        return InFlight(subscriber=wish.subscriber, where=where, **facts)
    return AlreadyPaid(where=where, **facts)


def order_of(payment: Payment) -> Order:
    return Order(
        reference=payment.reference,
        biller=payment.biller,
        subscriber=payment.subscriber,
        bill=payment.bill,
        amount=payment.bill_amount,
        version=payment.version,
        agent=payment.agent,
        at=payment.asked_at,
    )


def find_by_key(wish: Wish) -> Payment | None:
    with db.reading() as session:
        return session.execute(select(Payment).filter_by(agent=wish.agent, key=wish.key)).scalar_one_or_none()


def present_truth(wish: Wish, reference: str) -> Payment:
    """
    P-08: the same key and body again. A twin that arrives while the first is being asked waits for its answer.

    :raises KeyReused: if the body is another one
    """
    deadline = time.monotonic() + TWIN_WAITS_SECONDS
    while True:
        with db.reading() as session:
            payment = session.get(Payment, reference)
        if payment is None:
            raise NotFound
        if payment.body_hash != wish.body_hash:
            raise KeyReused
        if payment.answered_at is not None or time.monotonic() >= deadline:
            return payment
        time.sleep(0.1)


def why_refused(payment: Payment, biller: Biller) -> Refusal:
    """A refused payment's reason as the sentence of the API and of the page; the biller's own word stands in its facts."""
    facts = {"payment": payment.reference, "code": payment.code}
    match payment.code:
        case "already_paid":
            return PaidElsewhere(biller=biller.name, **facts)
        case "amount_changed" | "withdrawn":
            return QuoteChanged(**facts)
        case "unknown_subscriber":
            return SubscriberNotFound(biller=biller.name, subscriber=payment.subscriber, **facts)
        case "closed":
            return AccountClosed(biller=biller.name, subscriber=payment.subscriber, phone=biller.phone, **facts)
        case "unreachable":
            return BillerUnreachable(biller=biller.name, phone=biller.phone, **facts)
        case _:
            return RefusedByBiller(biller=biller.name, **facts)

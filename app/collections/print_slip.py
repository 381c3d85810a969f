"""The paper that goes with a payment tells the truth: receipt, pending slip or void slip (P-10, P-11)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import amounts, languages
from app.agents.model import Agent
from app.billers.model import Biller
from app.collections.model import Payment
from app.collections.slips import hand_out, kind_of, which_copy
from app.documents.print_paper import print_paper, qr
from app.errors import N_
from app.ledger.model import Posting
from app.markets import MARKETS
from app.people.queries import names
from app.web import display

Rows = list[tuple[str, str]]

TEMPLATES = {"receipt": "receipt", "pending": "pending_slip", "void": "void_slip"}


@dataclass(frozen=True)
class Slips:
    """
    What a payment's papers say about everybody who took part, in one language.

    :ivar payment: as it stands in the database, with the facts of its bill
    :ivar cashier: name of the person who took the money
    :ivar check_at: the public address that says whether the receipt is genuine, with its code
    :ivar notes: sentences for the foot of a receipt, translated
    :ivar cancelled_at: looked up by :func:`print_slip`
    """

    payment: Payment
    agent: Agent
    biller: Biller
    cashier: str
    language: str
    check_at: str
    notes: tuple[str, ...] = ()
    cancelled_at: datetime | None = None

    def say(self, sentence: str, **facts: object) -> str:
        return languages.say(sentence, self.language, **facts)

    def moment(self, at: datetime) -> str:
        return display.moment(at, self.language, MARKETS[self.biller.market].zone)


def slips_of(session: Session, payment: Payment, *, check_at: str = "") -> Slips:
    """In the language of the market whose customer it is."""
    biller = session.get_one(Biller, payment.biller)
    return Slips(
        payment=payment,
        agent=session.get_one(Agent, payment.agent),
        biller=biller,
        cashier=names(session, [payment.person_id]).get(payment.person_id, ""),
        language=languages.supported(MARKETS[biller.market].languages[0]),
        check_at=check_at,
    )


def print_slip(session: Session, slips: Slips, *, size: str = "roll", by: str, now: datetime) -> bytes:
    """
    The slip of the payment's present state as PDF, noted as handed out; a second one says which copy it is.

    :param size: ``roll`` (80 mm) or ``a5``
    :raises NoPaper: for a refused payment
    """
    # The slip says what is true while it is printed.
    locked = select(Payment).filter_by(reference=slips.payment.reference).with_for_update().execution_options(populate_existing=True)
    payment = session.execute(locked).scalar_one()
    slips = replace(slips, payment=payment)
    kind = kind_of(payment)
    if kind == "void":
        slips = replace(slips, cancelled_at=cancelled_at(session, payment))
    copy = which_copy(hand_out(session, payment, kind=kind, by=by, now=now))
    data = common(slips, copy=copy) | SAYS[kind](slips) | {"size": size}
    return print_paper(TEMPLATES[kind], data, at=payment.settled_at or payment.asked_at)


def cancelled_at(session: Session, payment: Payment) -> datetime | None:
    """The book knows when the money went back."""
    return session.scalars(select(Posting.at).filter_by(about=payment.reference, event="payment.cancelled").limit(1)).one_or_none()


def common(slips: Slips, *, copy: int) -> dict[str, object]:
    payment = slips.payment
    return {
        "language": slips.language,
        "shop": {"name": slips.agent.name, "lines": shop_lines(slips)},
        "copy": slips.say(N_("COPY {copy}"), copy=copy) if copy else "",
        "facts": bill_facts(slips),
        "amounts": amount_rows(slips),
        "total": (slips.say(N_("Total")), amounts.money(payment.whole, slips.language)),
        "cash": cash(slips),
        "code": payment.receipt_code,
    }


def shop_lines(slips: Slips) -> list[str]:
    agent = slips.agent
    phone = display.phone(agent.phone) if agent.phone else ""
    lines = (agent.address, phone, slips.say(N_("Agent number {number}"), number=agent.number))
    return [line for line in lines if line]


def bill_facts(slips: Slips) -> Rows:
    """Whose bill of what, as it was quoted."""
    payment, facts = slips.payment, slips.payment.facts
    rows = [
        (slips.say(N_("Biller")), slips.biller.name),
        (slips.biller.subscriber_label, payment.subscriber),
        (slips.say(N_("Name")), facts.get("name", "")),
        (slips.say(N_("Bill number")), facts.get("number", payment.bill)),
        (slips.say(N_("Period")), period(facts, slips.language)),
        (slips.say(N_("Due date")), as_day(facts.get("due_on", ""), slips.language)),
    ]
    return [row for row in rows if row[1]]


def period(facts: dict[str, str], language: str) -> str:
    return " – ".join(as_day(facts[end], language) for end in ("from", "to") if facts.get(end))


def as_day(text: str, language: str) -> str:
    return languages.day(date.fromisoformat(text), language) if text else ""


def amount_rows(slips: Slips) -> Rows:
    """The customer's fee is always its own line (product.md §8)."""
    payment = slips.payment
    rows = [(slips.say(N_("Bill")), amounts.money(payment.bill_amount, slips.language))]
    if payment.fee:
        rows.append((slips.say(N_("Service fee")), amounts.money(payment.customer_fee, slips.language)))
    return rows


def cash(slips: Slips) -> Rows:
    """A line of its own where coins and notes are rounded; the total stays exact."""
    in_cash = slips.payment.cash
    return [(slips.say(N_("Cash (rounded to 5 Ft)")), amounts.money(in_cash, slips.language))] if in_cash else []


def remainder(slips: Slips) -> Rows:
    """P-27: what the payment left open, or what it put into the subscriber's advance."""
    left = slips.payment.remainder
    if left.minor > 0:
        return [(slips.say(N_("Remaining on this bill")), amounts.money(left, slips.language))]
    if left.minor < 0:
        return [(slips.say(N_("Goes to the subscriber's advance")), amounts.money(-left, slips.language))]
    return []


def proof(slips: Slips) -> Rows:
    payment = slips.payment
    rows = [
        (slips.say(N_("Paid at")), slips.moment(payment.settled_at or payment.asked_at)),
        (slips.say(N_("Reference")), payment.reference),
        (slips.say(N_("Biller's reference")), payment.biller_reference),
        (slips.say(N_("Cashier")), slips.cashier),
        (slips.say(N_("Cancelled at")), slips.moment(slips.cancelled_at) if slips.cancelled_at else ""),
    ]
    return [row for row in rows if row[1]]


def receipt(slips: Slips) -> dict[str, object]:
    foot = (slips.say(N_("Keep this receipt: it proves the payment.")), *slips.notes)
    return {
        "title": slips.say(N_("PAID")),
        "proof": [*remainder(slips), *proof(slips)],
        "check": slips.say(N_("Scan the code to see whether this receipt is genuine.")),
        "qr": qr(slips.check_at),
        "foot": " ".join(foot),
    }


def pending(slips: Slips) -> dict[str, object]:
    reference = [(slips.say(N_("Reference")), slips.payment.reference), (slips.say(N_("Asked at")), slips.moment(slips.payment.asked_at))]
    return {
        "title": slips.say(N_("OUTCOME PENDING")),
        "warning": slips.say(N_("DO NOT PAY AGAIN")),
        "explanation": slips.say(N_("The biller has not answered yet. This is not a receipt.")),
        "facts": [*reference, *bill_facts(slips)],
        "amounts": [*amount_rows(slips), (slips.say(N_("Total")), amounts.money(slips.payment.whole, slips.language)), *cash(slips)],
        "next-title": slips.say(N_("What happens now")),
        "next": [
            slips.say(N_("We keep asking the biller until it answers; usually that takes minutes.")),
            slips.say(N_("If it was paid, this shop prints your receipt.")),
            slips.say(N_("If it was not paid, this shop gives you your money back. Bring this slip.")),
        ],
    }


def void(slips: Slips) -> dict[str, object]:
    back = amounts.money(slips.payment.cash or slips.payment.whole, slips.language)
    return {
        "title": slips.say(N_("CANCELLED")),
        "explanation": slips.say(N_("This payment was cancelled. Its receipt is void and the bill is open again.")),
        "total": (slips.say(N_("To be given back")), back),
        "proof": proof(slips),
        "signature": slips.say(N_("I got {amount} back (date, name, signature)"), amount=back),
    }


SAYS: dict[str, Callable[[Slips], dict[str, object]]] = {"receipt": receipt, "pending": pending, "void": void}

"""The counter's pages: confirmation, payments, receipts."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock, db, throttle
from app.billers.gateways import Gateways
from app.billers.model import Biller, QuotedBill
from app.billers.queries import all_billers, charges_for, find_biller
from app.billers.tariff import Charges
from app.billers.warnings import warning
from app.collections import queries, slips
from app.collections.choose_bills import choose_bills
from app.collections.forms import ActForm, PaymentForm
from app.collections.give_cash_back import give_cash_back
from app.collections.model import Payment, State
from app.collections.pay_bill import QuoteChanged, Wish, amount_not_allowed, why_refused
from app.collections.pay_cart import pay_cart
from app.collections.references import reference_of
from app.collections.visible import visible_agent, visible_billers
from app.errors import N_, Invalid
from app.ledger import book
from app.ledger.chart import agent_account
from app.money import Money, NotAnAmount, is_cash_rounded, read_amount, round_cash, total
from app.people.permissions import PAY
from app.phones import read_phone
from app.web.actor import actor, shop
from app.web.guards import guard, public, signed_in
from app.web.language import language
from app.web.parts import part

blueprint = Blueprint("collections", __name__, template_folder="templates")

STATES = [state.value for state in State]


@blueprint.app_template_global("warning")
def warning_in_words(flag: str, charged_on: str = "") -> str:
    """``parts.flag`` says it; ``charged_on`` is an ISO day where it is known."""
    return warning(flag, charged_on=date.fromisoformat(charged_on) if charged_on else None, language=language())


@dataclass(frozen=True)
class ConfirmLine:
    """
    One bill to be confirmed, as the template shows it.

    :ivar remainder: what stays open on it; below zero, what goes to the subscriber's advance (P-27)
    """

    quote: QuotedBill
    amount: Money
    charges: Charges
    key: str

    @property
    def remainder(self) -> Money:
        return self.quote.open - self.amount


@dataclass(frozen=True)
class Question:
    """What the customer is asked before paying, once for all bills that it is about (P-26, P-29)."""

    flag: str
    charged_on: str
    numbers: str


@blueprint.get("/payments/new")
@guard(PAY)
def confirm() -> Response | str:
    biller = find_biller(request.args.get("biller", ""), actor().market)
    subscriber = request.args.get("subscriber", "")
    with db.reading() as session:
        choice = choose_bills(session, biller, subscriber, request.args.getlist("bill")[:20], now=clock.now())
    if choice is None:
        return redirect(url_for("bills.bills", biller=biller.code, subscriber=subscriber), 303)
    lines = [confirm_line(biller, quote) for quote in choice.quotes]
    currency = actor().market.currency
    whole = total((line.amount + line.charges.fee for line in lines), currency)
    with db.reading() as session:
        balance = book.balance(session, agent_account(shop()))
    return render_template(
        "collections/confirm.html",
        form=PaymentForm(),
        biller=biller,
        subscriber=subscriber,
        lines=lines,
        dropped=choice.dropped,
        questions=questions(choice.quotes),
        whole=whole,
        cash=round_cash(whole),
        cash_is_rounded=is_cash_rounded(currency),
        balance=balance,
        after=balance.balance - whole,
        enough=whole <= balance.available,
    )


def confirm_line(biller: Biller, quote: QuotedBill) -> ConfirmLine:
    typed = request.args.get(f"amount-{quote.bill}", "").strip()
    try:
        amount = read_amount(typed, quote.currency) if typed else Money(int(str(quote.facts["open"])), quote.currency)
    except NotAnAmount as error:
        raise Invalid(amount=N_("This amount can be read in two ways or not at all. Write it like 1234,56.")) from error
    check_amount(quote, amount)
    today = clock.today(actor().market.zone)
    charges = charges_for(biller, amount, agent_group=actor().agent_group, on=today)
    return ConfirmLine(quote, amount, charges, key=secrets.token_urlsafe(18))


def check_amount(quote: QuotedBill, amount: Money) -> None:
    """
    P-20: said here already, before anybody counts money.

    :raises AmountNotAllowed: …
    """
    is_option = not quote.options or amount.minor in quote.options
    if not quote.smallest <= amount.minor <= quote.largest or amount.minor % quote.step or not is_option:
        possible = (quote.smallest, quote.largest, quote.step, *quote.options)
        raise amount_not_allowed(*(Money(minor, quote.currency) for minor in possible))


def questions(quotes: Sequence[QuotedBill]) -> list[Question]:
    about: dict[str, list[QuotedBill]] = {}
    for quote in quotes:
        for flag in quote.must_confirm:
            about.setdefault(flag, []).append(quote)
    return [
        Question(
            flag,
            charged_on=min((quote.facts["charged_on"] for quote in those if "charged_on" in quote.facts), default=""),
            numbers=", ".join(quote.facts["number"] for quote in those) if len(quotes) > 1 else "",
        )
        for flag, those in sorted(about.items())
    ]


@blueprint.post("/payments")
@guard(PAY)
def pay() -> Response | str:
    form = PaymentForm()
    if not form.validate_on_submit():
        raise QuoteChanged
    biller = find_biller(form.biller.data, actor().market)
    outcomes = pay_cart(wishes(form, biller), part(Gateways).of(biller))
    for outcome in outcomes:
        if outcome.payment and outcome.payment.state in (State.PAID, State.PENDING):
            hand_out_first(outcome.payment)
    if len(outcomes) == 1 and outcomes[0].payment:
        return redirect(url_for("collections.payment", reference=outcomes[0].payment.reference, print=1), 303)
    return render_template("collections/cart.html", biller=biller, outcomes=outcomes)


def wishes(form: PaymentForm, biller: Biller) -> list[Wish]:
    person, phone = actor(), form.customer_phone.data or ""
    customer_phone = read_phone(phone, market=person.market.code) if phone else ""
    if customer_phone is None:
        raise Invalid(customer_phone=N_("This is no mobile number."))
    made = []
    for line in form.bills.entries:
        amount = Money(int(line.form.minor.data), person.market.currency)
        made.append(
            Wish(
                agent=shop(),
                person=person.person,
                market=person.market,
                biller=biller,
                charges=charges_for(biller, amount, agent_group=person.agent_group, on=clock.today(person.market.zone)),
                key=line.form.key.data,
                subscriber=form.subscriber.data,
                bill=line.form.bill.data,
                amount=amount,
                version=line.form.version.data,
                confirmed=tuple(sorted(form.confirmed.data or ())),
                customer_phone=customer_phone,
            )
        )
    return made


def hand_out_first(payment: Payment) -> None:
    """The slip prints at once; a second press of the same form hands out no second one."""
    with db.transaction() as session:
        if slips.copies(session, payment) == 0:
            slips.hand_out(session, payment, by=actor().by, now=clock.now())


@blueprint.get("/payments")
@signed_in
def payments() -> str:
    wanted = wanted_payments()
    with db.reading() as session:
        found = queries.list_payments(session, wanted)
    return render_template(
        "collections/payments.html",
        payments=found,
        wanted=wanted,
        states=STATES,
        billers=visible_billers(),
        biller_names={biller.code: biller.name for biller in all_billers()},
        more=len(found) == queries.PAGE,
    )


def wanted_payments() -> queries.Filter:
    """The page's filter; an agent's person sees the own agent's payments only, whatever the address says."""
    args = request.args
    zone = actor().market.zone
    return queries.Filter(
        agent=visible_agent() or args.get("agent") or None,
        since=local_day(args.get("from", ""), zone),
        until=local_day(args.get("to", ""), zone, days=1),
        state=args.get("state") if args.get("state") in STATES else None,
        biller=args.get("biller") or None,
        subscriber=args.get("subscriber") or None,
        cursor=args.get("cursor") or None,
    )


def local_day(text: str, zone: object, *, days: int = 0) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(f"{text}T00:00").replace(tzinfo=zone) + timedelta(days=days)  # type: ignore[arg-type]
    except (ValueError, OverflowError) as error:
        raise Invalid(**{"from": N_("This is no day.")}) from error


@blueprint.get("/payments/<reference>")
@signed_in
def payment(reference: str) -> str:
    with db.reading() as session:
        found = queries.find_payment(session, reference, agent=visible_agent())
        handed_out = slips.copies(session, found)
        owed = any(cash.reference == reference for cash in queries.cash_to_return(session, found.agent))
    biller = biller_named(found.biller)
    return render_template(
        "collections/payment.html",
        payment=found,
        biller=biller,
        shop_name=actor().agent_name,
        balance_after=Money(found.balance_after, found.currency),
        handed_out=handed_out,
        copy=slips.which_copy(handed_out),
        owed=owed,
        reason=why_refused(found, biller) if found.state == State.REFUSED else None,
        form=ActForm(),
        print=request.args.get("print") == "1",
    )


@blueprint.get("/payments/<reference>/receipt")
@signed_in
def receipt(reference: str) -> str:
    """The paper alone, in its own page: 80 mm roll or A5."""
    with db.reading() as session:
        found = queries.find_payment(session, reference, agent=visible_agent())
        copy = slips.which_copy(slips.copies(session, found))
    slips.kind_of(found)
    size = "a5" if request.args.get("size") == "a5" else "roll"
    return render_template(
        "collections/receipt.html", payment=found, biller=biller_named(found.biller), shop_name=actor().agent_name, copy=copy, size=size
    )


@blueprint.post("/payments/<reference>/receipt")
@guard(PAY)
def reprint(reference: str) -> Response:
    with db.transaction() as session:
        found = queries.find_payment(session, reference, agent=shop())
        slips.hand_out(session, found, by=actor().by, now=clock.now())
    return redirect(url_for("collections.payment", reference=reference, print=1), 303)


@blueprint.post("/payments/<reference>/cash")
@guard(PAY)
def cash(reference: str) -> Response:
    with db.transaction() as session:
        give_cash_back(session, reference, agent=shop(), by=actor().by, now=clock.now())
    return redirect(url_for("collections.payment", reference=reference), 303)


@blueprint.get("/r/<code>")
@public
def genuine(code: str) -> str | tuple[str, int]:
    """Is this receipt genuine? Says so to whoever holds it, and nothing to whoever guesses."""
    throttle.hit(f"receipt-check:{request.remote_addr}", most=60, seconds=60, now=clock.now())
    with db.reading() as session:
        found = session.get(Payment, reference_of(code.upper()))
    if found is None or not hmac.compare_digest(found.receipt_code.encode(), code.upper().encode()):
        return render_template("collections/genuine.html", payment=None, biller=None), 404
    return render_template("collections/genuine.html", payment=found, biller=biller_named(found.biller))


def biller_named(code: str) -> Biller:
    return next(biller for biller in all_billers() if biller.code == code)

"""The form a customer signs: blank, or filled in with the payment and a code by which its scan finds the payment (C-02)."""

from datetime import datetime, time

from sqlalchemy.orm import Session

from app import languages
from app.cancellations.cut_off import limits_of, rule_of
from app.collections.model import Payment
from app.collections.print_slip import Slips, period, slips_of
from app.documents.model import Retention
from app.documents.print_paper import print_paper, qr
from app.errors import N_
from app.markets import Market
from app.web import display

TEMPLATE = "bill_cancellation"
CODE = "GISE:bill-cancellation:{payment}"

ANOTHER_REASON = N_("Another reason")
REASONS = (
    N_("Wrong subscriber or wrong bill"),
    N_("Wrong amount"),
    N_("Paid twice"),
    N_("Paid elsewhere already"),
    N_("The customer does not want to pay this bill now"),
    ANOTHER_REASON,
)


def print_blank_form(session: Session, market: Market, *, now: datetime) -> bytes:
    language = languages.supported(market.languages[0])
    until = rule_of(session, market=market.code, biller="", day=now.astimezone(market.zone).date()).asked_until or time.min
    empty = [""] * 8
    return print_paper(TEMPLATE, sentences(session, language, f"{until:%H:%M}") | payment_fields(language, empty) | {"code": ""}, at=now)


def print_form(session: Session, payment: Payment, *, override: time | None, now: datetime) -> bytes:
    """:param override: ``config.cut_off``"""
    slips = slips_of(session, payment)
    limits = limits_of(session, payment, override=override)
    code = CODE.format(payment=payment.reference)
    data = sentences(session, slips.language, f"{limits.asked_until:%H:%M}") | payment_fields(slips.language, values(slips))
    return print_paper(TEMPLATE, data | {"code": code, "qr": qr(code)}, at=now)


def payment_fields(language: str, filled_in: list[str]) -> dict[str, object]:
    labels = [
        say(language, label)
        for label in (
            N_("Shop"),
            N_("Payment (reference)"),
            N_("Biller"),
            N_("Subscriber number"),
            N_("Bill number"),
            N_("Period"),
            N_("Paid amount with fee"),
            N_("Paid at (date, time)"),
        )
    ]
    fields = list(zip(labels, filled_in, strict=True))
    return {"payment": {"title": say(language, N_("1. The payment")), "rows": [fields[start : start + 2] for start in range(0, 8, 2)]}}


def values(slips: Slips) -> list[str]:
    payment = slips.payment
    return [
        f"{slips.agent.name} · {slips.agent.number}",
        payment.reference,
        slips.biller.name,
        payment.subscriber,
        payment.facts.get("number", payment.bill),
        period(payment.facts, slips.language),
        display.money(payment.whole, slips.language),
        slips.moment(payment.settled_at or payment.asked_at),
    ]


def sentences(session: Session, language: str, until: str) -> dict[str, object]:
    days = session.get_one(Retention, "identity").days
    return {
        "language": language,
        "institution": "Gişe",
        "title": say(language, N_("Request to cancel a bill payment")),
        "explanation": say(
            language,
            N_("Hand it in at the shop that took the payment, on the same day before {until}, with the identity card."),
            until=until,
        ),
        "customer": {
            "title": say(language, N_("2. The customer")),
            "rows": [
                [(say(language, N_("First and last name")), ""), (say(language, N_("Number of the identity card")), "")],
                [(say(language, N_("Phone")), ""), (say(language, N_("Relation to the subscriber (self, family, other)")), "")],
            ],
        },
        "reason": {
            "title": say(language, N_("3. Why the payment is to be cancelled")),
            "choices": [say(language, reason) for reason in REASONS],
            "more": say(language, N_("In the customer's own words")),
        },
        "declaration": say(
            language,
            N_(
                "I ask for this payment to be cancelled. I know that the money is given back by this shop only after the biller has "
                "agreed, and that the bill is open again then. If the biller refuses, I turn to it with the dekont. The scan of my "
                "identity card is used for this request alone and destroyed {days} days after it is closed."
            ),
            days=days,
        ),
        "signatures": [
            (say(language, N_("Customer")), say(language, N_("Date, name, signature"))),
            (say(language, N_("Shop")), say(language, N_("Date, time, name, stamp, signature"))),
        ],
        "office": {
            "title": say(language, N_("4. For the institution")),
            "boxes": [
                (say(language, N_("Received")), say(language, N_("Date, time"))),
                (say(language, N_("Granted or denied")), say(language, N_("Reason"))),
                (say(language, N_("Decided by")), say(language, N_("Date, name, signature"))),
            ],
        },
        "note": say(language, N_("The shop scans this form together with the identity card and uploads both on the payment's page.")),
        "foot": say(language, N_("One form for each payment.")),
    }


def say(language: str, sentence: str, **facts: object) -> str:
    return languages.translate(sentence, language).format_map(facts)

"""The form a customer signs: blank, or filled in with the payment and its code by which the scan finds it (C-02)."""

from datetime import datetime, time

from sqlalchemy.orm import Session

from app import amounts
from app.cancellations.cut_off import limits_of, rule_of
from app.collections.model import Payment
from app.collections.print_slip import Slips, period, slips_of
from app.documents.print_form import print_form
from app.markets import MARKETS, Market

KIND = "bill_cancellation"


def print_blank_cancellation(session: Session, market: Market, *, language: str, now: datetime) -> bytes:
    until = rule_of(session, market=market.code, biller="", day=now.astimezone(market.zone).date()).asked_until or time.min
    return print_form(session, KIND, market=market, language=language, data={"until": f"{until:%H:%M}"}, reference=None, at=now)


def print_cancellation(session: Session, payment: Payment, *, override: time | None, now: datetime) -> bytes:
    """:param override: ``config.cut_off``"""
    slips = slips_of(session, payment)
    until = limits_of(session, payment, override=override).asked_until
    return print_form(
        session,
        KIND,
        market=MARKETS[slips.biller.market],
        language=slips.language,
        data=values(slips) | {"until": f"{until:%H:%M}"},
        reference=payment.reference,
        at=now,
    )


def values(slips: Slips) -> dict[str, str]:
    payment = slips.payment
    return {
        "shop": f"{slips.agent.name} · {slips.agent.number}",
        "payment": payment.reference,
        "biller": slips.biller.name,
        "subscriber": payment.subscriber,
        "bill": payment.facts.get("number", payment.bill),
        "period": period(payment.facts, slips.language),
        "amount": amounts.money(payment.whole, slips.language),
        "paid-at": slips.moment(payment.settled_at or payment.asked_at),
    }

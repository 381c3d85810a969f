"""The shop learns of the decision and of the end, and the customer who left a number learns of the end (P-13)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import amounts, languages
from app.agents.model import Agent
from app.billers.model import Biller
from app.cancellations.model import Cancellation, State
from app.cancellations.queries import name_of
from app.collections.model import Payment
from app.errors import N_
from app.markets import MARKETS
from app.notifications.write_message import write_mail, write_sms
from app.people.model import Person
from app.people.second_person import person_of
from app.web import display

SUBJECT = N_("Cancellation of payment {payment}")
TO_SHOP = {
    State.GRANTED: N_("The cancellation of payment {payment} ({amount}) was granted by {who}. {biller} is being told now."),
    State.DENIED: N_(
        "The cancellation of payment {payment} ({amount}) was denied by {who}: {reason} "
        "Print the dekont; the customer may turn to {biller}, phone {phone}."
    ),
    State.DONE: N_(
        "Payment {payment} is cancelled; {amount} is back on your balance. "
        "Give the customer the cash back and record it on the payment's page."
    ),
    State.REFUSED: N_(
        "{biller} refused to cancel payment {payment} ({amount}). Print the dekont; the customer may turn to {biller}, phone {phone}."
    ),
}
CANNOT = N_(
    "Your payment {payment} of {amount} could not be cancelled. {biller}, phone {phone}, can help you; ask the shop for the dekont."
)
TO_CUSTOMER = {
    State.DENIED: CANNOT,
    State.DONE: N_("Your payment {payment} of {amount} was cancelled. Please get your money back from {shop}."),
    State.REFUSED: CANNOT,
}


def tell_shop(session: Session, payment: Payment, cancellation: Cancellation, *, now: datetime) -> None:
    """In the transaction of the decision or the end; once for each, whatever is repeated."""
    state = State(cancellation.state)
    agent, biller = session.get_one(Agent, payment.agent), session.get_one(Biller, payment.biller)
    language = languages.supported(MARKETS[agent.market].languages[0])
    facts = {
        "payment": payment.reference,
        "amount": amounts.money(payment.whole, language),
        "who": name_of(session, cancellation.decided_by or ""),
        "reason": cancellation.decision_reason,
        "biller": biller.name,
        "phone": display.phone(biller.phone),
        "shop": agent.name,
    }
    body = languages.say(TO_SHOP[state], language, **facts)
    key = f"cancellation.{state}:{cancellation.id}"
    if agent.email:
        subject = languages.say(SUBJECT, language, **facts)
        write_mail(session, key=f"{key}:shop", to=agent.email, subject=subject, body=body, now=now)
    elif phone := phone_at_shop(session, cancellation):
        write_sms(session, key=f"{key}:shop", to=phone, body=body, now=now)
    if state in TO_CUSTOMER and payment.customer_phone:
        body = languages.say(TO_CUSTOMER[state], language, **facts)
        write_sms(session, key=f"{key}:customer", to=payment.customer_phone, body=body, now=now)


def phone_at_shop(session: Session, cancellation: Cancellation) -> str | None:
    """Of the person who asked; when the institution keyed the form in, of the shop's first owner."""
    asker = person_of(session, cancellation.asked_by)
    if asker is not None and asker.agent == cancellation.agent and asker.removed_at is None:
        return asker.phone
    owners = select(Person.phone).filter_by(agent=cancellation.agent, role="owner", removed_at=None).order_by(Person.id).limit(1)
    return session.scalars(owners).one_or_none()

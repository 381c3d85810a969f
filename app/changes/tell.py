"""Who hears of a change: the shop, of its end; a new person, how to come in; whose phone changed, on both numbers."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import amounts, languages
from app.agents.model import Agent
from app.changes.model import Change, State
from app.errors import N_
from app.markets import MARKETS
from app.money import Money
from app.notifications.write_message import write_mail, write_sms
from app.people.model import Person
from app.people.second_person import person_of
from app.phones import as_typed, masked

SUBJECT = N_("Change {change}")
TO_SHOP = {
    State.GRANTED: N_("Your request {change} was granted. It takes effect on {day}."),
    State.APPLIED: N_("Your request {change} was granted and is done."),
    State.DENIED: N_("Your request {change} was denied: {reason}"),
}
TAKEN_BACK = {
    State.DENIED: N_("Your request {change}, granted for {day}, was revoked: {reason}"),
    State.WITHDRAWN: N_("Your request {change}, granted for {day}, was withdrawn. Nothing changes."),
}
WELCOME = N_(
    "{shop} has added you to Gişe. Open the sign-in page, choose 'Forgotten password' and write this number, {phone}: "
    "a code comes by SMS with which you set your password."
)
NEW_PHONE = N_("From now on you sign in to Gişe with {new} instead of {old}. If you did not ask for this, call support at once.")


def tell_shop(session: Session, change: Change, *, now: datetime) -> None:
    """In the transaction of the decision or the end; once for each, whatever is repeated. What the institution asked for stays inside."""
    asker = person_of(session, change.on_behalf_of or change.asked_by or "")
    if change.agent is None or asker is None or asker.agent != change.agent:
        return
    agent, state = session.get_one(Agent, change.agent), State(change.state)
    language = language_of(change)
    facts = {
        "change": change.reference,
        "day": languages.day(change.effective_on, language) if change.effective_on else "",
        "reason": change.denial_reason,
    }
    say = TAKEN_BACK[state] if change.was_taken_back else TO_SHOP[state]
    body, key = languages.say(say, language, **facts), f"change.{state}:{change.reference}"
    if agent.email:
        write_mail(session, key=key, to=agent.email, subject=languages.say(SUBJECT, language, **facts), body=body, now=now)
    elif phone := phone_at_shop(session, asker):
        write_sms(session, key=key, to=phone, body=body, now=now)


CLOSING = N_(
    "Agent {agent} is being closed: nothing can be paid any more. {amount} is paid out to your IBAN; then the account is closed. "
    "Until then you can sign in and read."
)
CLOSING_WITHOUT_IBAN = N_(
    "Agent {agent} is being closed: nothing can be paid any more. {amount} waits to be paid out, but your IBAN is not known. Call support."
)
OWED = N_(
    "Agent {agent} is being closed, and its account is {amount} below zero. Please transfer this amount within 14 days and call support; "
    "the account is closed when it has come."
)
CLOSED = N_("Agent {agent} is closed: its account stands at zero. The final statement has number {number}.")


def tell_closing(session: Session, change: Change, agent: Agent, left: Money, *, now: datetime) -> None:
    """What will happen to what is left, or owed: an invoice in one sentence."""
    say = OWED if left.minor < 0 else CLOSING if agent.iban else CLOSING_WITHOUT_IBAN
    amount = amounts.money(left if left.minor > 0 else -left, language_of(change))
    tell_owners(session, change, agent, say, key="closing", now=now, amount=amount)


def tell_closed(session: Session, change: Change, agent: Agent, *, number: str, pdf: bytes, now: datetime) -> None:
    """:param pdf: the final statement, for a shop that has a mail address; before its logins end"""
    tell_owners(session, change, agent, CLOSED, key=f"closed/{number}", now=now, attachment=(f"{number}.pdf", pdf), number=number)


def tell_owners(
    session: Session,
    change: Change,
    agent: Agent,
    say: str,
    *,
    key: str,
    now: datetime,
    attachment: tuple[str, bytes] | None = None,
    **facts: object,
) -> None:
    """By mail, if the shop has an address; else an SMS to each owner."""
    language, name = language_of(change), f"agent.{key}:{change.reference}"
    body = languages.say(say, language, agent=agent.number, **facts)
    if agent.email:
        subject = languages.say(SUBJECT, language, change=change.reference)
        file_name, content = attachment or ("", None)
        write_mail(
            session, key=name, to=agent.email, subject=subject, body=body, now=now, attachment_name=file_name, attachment=content
        )  # fmt: skip
        return
    owners = select(Person).filter_by(agent=agent.number, role="owner", removed_at=None).order_by(Person.id)
    for owner in session.scalars(owners):
        write_sms(session, key=f"{name}:{owner.id}", to=owner.phone, body=body, now=now)


def phone_at_shop(session: Session, asker: Person) -> str | None:
    """The asker's; after a removal the first owner's."""
    if asker.removed_at is None:
        return asker.phone
    owners = select(Person.phone).filter_by(agent=asker.agent, role="owner", removed_at=None).order_by(Person.id).limit(1)
    return session.scalars(owners).one_or_none()


def tell_new_person(session: Session, change: Change, person: Person, *, shop: str, now: datetime) -> None:
    body = languages.say(WELCOME, language_of(change), shop=shop, phone=as_typed(person.phone))
    write_sms(session, key=f"person.welcome:{change.reference}", to=person.phone, body=body, now=now)


def tell_new_phone(session: Session, change: Change, person: Person, *, old: str, now: datetime) -> None:
    """The old number learns it, too: it may be the only one that its owner still holds."""
    body = languages.say(NEW_PHONE, language_of(change), new=masked(person.phone), old=masked(old))
    for phone in (old, person.phone):
        write_sms(session, key=f"person.phone-changed:{change.reference}:{phone[-4:]}", to=phone, body=body, now=now)


def language_of(change: Change) -> str:
    return languages.supported(MARKETS[change.market].languages[0])

"""E14: when the bank takes an agent's money back, its owners and our operators are told at once."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import amounts, languages
from app.bank.model import Deposit
from app.errors import N_
from app.ledger import book
from app.ledger.chart import agent_account
from app.money import Money
from app.notifications.write_message import write_sms
from app.people.model import Person

TO_OWNER = N_("The bank took your transfer of {amount} back (top-up {deposit}). Your balance is now {balance}.")
AND_STOPPED = N_("Payments are stopped until you top up again.")
TO_OPERATOR = N_("The bank took {amount} of agent {agent} back (top-up {deposit}). The agent's balance is now {balance}.")


def tell_taken_back(session: Session, deposit: Deposit, *, amount: Money, key: str, now: datetime) -> None:
    """After the posting, in its transaction; each person once. ``key`` tells the parts of one deposit apart."""
    balance = book.balance(session, agent_account(str(deposit.agent)))
    people = select(Person).where(
        Person.removed_at.is_(None), or_(Person.role == "operator", (Person.agent == deposit.agent) & (Person.role == "owner"))
    )
    for person in session.scalars(people.order_by(Person.id)):
        language = languages.supported(person.language)
        facts = {
            "amount": amounts.money(amount, language),
            "deposit": deposit.reference,
            "agent": str(deposit.agent),
            "balance": amounts.money(balance.balance, language),
        }
        say = languages.say(TO_OWNER if person.agent else TO_OPERATOR, language, **facts)
        if person.agent and balance.available < Money(1, deposit.currency):
            say += " " + languages.translate(AND_STOPPED, language)
        write_sms(session, key=f"deposit.taken-back:{deposit.reference}{key}:{person.id}", to=person.phone, body=say, now=now)

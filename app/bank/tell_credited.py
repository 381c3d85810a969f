"""Owners who asked for it are told when a transfer of theirs is on their balance: written with the credit, in their language."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app import amounts, audit, languages
from app.bank.desk_model import TopUpNotice
from app.bank.model import Deposit
from app.errors import N_, Invalid
from app.ledger import book
from app.ledger.chart import agent_account
from app.money import Money
from app.notifications.addresses import read_mail_address
from app.notifications.write_message import write_mail, write_sms
from app.people.model import Person

CREDITED = N_("Your transfer of {amount} is on your balance (top-up {deposit}). Your balance is now {balance}.")
SUBJECT = N_("Top-up of {amount}")


@dataclass(frozen=True, slots=True)
class Credited:
    """:ivar turn: how often the deposit was credited to somebody by now"""

    deposit: str
    turn: int
    agent: str
    amount: Money

    @classmethod
    def of(cls, deposit: Deposit) -> "Credited":
        return cls(deposit.reference, deposit.turns, str(deposit.agent), deposit.rest)


def tell_credited(session: Session, credited: Sequence[Credited], *, now: datetime) -> None:
    """After the posting, in its transaction; each person once for each credit, and nobody who did not ask."""
    agents = sorted({each.agent for each in credited})
    wanted = (
        select(Person, TopUpNotice)
        .join(TopUpNotice, TopUpNotice.person_id == Person.id)
        .where(Person.agent == any_(literal(agents, ARRAY(Text))), Person.role == "owner", Person.removed_at.is_(None))
        .order_by(Person.id)
    )
    who: dict[str | None, list[tuple[Person, TopUpNotice]]] = defaultdict(list)
    for person, notice in session.execute(wanted) if agents else ():
        who[person.agent].append((person, notice))
    for each in credited if who else ():
        for person, notice in who.get(each.agent, ()):
            tell(session, each, person, notice, now=now)


def tell(session: Session, credited: Credited, person: Person, notice: TopUpNotice, *, now: datetime) -> None:
    language, key = languages.supported(person.language), f"deposit.credited:{credited.deposit}/{credited.turn}:{person.id}"
    facts = {
        "amount": amounts.money(credited.amount, language),
        "deposit": credited.deposit,
        "balance": amounts.money(book.balance(session, agent_account(credited.agent)).balance, language),
    }
    body = languages.say(CREDITED, language, **facts)
    if notice.sms:
        write_sms(session, key=f"{key}:sms", to=person.phone, body=body, now=now)
    if notice.mail:
        subject = languages.say(SUBJECT, language, **facts)
        write_mail(session, key=f"{key}:mail", to=notice.mail, subject=subject, body=body, now=now)


def choose_notices(session: Session, person: int, *, sms: bool, mail: str, by: str, now: datetime) -> TopUpNotice:
    """
    :param mail: an address, or empty for none
    :raises Invalid: if it is no address
    """
    address = read_mail_address(mail) if mail.strip() else ""
    if address is None:
        raise Invalid(mail=N_("This is no e-mail address."))
    notice = session.merge(TopUpNotice(person_id=person, sms=sms, mail=address, changed_at=now))
    session.flush()
    audit.record(session, "top-up-notice.chosen", about=by, by=by, at=now, sms=sms, mail="yes" if address else "no")
    return notice


def notices_of(session: Session, person: int) -> tuple[bool, str]:
    """By SMS, and to which address."""
    notice = session.get(TopUpNotice, person)
    return (notice.sms, notice.mail) if notice else (False, "")

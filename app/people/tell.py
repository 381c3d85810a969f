"""Notices to a person about the own login, in the own language: by SMS, and by mail where an address is on file."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app import languages
from app.agents.model import Agent
from app.markets import INSTITUTION, MARKETS
from app.notifications.write_message import write_mail, write_sms
from app.people.model import Person
from app.remarks import Word
from app.web import display


def tell_person(
    session: Session, person: Person, *, key: str, say: str, subject: str, now: datetime, only: str | None = None, **facts: object
) -> None:
    """
    :param key: the occasion; :param say: and ``subject`` marked with ``N_``
    :param only: ``sms`` or ``mail`` when one of them is enough; mail becomes SMS where no address is on file
    :param facts: of the sentence; a time is shown in the person's zone, a :class:`Word` in the person's language
    """
    language = languages.supported(person.language)
    agent = session.get(Agent, person.agent) if person.agent else None
    zone = (MARKETS[agent.market] if agent else INSTITUTION).zone
    body = languages.say(say, language, **{name: in_words(fact, language, zone) for name, fact in facts.items()})
    by_mail = bool(person.email) and only != "sms"
    if only != "mail" or not by_mail:
        write_sms(session, key=f"{key}:sms", to=person.phone, body=body, now=now)
    if by_mail:
        write_mail(session, key=f"{key}:mail", to=person.email, subject=languages.translate(subject, language), body=body, now=now)


def in_words(fact: object, language: str, zone: ZoneInfo) -> object:
    if isinstance(fact, datetime):
        return display.moment(fact, language, zone)
    return fact.in_words(language) if isinstance(fact, Word) else fact

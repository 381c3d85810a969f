"""Which request a mail or a paper is about: by the references in its text and the codes on its pages. Nothing is guessed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.agents.model import Agent
from app.billers.model import Biller
from app.changes.catalogue import KINDS
from app.changes.model import Change
from app.changes.references import read_reference
from app.collections.model import Payment
from app.inquiries.understand import own_words
from app.markets import MARKETS, Market
from app.people.model import Person
from app.people.permissions import ASK_CHANGES, ROLES
from app.references import LETTERS

CHANGE = re.compile(r"(?<![A-Z0-9])C[-–— ]?[0-9A-Z]{4}[-–— ]?[0-9A-Z]{4}[-–— ]?[0-9A-Z](?![A-Z0-9])", re.IGNORECASE)
PAYMENT = re.compile(rf"(?<![A-Z0-9])P[0-9]{{6}}-[{LETTERS}]{{12}}(?![A-Z0-9])", re.IGNORECASE)
LONGEST_READ, MOST = 20_000, 5


@dataclass(frozen=True)
class Request:
    """
    What somebody's papers can be for.

    :ivar agent: the shop whose record or payment it is; ``None`` of a shop that is not there yet
    :ivar is_institution_s: what the institution wants of the shop, such as to suspend it: the shop knows nothing of it
    """

    reference: str
    market: Market
    agent: str | None
    is_payment: bool
    is_institution_s: bool = False

    def is_of(self, shop: str) -> bool:
        return self.agent == shop and not self.is_institution_s


def find_request(session: Session, reference: str) -> Request | None:
    """:param reference: as typed, printed or read from a code"""
    if change := read_reference(reference):
        found = session.scalars(select(Change).filter_by(reference=change)).one_or_none()
        if found is None:
            return None
        hidden = not KINDS[found.kind].is_for_shops
        return Request(found.reference, MARKETS[found.market], found.agent, is_payment=False, is_institution_s=hidden)
    payment = session.get(Payment, reference.strip().upper())
    if payment is None:
        return None
    return Request(payment.reference, MARKETS[session.get_one(Biller, payment.biller).market], payment.agent, is_payment=True)


def find_requests(session: Session, references: Iterable[str]) -> list[Request]:
    """Those that there are, each once."""
    found = {request.reference: request for reference in references if (request := find_request(session, reference))}
    return list(found.values())


def references_in_text(subject: str, body: str) -> list[str]:
    """Of the subject and what the writer wrote anew; what only looks like a reference has no check letter that fits."""
    text = f"{subject}\n{own_words(body)}"[:LONGEST_READ]
    changes = [reference for found in CHANGE.findall(text) if (reference := read_reference(found))]
    return list(dict.fromkeys([*changes, *(found.upper() for found in PAYMENT.findall(text))]))[:MOST]


@dataclass(frozen=True)
class Sender:
    """
    Whose address it is.

    :ivar shops: numbers of those it is registered for; :ivar owned: those of them whose changes it may ask for, as a cashier's may not
    :ivar language: in which it is answered; ``None`` for a stranger
    """

    shops: tuple[str, ...]
    owned: tuple[str, ...]
    language: str | None

    def may_bring(self, request: Request) -> bool:
        return any(request.is_of(shop) for shop in (self.shops if request.is_payment else self.owned))


def find_sender(session: Session, address: str) -> Sender:
    """The address of a shop, or of a person who works in one now."""
    if not address:
        return Sender((), (), None)
    people = session.scalars(
        select(Person).where(func.lower(Person.email) == address.lower(), Person.removed_at.is_(None), Person.agent.is_not(None))
    ).all()
    numbers = [person.agent for person in people]
    shops = session.scalars(
        select(Agent).where(or_(func.lower(Agent.email) == address.lower(), Agent.number.in_(numbers))).order_by(Agent.number)
    ).all()
    language = people[0].language if people else MARKETS[shops[0].market].languages[0] if shops else None
    owners = {person.agent for person in people if ASK_CHANGES in ROLES[person.role]}
    owned = [shop for shop in shops if shop.number in owners or (shop.email or "").lower() == address.lower()]
    return Sender(tuple(shop.number for shop in shops), tuple(shop.number for shop in owned), language)

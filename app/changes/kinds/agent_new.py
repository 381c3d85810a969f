"""A shop is taken on: its record, its account, its owner's login, and the file of its papers."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agents.add_agent import NumberTaken, add_agent, next_number
from app.agents.change_information import change_information
from app.agents.model import Agent
from app.changes import shapes
from app.changes.agent_file import PAPERS, file_papers_of, last_day_fields
from app.changes.kind import Field, Kind, Subject, Values
from app.changes.model import Change
from app.changes.tell import tell_new_person
from app.errors import N_
from app.people.add_person import add_person, take_phone

COUNTRIES = {"TR": N_("Türkiye"), "AZ": N_("Azerbaijan"), "ES": N_("Spain"), "HU": N_("Hungary")}
INFORMATION = ("legal_name", "tax_number", "email")  # what is written besides when it is added


def before(_session: Session, _subject: Subject) -> dict[str, Any]:
    return {}


def check(session: Session, _subject: Subject, wanted: Values) -> None:
    """:raises app.people.add_person.PhoneTaken: … :raises NumberTaken: …"""
    take_phone(session, str(wanted["owner_phone"]))
    if wanted.get("number") and (there := session.get(Agent, str(wanted["number"]))):
        raise NumberTaken(number=there.number, name=there.name)


def matter(_subject: Subject, wanted: Values) -> str:
    return str(wanted["owner_phone"])


def weigh(_subject: Subject, _wanted: Values) -> int:
    """Whoever takes a shop on lets it take money: two decide, unless the market's limit says otherwise."""
    return 1


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    """The owner's password is one that nobody knows: a code to the phone sets another."""
    wanted = {name: str(value) for name, value in change.wanted.items()}
    agent = add_agent(
        session,
        number=wanted.get("number") or next_number(session, subject.market.code),
        market=subject.market.code,
        name=wanted["name"],
        address=wanted["address"],
        phone=wanted.get("phone", ""),
        iban=wanted["iban"],
        group=wanted.get("group") or "standard",
        by=by,
        now=now,
    )
    change_information(session, agent.number, {name: wanted.get(name, "") for name in INFORMATION}, by=by, now=now)
    owner = add_person(
        session, agent=agent, role="owner", name=wanted["owner_name"], phone=wanted["owner_phone"], password=None, by=by, now=now
    )
    file_papers_of(session, change, agent.number, by=by, now=now)
    tell_new_person(session, change, owner, shop=agent.name, now=now)
    return {"agent": agent.number, "person": owner.id}


KIND = Kind(
    name="agent-new",
    title=N_("Take a shop on"),
    explains=N_(
        "The shop gets its number and an empty account, its owner a login and an SMS that says how to set a password. The papers stay "
        "in the shop's file, and everybody is reminded before one of them expires."
    ),
    asked_by=frozenset({"operator", "approver"}),
    has_agent=False,
    keeps_papers=True,
    papers=PAPERS,
    fields=(
        Field("market", N_("Market"), is_needed=True, choices=COUNTRIES),
        Field("number", N_("Agent number"), shapes.agent_number, longest=10, hint=N_("Ten digits; empty: the next free one.")),
        Field("name", N_("Name on the screen"), is_needed=True, longest=100),
        Field("legal_name", N_("Legal name"), is_needed=True, longest=200),
        Field("tax_number", N_("Tax number"), shapes.tax_number, is_needed=True, is_private=True, longest=30),
        Field("address", N_("Address"), is_needed=True, longest=300),
        Field("phone", N_("Telephone of the shop"), shapes.phone, input="tel", longest=30),
        Field("email", N_("Mail address"), shapes.mail_address, input="email", longest=254),
        Field("iban", N_("IBAN for payments to the shop"), shapes.iban, is_needed=True, is_private=True, longest=50),
        Field("group", N_("Group (chooses fees and commission)"), shapes.group, longest=40, hint=N_("Empty: standard.")),
        Field("owner_name", N_("First and last name of the owner"), is_needed=True, longest=100),
        Field("owner_phone", N_("Mobile phone of the owner"), shapes.mobile, is_needed=True, input="tel", longest=30),
        *last_day_fields(),
    ),
    before=before,
    check=check,
    matter=matter,
    weigh=weigh,
    apply=apply,
)

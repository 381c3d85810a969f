"""One more person at the shop's counter."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.changes import shapes
from app.changes.kind import IDENTITY_CARD, SIGNED_FORM, Field, Kind, Subject, Values
from app.changes.model import Change
from app.changes.tell import tell_new_person
from app.errors import N_
from app.people.add_person import add_person, take_phone


def before(_session: Session, _subject: Subject) -> dict[str, Any]:
    return {}


def check(session: Session, _subject: Subject, wanted: Values) -> None:
    """:raises app.people.add_person.PhoneTaken: …"""
    take_phone(session, str(wanted["phone"]))


def matter(subject: Subject, wanted: Values) -> str:
    """Within the shop: no other one hears who asks for what."""
    return f"{subject.shop.number} {wanted['phone']}"


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    """With a password that nobody knows: the person sets an own one by a code to the phone."""
    wanted = {name: str(value) for name, value in change.wanted.items()}
    person = add_person(
        session, agent=subject.shop, role=wanted["role"], name=wanted["name"], phone=wanted["phone"], password=None, by=by, now=now
    )
    tell_new_person(session, change, person, shop=subject.shop.name, now=now)
    return {"person": person.id}


KIND = Kind(
    name="person-add",
    title=N_("Add a person"),
    explains=N_("The person gets a login and an SMS that says how to set a password, and can work at once."),
    asked_by=frozenset({"owner", "operator"}),
    papers=(SIGNED_FORM, IDENTITY_CARD),
    fields=(
        Field("name", N_("First and last name"), is_needed=True, longest=100),
        Field("phone", N_("Mobile phone"), shapes.mobile, is_needed=True, input="tel", longest=30),
        Field("role", N_("Role"), is_needed=True, choices={"cashier": N_("Cashier"), "owner": N_("Owner")}),
        Field(
            "identity_number",
            N_("TCKN"),
            shapes.masked_tckn,
            longest=20,
            hint=N_("It is checked, and only its last two digits are kept."),
        ),
    ),
    before=before,
    check=check,
    matter=matter,
    apply=apply,
)

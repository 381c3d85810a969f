"""Somebody leaves the shop."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.changes.kind import SIGNED_FORM, Field, Kind, Subject, Values
from app.changes.model import Change
from app.errors import N_
from app.people.remove_person import Removed, must_not_be_last, remove_person


def before(_session: Session, subject: Subject) -> dict[str, Any]:
    person = subject.somebody
    return {"name": person.name, "phone": person.phone, "role": person.role}


def check(session: Session, subject: Subject, _wanted: Values) -> None:
    """:raises Removed: … :raises app.people.remove_person.LastOwner: …"""
    if subject.somebody.removed_at is not None:
        raise Removed(name=subject.somebody.name, at=subject.somebody.removed_at)
    must_not_be_last(session, subject.somebody)


def matter(subject: Subject, _wanted: Values) -> str:
    return f"person:{subject.somebody.id}"


def apply(session: Session, _change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    remove_person(session, subject.somebody.id, by=by, now=now)
    return {}


KIND = Kind(
    name="person-remove",
    title=N_("Remove a person"),
    explains=N_("The login ends at once on every device. A transfer with this phone is no longer credited to the shop by itself."),
    asked_by=frozenset({"owner", "operator"}),
    person="one",
    papers=(SIGNED_FORM,),
    fields=(
        Field("name", N_("First and last name"), is_asked=False),
        Field("phone", N_("Mobile phone"), is_asked=False, input="tel"),
        Field("role", N_("Role"), choices={"cashier": N_("Cashier"), "owner": N_("Owner")}, is_asked=False),
    ),
    before=before,
    check=check,
    matter=matter,
    apply=apply,
)

"""The form of a change, filled in with what is asked for and its code, by which the signed paper finds it again (product.md §7)."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.catalogue import KINDS
from app.changes.kind import Subject, hidden
from app.changes.model import Change
from app.changes.versions import subject_of
from app.documents.print_form import print_form
from app.errors import NotFound
from app.languages import supported
from app.people.model import Person
from app.people.second_person import person_of

Values = dict[str, str]
INFORMATION = ("name", "legal_name", "tax_number", "address", "phone", "email", "iban")


def has_form(kind: str) -> bool:
    return kind in FORM_OF


def print_change_form(session: Session, change: Change, *, sees_private: bool, now: datetime) -> bytes:
    """
    In the language of the shop's market; what nobody has keyed in yet is left to write by hand.

    :param sees_private: else what is private is printed as its last letters
    :raises NotFound: if its kind has no form
    """
    if not has_form(change.kind):
        raise NotFound
    form, values = FORM_OF[change.kind]
    private = {} if sees_private else private_values(change)
    subject = subject_of(session, change)
    return print_form(
        session,
        form,
        market=subject.market,
        language=supported(subject.market.languages[0]),
        data=about_shop(session, change, subject)
        | {name: private.get(value, value) for name, value in values(change, subject).items()}
        | {"effective": boxes_of(change.effective_on, subject)},
        reference=change.reference,
        at=now,
    )


def private_values(change: Change) -> Values:
    """:returns: each as it is, and as it is shown to whoever only reads"""
    names = [field.name for field in KINDS[change.kind].fields if field.is_private]
    values = [str(said[name]) for said in (change.before, change.wanted) for name in names if said.get(name)]
    return {value: hidden(value) for value in values}


def about_shop(session: Session, change: Change, subject: Subject) -> Values:
    """:returns: the shop, and who signs: on whose behalf it is keyed in, else the owner who asked, else the first one"""
    signer = person_of(session, change.on_behalf_of or change.asked_by or "")
    if signer is None or signer.agent != subject.shop.number:
        owners = select(Person).filter_by(agent=subject.shop.number, role="owner", removed_at=None).order_by(Person.id).limit(1)
        signer = session.scalars(owners).one_or_none()
    who = {"owner": signer.name, "owner-phone": signer.phone} if signer else {}
    return {"agent": subject.shop.number, "agent-name": subject.shop.name} | who


def boxes_of(day: date | None, subject: Subject) -> str:
    if day is None:
        return ""
    return f"{day:%Y%m%d}" if subject.market.code == "HU" else f"{day:%d%m%Y}"


def information(change: Change, _subject: Subject) -> Values:
    values: Values = {}
    for name in INFORMATION:
        if name in change.wanted:
            values |= {f"{name}.old": str(change.before.get(name, "")), f"{name}.new": str(change.wanted[name])}
    remark = str(change.wanted.get("login_phone", ""))
    return values | {"remark": " · ".join(part for part in (change.reason, remark) if part)}


def added(change: Change, _subject: Subject) -> Values:
    wanted = {name: str(value) for name, value in change.wanted.items()}
    known = {name: wanted[name] for name in ("name", "phone", "role") if name in wanted}
    return {"change": "add", "remark": change.reason} | known


def removed(change: Change, subject: Subject) -> Values:
    person = subject.person
    known = {"name": person.name, "phone": person.phone, "role": person.role} if person else {}
    return {"change": "remove", "remark": change.reason} | known


def ended(change: Change, subject: Subject) -> Values:
    return {"words": change.reason, "holder": subject.shop.legal_name, "iban": str(change.wanted.get("iban", ""))}


FORM_OF: dict[str, tuple[str, Callable[[Change, Subject], Values]]] = {
    "agent-information": ("agent_information", information),
    "person-add": ("person_change", added),
    "person-remove": ("person_change", removed),
    "termination": ("agency_termination", ended),
}

"""The shop's names, tax number, address, telephone, mail and IBAN, and the telephone with which one of its people signs in."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agents.change_information import INFORMATION, change_information
from app.changes import shapes
from app.changes.kind import SIGNED_FORM, Field, Kind, Subject, Values
from app.changes.model import Change
from app.changes.tell import tell_new_phone
from app.errors import N_
from app.people.change_phone import change_phone


def before(_session: Session, subject: Subject) -> dict[str, Any]:
    said = {name: getattr(subject.shop, name) for name in INFORMATION}
    return said | {"login_phone": subject.person.phone if subject.person else ""}


def weigh(_subject: Subject, wanted: Values) -> int:
    """Where money is paid out to is delicate, and so is who opens the shop: a code for a new password goes to the login phone."""
    return len({"iban", "login_phone"} & set(wanted))


def apply(session: Session, change: Change, subject: Subject, *, by: str, now: datetime) -> dict[str, Any]:
    values = {name: str(value) for name, value in change.wanted.items() if name in INFORMATION}
    if values:
        change_information(session, subject.shop.number, values, by=by, now=now)
    if "login_phone" in change.wanted:
        old = subject.somebody.phone
        person = change_phone(session, subject.somebody.id, phone=str(change.wanted["login_phone"]), by=by, now=now)
        tell_new_phone(session, change, person, old=old, now=now)
    return {}


KIND = Kind(
    name="agent-information",
    title=N_("Information of the shop"),
    explains=N_(
        "What is written about the shop changes at once. A new login phone works at once and signs the person out of every browser; "
        "transfers may carry the old one for 30 days."
    ),
    asked_by=frozenset({"owner", "operator"}),
    person="maybe",
    changes_only=True,
    papers=(SIGNED_FORM,),
    fields=(
        Field("name", N_("Name on the screen"), is_needed=True, longest=100),
        Field("legal_name", N_("Legal name"), longest=200),
        Field("tax_number", N_("Tax number"), shapes.tax_number, is_private=True, longest=30),
        Field("address", N_("Address"), longest=300),
        Field("phone", N_("Telephone of the shop"), shapes.phone, input="tel", longest=30),
        Field("email", N_("Mail address"), shapes.mail_address, input="email", longest=254),
        Field("iban", N_("IBAN for payments to the shop"), shapes.iban, is_private=True, longest=50),
        Field(
            "login_phone",
            N_("Phone to sign in with"),
            shapes.mobile,
            of_person=True,
            input="tel",
            longest=30,
            hint=N_("The same number goes into the text of a bank transfer."),
        ),
    ),
    before=before,
    weigh=weigh,
    apply=apply,
)

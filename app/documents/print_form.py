"""The forms that people sign: blank, or filled in with a request and the code by which its scan finds it (product.md §7)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from app.documents.form_kinds.agency_termination import AGENCY_TERMINATION
from app.documents.form_kinds.agent_information import AGENT_INFORMATION
from app.documents.form_kinds.bill_cancellation import BILL_CANCELLATION
from app.documents.form_kinds.parts import BOXES, Changes, Choices, Field, Fields, Section
from app.documents.form_kinds.person_change import PERSON_CHANGE
from app.documents.model import Retention
from app.documents.paper_code import code_of
from app.documents.print_paper import print_paper, qr
from app.errors import N_
from app.languages import say
from app.markets import Market

FORMS = {form.kind: form for form in (BILL_CANCELLATION, AGENT_INFORMATION, AGENCY_TERMINATION, PERSON_CHANGE)}
PRIVACY = N_(
    "Your data are used for this request alone and seen only by those who decide about it, each view with a reason. Scans of "
    "identity cards are destroyed {days} days after it is closed, this form after {years} years. "
    "You may ask what we hold about you, and for its erasure."
)


def print_form(
    session: Session,
    kind: str,
    *,
    market: Market,
    language: str,
    data: Mapping[str, str],
    reference: str | None,
    at: datetime,
) -> bytes:
    """
    Always one A4 page: what is long is set in smaller letters.

    :param kind: a key of :data:`FORMS`
    :param market: whose numbers have how many boxes
    :param data: values by the names of the form's fields and choices; what is missing is left to write by hand
    :param reference: of the request or payment, as letters and as QR; ``None`` on a blank form
    """
    form = FORMS[kind]
    facts = {**data, **kept_for(session)}
    code = code_of(reference) if reference else ""
    return print_paper(
        kind,
        {
            "language": language,
            "institution": "Gişe",
            "title": say(form.title, language),
            "explanation": say(form.explanation, language, **facts),
            "sections": {name: section_of(section, data, market, language) for name, section in form.sections.items()},
            "declaration": say(form.declaration, language),
            "enclosures": {"title": say(N_("Enclosures"), language), "list": [say(one, language) for one in form.enclosures]},
            "signatures": [[say(who, language), say(beside, language)] for who, beside in form.signatures],
            "office": office(language),
            "privacy": say(PRIVACY, language, **facts),
            "note": say(form.note, language),
            "foot": say(N_("One form for each request."), language),
            "code": code,
            "reference": reference or "",
        }
        | ({"qr": qr(code, error="q")} if code else {}),
        at=at,
    )


def kept_for(session: Session) -> dict[str, str]:
    """The days of an identity card and the years of a form, as the privacy notice says them."""
    days, form_days = (session.get_one(Retention, kind).days for kind in ("identity", "form"))
    return {"days": str(days), "years": str(form_days // 365)}


def section_of(section: Section, data: Mapping[str, str], market: Market, language: str) -> dict[str, object]:
    said: dict[str, object] = {"title": say(section.title, language)}
    match section:
        case Fields():
            return said | {"rows": [[cell(field, data.get(field.name, ""), market, language) for field in row] for row in section.rows]}
        case Choices():
            more = section.more
            return said | {
                "options": [[say(words, language), data.get(section.name) == name] for name, words in section.options],
                "more": cell(more, data.get(more.name, ""), market, language) if more else None,
            }
        case Changes():
            head = [say(words, language) for words in (N_("What"), N_("Now"), N_("New"))]
            return said | {"head": head, "rows": [old_and_new(field, data, market, language) for field in section.fields]}


def old_and_new(field: Field, data: Mapping[str, str], market: Market, language: str) -> dict[str, object]:
    old, new = data.get(f"{field.name}.old", ""), data.get(f"{field.name}.new", "")
    old = " ".join(old[start : start + 4] for start in range(0, len(old), 4)) if field.boxes == "iban" else old
    return {"old": shortened(old, field.longest), "ticked": bool(new), "new": cell(field, new, market, language)}


def cell(field: Field, value: str, market: Market, language: str) -> dict[str, object]:
    """A value that does not fit into its boxes is written as text: nothing is lost, and nothing squeezed into the wrong box."""
    groups = BOXES[field.boxes][market.code] if field.boxes else ()
    letters = in_boxes(field.boxes, value, market)
    if value and not (len(letters) == sum(groups) or (field.boxes == "tax" and len(letters) < sum(groups))):
        groups = ()
    return {"label": say(field.label, language), "value": shortened(value, field.longest), "letters": letters, "groups": groups}


def in_boxes(boxes: str, value: str, market: Market) -> str:
    if boxes == "phone":
        value = value.removeprefix(f"+{market.calling_code}")
    return "".join(letter for letter in value if letter.isalnum())


def shortened(value: str, longest: int) -> str:
    return value if len(value) <= longest else value[: longest - 1].rstrip() + "\u2026"


def office(language: str) -> dict[str, object]:
    """What the institution writes onto a form that came as paper."""
    boxes = (
        (N_("Received"), N_("Date, time")),
        (N_("Granted or denied"), N_("Reason")),
        (N_("Decided by"), N_("Date, name, signature")),
    )
    return {
        "title": say(N_("For the institution"), language),
        "boxes": [[say(what, language), say(beside, language)] for what, beside in boxes],
    }

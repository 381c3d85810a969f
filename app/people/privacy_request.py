"""Somebody asks for the own data, or for their erasure: one person writes it down after an identity check, another decides (C27)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, undefer

from app import audit
from app.documents.destroy_scan import destroy
from app.documents.forget_data import changes_of, erase_changes, erase_left_behind, erase_rows, still_needed
from app.documents.model import Scan
from app.documents.personal_copy import matters_of
from app.documents.personal_data import ROWS
from app.documents.privacy_model import COPY, ERASURE, PrivacyRequest
from app.errors import N_, Invalid, NotFound, OwnRequest, Refusal
from app.people.model import Person
from app.people.permissions import RECORD_PRIVACY
from app.people.queries import names_by
from app.people.second_person import first_must_still_count, is_the_asker
from app.phones import read_phone
from app.text import one_line

LONGEST = 300
MOST_IDENTIFIERS = 20

# What still waits for the data, and who has to end it first.
NEEDED = {
    "payment": N_("the outcome of a payment is still open"),
    "inquiry": N_("an inquiry is still being answered"),
    "message": N_("a message is still on its way"),
    "e_bill": N_("an e-bill is still switched on"),
    "person": N_("the person still has a login"),
    "intake": N_("a mail of the person still waits to be sorted"),
}


CHANGE_OPEN = N_("a change about the person's login is not decided yet")


class StillNeeded(Refusal):
    say = N_("Nothing was erased: {what}. End that first, then decide again.")


class ScansNeeded(Refusal):
    say = N_("Nothing was erased: request {about} with a scan of the person is not closed yet. Decide it first.")


class DecidedAlready(Refusal):
    say = N_("Request {number} was decided by {who} at {when}; that stands.")


def record_request(
    session: Session,
    kind: str,
    *,
    asked_by: str,
    identity_check: str,
    identifiers: str,
    matters: str = "",
    forms_too: bool = False,
    market: str,
    by: str,
    now: datetime,
) -> PrivacyRequest:
    """
    :param kind: ``copy`` or ``erasure``
    :param identifiers: phones and mail addresses as typed, one a line
    :param matters: references of payments and requests with scans of the person, one a line
    :param market: of phones without a country code
    :raises Invalid: naming each field that is wrong
    """
    errors = {}
    if kind not in (COPY, ERASURE):
        errors["kind"] = N_("Choose a copy or the erasure.")
    if not one_line(asked_by):
        errors["asked_by"] = N_("Say who asked: the person, a guardian, an authority.")
    if not one_line(identity_check):
        errors["identity_check"] = N_("Write down how the identity was checked.")
    known = [read_identifier(line, market=market) for line in identifiers.splitlines() if line.strip()]
    if not known or None in known or len(known) > MOST_IDENTIFIERS:
        errors["identifiers"] = N_("Write phones and mail addresses, each on its own line, 20 at most.")
    if errors:
        raise Invalid(**errors)
    request = PrivacyRequest(
        kind=kind,
        asked_by=one_line(asked_by, longest=LONGEST),
        identity_check=one_line(identity_check, longest=LONGEST),
        identifiers=sorted({one for one in known if one}),
        matters=sorted({one_line(line, longest=40) for line in matters.splitlines() if line.strip()}),
        forms_too=forms_too,
        recorded_at=now,
        recorded_by=by,
    )
    session.add(request)
    session.flush()
    audit.record(session, "privacy.asked", about=f"privacy:{request.id}", by=by, at=now, kind=kind)
    return request


def read_identifier(text: str, *, market: str) -> str | None:
    """A phone in E.164 or a mail address; ``None`` if it is neither."""
    text = one_line(text)
    if "@" in text:
        name, _, domain = text.partition("@")
        return text.lower() if name and "." in domain and " " not in text else None
    return read_phone(text, market=market)


def decide_request(session: Session, number: int, *, granted: bool, reason: str = "", by: str, now: datetime) -> PrivacyRequest:
    """
    A granted erasure is done at once, whole or not at all; the request itself forgets whom it was about.

    :raises NotFound: if there is no such request
    :raises OwnRequest: for who wrote it down, in whatever login
    :raises DecidedAlready: if somebody was quicker
    :raises FirstCountsNoMore: if it is granted, and who wrote it down writes none down any more
    :raises Invalid: if it is denied without a reason
    :raises StillNeeded: if something still waits for the data
    :raises ScansNeeded: if a matter with a scan of the person is open
    """
    reason = one_line(reason, longest=LONGEST)
    if not granted and not reason:
        raise Invalid(reason=N_("Say why it is denied; the person has a right to know."))
    request = find_request(session, number, lock=True)
    if is_the_asker(session, request.recorded_by, by, now=now):
        raise OwnRequest
    if request.decided_at:
        who = names_by(session, [request.decided_by or ""]).get(request.decided_by or "", request.decided_by)
        raise DecidedAlready(number=number, who=who, when=request.decided_at)
    if granted:
        first_must_still_count(session, request.recorded_by, RECORD_PRIVACY)
    if granted and request.kind == ERASURE:
        request.done = erase(session, request, by=by, now=now)
        request.identifiers = []
    request.decided_at, request.decided_by, request.granted, request.decision_reason = now, by, granted, reason
    session.flush()
    event = "privacy.granted" if granted else "privacy.denied"
    audit.record(session, event, about=f"privacy:{number}", by=by, at=now, kind=request.kind, reason=reason)
    return request


def find_request(session: Session, number: int, *, lock: bool = False) -> PrivacyRequest:
    """:raises NotFound: …"""
    question = select(PrivacyRequest).filter_by(id=number).execution_options(populate_existing=True)
    request = session.execute(question.with_for_update() if lock else question).scalar_one_or_none()
    if request is None:
        raise NotFound
    return request


def undecided_requests(session: Session) -> tuple[int, datetime | None]:
    """How many wait for a second person, and since when the oldest does."""
    question = select(func.count(), func.min(PrivacyRequest.recorded_at)).where(PrivacyRequest.decided_at.is_(None))
    number, oldest = session.execute(question).one()
    return number, oldest


def erase(session: Session, request: PrivacyRequest, *, by: str, now: datetime) -> dict[str, int]:
    """:returns: how many rows of which table were changed, and scans destroyed"""
    everything = whole(session, request.identifiers)
    for rows in ROWS:
        if rows.table in NEEDED and still_needed(session, rows, everything):
            raise StillNeeded(what=NEEDED[rows.table])
    if not all(ended for _reference, ended in changes_of(session, everything)):
        raise StillNeeded(what=CHANGE_OPEN)
    kinds = ("identity", "intake", "form") if request.forms_too else ("identity", "intake")
    matters = {*request.matters, *matters_of(session, everything)}
    scans = session.scalars(
        select(Scan)
        .where(Scan.about.in_(matters), Scan.kind.in_(kinds), Scan.certificate.is_(None))
        .order_by(Scan.name)
        .options(undefer(Scan.sealed))
        .with_for_update()
    ).all()
    for scan in scans:
        if scan.closed_at is None:
            raise ScansNeeded(about=scan.about)
        destroy(session, scan, days=0, by=by, now=now)
    left = erase_left_behind(session, everything)
    done = {rows.table: erase_rows(session, rows, everything, number=request.id) for rows in ROWS} | left
    done |= {"change": erase_changes(session, everything), "scan": len(scans)}
    return {name: number for name, number in done.items() if number}


def whole(session: Session, identifiers: Sequence[str]) -> list[str]:
    """A former person of ours is found by any of the own phones or mail addresses, and erased with all of them."""
    own = or_(func.lower(Person.email).in_(identifiers), Person.phone.in_(identifiers))
    persons = session.scalars(select(Person).where(Person.removed_at.is_not(None), own)).all()
    mails = (person.email.lower() for person in persons if person.email)
    return sorted({*identifiers, *mails, *(person.phone for person in persons)})

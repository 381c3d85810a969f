"""A shop, or the institution's own desk, drops a scan: its code finds the request by itself, or somebody is asked."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app import audit, db
from app.documents.clean_scan import clean_scan
from app.documents.keep_scan import keep_scan
from app.documents.paper_code import references_in
from app.intake.file_papers import SCAN_KIND, file_by_itself
from app.intake.find_request import Request, find_request, find_requests
from app.intake.model import COUNTER, Doubt, Intake, IntakePaper
from app.intake.open_papers import watermark
from app.people.permissions import ASK_CANCELLATION, ASK_CHANGES, ROLES
from app.people.second_person import must_have_the_right


@dataclass(frozen=True, repr=False)
class Brought:
    """
    :ivar content: the uploaded file; :ivar reference: typed, if the paper carries no code
    :ivar agent: the shop of who brings it; ``None`` for the institution's own people
    :ivar language: of who brings it
    """

    content: bytes
    reference: str
    agent: str | None
    by: str
    language: str


def bring_paper(brought: Brought, *, keys: Sequence[bytes], now: datetime) -> Intake:
    """
    A journey: the scan is made anew with no transaction open, once to read its code and once to say what it is for.

    :returns: filed, or waiting with the doubt why not
    :raises UnsuitableScan: if the file cannot be taken; nothing is kept then
    """
    scan = clean_scan(brought.content, field="paper", watermark=watermark(None, now=now))
    codes = references_in(scan.codes)
    with db.reading() as session:
        found = find_requests(session, [*codes, brought.reference])
    requests = [request for request in found if is_theirs(request, brought.agent)]
    request = requests[0] if len(requests) == 1 else None
    if request:
        scan = clean_scan(brought.content, field="paper", watermark=watermark(request, now=now))
    with db.transaction() as session:
        person = must_have_the_right(session, brought.by, ASK_CANCELLATION)
        doubt = doubt_about(requests, role=person.role)
        intake = Intake(
            channel=COUNTER,
            source=f"counter:{secrets.token_hex(16)}",
            language=brought.language,
            brought_by=brought.by,
            arrived_at=now,
            kept_at=now,
            agent=brought.agent,
            doubt=doubt or Doubt.WHICH_PAPER,
        )
        session.add(intake)
        session.flush()
        kept = keep_scan(session, scan, kind=SCAN_KIND, about=f"intake:{intake.id}", keys=keys, by=brought.by, now=now)
        session.add(IntakePaper(intake=intake.id, place=1, scan=kept.name, codes=codes))
        audit.record(session, "intake.kept", about=f"intake:{intake.id}", by=brought.by, at=now, agent=intake.agent)
        if request and doubt is None:
            file_by_itself(session, intake, find_again(session, request), by=brought.by, now=now)
        session.flush()
        return intake


def is_theirs(request: Request, agent: str | None) -> bool:
    """
    The institution keys in for every shop. Another shop's request is as good as none: who brings its paper, or names it beside an own
    one, does not learn of it.
    """
    return agent is None or request.is_of(agent)


def doubt_about(requests: Sequence[Request], *, role: str) -> Doubt | None:
    if len(requests) > 1:
        return Doubt.SEVERAL
    if not requests:
        return Doubt.NO_REFERENCE
    needed = ASK_CANCELLATION if requests[0].is_payment else ASK_CHANGES
    return None if needed in ROLES[role] else Doubt.STRANGER


def find_again(session: Session, request: Request) -> Request:
    found = find_request(session, request.reference)
    assert found is not None  # nothing is ever deleted
    return found

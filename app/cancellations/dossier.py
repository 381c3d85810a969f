"""Everything about one request on one page: what happened, the proof, the scans' own story, and what the shop asked for before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agents.model import Agent
from app.billers.model import Biller
from app.cancellations.model import Cancellation, Case, Report, State
from app.cancellations.queries import earlier_requests, name_of, reports_of
from app.collections.model import Payment
from app.documents.keep_scan import views_of
from app.documents.model import Scan
from app.errors import N_


@dataclass(frozen=True)
class Step:
    """:ivar say: marked with ``N_``; :ivar note: a person's reason, or the biller's word"""

    at: datetime
    say: str
    who: str = ""
    note: str = ""


@dataclass(frozen=True)
class ScanView:
    at: datetime
    who: str
    reason: str


@dataclass(frozen=True)
class ScanStory:
    """
    What everybody may know of a scan (C-08): never the picture.

    :ivar which: ``form`` or ``identity``
    """

    which: str
    scan: Scan
    views: Sequence[ScanView]


@dataclass(frozen=True)
class Dossier:
    cancellation: Cancellation
    payment: Payment
    agent: Agent
    biller: Biller
    steps: Sequence[Step]
    scans: Sequence[ScanStory]
    reports: Sequence[Report]
    earlier: Sequence[Cancellation]
    cases: Sequence[Case]


def read_dossier(session: Session, cancellation: Cancellation) -> Dossier:
    return Dossier(
        cancellation=cancellation,
        payment=session.get_one(Payment, cancellation.payment),
        agent=session.get_one(Agent, cancellation.agent),
        biller=session.get_one(Biller, cancellation.biller),
        steps=list(steps_of(session, cancellation)),
        scans=[scan_story(session, "form", cancellation.form), scan_story(session, "identity", cancellation.identity)],
        reports=reports_of(session, cancellation.id),
        earlier=earlier_requests(session, cancellation),
        cases=session.scalars(select(Case).filter_by(cancellation=cancellation.id).order_by(Case.id)).all(),
    )


def steps_of(session: Session, cancellation: Cancellation) -> Iterator[Step]:
    """In the order in which they happened."""
    yield Step(cancellation.asked_at, N_("Asked for"), name_of(session, cancellation.asked_by), cancellation.reason)
    if cancellation.withdrawn_at:
        yield Step(cancellation.withdrawn_at, N_("Withdrawn"), name_of(session, cancellation.withdrawn_by or ""))
    if cancellation.decided_at:
        say = N_("Granted") if cancellation.granted else N_("Denied")
        yield Step(cancellation.decided_at, say, name_of(session, cancellation.decided_by or ""), cancellation.decision_reason)
    if cancellation.reported_at:
        yield Step(cancellation.reported_at, N_("Reported to the biller"))
    if cancellation.answered_at:
        say = N_("Done by the biller") if cancellation.outcome == State.DONE else N_("Refused by the biller")
        yield Step(cancellation.answered_at, say, note=cancellation.word)


def scan_story(session: Session, which: str, name: str) -> ScanStory:
    views = [ScanView(view.at, name_of(session, view.by), view.reason) for view in views_of(session, name)]
    return ScanStory(which, session.get_one(Scan, name), views)

"""Give each paper that came in to its request: by itself what can be told for certain, the rest by a person."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.changes.catalogue import KINDS
from app.changes.kind import IDENTITY_CARD, SIGNED_FORM
from app.changes.papers import TAKES_PAPERS, file_papers, missing_papers, scans_of
from app.changes.queries import lock as lock_change
from app.collections.queries import find_payment
from app.documents.keep_scan import close_scans
from app.documents.model import Scan
from app.errors import N_, Invalid, NotFound, Refusal
from app.intake.find_request import Request
from app.intake.model import Doubt, Intake, IntakePaper, Outcome
from app.people.second_person import person_of

SCAN_KIND = "intake"  # of what nobody has filed yet
FOR_A_PAYMENT = (SIGNED_FORM.name, IDENTITY_CARD.name)  # C-02


class Ended(Refusal):
    say = N_("Number {number} was ended at {when} by {who}; nothing was changed.")


class FiledAlready(Refusal):
    say = N_("This paper was filed to {reference} already.")


def lock(session: Session, number: int) -> Intake:
    """Whoever sorts it at the same moment queues here. :raises NotFound: … :raises Ended: …"""
    question = select(Intake).filter_by(id=number).with_for_update()
    intake = session.scalars(question, execution_options={"populate_existing": True}).one_or_none()
    if intake is None:
        raise NotFound
    if intake.ended_at is not None:
        person = person_of(session, intake.ended_by or "")
        raise Ended(number=number, when=intake.ended_at, who=person.name if person else intake.ended_by)
    return intake


def papers_of(session: Session, intake: Intake) -> Sequence[IntakePaper]:
    return session.scalars(select(IntakePaper).filter_by(intake=intake.id).order_by(IntakePaper.place)).all()


def file_by_itself(session: Session, intake: Intake, request: Request, *, by: str, now: datetime) -> None:
    """What can be told apart is filed; what is left waits, with the doubt that keeps it."""
    waiting = [paper for paper in papers_of(session, intake) if paper.scan and not paper.filed_to]
    named = name_papers(waiting, request.reference, open_places(session, request))
    for paper in waiting:
        if paper.place in named:
            file_paper(session, intake, paper, request, named[paper.place], by=by, now=now)
    settle(session, intake, request, by=by, now=now)


def open_places(session: Session, request: Request) -> list[str]:
    """Which papers the request lacks, in the order in which they are asked for; of one that lacks none the form may still come."""
    if request.is_payment:
        there = {paper.filed_as for paper in papers_for_payment(session, request.reference)}
        return [name for name in FOR_A_PAYMENT if name not in there]
    change = lock_change(session, request.reference, agent=None)
    if change.state not in TAKES_PAPERS:
        return []
    there = set(scans_of(session, change))
    has_form = any(paper.name == SIGNED_FORM.name for paper in KINDS[change.kind].papers)
    form = [SIGNED_FORM.name] if has_form and SIGNED_FORM.name not in there else []
    return [paper.name for paper in missing_papers(session, change)] or form


def name_papers(papers: Sequence[IntakePaper], reference: str, places: Sequence[str]) -> dict[int, str]:
    """
    Pure. The one with the request's code is the signed form; one other paper is the one other that is missing. Where there are two of
    either, a person names them.

    :returns: what each is, by its place; without those that nobody can tell for certain
    """
    ours = [paper for paper in papers if reference in paper.codes]
    others = [paper for paper in papers if reference not in paper.codes]
    named = {}
    if len(ours) == 1 and SIGNED_FORM.name in places:
        named[ours[0].place] = SIGNED_FORM.name
    left = [place for place in places if place not in named.values()]
    if len(ours) <= 1 and len(others) == len(left) == 1 and not others[0].codes:
        named[others[0].place] = left[0]
    return named


def file_paper(session: Session, intake: Intake, paper: IntakePaper, request: Request, which: str, *, by: str, now: datetime) -> None:
    """
    To a change at once. To a payment it is only put beside it: a cancellation is one when it is complete (C-02).

    :raises FiledAlready: …
    :raises Invalid: if the request has no such paper
    and what :func:`app.changes.papers.file_papers` raises
    """
    if paper.filed_to:
        raise FiledAlready(reference=paper.filed_to)
    assert paper.scan is not None
    if request.is_payment:
        must_be_open(session, request, which)
    else:
        change = lock_change(session, request.reference, agent=None)
        file_papers(session, change, {which: paper.scan}, by=by, now=now)
    paper.filed_to, paper.filed_as, paper.filed_by = request.reference, which, by
    session.flush()
    audit.record(session, "intake.filed", about=f"intake:{intake.id}", by=by, at=now, to=request.reference, which=which)


def must_be_open(session: Session, request: Request, which: str) -> None:
    find_payment(session, request.reference, agent=None)
    if which not in FOR_A_PAYMENT:
        raise Invalid(which=N_("A cancellation has a signed form and an identity card."))
    if which not in open_places(session, request):
        raise Invalid(which=N_("This paper of the payment is there already."))


def papers_for_payment(session: Session, payment: str) -> Sequence[IntakePaper]:
    """What came for a cancellation that nobody has asked for yet."""
    beside = (
        select(IntakePaper)
        .join(Intake, Intake.id == IntakePaper.intake)
        .where(IntakePaper.filed_to == payment, Intake.outcome.is_(None))
        .order_by(IntakePaper.intake, IntakePaper.place)
    )
    return session.scalars(beside).all()


def settle(session: Session, intake: Intake, request: Request, *, by: str, now: datetime) -> None:
    """Ended, when each of its papers has its place; else why it waits."""
    intake.reference = request.reference
    scans = [paper for paper in papers_of(session, intake) if paper.scan]
    if not scans:
        intake.doubt = Doubt.NO_PAPER
    elif not all(paper.filed_to for paper in scans):
        intake.doubt = Doubt.WHICH_PAPER if open_places(session, request) else Doubt.TAKES_NONE
    elif any(is_payment(paper.filed_to) for paper in scans):
        intake.doubt = Doubt.CANCELLATION
    else:
        end(session, intake, Outcome.FILED, by=by, now=now)


def is_payment(reference: str) -> bool:
    return reference.startswith("P")


def end(session: Session, intake: Intake, outcome: Outcome, *, by: str, now: datetime) -> None:
    """What was filed nowhere is of no use to anybody any more: its days count from now."""
    intake.outcome, intake.ended_at, intake.ended_by, intake.doubt = outcome, now, by, None
    session.flush()
    scans = [paper.scan for paper in papers_of(session, intake) if paper.scan]
    close_scans(session, session.scalars(select(Scan.name).where(Scan.name.in_(scans), Scan.kind == SCAN_KIND)).all(), now=now)
    audit.record(session, "intake.ended", about=f"intake:{intake.id}", by=by, at=now, outcome=outcome, reference=intake.reference or None)

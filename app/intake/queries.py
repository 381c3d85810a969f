"""Questions about what came in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.agents.model import Agent
from app.changes.queries import find_change
from app.documents.keep_scan import views_of
from app.documents.model import Scan
from app.errors import NotFound
from app.intake.find_request import Request, find_request
from app.intake.model import Intake, IntakePaper
from app.people.second_person import person_of

PAGE = 50


@dataclass(frozen=True)
class Seen:
    at: datetime
    who: str
    reason: str


@dataclass(frozen=True)
class PaperStory:
    """:ivar scan: ``None`` of what could not be made one; :ivar views: who saw it, the newest first"""

    paper: IntakePaper
    scan: Scan | None
    views: Sequence[Seen]


@dataclass(frozen=True)
class Dossier:
    """Everything about one mail, or one paper that was brought, on one page. :ivar request: that it names, if there is one"""

    intake: Intake
    agent: Agent | None
    papers: Sequence[PaperStory]
    request: Request | None
    request_agent: Agent | None
    is_draft: bool
    kind: str
    brought_by: str
    ended_by: str


def find_intake(session: Session, number: int) -> Intake:
    """:raises NotFound: …"""
    intake = session.get(Intake, number)
    if intake is None:
        raise NotFound
    return intake


def read_dossier(session: Session, intake: Intake) -> Dossier:
    papers = session.scalars(select(IntakePaper).filter_by(intake=intake.id).order_by(IntakePaper.place)).all()
    request = find_request(session, intake.reference) if intake.reference else None
    change = find_change(session, request.reference, agent=None) if request and not request.is_payment else None
    return Dossier(
        intake=intake,
        agent=session.get(Agent, intake.agent) if intake.agent else None,
        papers=[story_of(session, paper) for paper in papers],
        request=request,
        request_agent=session.get(Agent, request.agent) if request and request.agent else None,
        is_draft=change is not None and change.asked_at is None and change.state == "draft",
        kind=change.kind if change else "",
        brought_by=name_of(session, intake.brought_by),
        ended_by=name_of(session, intake.ended_by or ""),
    )


def story_of(session: Session, paper: IntakePaper) -> PaperStory:
    if paper.scan is None:
        return PaperStory(paper, None, ())
    views = [Seen(view.at, name_of(session, view.by), view.reason) for view in views_of(session, paper.scan)]
    return PaperStory(paper, session.get_one(Scan, paper.scan), views)


def name_of(session: Session, by: str) -> str:
    person = person_of(session, by)
    return person.name if person else by


def waiting(session: Session, *, since: datetime | None = None, limit: int = PAGE) -> Sequence[Intake]:
    """The oldest first, as many as a person sorts in one go. :param since: those that have waited since then or longer"""
    question = select(Intake).where(Intake.outcome.is_(None)).order_by(Intake.arrived_at, Intake.id).limit(limit)
    return session.scalars(question.where(Intake.arrived_at < since) if since else question).all()


def list_ended(session: Session, *, outcome: str, cursor: int | None, limit: int = PAGE) -> Sequence[Intake]:
    """The newest first; the next page begins after the last one's number."""
    question = select(Intake).filter_by(outcome=outcome).order_by(Intake.id.desc()).limit(limit)
    return session.scalars(question.where(Intake.id < cursor) if cursor is not None else question).all()


def to_sort(session: Session) -> tuple[int, datetime | None]:
    """How many wait, and since when the oldest does."""
    number, oldest = session.execute(select(func.count(), func.min(Intake.arrived_at)).where(Intake.outcome.is_(None))).one()
    return number, oldest


def how_many_papers(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    counted = select(IntakePaper.intake, func.count()).where(IntakePaper.intake.in_(numbers)).group_by(IntakePaper.intake)
    return {row[0]: row[1] for row in session.execute(counted)}

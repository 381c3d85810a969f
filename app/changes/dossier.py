"""Everything about one change on one page: old beside new, what happened, its papers' story, and what the shop asked for before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.agents.keep_agent_paper import days_left, papers_on_file
from app.agents.model import Agent
from app.changes.catalogue import KINDS
from app.changes.kind import Field, Kind, Paper, Subject, hidden
from app.changes.model import OPEN, Change, State
from app.changes.papers import missing_papers, scans_of
from app.changes.queries import approvals_of, counts_no_more, earlier_changes, failures_of, name_of
from app.changes.versions import now_says, subject_of, version_of
from app.documents.keep_scan import views_of
from app.documents.model import Scan
from app.errors import N_
from app.markets import MARKETS
from app.money import Money
from app.people.model import Person
from app.remarks import Remark


@dataclass(frozen=True)
class Line:
    """
    One field: what stood there when it was asked for, what is wanted.

    :ivar look: ``money``, ``word`` (marked with ``N_``), ``phone``, ``day``, ``iban`` or ``text``
    :ivar now: what stands there by now, if it is neither
    """

    label: str
    look: str
    old: Any
    new: Any
    now: Any = None


@dataclass(frozen=True)
class Step:
    """:ivar say: marked with ``N_``; :ivar note: a person's reason; :ivar remark: a sentence of ours"""

    at: datetime
    say: str
    who: str = ""
    note: str = ""
    remark: Remark | None = None


@dataclass(frozen=True)
class ScanView:
    at: datetime
    who: str
    reason: str


@dataclass(frozen=True)
class ScanStory:
    """What everybody may know of a scan (C-08): never the picture."""

    paper: Paper
    scan: Scan
    views: Sequence[ScanView]


@dataclass(frozen=True)
class PaperOnFile:
    """
    A paper in the shop's file, as everybody of the institution may know it: never the picture.

    :ivar label: marked with ``N_``; :ivar days_left: until its last day, negative afterwards
    """

    label: str
    expires_on: date | None
    days_left: int | None
    filed_at: datetime
    change: str
    is_destroyed: bool
    views: Sequence[ScanView]


@dataclass(frozen=True)
class Dossier:
    """
    :ivar warnings: what a decider should know of
    :ivar is_stale: the record is not what it was; it can only be denied or asked for again
    :ivar approved_by: names, of this round; :ivar counts_no_more: those of them who have lost the right to decide since
    :ivar still_needed: how many have to approve it, if it is to be decided now
    """

    change: Change
    kind: Kind
    agent: Agent | None
    person: Person | None
    lines: Sequence[Line]
    steps: Sequence[Step]
    scans: Sequence[ScanStory]
    missing: Sequence[Paper]
    earlier: Sequence[Change]
    approved_by: Sequence[str]
    counts_no_more: Sequence[str]
    still_needed: int
    is_stale: bool
    warnings: Sequence[Remark]


def read_dossier(session: Session, change: Change, *, asker: str | None, sees_private: bool) -> Dossier:
    """:param asker: the shop whose person asks; ``None`` for the institution"""
    kind, subject = KINDS[change.kind], subject_of(session, change)
    present = now_says(kind, session, subject, change.before) if change.state in OPEN and change.asked_at else dict(change.before)
    given = [one for one in approvals_of(session, change) if one.round == change.round]
    lost = [one for one in given if change.state == State.APPROVED_ONCE and counts_no_more(session, one)]
    return Dossier(
        change=change,
        kind=kind,
        agent=subject.agent,
        person=subject.person,
        lines=list(lines_of(kind, subject, change, present, sees_private=sees_private)),
        steps=sorted(steps_of(session, change), key=lambda step: step.at),
        scans=[scan_story(session, kind, which, name) for which, name in scans_of(session, change).items()],
        missing=missing_papers(session, change) if change.state in (State.DRAFT, State.INCOMPLETE) else [],
        earlier=earlier_changes(session, change, asker=asker),
        approved_by=[name_of(session, one.by) for one in given if one not in lost],
        counts_no_more=[name_of(session, one.by) for one in lost],
        still_needed=change.persons_needed - (0 if change.state == State.FAILED else len(given) - len(lost)),
        warnings=kind.warn(session, subject) if change.state in OPEN else [],
        is_stale=bool(change.asked_at) and change.state in OPEN and version_of(present) != change.version,
    )


def lines_of(kind: Kind, subject: Subject, change: Change, present: dict[str, Any], *, sees_private: bool) -> Iterator[Line]:
    for field in kind.fields:
        if field.name in change.wanted or field.name in change.before:
            old, new, now = change.before.get(field.name), change.wanted.get(field.name), present.get(field.name)
            shown = [shown_value(field, subject, value, sees_private=sees_private) for value in (old, new, now)]
            yield Line(field.label, look_of(field), shown[0], shown[1], shown[2] if now not in (old, new) else None)


def look_of(field: Field) -> str:
    if field.is_money:
        return "money"
    if field.name == "iban":
        return "iban"
    return "word" if field.choices else {"tel": "phone", "date": "day"}.get(field.input, "text")


def shown_value(field: Field, subject: Subject, value: Any, *, sees_private: bool) -> Any:
    """Nothing for what is empty; money as such; what is private as its last letters, for whoever only reads."""
    if value is None or value == "":
        return None
    if field.is_money:
        return Money(int(value), subject.market.currency)
    if field.choices:
        return field.choices.get(str(value), str(value))
    return hidden(value) if field.is_private and not sees_private else str(value)


def steps_of(session: Session, change: Change) -> Iterator[Step]:
    if change.opened_at != change.asked_at:
        yield Step(change.opened_at, N_("Begun"), name_of(session, change.opened_by))
    if change.asked_at:
        yield Step(change.asked_at, N_("Asked for"), name_of(session, change.asked_by or ""), change.reason)
    if change.complete_at and change.complete_at != change.asked_at:
        yield Step(change.complete_at, N_("All papers are there"), name_of(session, change.complete_by or ""))
    for approval in approvals_of(session, change):
        yield Step(approval.at, N_("Approved"), name_of(session, approval.by))
    for failure in failures_of(session, change):
        yield Step(failure.at, N_("Could not be done"), remark=Remark.from_json(failure.say))
    for at, by, say, note in (
        (change.denied_at, change.denied_by, N_("Revoked") if change.was_taken_back else N_("Denied"), change.denial_reason),
        (change.withdrawn_at, change.withdrawn_by, N_("Withdrawn"), ""),
        (change.applied_at, change.applied_by, N_("Done"), ""),
    ):
        if at:
            yield Step(at, say, name_of(session, by or ""), note)


def agent_file(session: Session, agent: Agent, *, now: datetime) -> list[PaperOnFile]:
    today = now.astimezone(MARKETS[agent.market].zone).date()
    return [
        PaperOnFile(
            filed.word,
            filed.paper.expires_on,
            days_left(filed.paper, today),
            filed.paper.filed_at,
            filed.paper.change,
            filed.scan.certificate is not None,
            [ScanView(view.at, name_of(session, view.by), view.reason) for view in views_of(session, filed.scan.name)],
        )
        for filed in papers_on_file(session, agent.number)
    ]


def scan_story(session: Session, kind: Kind, which: str, name: str) -> ScanStory:
    views = [ScanView(view.at, name_of(session, view.by), view.reason) for view in views_of(session, name)]
    return ScanStory(next(paper for paper in kind.papers if paper.name == which), session.get_one(Scan, name), views)

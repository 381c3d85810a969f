"""The papers of a change: made anew, sealed, and complete or not (C-08)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, db, languages
from app.changes.catalogue import KINDS
from app.changes.kind import Kind, Paper
from app.changes.model import Change, ChangeScan, State
from app.changes.queries import find_change, lock, name_of
from app.documents.clean_scan import CleanScan, clean_scan
from app.documents.keep_scan import OpenScan, close_scans, file_scan, keep_scan, read_scan
from app.documents.model import Scan
from app.errors import N_, Invalid, NotFound, Refusal
from app.markets import MARKETS, Market

Papers = Mapping[str, CleanScan]
TAKES_PAPERS = (State.DRAFT, State.INCOMPLETE, State.ASKED)
PURPOSE = N_("Only for change {change}")


class PaperThere(Refusal):
    say = N_("This paper of {change} is there already, since {when} by {who}. Withdraw the change and ask again if it is a wrong one.")


class NotOpen(Refusal):
    say = N_("{change} is {state}; no paper is added to it any more.")


def clean_papers(kind: Kind, files: Mapping[str, bytes], *, reference: str, market: Market, now: datetime) -> Papers:
    """
    With purpose and date drawn into them, in the language of the market. No transaction may be open.

    :raises Invalid: for a paper that this kind does not have
    :raises app.documents.clean_scan.UnsuitableScan: …
    """
    must_be_known(kind, files)
    words = watermark(reference, market, now=now)
    return {name: clean_scan(content, field=name, watermark=words) for name, content in files.items() if content}


def must_be_known(kind: Kind, named: Iterable[str]) -> None:
    known = {paper.name for paper in kind.papers}
    if unknown := [name for name in named if name not in known]:
        raise Invalid(**{name: N_("This field is not known here.") for name in unknown})


def watermark(reference: str, market: Market, *, now: datetime) -> str:
    language = languages.supported(market.languages[0])
    purpose = languages.say(PURPOSE, language, change=reference)
    return f"{purpose} · {languages.day(now.astimezone(market.zone).date(), language)} · Gişe"


def add_papers(reference: str, files: Mapping[str, bytes], *, agent: str | None, keys: Sequence[bytes], by: str, now: datetime) -> Change:
    """
    A journey: papers that come later, from the asker's screen, a mail or a desk; with the last one the request is complete.

    :param agent: whose changes the asker may see; ``None`` for the institution and for jobs
    :raises NotFound: …
    :raises NotOpen: if it is decided, or was withdrawn
    :raises PaperThere: … and what :func:`clean_papers` raises
    """
    with db.reading() as session:
        change = find_change(session, reference, agent=agent)
    kind = KINDS[change.kind]
    papers = clean_papers(kind, files, reference=change.reference, market=MARKETS[change.market], now=now)
    with db.transaction() as session:
        change = lock(session, change.reference, agent=agent)
        must_take_papers(change)
        keep_papers(session, kind, change, papers, keys=keys, by=by, now=now)
    return change


def file_papers(session: Session, change: Change, scans: Mapping[str, str], *, by: str, now: datetime) -> None:
    """
    Papers that came by mail or over a desk, and are kept already.

    :param change: locked; :param scans: names of scans by the paper's name
    :raises Invalid: for a paper that this kind does not have
    :raises NotOpen: … :raises PaperThere: …
    """
    kind = KINDS[change.kind]
    must_take_papers(change)
    must_be_known(kind, scans)
    for paper in kind.papers:
        if paper.name in scans:
            must_be_missing(session, change, paper)
            scan = file_scan(session, scans[paper.name], kind=paper.scan_kind, about=change.reference, by=by, now=now)
            session.add(ChangeScan(change=change.id, which=paper.name, scan=scan.name))
    complete_if_whole(session, change, by=by, now=now)


def must_take_papers(change: Change) -> None:
    if change.state not in TAKES_PAPERS:
        raise NotOpen(change=change.reference, state=change.state)


def must_be_missing(session: Session, change: Change, paper: Paper) -> None:
    if there := scans_of(session, change).get(paper.name):
        first = session.get_one(Scan, there)
        raise PaperThere(change=change.reference, when=first.kept_at, who=name_of(session, first.kept_by))


def keep_papers(session: Session, kind: Kind, change: Change, papers: Papers, *, keys: Sequence[bytes], by: str, now: datetime) -> None:
    """:raises PaperThere: …"""
    for paper in kind.papers:
        if paper.name in papers:
            must_be_missing(session, change, paper)
            scan = keep_scan(session, papers[paper.name], kind=paper.scan_kind, about=change.reference, keys=keys, by=by, now=now)
            session.add(ChangeScan(change=change.id, which=paper.name, scan=scan.name))
    complete_if_whole(session, change, by=by, now=now)


def complete_if_whole(session: Session, change: Change, *, by: str, now: datetime) -> None:
    session.flush()
    if change.state in (State.DRAFT, State.INCOMPLETE) and change.asked_at is not None and not missing_papers(session, change):
        change.complete_at, change.complete_by = now, by
        session.flush()
        audit.record(session, "change.complete", about=change.reference, by=by, at=now)


def missing_papers(session: Session, change: Change) -> list[Paper]:
    there = scans_of(session, change)
    return [paper for paper in KINDS[change.kind].papers_needed(change.source) if paper.name not in there]


def scans_of(session: Session, change: Change) -> dict[str, str]:
    """Paper → the name of its scan."""
    return {one.which: one.scan for one in session.scalars(select(ChangeScan).filter_by(change=change.id).order_by(ChangeScan.which))}


def bringers(session: Session, change: Change) -> set[str]:
    """Who uploaded its scans."""
    return set(session.scalars(select(Scan.kept_by).join(ChangeScan, ChangeScan.scan == Scan.name).where(ChangeScan.change == change.id)))


def close_papers(session: Session, change: Change, *, now: datetime) -> None:
    """The matter has ended: the days until the scans are destroyed count from now."""
    close_scans(session, list(scans_of(session, change).values()), now=now)


def see_paper(
    session: Session,
    reference: str,
    which: str,
    *,
    agent: str | None,
    may_decide: bool,
    reason: str,
    keys: Sequence[bytes],
    by: str,
    now: datetime,
) -> OpenScan:
    """
    Only who uploaded it and who decides, each time with a reason (C-08).

    :raises NotFound: for everybody else; if there is none, or the change is another shop's
    :raises Invalid: without a reason
    :raises app.documents.keep_scan.Destroyed: …
    """
    change = find_change(session, reference, agent=agent)
    name = scans_of(session, change).get(which)
    if name is None or not (may_decide or uploaded(session, name, by=by)):
        raise NotFound
    return read_scan(session, name, reason=reason, keys=keys, by=by, now=now)


def uploaded(session: Session, name: str, *, by: str) -> bool:
    return session.get_one(Scan, name).kept_by == by

"""The file of a shop: its contract, its tax plate and what else it was taken on with, each with its last day; sealed scans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import audit
from app.agents.model import CLOSED, Agent, AgentPaper
from app.documents.keep_scan import close_scans
from app.documents.model import Scan
from app.errors import N_

WORDS = {
    "contract": N_("Contract"),
    "tax-plate": N_("Tax plate"),
    "signature-circular": N_("Signature circular"),
    "identity": N_("Identity card of the owner"),
    "iban-proof": N_("Proof of the IBAN"),
}


@dataclass(frozen=True)
class Filed:
    """A paper that counts: the last one of its kind."""

    paper: AgentPaper
    scan: Scan

    @property
    def word(self) -> str:
        return WORDS[self.paper.which]


def file_papers(
    session: Session,
    agent: str,
    scans: Mapping[str, str],
    *,
    until: Mapping[str, date | None],
    change: str,
    by: str,
    now: datetime,
) -> None:
    """
    Those that they take the place of are destroyed after their time.

    :param scans: which paper → name of its scan; :param until: its last day, if it has one
    :param change: the reference of what brought them
    """
    replaced = [filed.scan.name for filed in papers_on_file(session, agent) if filed.paper.which in scans]
    for which, scan in scans.items():
        session.add(
            AgentPaper(agent=agent, which=which, scan=scan, expires_on=until.get(which), change=change, filed_at=now, filed_by=by)
        )  # fmt: skip
    session.flush()
    close_scans(session, replaced, now=now)
    audit.record(session, "agent.papers-filed", about=agent, by=by, at=now, papers=", ".join(sorted(scans)), change=change)


def papers_on_file(session: Session, agent: str) -> Sequence[Filed]:
    """In the order of :data:`WORDS`."""
    question = (
        select(AgentPaper, Scan).join(Scan, Scan.name == AgentPaper.scan).where(AgentPaper.id.in_(newest()), AgentPaper.agent == agent)
    )
    rows = session.execute(question)
    found = {paper.which: Filed(paper, scan) for paper, scan in rows}
    return [found[which] for which in WORDS if which in found]


def newest() -> Select[int]:
    """Of each shop and kind the paper that counts."""
    return select(func.max(AgentPaper.id)).group_by(AgentPaper.agent, AgentPaper.which)


def papers_that_end(session: Session, *, until: date) -> Sequence[tuple[Agent, AgentPaper]]:
    """Of shops that are not closed: papers that count and whose last day is not later."""
    question = (
        select(Agent, AgentPaper)
        .join(AgentPaper, AgentPaper.agent == Agent.number)
        .where(AgentPaper.id.in_(newest()), AgentPaper.expires_on <= until, Agent.state != CLOSED)
        .order_by(AgentPaper.expires_on, AgentPaper.id)
    )
    return [(agent, paper) for agent, paper in session.execute(question)]


def days_left(paper: AgentPaper, today: date) -> int | None:
    """0 on its last day, negative afterwards."""
    return None if paper.expires_on is None else (paper.expires_on - today) // timedelta(days=1)


def archive_papers(session: Session, agent: str, *, now: datetime) -> None:
    """The shop is closed: the years until they are destroyed count from now."""
    close_scans(session, list(session.scalars(select(AgentPaper.scan).filter_by(agent=agent))), now=now)

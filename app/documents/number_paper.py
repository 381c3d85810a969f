"""Numbered papers: issued once, printed as often as anybody likes, each copy counted."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import audit, languages
from app.documents.model import Paper, PaperCopy
from app.documents.print_paper import print_paper
from app.errors import N_
from app.markets import INSTITUTION

LETTERS = {"dekont": "D", "destruction_certificate": "Z", "final_statement": "F"}

# Whoever else needs a number of the series waits until this transaction has ended: no gap, no double.
NEXT = text("""
    INSERT INTO paper_series AS s (series, last) VALUES (:series, 1)
    ON CONFLICT (series) DO UPDATE SET last = s.last + 1 RETURNING last
""")


def issue_paper(session: Session, kind: str, *, about: str, facts: Mapping[str, object], language: str, by: str, now: datetime) -> Paper:
    """
    Give a paper its number. One that was issued about the same thing already stays as it is.

    :param kind: a template of ``forms_templates/``
    :param facts: what it says, see :func:`app.documents.print_paper.print_paper`
    """
    there = session.execute(select(Paper).filter_by(kind=kind, about=about)).scalar_one_or_none()
    if there is not None:
        return there
    series = f"{LETTERS[kind]}-{now.astimezone(INSTITUTION.zone):%Y}"
    serial = session.execute(NEXT, {"series": series}).scalar_one()
    paper = Paper(
        number=f"{series}-{serial:06d}", kind=kind, about=about, language=language, facts=dict(facts), issued_at=now, issued_by=by
    )
    session.add(paper)
    session.flush()
    audit.record(session, "paper.issued", about=about, by=by, at=now, number=paper.number, kind=kind)
    return paper


def print_numbered(session: Session, paper: Paper, *, also: Mapping[str, object], by: str, now: datetime) -> bytes:
    """
    The paper as PDF, noted as printed; every copy after the original says which one it is.

    :param also: what only the door that prints knows, such as our own public address
    """
    # Whoever prints at the same moment waits here, so that no two are the same copy.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(paper.number, 0))))
    copies = session.execute(select(func.count()).select_from(PaperCopy).filter_by(number=paper.number)).scalar_one()
    session.add(PaperCopy(number=paper.number, copy=copies, printed_at=now, by=by))
    session.flush()
    mark = languages.say(N_("COPY {copy}"), paper.language, copy=copies) if copies else ""
    return print_paper(paper.kind, {**paper.facts, **also, "copy": mark, "number": paper.number}, at=paper.issued_at)

"""Questions about exports. Somebody else's is not found, never forbidden."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.reports.catalogue import Asker
from app.reports.model import QUEUED, RUNNING, Export

PAGE = 50


def find_export(session: Session, id: str, *, asker: Asker) -> Export:
    """:raises NotFound: if there is none, or another person asked for it"""
    export = session.get(Export, id)
    if export is None or export.asked_by != asker.by:
        raise NotFound
    return export


def list_exports(session: Session, *, asker: Asker, limit: int = PAGE) -> Sequence[Export]:
    """The newest first."""
    return session.scalars(select(Export).filter_by(asked_by=asker.by).order_by(Export.asked_at.desc()).limit(limit)).all()


def unfinished(session: Session, *, asker: Asker) -> int:
    question = select(func.count()).select_from(Export).where(Export.asked_by == asker.by, Export.state.in_((QUEUED, RUNNING)))
    return session.execute(question).scalar_one()

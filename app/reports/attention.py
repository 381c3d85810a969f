"""Files that nobody makes, or that we could not make: the worker or a report of ours is at fault, not the asker."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import languages
from app.attention import Attention
from app.errors import N_
from app.reports.model import FAILED, QUEUED, Export
from app.reports.run_exports import BROKEN

WAITS_TOO_LONG = timedelta(minutes=15)
TOLD_FOR = timedelta(days=1)


def attention(session: Session, *, now: datetime) -> Iterator[Attention]:
    waiting = select(Export).where(Export.state == QUEUED, Export.asked_at < now - WAITS_TOO_LONG).order_by(Export.asked_at)
    for export in session.scalars(waiting):
        yield about(export, "export.waiting", export.asked_at, N_("Nobody makes the file {ref} ({report}). Look whether the worker runs."))
    our_fault = [languages.translate(BROKEN, language) for language in languages.NAMES]
    broken = select(Export).where(Export.state == FAILED, Export.error.in_(our_fault), Export.ended_at > now - TOLD_FOR)
    for export in session.scalars(broken.order_by(Export.ended_at)):
        assert export.ended_at is not None
        yield about(
            export, "export.failed", export.ended_at, N_("The file {ref} ({report}) could not be made. The log of the worker says why.")
        )


def about(export: Export, kind: str, since: datetime, say: str) -> Attention:
    facts: dict[str, object] = {"ref": export.id, "report": export.report}
    return Attention(kind=kind, ref=export.id, since=since, say=say, endpoint="audit.audit", facts=facts, arguments={"thing": export.id})

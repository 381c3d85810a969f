"""Ask for the file of a report, and change one's mind."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import audit, languages
from app.errors import N_, Invalid, Refusal
from app.reports.catalogue import Asker, find_report
from app.reports.make_file import FORMATS
from app.reports.model import FAILED, QUEUED, RUNNING, Export, ExportChunk
from app.reports.queries import find_export, unfinished
from app.reports.read_filter import read_filter
from app.reports.references import new_id

MOST_UNFINISHED = 5
CANCELLED = N_("You cancelled this file.")


class TooManyExports(Refusal):
    say = N_("{count} of your files are still being made. Wait until one of them is ready.")
    status = 429
    retry_after = 30
    known_as = "too-many"


def request_export(session: Session, report: str, given: Mapping[str, str], *, format: str, asker: Asker, now: datetime) -> Export:
    """
    The worker makes it within seconds; :mod:`app.reports.open_export` hands it out.

    :param given: see :func:`app.reports.read_filter.read_filter`
    :param format: ``xlsx`` or ``csv``
    :raises NotFound: if there is no such report for the asker
    :raises Invalid: naming each field that is wrong
    :raises TooManyExports: if five of the asker's files are still being made
    """
    declared = find_report(report, asker=asker)
    wanted = read_filter(session, declared, given, asker=asker)
    if format not in FORMATS:
        raise Invalid(format=N_("The format is xlsx or csv."))
    if (count := unfinished(session, asker=asker)) >= MOST_UNFINISHED:
        raise TooManyExports(count=count)
    export = Export(
        id=new_id(),
        report=declared.name,
        filters=wanted.facts(),
        format=format,
        language=asker.language,
        asked_by=asker.by,
        agent=asker.agent,
        asked_at=now,
        state=QUEUED,
        done=0,
    )
    session.add(export)
    session.flush()
    audit.record(session, "export.asked", about=export.id, by=asker.by, at=now, report=report, format=format, **wanted.facts())
    return export


def cancel_export(session: Session, id: str, *, asker: Asker, now: datetime) -> Export:
    """
    The worker that is making it stops at its next piece. A file that is ready stays as it is.

    :raises NotFound: if there is none, or another person asked for it
    """
    find_export(session, id, asker=asker)
    export = session.get_one(Export, id, with_for_update=True)
    if export.state in (QUEUED, RUNNING):
        export.state, export.runner, export.beat_at, export.ended_at = FAILED, None, None, now
        export.error = languages.translate(CANCELLED, export.language)
        session.execute(delete(ExportChunk).where(ExportChunk.export == id))
        audit.record(session, "export.cancelled", about=id, by=asker.by, at=now)
    return export

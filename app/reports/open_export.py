"""Hand a file out, piece by piece, to who asked for it and to nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app import audit, db
from app.errors import N_, Refusal
from app.reports.catalogue import Asker, find_report
from app.reports.make_file import FORMATS
from app.reports.model import FAILED, READY, Export, ExportChunk
from app.reports.queries import find_export


class NotReady(Refusal):
    say = N_("This file is still being made. Wait until it is ready.")
    known_as = "pending"


class NoFile(Refusal):
    say = N_("There is no file. {reason}")


class FileDestroyed(Refusal):
    say = N_("This file was kept until {until} and is destroyed. Ask for it again.")
    status = 404
    known_as = "not-found"


@dataclass(frozen=True)
class File:
    """:ivar size: bytes; :ivar pieces: to be read once, no transaction is open between them"""

    name: str
    media_type: str
    size: int
    pieces: Iterator[bytes]


def open_export(id: str, *, asker: Asker, now: datetime) -> File:
    """
    Every hand-out is recorded.

    :raises NotFound: if there is none, another person asked for it, or the report is no longer for the asker
    :raises NotReady: if it is still being made
    :raises NoFile: if it could not be made
    :raises FileDestroyed: after a day
    """
    with db.transaction() as session:
        export = find_export(session, id, asker=asker)
        find_report(export.report, asker=asker)
        if export.state == FAILED:
            raise NoFile(reason=export.error)
        if export.state != READY or export.expires_at is None:
            raise NotReady
        if export.expires_at <= now:
            raise FileDestroyed(until=export.expires_at)
        there = select(func.count(), func.coalesce(func.sum(func.octet_length(ExportChunk.piece)), 0)).filter_by(export=id)
        count, size = session.execute(there).one()
        audit.record(session, "export.taken", about=id, by=asker.by, at=now)
    return File(file_name(export), FORMATS[export.format].media_type, int(size), pieces_of(id, count))


def file_name(export: Export) -> str:
    return f"{export.report}-{export.filters['from']}-{export.filters['to']}-{export.id}.{export.format}"


def pieces_of(id: str, count: int) -> Iterator[bytes]:
    for number in range(count):
        with db.reading() as session:
            piece = session.execute(select(ExportChunk.piece).filter_by(export=id, number=number)).scalar_one()
        yield piece

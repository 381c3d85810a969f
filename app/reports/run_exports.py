"""
Make the files that people asked for, one after another, in the worker.

A file goes piece by piece into the database, each piece in a transaction of its own that also says how far we are
and that we live. When a worker dies over a file, the next one begins it anew.
"""

import secrets
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app import audit, clock, db, languages
from app.errors import N_, Refusal, TryAgain
from app.reports.catalogue import CATALOGUE
from app.reports.filters import Filter
from app.reports.make_file import Made, Order, make_file
from app.reports.model import FAILED, QUEUED, READY, RUNNING, Export, ExportChunk

log = structlog.get_logger()

BY = "job:run-exports"
PIECE = 1024 * 1024  # bytes
DEAD_AFTER = timedelta(minutes=1)
MOST_TRIES = 3
KEPT_FOR = timedelta(days=1)
DOWNLOADS_END_WITHIN = timedelta(minutes=10)

BROKEN = N_("The file could not be made. The fault is on our side and was noted; please ask for the file again.")


class TakenAway(Exception):
    """The asker cancelled it, or another worker thought us dead."""


def run_exports(key: bytes, *, now: datetime) -> None:
    """
    Until nobody waits; and destroy what has expired.

    :param key: see :func:`app.reports.seal.seal_key`
    """
    destroy_expired(now=now)
    while (export := claim(now=clock.now())) is not None:
        run(export, key)


def destroy_expired(*, now: datetime) -> None:
    """The files; their records stay."""
    with db.transaction() as session:
        over = select(Export).where(Export.destroyed_at.is_(None), Export.expires_at < now - DOWNLOADS_END_WITHIN)
        for export in session.scalars(over.with_for_update(skip_locked=True)):
            session.execute(delete(ExportChunk).where(ExportChunk.export == export.id))
            export.destroyed_at = now
            audit.record(session, "export.destroyed", about=export.id, by=BY, at=now)


def claim(*, now: datetime) -> Export | None:
    """The oldest that waits, or whose worker has not been seen for a minute; what that one wrote is thrown away."""
    waits = or_(Export.state == QUEUED, and_(Export.state == RUNNING, Export.beat_at < now - DEAD_AFTER))
    with db.transaction() as session:
        oldest = select(Export).where(waits).order_by(Export.asked_at).limit(1).with_for_update(skip_locked=True)
        export = session.execute(oldest).scalar_one_or_none()
        if export is not None:
            session.execute(delete(ExportChunk).where(ExportChunk.export == export.id))
            export.state, export.runner, export.beat_at = RUNNING, secrets.token_hex(8), now
            export.done, export.total, export.tries = 0, None, export.tries + 1
        return export


def run(export: Export, key: bytes) -> None:
    """
    One file from beginning to end.

    :raises TryAgain: if the database is away; the file is taken up again in a minute
    """
    log.info("export.begins", export=export.id, report=export.report, tries=export.tries)
    try:
        if export.tries > MOST_TRIES:
            fail(export, languages.translate(BROKEN, export.language))
            return
        pieces = Pieces(export)
        with db.snapshot(replica=True) as session:
            made = make_file(session, order_of(export), pieces, key=key, now=clock.now(), progress=pieces.note_progress)
        pieces.finish(made)
    except TakenAway:
        log.info("export.taken-away", export=export.id)
    except TryAgain:
        raise
    except Refusal as refusal:
        fail(export, languages.say(refusal.say, export.language, **refusal.facts))
    except Exception:
        fail(export, languages.translate(BROKEN, export.language))
        raise


def order_of(export: Export) -> Order:
    return Order(
        id=export.id,
        report=CATALOGUE[export.report],
        wanted=Filter.from_facts(export.filters),
        format=export.format,
        language=export.language,
        by=export.asked_by,
    )


class Pieces:
    """Takes a file's bytes and writes them as rows of ``export_chunk``."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.buffer = bytearray()
        self.number = self.done = 0
        self.total: int | None = None

    def note_progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def write(self, piece: bytes) -> None:
        """:raises TakenAway: if the file is no longer ours to make"""
        self.buffer += piece
        if len(self.buffer) >= PIECE:
            now = clock.now()
            with db.transaction() as session:
                change_ours(session, self.export, beat_at=now, done=self.done, total=self.total)
                self.put(session)

    def finish(self, made: Made) -> None:
        """:raises TakenAway: …"""
        now = clock.now()
        with db.transaction() as session:
            change_ours(
                session, self.export, state=READY, runner=None, beat_at=None, done=made.rows, total=made.rows, ended_at=now,
                facts=made.told, seal=made.seal, row_checks=made.checks.tobytes(), expires_at=now + KEPT_FOR,
            )  # fmt: skip
            self.put(session)

    def put(self, session: Session) -> None:
        session.execute(insert(ExportChunk).values(export=self.export.id, number=self.number, piece=bytes(self.buffer)))
        self.number += 1
        self.buffer.clear()


def fail(export: Export, reason: str) -> None:
    now = clock.now()
    with db.transaction() as session:
        session.execute(delete(ExportChunk).where(ExportChunk.export == export.id))
        change_ours(session, export, state=FAILED, runner=None, beat_at=None, ended_at=now, error=reason)


def change_ours(session: Session, export: Export, **values: object) -> None:
    """Nothing is written by a worker whose file is another's by now."""
    ours = update(Export).where(Export.id == export.id, Export.runner == export.runner).values(values)
    if session.execute(ours).rowcount != 1:  # type: ignore[attr-defined]
        raise TakenAway

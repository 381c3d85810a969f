"""Exports: files of reports, asked for, made by the worker, and destroyed a day later."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.db import Base

QUEUED, RUNNING, READY, FAILED = "queued", "running", "ready", "failed"
EXPIRED = "expired"  # ready, but its file is kept no longer


class Export(Base):
    """
    One file of a report. The record stays when the file is gone: who took which data out, and what its seal is.

    :ivar id: cannot be guessed
    :ivar agent: a person of an agent asked for it; ``None``: one of the institution's own
    :ivar filters: see :meth:`app.reports.filters.Filter.facts`
    :ivar done: rows of ``total``
    :ivar runner: of the worker that makes it now; whoever is not named here writes no more
    :ivar beat_at: when that worker was last seen; long ago means that it died
    :ivar error: why there is no file, in the asker's language
    :ivar facts: what the file says about itself; with ``row_checks`` it names what somebody changed in it
    :ivar expires_at: of the file, if it is kept here at all (what the command line writes is not)
    """

    __tablename__ = "export"
    __table_args__ = (
        CheckConstraint("id ~ '^X[0-9A-Z]{20}$'", name="export_id_shape"),
        CheckConstraint("format IN ('xlsx', 'csv')", name="export_format_known"),
        CheckConstraint(f"state IN ('{QUEUED}', '{RUNNING}', '{READY}', '{FAILED}')", name="export_state_known"),
        CheckConstraint(f"(state = '{RUNNING}') = (runner IS NOT NULL) AND (runner IS NULL) = (beat_at IS NULL)", name="run_by_someone"),
        CheckConstraint(f"(state IN ('{READY}', '{FAILED}')) = (ended_at IS NOT NULL)", name="ended_when_over"),
        CheckConstraint(
            f"(state = '{READY}') = (seal IS NOT NULL) AND (seal IS NULL) = (facts IS NULL) AND (seal IS NULL) = (row_checks IS NULL)",
            name="ready_is_sealed",
        ),
        CheckConstraint(f"(state = '{FAILED}') = (error <> '')", name="failed_with_a_reason"),
        CheckConstraint("done >= 0 AND done <= total", name="not_more_than_all"),
        CheckConstraint(f"expires_at IS NULL OR state = '{READY}'", name="only_files_expire"),
        CheckConstraint("destroyed_at IS NULL OR expires_at IS NOT NULL", name="only_kept_files_are_destroyed"),
        Index("export_unfinished", "asked_at", postgresql_where=text(f"state IN ('{QUEUED}', '{RUNNING}')")),
        Index("export_of_asker", "asked_by", "asked_at"),
        Index("export_to_destroy", "expires_at", postgresql_where=text("expires_at IS NOT NULL AND destroyed_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    report: Mapped[str]
    filters: Mapped[dict[str, str]] = mapped_column(JSONB)
    format: Mapped[str]
    language: Mapped[str]
    asked_by: Mapped[str]
    agent: Mapped[str | None] = mapped_column(ForeignKey("agent.number"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=QUEUED)
    done: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    runner: Mapped[str | None]
    beat_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")
    ended_at: Mapped[datetime | None]
    facts: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    seal: Mapped[str | None]
    row_checks: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    expires_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]

    def state_at(self, now: datetime) -> str:
        return EXPIRED if self.expires_at and self.expires_at <= now else self.state


class ExportChunk(Base):
    """A piece of a file: web and worker may be on different hosts, and both know the database."""

    __tablename__ = "export_chunk"
    __table_args__ = (PrimaryKeyConstraint("export", "number"),)

    export: Mapped[str] = mapped_column(ForeignKey("export.id"))
    number: Mapped[int]
    piece: Mapped[bytes] = mapped_column(LargeBinary)

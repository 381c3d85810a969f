"""
Periodic work: APScheduler in the worker process, under one advisory lock for all workers on all hosts.

A job is a verb that is told ``now`` and may run twice, late or not at all: it finds what is due in the
database. The schedule only says how often somebody looks.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, db
from app.db import Base

log = structlog.get_logger()

LEADER = 47530002
RECORD = text("""
    INSERT INTO job_run AS r (name, started_at, finished_at, error) VALUES (:name, :started_at, :finished_at, :error)
    ON CONFLICT (name) DO UPDATE SET
        started_at = excluded.started_at, finished_at = coalesce(excluded.finished_at, r.finished_at), error = excluded.error
""")


@dataclass(frozen=True)
class Job:
    """
    :ivar every: seconds of real time between two looks
    :ivar by_hand: what ``flask job`` runs instead: somebody who asks now does not want to wait for the next turn
    """

    name: str
    verb: Callable[[datetime], object]
    every: int
    by_hand: Callable[[datetime], object] | None = None


class JobRun(Base):
    """The last time a job ran: ``finished_at`` is its last success, ``error`` what went wrong since."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str]


def run(job: Job) -> None:
    """One run, written down. An error is loud in the log and in ``job_run``, and the next run tries again."""
    started_at = clock.now()
    try:
        job.verb(started_at)
    except Exception as error:
        log.exception("job.failed", job=job.name)
        _write_down(job, started_at, error=f"{type(error).__name__}: {error}"[:500])
        raise
    _write_down(job, started_at, finished_at=clock.now())


def _write_down(job: Job, started_at: datetime, *, finished_at: datetime | None = None, error: str = "") -> None:
    with db.transaction() as session:
        session.execute(RECORD, {"name": job.name, "started_at": started_at, "finished_at": finished_at, "error": error})


class Worker:
    """Runs a timetable for as long as this process holds the leader's lock."""

    def __init__(self, timetable: Sequence[Job], database_url: str) -> None:
        self.timetable, self.database_url = timetable, database_url
        self.stopping = threading.Event()

    def work(self) -> None:
        """Until :meth:`stop`. Takes over within seconds when the leader dies; steps back when its connection does."""
        while not self.stopping.is_set():
            try:
                with psycopg.connect(self.database_url, autocommit=True, connect_timeout=3) as connection:
                    self._lead(connection)
            except psycopg.OperationalError as error:
                log.warning("worker.no-database", detail=str(error).splitlines()[0])
            self.stopping.wait(1)

    def stop(self) -> None:
        self.stopping.set()

    def _lead(self, connection: psycopg.Connection) -> None:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [LEADER]).fetchone()
        if not row or not row[0]:
            return
        executors = {"default": ThreadPoolExecutor(len(self.timetable))}  # a job that hangs keeps no other waiting
        scheduler = BackgroundScheduler(
            timezone="UTC", executors=executors, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for job in self.timetable:
            scheduler.add_job(run, "interval", seconds=job.every, args=[job], name=job.name, next_run_time=clock.real_now())
        scheduler.start()
        log.info("worker.leads", jobs=len(self.timetable))
        try:
            while not self.stopping.wait(1):
                connection.execute("SELECT 1")
        finally:
            scheduler.shutdown(wait=True)

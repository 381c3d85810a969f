"""Is this installation well? One line for each thing that can be wrong, with what to do about it."""

import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import clock, db, migrate
from app.agents.model import CLOSED, Agent
from app.bank.model import BankStatement, Deposit, DepositState, StatementState
from app.bank.queries import silent_accounts
from app.collections.model import OpenQuestion
from app.collections.settle_pending import ALARM_AFTER
from app.config import OUR_ADDRESS_IN_THE_DEMO, Config
from app.documents.walls import are_there
from app.jobs import Job, JobRun
from app.ledger.self_check import self_check
from app.notifications.model import Message

PACKAGES = ("flask", "sqlalchemy", "psycopg", "apscheduler")
CLOCKS_APART = timedelta(seconds=5)
OVERDUE_PACES, OVERDUE_AT_LEAST = 5, timedelta(minutes=1)
LONGEST_SUSPENSE = timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """:ivar well: ``False`` needs a person; :ivar next_step: what this person does, empty when all is well"""

    name: str
    well: bool
    sentence: str
    next_step: str = ""


def examine(config: Config, timetable: Sequence[Job]) -> Iterator[Finding]:
    """:raises TryAgain: if the database does not answer"""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    yield Finding("versions", True, f"Python {platform.python_version()}, {versions}")
    walls = "Landlock and seccomp" if are_there() else "no walls: a broken decoder could read the keys"
    yield Finding("clean room", are_there(), walls, "run it on Linux 5.13 or newer with Landlock; apt-get install libseccomp2")
    missing = migrate.pending(config.owner_url)
    yield Finding("migrations", not missing, f"missing: {', '.join(missing)}" if missing else "all there", "./gise flask db upgrade")
    if missing:
        return
    with db.snapshot() as session:
        for look in LOOKS:
            yield look(session, clock.now())
        yield contacts(session, config)
        yield mail_sender(config)
        yield jobs(session, clock.now(), timetable)


def database(session: Session, _now: datetime) -> Finding:
    version, size = session.execute(
        text("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
    ).one()
    major = int(version.split(".")[0])
    return Finding("database", major >= 15, f"PostgreSQL {version}, {size}", "Gişe needs PostgreSQL 15 or newer")


def time_of_day(session: Session, now: datetime) -> Finding:
    """The told clock may be elsewhere; the real one must agree with the server's."""
    apart = abs(session.execute(text("SELECT clock_timestamp()")).scalar_one() - clock.real_now())
    told = now - clock.real_now()
    words = f"{now:%Y-%m-%d %H:%M:%S} UTC" + (
        f", told: {told.total_seconds():+.0f} s from the real time" if abs(told) > CLOCKS_APART else ""
    )
    return Finding("clock", apart < CLOCKS_APART, f"{words}; {apart.total_seconds():.1f} s from the database", "set the clocks with NTP")


def the_book(session: Session, _now: datetime) -> Finding:
    wrong = self_check(session)
    return Finding("book", not wrong, "; ".join(wrong[:3]) or "every balance equals its postings", "./gise flask book check")


def pending(session: Session, now: datetime) -> Finding:
    count, oldest = session.execute(select(func.count(), func.min(OpenQuestion.asked_since))).one()
    return Finding("pending payments", not old(oldest, ALARM_AFTER, now), told(count, oldest, now), "see /exceptions")


def suspense(session: Session, now: datetime) -> Finding:
    question = select(func.count(), func.min(Deposit.seen_at)).where(Deposit.state == DepositState.SUSPENSE)
    count, oldest = session.execute(question).one()
    return Finding(
        "unmatched deposits", not old(oldest, LONGEST_SUSPENSE, now), told(count, oldest, now), "assign or return them at /deposits"
    )


def statements(session: Session, _now: datetime) -> Finding:
    count = session.scalar(select(func.count()).select_from(BankStatement).where(BankStatement.state == StatementState.QUARANTINED)) or 0
    return Finding("quarantined statements", not count, str(count or "none"), "see /exceptions")


def feeds(session: Session, now: datetime) -> Finding:
    silent = [account.iban for account, _ in silent_accounts(session, now=now)]
    return Finding("bank feeds", not silent, f"silent: {', '.join(silent) or 'none'}", "look at the worker and at the bank")


def messages(session: Session, now: datetime) -> Finding:
    lost = select(func.count()).select_from(Message).where(Message.given_up_at > now - timedelta(days=1))
    count = session.scalar(lost) or 0
    return Finding("messages given up in a day", not count, str(count or "none"), "look at the SMS gateway and the mail server")


def contacts(session: Session, config: Config) -> Finding:
    """In every market that has a shop somebody can be called."""
    missing = sorted(set(session.scalars(select(Agent.market).where(Agent.state != CLOSED).distinct())) - set(config.contacts))
    names = ", ".join(f"GISE_CONTACT_{market}" for market in missing)
    return Finding(
        "contacts", not missing, f"missing: {', '.join(missing)}" if missing else "one for each market with shops", f"set {names}"
    )


def mail_sender(config: Config) -> Finding:
    is_ours = not config.is_production or config.mail_from != OUR_ADDRESS_IN_THE_DEMO
    return Finding("mail sender", is_ours, config.mail_from, "set GISE_MAIL_FROM to the address whose mailbox GISE_IMAP_URL reads")


LOOKS: tuple[Callable[[Session, datetime], Finding], ...] = (
    database, time_of_day, the_book, pending, suspense, statements, feeds, messages,
)  # fmt: skip


def jobs(session: Session, now: datetime, timetable: Sequence[Job]) -> Finding:
    """Each succeeded within five of its paces."""
    runs = {run.name: run for run in session.scalars(select(JobRun))}
    late = []
    for job in timetable:
        run = runs.get(job.name)
        finished = run.finished_at if run else None
        if finished is None or old(finished, max(job.every * OVERDUE_PACES * timedelta(seconds=1), OVERDUE_AT_LEAST), now):
            late.append(f"{job.name} ({(run.error if run else '') or 'no success yet'})")
    return Finding("jobs", not late, f"{len(timetable)} jobs, late: {', '.join(late) or 'none'}", "is the worker running? its log says why")


def old(since: datetime | None, limit: timedelta, now: datetime) -> bool:
    return since is not None and now - since > limit


def told(count: int, oldest: datetime | None, now: datetime) -> str:
    return f"{count}, the oldest since {(now - oldest) // timedelta(minutes=1)} minutes" if oldest else "none"

"""The watched folder: statements that people or the bank drop there."""

from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from app import clock, db
from app.bank.incoming.bring_files import bring_files
from app.bank.incoming.keep_file import BankFile
from app.bank.model import BankStatement, StatementState
from app.bank.statement.read import LARGEST
from app.bank.statement.statement import Unreadable
from app.remarks import Remark

log = structlog.get_logger()

BY = "job:watch-inbox"
DONE, QUARANTINED = "done", "quarantined"
STILL_GROWS = timedelta(seconds=5)
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp")


def watch_inbox(folder: Path, *, now: datetime) -> int:
    """
    Each file is imported, then moved to ``done/``, or to ``quarantined/`` with a ``.txt`` beside it that says why. One that
    still grows is left until it stops. A file that was dropped before changes nothing and is moved just the same.

    :returns: how many files were taken
    """
    taken = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if is_finished(path):
            take(path, now=now)
            taken += 1
    return taken


def is_finished(path: Path) -> bool:
    """A file written by now; the age counts by the wall clock, as the file system does."""
    try:
        if path.is_symlink() or not path.is_file() or path.name.startswith(".") or path.name.lower().endswith(UNFINISHED):
            return False
        return clock.real_now().timestamp() - path.stat().st_mtime >= STILL_GROWS.total_seconds()
    except FileNotFoundError:
        return False  # another worker took it


def take(path: Path, *, now: datetime) -> None:
    try:
        before = path.stat()
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
        if path.stat().st_size != before.st_size or path.stat().st_mtime != before.st_mtime:
            return  # it grew while it was read
        reasons = why_not(BankFile(raw, path.name, "inbox", BY), now=now)
        put_away(path, reasons)
    except FileNotFoundError:
        log.info("inbox.taken-by-another", name=path.name)


def why_not(file: BankFile, *, now: datetime) -> list[str]:
    """One line for each statement that is in quarantine and each packed file that is none; no line when all is well."""
    try:
        brought = bring_files(file, now=now)
    except Unreadable as error:
        return [str(error)]
    kept = [imported.statement for imported in brought.imported]
    with db.reading() as session:
        rows = session.scalars(select(BankStatement).where(BankStatement.id.in_(kept)).order_by(BankStatement.position)).all()
    return [f"{name}: {why}" for name, why in brought.unreadable] + [
        f"Statement {row.position} of {len(rows)}, account {row.account}: {Remark.from_json(row.reason)}"
        for row in rows
        if row.state == StatementState.QUARANTINED and row.reason
    ]


def put_away(path: Path, reasons: list[str]) -> None:
    """The reason first: whoever finds the file finds it too."""
    folder = path.parent / (QUARANTINED if reasons else DONE)
    folder.mkdir(exist_ok=True)
    target = free_name(folder / path.name)
    if reasons:
        Path(f"{target}.txt").write_text("\n".join(reasons) + "\n", encoding="utf-8")
    path.replace(target)
    log.info("inbox.put-away", folder=folder.name, reasons=len(reasons))


def free_name(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free

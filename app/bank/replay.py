"""Read every kept bank file again: harmless, and of use when a reader has learned something."""

from collections.abc import Iterator
from datetime import datetime
from typing import cast

from sqlalchemy import select

from app import db
from app.bank.import_file import import_file
from app.bank.keep_file import BankFile, Way
from app.bank.model import StatementFile
from app.bank.statement.statement import Unreadable
from app.bank.statement_queries import StatementReport, reports_on


def replay_files(*, now: datetime) -> Iterator[StatementReport]:
    """A journey, file by file in the order they came. Gives only the statements that were not there before."""
    with db.reading() as session:
        files = session.scalars(select(StatementFile.id).order_by(StatementFile.id)).all()
    for number in files:
        yield from replay_file(number, now=now)


def replay_file(number: int, *, now: datetime) -> list[StatementReport]:
    with db.reading() as session:
        kept = session.get_one(StatementFile, number)
    try:
        imported = import_file(BankFile(kept.raw, kept.name, cast(Way, kept.way), kept.came_by, kept.account), now=now)
    except Unreadable:
        return []  # as it was when it came
    with db.reading() as session:
        return reports_on(session, [each for each in imported if not each.again])

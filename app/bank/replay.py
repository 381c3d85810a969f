"""Read every kept bank file again: harmless, and of use when a reader has learned something."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select

from app import db
from app.bank.incoming.import_file import import_file
from app.bank.incoming.keep_file import BankFile, Way
from app.bank.incoming.statement_queries import StatementReport, reports_on
from app.bank.model import StatementFile
from app.bank.statement.statement import Unreadable


def replay_files(*, now: datetime) -> Iterator[StatementReport]:
    """A journey, file by file in the order they came. Gives only the statements that were not there before."""
    for number in kept_files():
        yield from replay_file(number, now=now)


def kept_files() -> Sequence[int]:
    with db.reading() as session:
        return session.scalars(select(StatementFile.id).order_by(StatementFile.id)).all()


def kept_file(number: int) -> BankFile:
    with db.reading() as session:
        kept = session.get_one(StatementFile, number)
    return BankFile(kept.raw, kept.name, cast(Way, kept.way), kept.came_by, kept.account)


def replay_file(number: int, *, now: datetime) -> list[StatementReport]:
    try:
        imported = import_file(kept_file(number), now=now)
    except Unreadable:
        return []  # as it was when it came
    with db.reading() as session:
        return reports_on(session, [each for each in imported if not each.again])

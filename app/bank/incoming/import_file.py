"""A bank file comes in, by whatever way: kept, read, imported statement by statement, and credited."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from app import db
from app.bank.credit_deposits import credit_deposits
from app.bank.incoming.import_statement import Imported, import_statement
from app.bank.incoming.keep_file import BankFile, keep_file
from app.bank.incoming.read_event import read_kept
from app.bank.statement.statement import Unreadable
from app.remarks import Remark

log = structlog.get_logger()


def import_file(file: BankFile, *, now: datetime) -> Sequence[Imported]:
    """
    A journey with transactions of its own: one for each statement, so that one in trouble holds up no other; whoever
    dies on the way, importing again goes on where it stopped. What is new is credited at once.

    :returns: its statements in their order; of the feed only those that brought something
    :raises Unreadable: if it is no bank file; what people brought is kept all the same
    """
    try:
        statements = read_kept(file.raw, account=file.account)
    except Unreadable as error:
        log.warning("bank.unreadable", way=file.way, size=len(file.raw))
        keep_at_once(file, now=now, unreadable=error.why)
        raise
    keep_at_once(file, now=now)
    kept = []
    for position, statement in enumerate(statements, start=1):
        with db.transaction() as session:
            if imported := import_statement(session, statement, file, position=position, now=now):
                kept.append(imported)
    credit_deposits(now=now)
    return kept


def keep_at_once(file: BankFile, *, now: datetime, unreadable: Remark | None = None) -> None:
    """Whatever becomes of it. The feed repeats itself every half minute: of it only what brings something is kept."""
    if file.way == "feed":
        return
    with db.transaction() as session:
        keep_file(session, file, now=now, unreadable=unreadable)

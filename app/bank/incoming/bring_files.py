"""People bring a file, or several packed together; each is imported by itself, so that a bad one holds up no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import select

from app import db
from app.bank.incoming.import_file import import_file, keep_at_once
from app.bank.incoming.import_statement import Imported
from app.bank.incoming.keep_file import BankFile
from app.bank.model import BankAccount
from app.bank.statement.archive import Member, is_archive, members_of
from app.bank.statement.statement import Unreadable, account_name
from app.errors import N_, Invalid
from app.remarks import Remark

log = structlog.get_logger()

SEVERAL = N_("None of the {files} files in it can be read.")


@dataclass(frozen=True)
class Brought:
    """:ivar imported: the statements of all its files, in their order; :ivar unreadable: names of those that have none, and why"""

    imported: Sequence[Imported]
    unreadable: Sequence[tuple[str, Remark]]


def bring_files(file: BankFile, *, now: datetime) -> Brought:
    """
    A journey with transactions of its own.

    :raises Invalid: if the chosen account is not ours
    :raises Unreadable: if there is no statement in any of it; what was brought is kept all the same
    """
    file = replace(file, account=our_account(file.account))
    if not is_archive(file.raw):
        return Brought(import_file(file, now=now), [])
    imported, unreadable = list[Imported](), list[tuple[str, Remark]]()
    for member in members(file, now=now):
        try:
            imported += import_member(member, file, now=now)
        except Unreadable as error:
            unreadable.append((member.name, error.why))
    if not imported and unreadable:
        refuse(unreadable)
    return Brought(imported, unreadable)


def our_account(chosen: str) -> str:
    name = account_name(chosen)
    with db.reading() as session:
        if name and session.scalars(select(BankAccount.iban).filter_by(iban=name, closed_at=None)).first() is None:
            raise Invalid(account=N_("This is none of our accounts."))
    return name


def members(file: BankFile, *, now: datetime) -> Iterator[Member]:
    try:
        yield from members_of(file.raw, file.name)
    except Unreadable as error:
        log.warning("bank.unreadable-archive", way=file.way, size=len(file.raw))
        keep_at_once(file, now=now, unreadable=error.why)
        raise


def import_member(member: Member, file: BankFile, *, now: datetime) -> Sequence[Imported]:
    """Under its own name behind the archive's: two days may be called the same in two archives."""
    if member.why:
        keep_at_once(file, now=now, unreadable=member.why)
        raise Unreadable(why=member.why)
    return import_file(replace(file, raw=member.raw, name=f"{file.name}/{member.name}"), now=now)


def refuse(unreadable: Sequence[tuple[str, Remark]]) -> None:
    (_, why), *others = unreadable
    raise Unreadable(why=Remark.of(SEVERAL, files=len(unreadable)) if others else why)

"""Bank files are kept as they came, byte for byte and for ever."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.bank.model import StatementFile
from app.remarks import Remark
from app.text import one_line

Way = Literal["feed", "push", "inbox", "upload"]


@dataclass(frozen=True)
class BankFile:
    """:ivar way: how it came; :ivar by: who or what brought it; :ivar account: chosen, for a file that may name none"""

    raw: bytes
    name: str
    way: Way
    by: str
    account: str = ""

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.raw).digest()


def keep_file(session: Session, file: BankFile, *, now: datetime, unreadable: Remark | None = None) -> int:
    """:returns: its number; the same bytes for the same account are the same file, whatever their name"""
    values = {
        "sha256": file.sha256,
        "account": file.account,
        "raw": file.raw,
        "name": one_line(file.name),
        "way": file.way,
        "came_at": now,
        "came_by": file.by,
        "unreadable": unreadable.as_json() if unreadable else None,
    }
    new = insert(StatementFile).values(values).on_conflict_do_nothing(index_elements=["sha256", "account"]).returning(StatementFile.id)
    return session.scalars(new).one_or_none() or session.scalars(select(StatementFile.id).filter_by(**identity(file))).one()


def find_file(session: Session, file: BankFile) -> int | None:
    return session.scalars(select(StatementFile.id).filter_by(**identity(file))).one_or_none()


def identity(file: BankFile) -> dict[str, object]:
    return {"sha256": file.sha256, "account": file.account}

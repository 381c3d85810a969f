"""What a bank pushes: signed, once for each event, and each booking once whatever else shows it (B21, B28)."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock, db
from app.bank.desk_model import BankEvent
from app.bank.incoming.import_file import import_file
from app.bank.incoming.import_statement import Imported, find_account
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.read_event import is_event, read_body, read_kept
from app.bank.model import BankAccount
from app.bank.statement.statement import Statement, Unreadable
from app.errors import N_, Invalid, NotFound, Refusal
from app.remarks import Remark

BY = "bank:push"
LARGEST = 4 * 1024 * 1024
LONGEST_ID = 200


class EventReused(Refusal):
    say = N_("Event {event} came before with another content. Nothing was read.")
    known_as = "key-reused"


class OtherAccount(Invalid):
    """A bank's secret speaks for one account."""

    def __init__(self) -> None:
        super().__init__(account=N_("The event speaks about another account than the one that signs it."))

    known_as = "invalid"


@dataclass(frozen=True)
class Taken:
    """:ivar again: the event was here before and changed nothing"""

    event: str
    again: bool
    imported: Sequence[Imported]


def pushing_account(session: Session, iban: str) -> BankAccount:
    """:raises NotFound: if it is not ours, is closed, or has no secret: nobody learns which"""
    account = session.scalars(select(BankAccount).filter_by(iban=iban, closed_at=None)).one_or_none()
    if account is None or not account.push_key:
        raise NotFound
    return account


def take_event(iban: str, body: bytes, *, now: datetime) -> Taken:
    """
    A journey; the signature is checked already. Whoever dies on the way, the bank's next try goes on.

    :param body: ``{"event": …, "raw": base64 of a bank file}``, or the neutral shape of :mod:`app.bank.incoming.read_event`
    :raises Unreadable: if it cannot be read
    :raises OtherAccount: …
    :raises EventReused: if this event's id came with another body
    """
    fields = read_body(body)
    event = fields.get("event")
    if not isinstance(event, str) or not event.isprintable() or not 0 < len(event) <= LONGEST_ID:
        raise wrong("event")
    raw = file_in(fields["raw"]) if "raw" in fields else body
    refuse_other_accounts(iban, read_kept(raw))
    if known(iban, event, body, now=now):
        return Taken(event, again=True, imported=())
    imported = import_file(BankFile(raw, f"push-{iban[-6:]}-{event}", "push", BY), now=now)
    with db.transaction() as session:
        session.execute(update(BankEvent).where(BankEvent.iban == iban, BankEvent.event == event).values(done_at=clock.now()))
    return Taken(event, again=False, imported=imported)


def file_in(text: object) -> bytes:
    try:
        if not isinstance(text, str):
            raise wrong("raw")
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise wrong("raw") from error
    if is_event(raw):
        raise wrong("raw")  # a file of the bank's, not an event in an event
    return raw


def wrong(field: str) -> Unreadable:
    return Unreadable(why=Remark.of(N_("The field {field} of the event is missing or wrong."), field=field))


def refuse_other_accounts(iban: str, statements: Sequence[Statement]) -> None:
    with db.reading() as session:
        for statement in statements:
            account = find_account(session, statement.account)
            if account is None or account.iban != iban:
                raise OtherAccount


def known(iban: str, event: str, body: bytes, *, now: datetime) -> bool:
    """Written down first; one that began and never ended is taken again: importing twice changes nothing."""
    sha256 = hashlib.sha256(body).digest()
    with db.transaction() as session:
        new = insert(BankEvent).values(iban=iban, event=event, sha256=sha256, came_at=now)
        session.execute(new.on_conflict_do_nothing(index_elements=["iban", "event"]))
        row = session.get_one(BankEvent, (iban, event))
    if row.sha256 != sha256:
        raise EventReused(event=event)
    return row.done_at is not None

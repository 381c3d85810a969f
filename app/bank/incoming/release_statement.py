"""A person lets a quarantined statement in, although it does not add up."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.bank.assign_deposit import needed
from app.bank.incoming.import_statement import bring_in, find_account, lock
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.read_event import read_kept
from app.bank.model import BankStatement, StatementFile, StatementState
from app.errors import N_, NotFound, Refusal


class NotInQuarantine(Refusal):
    say = N_("Statement {statement} is not in quarantine (any more); nothing was changed.")
    known_as = "decided"


class NotWhole(Refusal):
    say = N_("Statement {statement} cannot be read to its end, so bookings may be missing. Ask the bank for the file again.")


def release_statement(session: Session, statement_id: int, *, note: str, by: str, now: datetime) -> BankStatement:
    """
    Its lines become bookings and deposits like any others; ``credit_deposits`` then credits them.

    :raises NotFound: …
    :raises Invalid: without a note
    :raises NotInQuarantine: if another person released it
    :raises NotWhole: if a line of it could not be read, or it was cut off
    """
    note = needed(note)
    row = session.scalars(select(BankStatement).filter_by(id=statement_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    if row.state != StatementState.QUARANTINED:
        raise NotInQuarantine(statement=statement_id)
    kept = session.get_one(StatementFile, row.file_id)
    statement = read_kept(kept.raw, account=kept.account)[row.position - 1]
    if not statement.whole:
        raise NotWhole(statement=statement_id)
    account = find_account(session, statement.account)
    lock(session, account, statement)
    row.state, row.released_at, row.released_by, row.release_note = StatementState.IMPORTED, now, by, note
    if account:
        row.account, row.iban = account.iban, account.iban
    file = BankFile(kept.raw, kept.name, "upload", by, kept.account)
    bring_in(session, statement, file, position=row.position, account=account, now=now, released=row)
    audit.record(session, "statement.released", about=f"statement:{row.id}", by=by, at=now, note=note, new=row.new)
    return row

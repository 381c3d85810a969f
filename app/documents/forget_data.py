"""Personal data go: replaced by a pseudonym, while the row and the money in it stay (C27)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Integer,
    Result,
    Select,
    Text,
    Update,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import Session

from app import db
from app.documents.personal_data import ROWS, Rows
from app.documents.privacy_model import DataRetention

AT_ONCE = 500
FORMER_PERSON = "former-person"
NOBODYS_PHONE = "+999"  # a country code that nobody has
NOBODYS_MAIL = "@erased.invalid"  # a domain that there never will be (RFC 2606)


def forget_data(now: datetime) -> int:
    """
    A job: what was needed for something that ended longer ago than the days of its kind. May be stopped and started again.

    :returns: how many rows were changed
    """
    done = 0
    for rows in ROWS:
        while some := forget_some(rows, now):
            done += some
    with db.transaction() as session:
        done += forget_changes(session, days=session.get_one(DataRetention, FORMER_PERSON).days, now=now)
    return done


def forget_some(rows: Rows, now: datetime) -> int:
    with db.transaction() as session:
        days = session.get_one(DataRetention, rows.kept).days
        ended = column(rows.since) + func.make_interval(0, 0, 0, cast(literal(days), Integer)) <= now
        keys = session.scalars(keys_of(rows, ended).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
        if keys:
            session.execute(pseudonymise(rows, column(rows.key).in_(keys), number=0))
        return len(keys)


def erase_rows(session: Session, rows: Rows, identifiers: Sequence[str], *, number: int) -> int:
    """
    :param identifiers: phones and mail addresses as they are kept
    :param number: of the request: all rows of one person get the same pseudonym, and can still be told from other people's
    :returns: how many rows were changed
    """
    keys = session.scalars(keys_of(rows, is_of(rows, identifiers)).with_for_update()).all()
    if keys:
        session.execute(pseudonymise(rows, column(rows.key).in_(keys), number=number))
    return len(keys)


def still_needed(session: Session, rows: Rows, identifiers: Sequence[str]) -> bool:
    """Whether something still waits for these data."""
    question = select(literal(1)).select_from(table(rows.table)).where(is_of(rows, identifiers), text(f"NOT ({rows.over})"))
    return session.execute(question.limit(1)).first() is not None


def keys_of(rows: Rows, which: ColumnElement[bool]) -> Select[tuple[object]]:
    """Their matter is over, and they are not a pseudonym already."""
    by = column(rows.by, Text())
    open_yet = and_(by != "", by.not_like(f"{NOBODYS_PHONE}%"), by.not_like(f"%{NOBODYS_MAIL}"))
    return select(column(rows.key)).select_from(table(rows.table)).where(which, open_yet, text(f"({rows.over})"))


def is_of(rows: Rows, identifiers: Sequence[str]) -> ColumnElement[bool]:
    """A mail address is the same in any case; a phone has none."""
    return or_(column(rows.by, Text()).in_(identifiers), func.lower(column(rows.by)).in_([one.lower() for one in identifiers]))


def pseudonymise(rows: Rows, which: ColumnElement[bool], *, number: int) -> Update:
    by = column(rows.by, Text())
    instead = case(
        (by.like("%@%"), f"erased-{number}{NOBODYS_MAIL}"),
        (by.like("+%"), f"{NOBODYS_PHONE}{number:010d}"),
        else_="",
    )
    whole = table(rows.table, column(rows.by), *(column(name) for name in rows.also))
    return update(whole).where(which).values({rows.by: instead, **rows.also})


# Changes that brought or removed a login say whose; migration 0031 holds that nothing else of them may ever be altered.
PHONE_OF_CHANGE = """
    CASE kind WHEN 'person-add' THEN wanted ->> 'phone' WHEN 'person-remove' THEN before ->> 'phone'
    WHEN 'agent-new' THEN wanted ->> 'owner_phone' END"""
CHANGE_ENDED_AT = "coalesce(applied_at, denied_at, withdrawn_at)"
FORGET_CHANGES = f"""
    UPDATE change SET wanted = change_of_nobody(kind, wanted), before = change_of_nobody(kind, before),
        matter = change_matter_of_nobody(kind, matter)
    WHERE {CHANGE_ENDED_AT} IS NOT NULL AND {PHONE_OF_CHANGE} NOT LIKE '{NOBODYS_PHONE}%' AND """  # noqa: S608 — nothing comes from outside


def forget_changes(session: Session, *, days: int, now: datetime) -> int:
    """Of logins that nobody has any more. :returns: how many"""
    old = f"{CHANGE_ENDED_AT} + make_interval(days => :days) <= :now"
    gone = f"NOT EXISTS (SELECT FROM person WHERE removed_at IS NULL AND phone = {PHONE_OF_CHANGE})"
    return changed(session.execute(text(f"{FORGET_CHANGES} {old} AND {gone}"), {"days": days, "now": now}))


def erase_changes(session: Session, identifiers: Sequence[str]) -> int:
    return changed(session.execute(text(f"{FORGET_CHANGES} {PHONE_OF_CHANGE} = ANY (:phones)"), {"phones": list(identifiers)}))


# Of a login that is gone: what is kept by the person's number, not by a phone or mail address.
LEFT_BEHIND = {
    "session": "UPDATE session SET address = '', user_agent = '' WHERE (address, user_agent) <> ('', '')",
    "top_up_notice": "UPDATE top_up_notice SET mail = '' WHERE mail <> ''",
}
FORMER = "person_id IN (SELECT id FROM person WHERE removed_at IS NOT NULL AND phone = ANY (:phones))"


def erase_left_behind(session: Session, identifiers: Sequence[str]) -> dict[str, int]:
    """Before the person's own row goes: by it these are found."""
    phones = {"phones": list(identifiers)}
    return {name: changed(session.execute(text(f"{statement} AND {FORMER}"), phones)) for name, statement in LEFT_BEHIND.items()}


def changed(result: Result[Any]) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


def changes_of(session: Session, identifiers: Sequence[str]) -> list[tuple[str, bool]]:
    """References of the changes that say whose a login is, and whether each has ended."""
    found = text(f"SELECT reference, {CHANGE_ENDED_AT} IS NOT NULL FROM change WHERE {PHONE_OF_CHANGE} = ANY (:phones)")  # noqa: S608 — the same
    return [(reference, ended) for reference, ended in session.execute(found, {"phones": list(identifiers)})]


def still_found(session: Session, identifiers: Sequence[str]) -> dict[str, int]:
    """How many rows of which table are somebody's: what whoever decides sees."""
    counts = {
        rows.table: session.execute(select(func.count()).select_from(table(rows.table)).where(is_of(rows, identifiers))).scalar_one()
        for rows in ROWS
    }
    counts["change"] = len(changes_of(session, identifiers))
    return {name: number for name, number in counts.items() if number}

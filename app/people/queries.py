"""Questions about persons."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.model import Person


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))
    return {row.id: row.name for row in rows}

"""
Thousands of rows in a few statements: they travel by COPY, some thousands at a time, so that no statement of a long
file runs into its time-out and the server writes one part while the next is being made.
"""

from collections.abc import Iterable
from functools import cache
from itertools import islice

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import db
from app.db import Base
from app.errors import TryAgain

AT_ONCE = 5000

NEXT_NUMBERS = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")


def next_numbers(session: Session, model: type[Base], count: int) -> list[int]:
    """The ids of rows that are about to be copied: whoever refers to them need not ask for them afterwards."""
    return list(session.scalars(NEXT_NUMBERS, {"sequence": f"{model.__tablename__}_id_seq", "count": count})) if count else []


def copy_rows(session: Session, model: type[Base], columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """
    :param rows: the values of ``columns``, in their order; made while they travel
    :raises TryAgain: if PostgreSQL is away, too busy, or a lock did not come
    """
    session.flush()  # what they refer to
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    left = iter(rows)
    try:
        while part := list(islice(left, AT_ONCE)):
            with driver.cursor() as cursor, cursor.copy(copying(model, columns)) as copy:
                for row in part:
                    copy.write_row(row)
    except db.TRANSIENT as error:
        raise TryAgain from error


@cache
def copying(model: type[Base], columns: tuple[str, ...]) -> str:
    """Names of tables and columns are our models' own; what comes from outside are the rows."""
    return f"COPY {model.__tablename__} ({', '.join(columns)}) FROM STDIN"

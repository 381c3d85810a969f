"""
Thousands of rows in a few statements: each thousand travels as one JSON document and is taken apart by the server.

One parameter for each value, as SQLAlchemy sends them, takes several times as long; a day's statement has 100,000 lines.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import LargeBinary, Row, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.db import Base

AT_ONCE = 2000

Values = Mapping[str, object]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Values], *, returning: tuple[str, ...] = ()) -> list[Row[Any]]:
    """:param rows: all with the same columns; :returns: what was asked for, in no certain order"""
    found: list[Row[Any]] = []
    if rows:
        statement = insertion(model, tuple(rows[0]), returning)
        for part in parts(rows):
            result = session.execute(statement, {"rows": part})
            found += result.all() if returning else []
    return found


def update_rows(session: Session, model: type[Base], rows: Sequence[Values], *, key: str) -> None:
    """:param rows: all with the same columns; ``key`` says which row of the table each is about"""
    if rows:
        statement = updating(model, tuple(rows[0]), key)
        for part in parts(rows):
            session.execute(statement, {"rows": part})


# Names of tables and columns below are our models' own; what comes from outside is in the document.


@cache
def insertion(model: type[Base], columns: tuple[str, ...], returning: tuple[str, ...]) -> TextClause:
    back = f" RETURNING {', '.join(returning)}" if returning else ""
    values = ", ".join(value_of(model, column) for column in columns)
    return text(f"INSERT INTO {model.__tablename__} ({', '.join(columns)}) SELECT {values} FROM {records(model, columns)}{back}")  # noqa: S608


@cache
def updating(model: type[Base], columns: tuple[str, ...], key: str) -> TextClause:
    changes = ", ".join(f"{column} = {value_of(model, column)}" for column in columns if column != key)
    table = model.__tablename__
    return text(f"UPDATE {table} SET {changes} FROM {records(model, columns)} WHERE {table}.{key} = new.{key}")  # noqa: S608


def records(model: type[Base], columns: Sequence[str]) -> str:
    types = ", ".join(f"{column} {type_of(model, column)}" for column in columns)
    return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS new ({types})"


def type_of(model: type[Base], column: str) -> str:
    kind = model.__table__.c[column].type
    return "text" if isinstance(kind, LargeBinary) else kind.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]


def value_of(model: type[Base], column: str) -> str:
    is_binary = isinstance(model.__table__.c[column].type, LargeBinary)
    return f"decode(new.{column}, 'hex')" if is_binary else f"new.{column}"


def parts(rows: Sequence[Values]) -> Iterator[str]:
    left = iter(rows)
    while part := list(islice(left, AT_ONCE)):
        yield json.dumps(part, default=plain)


def plain(value: object) -> str:
    match value:
        case bytes():
            return value.hex()
        case date():  # and datetime
            return value.isoformat()
        case _:
            raise TypeError(type(value))

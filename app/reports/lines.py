"""
The rows of a report as lines of text, straight from PostgreSQL's COPY: no row becomes a Python object.

That is what makes a million rows a matter of seconds and of a few megabytes, and it asks hardly more of the
server than a plain COPY. A line's fields are separated by :data:`FIELD`; neither it nor any other control
character is ever part of a field.
"""

import re
from collections.abc import Generator
from contextlib import closing
from itertools import islice

import psycopg
from sqlalchemy.orm import Session

from app import db
from app.errors import TryAgain
from app.reports.copy_out import copy_out
from app.reports.report import Rows

FIELD = b"\x1f"
LINES_AT_ONCE = 500  # a block and what becomes of it stay in the processor's cache; ten times more is slower
LONGEST_TEXT = 32_767  # UTF-16 units in a cell of Excel; cut in CSV too, so that both say the same

_OTHER_CONTROLS = bytes({*range(32), 127} - {*b"\n", *FIELD})
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_MEANING = {b"\\": b"\\", b"n": b" ", b"r": b" ", b"t": b" "}  # a line break within a text becomes a space
_NO_CHARACTERS = re.compile(rb"\xef\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF, which XML forbids


def read_lines(session: Session, statement: Rows) -> Generator[bytes]:
    """
    Blocks of some hundred lines with a line end between them, in the session's own transaction.

    To be closed by whoever stops early.

    :param statement: its columns are what the file shows, as text
    :raises TryAgain: if the server stopped it
    """
    connection = session.connection()
    compiled = statement.compile(connection, compile_kwargs={"render_postcompile": True})
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    copy = f"COPY ({compiled.string}) TO STDOUT (DELIMITER '{FIELD.decode()}', NULL '')"
    try:
        with closing(copy_out(driver, copy, compiled.params)) as rows:
            while some := list(islice(rows, LINES_AT_ONCE)):
                block = clean(b"".join(some))
                yield block if max(map(len, some)) <= LONGEST_TEXT else shorten(block)
    except db.TRANSIENT as error:
        raise TryAgain from error


def clean(block: bytes) -> bytes:
    """COPY's own escapes undone, control characters gone: what is left of a text cannot end its field or its line."""
    if b"\\" in block:
        block = _ESCAPED.sub(lambda escaped: _MEANING.get(escaped[1], b""), block)
    if b"\xef\xbf" in block:
        block = _NO_CHARACTERS.sub(b"", block)
    return block.translate(None, _OTHER_CONTROLS).removesuffix(b"\n")


def shorten(block: bytes) -> bytes:
    return b"\n".join(FIELD.join(cut(field) for field in line.split(FIELD)) for line in block.split(b"\n"))


def cut(field: bytes) -> bytes:
    units = field.decode().encode("utf-16-le")[: 2 * LONGEST_TEXT]
    return units.decode("utf-16-le", "ignore").encode()

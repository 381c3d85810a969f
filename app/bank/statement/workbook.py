"""Excel files, old (.xls) and new (.xlsx). They are opened in :mod:`app.bank.statement.workbook_room`, never here."""

import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import structlog

from app.bank.statement.sheet import Cell, Row
from app.bank.statement.statement import Unreadable
from app.errors import N_
from app.remarks import Remark

log = structlog.get_logger()

OLD, PACKAGE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
BOOK = "xl/workbook.xml"
NO_WORKBOOK = N_("It cannot be read as a workbook: it is broken, cut off or protected.")
LARGER = N_("What is packed in it is larger than {megabytes} MB.")
DOCUMENT_TYPE = N_("It brings a document type, which no bank file needs.")

LARGEST_INSIDE = 256 * 1024 * 1024
MOST_PARTS, MOST_CELLS = 1000, 5_000_000
PIECE = 256 * 1024

ROOT = Path(__file__).resolve().parent.parent.parent.parent
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
_places = threading.BoundedSemaphore(2)  # at once in this process: a flood of uploads takes bounded memory


def is_package(raw: bytes) -> bool:
    """A new workbook: a zip like others, but with a book in it."""
    if not raw.startswith(PACKAGE):
        return False
    try:
        with zipfile.ZipFile(BytesIO(raw)) as package:
            return BOOK in package.namelist()
    except Exception:  # the library has no list of what it raises at broken packages
        return False


def read_workbook(raw: bytes) -> Iterator[Iterator[Row]]:
    """
    Sheet by sheet, row by row; empty rows are left out.

    :raises Unreadable: …, also in the middle of it
    """
    if raw.startswith(PACKAGE):
        check_package(raw)
    with _places:
        for _, rows in groupby(rows_of(raw), key=lambda row: row[0]):
            yield (Row(line, cells) for _, line, cells in rows)


def check_package(raw: bytes) -> None:
    """What it unpacks to, by its own word first, then really: a few kilobytes may hold gigabytes."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_INSIDE:
                raise Unreadable(why=Remark.of(LARGER, megabytes=LARGEST_INSIDE // 1024 // 1024))
            if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
                raise Unreadable(why=Remark.of(NO_WORKBOOK))  # the others may ask for any amount of memory
            for part in parts:
                with package.open(part) as stream:
                    before = b""
                    while piece := stream.read(PIECE):
                        if b"<!DOCTYPE" in before + piece:
                            raise Unreadable(why=Remark.of(DOCUMENT_TYPE))
                        before = piece[-16:]
    except Unreadable:
        raise
    except Exception as error:  # the library has no list of what it raises at broken or encrypted packages
        raise Unreadable(why=Remark.of(NO_WORKBOOK)) from error


def rows_of(raw: bytes) -> Iterator[tuple[int, int, tuple[Cell, ...]]]:
    """Sheet, line and cells."""
    room = subprocess.Popen(
        [sys.executable, "-c", "from app.bank.statement.workbook_room import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=ENVIRONMENT,
    )
    assert room.stdin
    assert room.stdout
    try:
        send(room, raw)
        cells = 0
        for line in room.stdout:
            sheet, number, values = json.loads(line)
            if (cells := cells + len(values)) > MOST_CELLS:
                raise Unreadable(why=Remark.of(N_("It has more than {cells} cells."), cells=MOST_CELLS))
            yield sheet, number, tuple(map(cell_of, values))
        if exit_code := room.wait():  # it ran out of memory or time, or the library gave up
            log.warning("workbook.unreadable", bytes=len(raw), exit=exit_code)
            raise Unreadable(why=Remark.of(NO_WORKBOOK))
    finally:
        room.kill()
        room.wait()
        room.stdout.close()


def send(room: "subprocess.Popen[bytes]", raw: bytes) -> None:
    """It reads everything before it answers, so that neither waits for the other."""
    assert room.stdin
    try:
        with room.stdin:
            room.stdin.write(raw)
    except BrokenPipeError:
        log.warning("workbook.room-gone", bytes=len(raw))  # its exit code says the rest


def cell_of(value: Any) -> Cell:
    if not isinstance(value, list):
        return value.replace("\x00", "") if isinstance(value, str) else None
    kind, text = value
    if kind == "n":
        return Decimal(text)
    return datetime.fromisoformat(text) if kind == "d" else str(text)

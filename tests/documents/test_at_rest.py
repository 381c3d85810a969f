"""Nothing of a picture lies anywhere in the clear: not in the files of the database, not in its dump, not in a log (C26)."""

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from app import clock, db
from app.documents.clean_scan import CleanScan
from app.documents.keep_scan import keep_scan
from tests.conftest import Database

KEYS = (b"k" * 32,)
MARKER = b"MARKER-IN-A-PICTURE-" + os.urandom(12).hex().encode()
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + MARKER * 2000


@pytest.fixture
def kept(database: Database) -> Database:
    with db.transaction() as session:
        scan = CleanScan(PICTURE, "image/jpeg", 1)
        keep_scan(session, scan, kind="identity", about="C-7K3M-9Q2X-4", keys=KEYS, by="person:1", now=clock.now())
    return database


def test_the_raw_files_of_the_database_hold_no_byte_of_it(kept: Database) -> None:
    """C26: every file of the data directory and of the log of changes, after a checkpoint"""
    with psycopg.connect(kept.url, autocommit=True) as connection:
        row = connection.execute("SELECT current_setting('data_directory'), pg_relation_filepath('scan')").fetchone()
        assert row is not None
        connection.execute("CHECKPOINT")
    folder = Path(row[0])
    if not (folder / row[1]).exists():
        pytest.skip(f"the server of {urlsplit(kept.url).hostname} keeps its files elsewhere")
    looked = 0
    for file in [*(folder / row[1]).parent.iterdir(), *(folder / "pg_wal").glob("0*")]:
        with suppress(FileNotFoundError):  # the log of changes moves on while we look
            content = file.read_bytes()
            looked += len(content)
            assert MARKER not in content, file
            assert PICTURE[:24] not in content, file
    assert looked > len(PICTURE)


def test_a_dump_of_every_table_holds_no_byte_of_it(kept: Database) -> None:
    """C26: what a backup would hold, in both forms of the bytes"""
    with psycopg.connect(kept.url) as connection:
        tables = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()]
        for name in tables:
            for form in ("text", "binary"):
                with connection.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT {form})') as copy:
                    dump = b"".join(bytes(piece) for piece in copy)
                assert MARKER not in dump, name
                assert MARKER.hex().encode() not in dump, name
                assert b"JFIF" not in dump, name

"""
What the outside world remembers: one SQLite file that outlives restarts.

One writer at a time, each transaction in the write-ahead log before anybody hears of it: a process
killed at any instruction has lost nothing it told. (Power loss may take the last moments; the file stays whole.)
"""

import fcntl
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

SCHEMA = Path(__file__).with_name("schema.sql")
SCHEMA_VERSION = 2
CHECKPOINT_PAGES = 8000  # 32 MB: the log is folded into the file seldom enough that payments hardly feel it


class Unusable(Exception):
    """The store cannot be opened; one sentence and the program ends."""


class Store:
    """
    Opens the file, or makes it.

    :param populate: fills a new store, in the same transaction that makes the tables; never called for an existing one
    :raises Unusable: if another sandbox has it open, or the file is none of ours
    """

    def __init__(self, path: Path, populate: Callable[[sqlite3.Connection], None]) -> None:
        self._path = path
        self._claim = claim(path)
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._writer_lock = threading.Lock()
        try:
            self._writer = self._connect()
            self._make_or_check(populate)
        except sqlite3.DatabaseError as error:
            raise Unusable(f"{path} cannot be opened: {error}.") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; nobody else writes meanwhile. Committed at the end, undone by any exception."""
        with self._writer_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One moment's state, however long it is looked at; writers go on."""
        try:
            connection = self._readers.get_nowait()
        except queue.Empty:
            connection = self._connect()
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
            self._readers.put(connection)

    def close(self) -> None:
        """Waits for the transaction under way; calls that come later find the store closed."""
        with self._writer_lock:
            while not self._readers.empty():
                self._readers.get().close()
            self._writer.close()
        self._claim.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        return connection

    def _make_or_check(self, populate: Callable[[sqlite3.Connection], None]) -> None:
        (version,) = self._writer.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        if version or self._writer.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise Unusable(
                f"{self._path} belongs to another program or another version of the sandbox."
                " Delete it to begin anew, or name another file with --store."
            )
        with self.writing() as connection:
            for statement in SCHEMA.read_text().split(";\n"):
                connection.execute(statement)
            populate(connection)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def claim(path: Path) -> IO[str]:
    """Two programs on one store would each keep their own count of faults. The kernel lets go when the holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Unusable(f"Another sandbox has {path} open. Stop it, or name another file with --store.") from error
    return file

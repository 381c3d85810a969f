"""
PostgreSQL: the three ways in, and nothing else commits.

``transaction()`` for verbs, ``reading()`` for questions, ``call()`` for the hot verbs that are
one statement and therefore one round trip.
"""

import select
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import psycopg
import structlog
from psycopg.rows import namedtuple_row
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import BigInteger, DateTime, Engine, LargeBinary, MetaData, Text, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.config import Config
from app.errors import TryAgain

log = structlog.get_logger()

P = ParamSpec("P")
R = TypeVar("R")

# A statement or a forgotten transaction must never hold an agent's row for long.
TIMEOUTS = {"statement_timeout": "15s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}
APP_ROLE = "gise_app"
CALL_ATTEMPTS = 3

# What PostgreSQL says when it rolled a transaction back that may simply be tried again.
TRANSIENT = (psycopg.OperationalError, psycopg.InterfaceError)  # deadlock, lock time-out, disk full, connection gone …


class Base(DeclarativeBase):
    """Every text is ``text``, every number ``bigint``, every time has its zone."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(constraint_name)s",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )
    type_annotation_map = {str: Text, int: BigInteger, datetime: DateTime(timezone=True), bytes: LargeBinary}


class Many(list[Any]):
    """A long list as a parameter: it travels in binary; as text each of its values would be searched for quotes."""


psycopg.adapters.register_dumper(Many, ListBinaryDumper)

_engines: dict[str, Engine] = {}
_remembered: dict[tuple[object, ...], Any] = {}


def connect(config: Config) -> None:
    """Make the pools; nothing is opened yet. A second call replaces the first."""
    disconnect()
    _engines["main"] = make_engine(config.database_url)
    _engines["replica"] = make_engine(config.replica_url) if config.replica_url else _engines["main"]


def disconnect() -> None:
    for engine in set(_engines.values()):
        engine.dispose()
    _engines.clear()
    _remembered.clear()


def make_engine(url: str, *, role: str | None = APP_ROLE, size: int = 12) -> Engine:
    """Autocommit unless :func:`transaction` asks otherwise, so that a single statement is a single round trip."""
    options = TIMEOUTS | ({"role": role} if role else {}) | {"timezone": "UTC"}
    engine = create_engine(
        "postgresql+psycopg://" + url.partition("://")[2],
        isolation_level="AUTOCOMMIT",
        pool_size=size,
        max_overflow=size,
        pool_timeout=5,
        pool_recycle=1800,
        use_native_hstore=False,
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            "connect_timeout": 3,
            "prepare_threshold": 2,
        },
    )
    event.listen(engine, "checkout", refuse_dead_connection)
    return engine


def refuse_dead_connection(connection: Any, _entry: ConnectionPoolEntry, _proxy: object) -> None:
    """A restarted server has closed its end; the pool then makes a new connection. Costs no round trip."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        raise DisconnectionError


@contextmanager
def transaction() -> Iterator[Session]:
    """
    A door's transaction: commits at the end, rolls back on any error.

    :raises TryAgain: if PostgreSQL is away, too busy, or a lock did not come; nothing happened,
        except when the connection died during the commit itself: keys tell the truth then
    """
    with _session("main", isolation_level="READ COMMITTED") as session, session.begin():
        yield session


@contextmanager
def rehearsal() -> Iterator[Session]:
    """Everything as in :func:`transaction`, locks included; at the end none of it has happened."""
    with _session("main", isolation_level="READ COMMITTED") as session, session.begin() as begun:
        yield session
        begun.rollback()


@contextmanager
def reading(*, replica: bool = False) -> Iterator[Session]:
    """Questions: each statement sees the newest committed truth. ``replica`` for reports."""
    with _session("replica" if replica else "main") as session:
        yield session


@contextmanager
def snapshot(*, replica: bool = False) -> Iterator[Session]:
    """Questions that must agree with each other: one instant for all statements, nothing written."""
    with (
        _session("replica" if replica else "main", isolation_level="REPEATABLE READ", postgresql_readonly=True) as session,
        session.begin(),
    ):
        yield session


def call(statement: str, parameters: Mapping[str, object]) -> Any:
    """
    One statement that is its own transaction, in one round trip; its first row as a named tuple, or ``None``.

    The statement must be safe to repeat (unique keys): it is tried again, at most three
    times in all, when the server rolled it back or the connection died under it.

    :raises TryAgain: if that did not help
    """
    for attempt in range(1, CALL_ATTEMPTS + 1):
        try:
            connection = _engines["main"].raw_connection()
        except Exception as error:
            raise _as_try_again(error) from error
        try:
            with connection.driver_connection.cursor(row_factory=namedtuple_row) as cursor:  # type: ignore[union-attr]
                cursor.execute(statement, parameters)
                return cursor.fetchone()
        except TRANSIENT as error:
            if connection.driver_connection.closed:  # type: ignore[union-attr]
                connection.invalidate(error)
            if attempt == CALL_ATTEMPTS:
                raise _as_try_again(error) from error
        finally:
            connection.close()
        time.sleep(0.02 * attempt)
    raise AssertionError("unreachable")


def queue_for(session: Session, name: str) -> None:
    """Whoever does something about the same name at the same moment waits here, until this transaction has ended."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def remember(seconds: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keeps the answers of a question about settings that rarely change, in this process, for some seconds."""

    def decorate(question: Callable[P, R]) -> Callable[P, R]:
        @wraps(question)
        def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            key = (question.__qualname__, args, tuple(sorted(kwargs.items())))
            until, answer = _remembered.get(key, (0.0, None))
            if until < time.monotonic():
                answer = question(*args, **kwargs)
                _remembered[key] = (time.monotonic() + seconds, answer)
            return answer  # type: ignore[no-any-return]

        return asked

    return decorate


@contextmanager
def _session(engine: str, **options: object) -> Iterator[Session]:
    bind = _engines[engine].execution_options(**options) if options else _engines[engine]
    try:
        with Session(bind, expire_on_commit=False) as session:
            yield session
    except DBAPIError as error:
        if isinstance(error.orig, TRANSIENT) or error.connection_invalidated:
            raise _as_try_again(error) from error
        raise
    except PoolIsEmpty as error:
        raise _as_try_again(error) from error


def _as_try_again(error: Exception) -> Exception:
    """Only what trying again can heal; a bug stays a bug."""
    if not isinstance(error, (*TRANSIENT, DBAPIError, PoolIsEmpty)):
        return error
    log.warning("database.try-again", error=type(error).__name__, detail=str(error).splitlines()[0][:200])
    return TryAgain()

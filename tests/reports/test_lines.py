"""Reading by COPY: stopped at any time, it leaves the connection as it was."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import func, literal_column, select, text

from app import db
from app.errors import TryAgain
from app.reports.copy_out import copy_out
from app.reports.lines import LINES_AT_ONCE, read_lines
from app.reports.report import Rows
from tests.conftest import Database

NUMBERS: Rows = select(literal_column("n"), literal_column("'ş' || n")).select_from(func.generate_series(1, 20_000).alias("n"))


@pytest.fixture
def driver(database: Database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.url) as connection:
        connection.execute("SELECT 1")
        yield connection


def test_all_lines_come_in_blocks(database: Database) -> None:
    with db.snapshot() as session:
        session.execute(text("SELECT 1"))
        blocks = list(read_lines(session, NUMBERS))
    lines = b"\n".join(blocks).split(b"\n")
    assert len(blocks) == 20_000 // LINES_AT_ONCE
    assert (lines[0], lines[-1], len(lines)) == (b"1\x1f" + "ş1".encode(), b"20000\x1f" + "ş20000".encode(), 20_000)


def test_whoever_stops_early_leaves_a_working_connection(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.snapshot() as session:
        session.execute(text("SELECT 1"))
        with closing(read_lines(session, NUMBERS)) as blocks:
            next(blocks)
            _ = 1 // 0
    with db.snapshot() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1


def test_a_statement_the_server_stops_can_be_tried_again(database: Database) -> None:
    """A replica may cancel a long question; that is no bug"""
    with pytest.raises(TryAgain), db.snapshot() as session:
        session.execute(text("SET LOCAL statement_timeout = '20ms'"))
        list(read_lines(session, select(literal_column("pg_sleep(0.01)")).select_from(func.generate_series(1, 1000).alias("n"))))


def test_an_error_in_the_middle_is_the_server_s_own(driver: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        list(copy_out(driver, "COPY (SELECT 1 / (3 - n) FROM generate_series(1, 5) n) TO STDOUT", {}))
    driver.rollback()
    with pytest.raises(psycopg.errors.UndefinedTable):
        driver.execute("SELECT 1")
        list(copy_out(driver, "COPY (SELECT * FROM nowhere) TO STDOUT", {}))
    driver.rollback()
    assert driver.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_that_dies_is_said(driver: psycopg.Connection, database: Database) -> None:
    rows = copy_out(driver, "COPY (SELECT n FROM generate_series(1, 5000000) n) TO STDOUT", {})
    next(rows)
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [driver.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        list(rows)

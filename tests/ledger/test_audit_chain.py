"""The audit trail is a chain (issue 5): no line is lost to it, and whoever alters, removes or adds one is named."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app import audit, audit_chain, clock, db
from app.audit import AuditLine
from app.audit_chain import MOST_LINES, HeadIsGone, Seal, head_of, read_head, seal_audit, verify
from tests.conftest import Database

WRITERS, LINES_OF_EACH = 8, 60


def note(*events: str, about: str = "X1", by: str = "person:7") -> None:
    with db.transaction() as session:
        for event in events:
            audit.record(session, event, about=about, by=by, at=clock.now(), note="Ödendi ₺ 'x'")


def seal() -> int:
    return seal_audit(now=clock.now())


def seal_everything(kept: Path | None = None) -> int:
    """Transactions of other databases on this server count as running, too: until every line there is lies below the floor."""
    sealed = seal_audit(now=clock.now(), kept=kept)
    for _ in range(500):
        with db.reading() as session:
            behind = session.execute(
                text("SELECT max(id) >= (SELECT coalesce(max(floor), 0) FROM audit_seal) FROM audit_line")
            ).scalar_one()
        if not behind:
            return sealed
        time.sleep(0.02)
        sealed += seal_audit(now=clock.now(), kept=kept)
    raise AssertionError("a transaction runs for ever")


def wrong() -> list[str]:
    with db.snapshot() as session:
        return list(verify(session))


@contextmanager
def as_superuser(database: Database) -> Iterator[psycopg.Connection]:
    """Who owns the machine can switch every trigger off, and on again."""
    with psycopg.connect(database.url) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in ("audit_line", "audit_seal"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_is_for_ever")
        yield connection
        for table in ("audit_line", "audit_seal"):
            connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_is_for_ever")


@pytest.fixture
def five(database: Database) -> Database:
    """Five lines under two seals, and the floor is above them."""
    note("one.did", "two.did", "three.did")
    assert seal_everything() == 3
    note("four.did", "five.did")
    assert seal_everything() == 2
    assert wrong() == []
    return database


def test_nothing_to_seal_makes_no_seal(five: Database) -> None:
    with db.reading() as session:
        before = head_of(session)
    assert seal() == 0
    with db.reading() as session:
        assert head_of(session) == before
        assert before.lines == 5


@pytest.mark.parametrize(
    "change",
    [
        "event = 'three.dit'",
        "by = 'person:8'",
        "about = about || ' '",
        "address = '10.0.0.1'",
        "at = at + interval '1 microsecond'",
        """facts = '{"note": "Ödendi ₺ ''y''"}'""",
        "xact = '4'",
    ],
)
def test_one_altered_byte_is_named(five: Database, change: str) -> None:
    with as_superuser(five) as connection:
        connection.execute(f"UPDATE audit_line SET {change} WHERE id = 3")
    (sentence,) = wrong()
    assert sentence.startswith("audit line 3 (three.di")
    assert sentence.endswith("is not as it was when seal 1 was made")


def test_a_removed_line_is_named(five: Database) -> None:
    with as_superuser(five) as connection:
        connection.execute("DELETE FROM audit_line WHERE id IN (2, 5)")
    with db.reading() as session:
        second = session.scalars(select(Seal.number).where(Seal.lines == 2)).one()
    assert wrong() == ["audit line 2 is gone; seal 1 was over it", f"audit line 5 is gone; seal {second} was over it"]


@pytest.mark.parametrize("number", [-7, 0, 4])
def test_a_forged_line_is_named(database: Database, number: int) -> None:
    """Line 4 never was: its transaction rolled back"""
    note("one.did", "two.did", "three.did")
    with pytest.raises(ZeroDivisionError), db.transaction() as session:
        audit.record(session, "four.did", about="X", by="person:1", at=clock.now())
        session.flush()
        raise ZeroDivisionError
    note("five.did")
    seal_everything()
    with as_superuser(database) as connection:
        connection.execute(
            "INSERT INTO audit_line (id, at, by, address, event, about, facts) OVERRIDING SYSTEM VALUE"
            " VALUES (%s, now(), 'person:9', '', 'forged.did', 'X9', '{}')",
            [number],
        )
    told = [f"audit line {number} (forged.did about X9 by person:9) was added among lines that were sealed without it"]
    assert wrong() == told
    seal()
    assert wrong() == told, "nor is it ever sealed"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "UPDATE audit_seal SET digests = digests || '' , at = at + interval '1 second' WHERE number = 1",
            "seal 1 of the audit trail was altered",
        ),
        ("UPDATE audit_seal SET ids = ids - '{[2,2]}' WHERE number = 1", "seal 1 of the audit trail was altered"),
        ("DELETE FROM audit_seal WHERE number = 2", "seal 2 of the audit trail is gone"),
        ("UPDATE audit_seal SET previous = sha256('x') WHERE number = 2", "seal 2 of the audit trail does not follow seal 1 as it is now"),
    ],
)
def test_an_altered_seal_is_named(five: Database, change: str, told: str) -> None:
    with as_superuser(five) as connection:
        connection.execute(change)
    assert told in wrong()


def test_making_the_altered_lines_digest_anew_breaks_the_chain(five: Database) -> None:
    """Even with the database's own functions in hand, the seal that follows says what it followed"""
    with as_superuser(five) as connection:
        connection.execute("UPDATE audit_line SET about = 'X2' WHERE id = 3")
        connection.execute(
            "UPDATE audit_seal SET digests = (SELECT string_agg(audit_line_digest(l), '' ORDER BY id) FROM audit_line l WHERE id <= 3)"
            " WHERE number = 1"
        )
        connection.execute("UPDATE audit_seal s SET digest = audit_seal_digest(s) WHERE number = 1")
    assert wrong() == ["seal 2 of the audit trail does not follow seal 1 as it is now"]


def test_a_switched_off_guard_is_named(five: Database) -> None:
    with psycopg.connect(five.url) as connection:
        connection.execute("ALTER TABLE audit_line DISABLE TRIGGER audit_line_is_for_ever")
    try:
        assert wrong() == ["the trigger that forbids changing audit lines is missing or switched off"]
    finally:
        with psycopg.connect(five.url) as connection:
            connection.execute("ALTER TABLE audit_line ENABLE ALWAYS TRIGGER audit_line_is_for_ever")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_line SET about = 'X'",
        "DELETE FROM audit_line",
        "UPDATE audit_seal SET lines = 0",
        "DELETE FROM audit_seal",
        "INSERT INTO audit_seal SELECT * FROM audit_seal",
    ],
)
def test_the_product_itself_can_neither_change_a_line_nor_seal_by_hand(five: Database, statement: str) -> None:
    """C35"""
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_line", "audit_seal"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}"])
def test_not_even_the_owner_removes_any(five: Database, table: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), psycopg.connect(five.url) as connection:
        connection.execute(statement.format(table))


def test_what_a_slow_transaction_brings_is_sealed_later(database: Database) -> None:
    """Its line has a lower number than lines that are sealed already; nobody waits for it"""
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with db.transaction() as session:
            audit.record(session, "slow.did", about="X", by="person:1", at=clock.now())
            session.flush()
            begun.set()
            assert go_on.wait(10)

    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(slow)
        assert begun.wait(10)
        note("quick.did")
        assert seal() == 0, "the quick one began later than the slow one, which is still under way"
        assert wrong() == []
        go_on.set()
        running.result()
    assert seal_everything() == 2
    assert wrong() == []


def test_a_line_of_an_older_transaction_does_not_wait_for_a_younger_one(database: Database) -> None:
    """Numbers and transactions need not be in the same order: the older brings a higher number, after a younger's lower one"""
    with db.transaction() as older:
        older.execute(text("SELECT pg_current_xact_id()"))
        with psycopg.connect(database.url) as younger:
            younger.execute("INSERT INTO audit_line (at, by, address, event, about, facts) VALUES (now(), 'x', '', 'young.did', 'X', '{}')")
            audit.record(older, "old.did", about="X", by="person:1", at=clock.now())
            older.flush()
            older.connection().connection.commit()
            assert seal() == 1
            assert wrong() == []
    assert seal() == 1
    assert wrong() == []
    with db.reading() as session:
        assert [str(ids) for ids in session.scalars(text("SELECT ids::text FROM audit_seal WHERE lines > 0 ORDER BY number"))] == [
            "{[2,3)}",
            "{[1,2)}",
        ]


def test_writers_and_sealers_at_once_lose_no_line(database: Database) -> None:
    """Some roll back; two workers seal at the same moment; in the end every line is under exactly one seal"""
    writing, stopped = threading.Barrier(WRITERS + 2), threading.Event()

    def write(writer: int) -> None:
        writing.wait()
        for number in range(LINES_OF_EACH):
            try:
                with db.transaction() as session:
                    audit.record(session, f"event.{number}", about=f"W{writer}", by="person:1", at=clock.now())
                    session.flush()
                    if number % 7 == 3:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue

    def keep_sealing() -> None:
        writing.wait()
        while not stopped.is_set():
            seal()

    with ThreadPoolExecutor(WRITERS + 2) as threads:
        sealers = [threads.submit(keep_sealing) for _ in range(2)]
        for writer in [threads.submit(write, number) for number in range(WRITERS)]:
            writer.result()
        stopped.set()
        for sealer in sealers:
            sealer.result()
    seal_everything()

    assert wrong() == []
    with db.reading() as session:
        written = session.execute(select(func.count()).select_from(AuditLine)).scalar_one()
        assert head_of(session).lines == written == WRITERS * sum(1 for number in range(LINES_OF_EACH) if number % 7 != 3)
        assert session.execute(select(func.count()).where(Seal.lines > 0)).scalar_one() > 1, "they did seal meanwhile"


def test_more_lines_than_one_seal_takes(database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "INSERT INTO audit_line (at, by, address, event, about, facts)"
            " SELECT now(), 'job:test', '', 'many.did', n::text, '{}' FROM generate_series(1, %s) n",
            [MOST_LINES + 1],
        )
    assert seal_everything() == MOST_LINES + 1
    assert wrong() == []
    with db.reading() as session:
        assert session.scalars(select(Seal.lines).where(Seal.lines > 0).order_by(Seal.number)).all() == [MOST_LINES, 1]


def test_a_database_restored_elsewhere_goes_on_sealing(five: Database) -> None:
    """There transactions are counted from the beginning again: what is of the future has ended"""
    with as_superuser(five) as connection:
        connection.execute(
            "INSERT INTO audit_line (at, by, address, event, about, facts, xact) VALUES (now(), 'x', '', 'six.did', 'X', '{}', '9999999999')"
        )
        connection.execute("UPDATE audit_seal SET horizon = '9999999999' WHERE number = (SELECT max(number) FROM audit_seal)")
        connection.execute("UPDATE audit_seal s SET digest = audit_seal_digest(s) WHERE number = (SELECT max(number) FROM audit_seal)")
    assert seal_everything() == 1
    note("seven.did")
    assert seal_everything() == 1
    assert wrong() == []
    with db.reading() as session:
        assert session.scalars(select(func.max(Seal.floor))).one() == 8


def cut_off(database: Database, *, from_line: int) -> None:
    """Whoever owns the machine takes the last lines away, and the seals that were over them."""
    with as_superuser(database) as connection:
        connection.execute("DELETE FROM audit_seal WHERE lower(ids) >= %s OR number > 2", [from_line])
        connection.execute("DELETE FROM audit_line WHERE id >= %s", [from_line])


def test_an_end_that_was_cut_off_is_missed_by_whoever_knows_the_head(five: Database, tmp_path: Path, the_app: Flask) -> None:
    """Within the database nothing is wrong then; the file, or a line of the log, knows better"""
    kept = tmp_path / "audit-head"
    note("six.did")
    seal_audit(now=clock.now(), kept=kept)
    head = read_head(kept)
    assert head and head.lines == 6
    with db.snapshot() as session:
        assert list(verify(session, known=head)) == []
    cut_off(five, from_line=6)
    assert wrong() == []
    with db.snapshot() as session:
        (told,) = verify(session, known=head)
    assert told.startswith(f"seal {head.seals} of the audit trail is gone")
    check = the_app.test_cli_runner().invoke(args=["book", "check", "--audit-head", str(head.seals), head.digest])
    assert check.exit_code == 1 and "is gone" in check.output


def test_a_chain_that_was_made_anew_is_another(five: Database, tmp_path: Path) -> None:
    """The owner has everything that makes seals; the file stays as the proof, and is not written over"""
    kept = tmp_path / "audit-head"
    note("six.did")
    seal_audit(now=clock.now(), kept=kept)
    before = kept.read_text()
    cut_off(five, from_line=6)
    note("six.did.otherwise")
    with pytest.raises(HeadIsGone, match=r"not the one that is known|is gone"):
        seal_everything(kept)
        note("seven.did")
        seal_everything(kept)
    assert kept.read_text() == before
    with db.snapshot() as session:
        assert len(list(verify(session, known=read_head(kept)))) == 1


def test_a_trail_of_many_seals_is_proven_in_pieces(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seal a minute: three million of them would not be read within the fifteen seconds that a statement has"""
    monkeypatch.setattr(audit_chain, "SEALS_AT_ONCE", 2)
    monkeypatch.setattr(audit_chain, "LINES_AT_ONCE", 1)
    for number in range(5):
        note(f"event.{number}")
        assert seal_everything() == 1
    assert wrong() == []
    with as_superuser(database) as connection:
        connection.execute("UPDATE audit_line SET by = 'x' WHERE id = 4")
        connection.execute("UPDATE audit_seal SET previous = sha256('x') WHERE number = 3")
    told = wrong()
    assert "seal 3 of the audit trail does not follow seal 2 as it is now" in told
    assert any(sentence.startswith("audit line 4 ") for sentence in told) and len(told) == 3


def test_the_book_check_tells(five: Database, the_app: Flask) -> None:
    check = the_app.test_cli_runner()
    assert check.invoke(args=["book", "check"]).exit_code == 0
    head = check.invoke(args=["book", "audit-head"]).output
    assert " seals over 5 lines, the last " in head
    with as_superuser(five) as connection:
        connection.execute("UPDATE audit_line SET by = 'person:8' WHERE id = 4")
    told = check.invoke(args=["book", "check"])
    assert told.exit_code == 1
    assert "audit line 4 (four.did about X1 by person:8)" in told.output

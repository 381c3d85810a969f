"""Scans at rest: sealed, looked at with a reason, destroyed with a certificate (C-08, C26, C27)."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.audit import AuditLine
from app.documents.clean_scan import ROOT, CleanScan, clean_scan
from app.documents.destroy_scan import destroy_scans
from app.documents.keep_scan import Destroyed, OpenScan, close_scans, keep_scan, read_scan, views_of
from app.documents.model import Certificate, Scan
from app.documents.rewrap_scans import rewrap_scans
from app.documents.seal import CannotOpen, key_id
from app.errors import Invalid, NotFound
from tests.conftest import Database
from tests.documents.uploads import photo
from tests.people import at

OLD, NEW, OTHER = b"o" * 32, b"n" * 32, b"x" * 32
MONDAY = at("2026-11-23T12:00:00+03:00")


@pytest.fixture(scope="module")
def card() -> CleanScan:
    return clean_scan(photo(), field="identity", watermark="only for this test")


def kept(card: CleanScan, *, keys: tuple[bytes, ...] = (OLD,), kind: str = "identity") -> str:
    with db.transaction() as session:
        return keep_scan(session, card, kind=kind, about="P261123-TEST", keys=keys, by="person:1", now=MONDAY).name


def looked_at(name: str, *, keys: tuple[bytes, ...] = (OLD,), reason: str = "deciding", by: str = "person:2") -> OpenScan:
    with db.transaction() as session:
        return read_scan(session, name, reason=reason, keys=keys, by=by, now=clock.now())


def closed(name: str, *, now: datetime = MONDAY) -> None:
    with db.transaction() as session:
        close_scans(session, [name], now=now)


def test_what_was_kept_is_what_is_seen(database: Database, card: CleanScan) -> None:
    name = kept(card)
    seen = looked_at(name)
    assert seen == OpenScan(card.content, "image/jpeg", f"identity-{name[:8]}.jpg")


def test_in_the_database_lies_no_byte_of_a_picture(database: Database, card: CleanScan) -> None:
    """C26: no magic of any picture or PDF, in no column of the row"""
    kept(card)
    with psycopg.connect(database.url) as connection, connection.cursor().copy("COPY scan TO STDOUT (FORMAT binary)") as copy:
        dump = b"".join(copy)
    assert len(dump) > len(card.content)
    for magic in (b"\xff\xd8\xff", b"JFIF", b"\x89PNG", b"%PDF-", card.content[1000:1032]):
        assert magic not in dump


def test_two_scans_of_the_same_picture_have_nothing_in_common(database: Database, card: CleanScan) -> None:
    """C-08: a key and a nonce of its own for each"""
    kept(card), kept(card)
    with psycopg.connect(database.url) as connection:
        one, other = connection.execute("SELECT sealed, wrapped_key FROM scan").fetchall()
    assert one[0][:12] != other[0][:12]
    assert one[0][12:76] != other[0][12:76]
    assert one[1] != other[1]


def test_without_its_key_nobody_opens_it(database: Database, card: CleanScan) -> None:
    """C26: the key is outside the database; nothing is seen, and no view is recorded"""
    name = kept(card, keys=(OLD,))
    with pytest.raises(CannotOpen, match=key_id(OLD)):
        looked_at(name, keys=(OTHER,))
    with db.reading() as session:
        assert views_of(session, name) == []


@pytest.mark.parametrize("column", ["sealed", "wrapped_key"])
def test_a_changed_byte_is_noticed(database: Database, card: CleanScan, column: str) -> None:
    name = kept(card)
    with psycopg.connect(database.url) as connection:
        connection.execute(f"UPDATE scan SET {column} = set_byte({column}, 20, 255 - get_byte({column}, 20))")
    with pytest.raises(CannotOpen):
        looked_at(name)


def test_a_sealed_scan_does_not_open_under_another_name(database: Database, card: CleanScan) -> None:
    """The name is bound to the seal: rows cannot be exchanged"""
    one, other = kept(card), kept(card)
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "UPDATE scan SET (sealed, wrapped_key) = (SELECT sealed, wrapped_key FROM scan WHERE name = %s) WHERE name = %s", [one, other]
        )
    with pytest.raises(CannotOpen):
        looked_at(other)


def test_every_view_is_recorded_with_who_when_and_why(database: Database, card: CleanScan) -> None:
    """C-08"""
    name = kept(card)
    looked_at(name, by="person:2", reason="deciding request 7")
    looked_at(name, by="person:3", reason="  complaint\x00\nof the customer ")
    with db.reading() as session:
        assert [(view.by, view.reason) for view in views_of(session, name)] == [
            ("person:3", "complaint of the customer"),
            ("person:2", "deciding request 7"),
        ]
        audited = session.scalars(select(AuditLine).filter_by(event="scan.viewed")).all()
    assert [(line.by, line.about) for line in audited] == [("person:2", "P261123-TEST"), ("person:3", "P261123-TEST")]


@pytest.mark.parametrize("reason", ["", "  ", "\t\x00"])
def test_nobody_looks_without_a_reason(database: Database, card: CleanScan, reason: str) -> None:
    """C-08"""
    name = kept(card)
    with pytest.raises(Invalid) as refusal:
        looked_at(name, reason=reason)
    assert list(refusal.value.errors) == ["reason"]


def test_a_scan_that_is_not_there_is_not_found(database: Database) -> None:
    for name in ("0" * 32, "../../etc/passwd", "x\x00.jpg".replace("\x00", "%00")):
        with pytest.raises(NotFound):
            looked_at(name)


@pytest.mark.parametrize("statement", ["UPDATE scan_view SET reason = 'x'", "DELETE FROM scan_view", "DELETE FROM scan_certificate"])
def test_views_and_certificates_are_for_ever(database: Database, card: CleanScan, statement: str) -> None:
    """Neither the product's role nor the owner changes them"""
    looked_at(kept(card))
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text(statement))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), psycopg.connect(database.url) as connection:
        connection.execute(statement)


def test_a_new_key_takes_over(database: Database, card: CleanScan) -> None:
    """C26: rotation wraps the keys anew; the scans themselves are not touched, and the old key may go"""
    names = [kept(card, keys=(OLD,)) for _ in range(3)]
    with psycopg.connect(database.url) as connection:
        before = connection.execute("SELECT name, sealed FROM scan ORDER BY name").fetchall()

    assert rewrap_scans((NEW, OLD)) == 3
    assert rewrap_scans((NEW, OLD)) == 0

    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT name, sealed FROM scan ORDER BY name").fetchall() == before
    assert all(looked_at(name, keys=(NEW,)).content == card.content for name in names)
    with pytest.raises(CannotOpen):
        looked_at(names[0], keys=(OLD,))


def test_no_scan_is_left_behind_because_somebody_holds_it(database: Database, card: CleanScan) -> None:
    """C26: else the old key would be taken away while a card is still under it"""
    name = kept(card, keys=(OLD,))
    holding, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with db.transaction() as session:
            session.scalars(select(Scan).with_for_update()).all()
            holding.set()
            assert let_go.wait(10)

    with ThreadPoolExecutor(2) as threads:
        holder = threads.submit(hold)
        assert holding.wait(10)
        rewrapping = threads.submit(rewrap_scans, (NEW, OLD))
        time.sleep(0.3)
        assert not rewrapping.done()
        let_go.set()
        holder.result()
        assert rewrapping.result() == 1
    assert looked_at(name, keys=(NEW,)).content == card.content


KILLED = """
import os, signal
from app import db
from app.config import Config
from app.documents import rewrap_scans as rewrapping
db.connect(Config.from_environment(os.environ))
done, rewrap = [], rewrapping.rewrap
def dying(*args, **kwargs):
    done.append(1)
    if len(done) == 250:
        os.kill(os.getpid(), signal.SIGKILL)
    return rewrap(*args, **kwargs)
rewrapping.rewrap = dying
rewrapping.rewrap_scans((b"n" * 32, b"o" * 32))
"""


def test_a_rotation_that_is_killed_loses_nothing(database: Database, card: CleanScan) -> None:
    """C26, B15: in the middle of the second two hundred"""
    keys = (NEW, OLD)
    names = [kept(card, keys=keys[1:]) for _ in range(300)]
    settings = os.environ | {"GISE_ENV": "development", "GISE_DATABASE_URL": database.url, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", KILLED], env=settings, cwd=ROOT).returncode == -signal.SIGKILL
    with db.reading() as session:
        under_new = session.query(Scan).filter_by(key_id=key_id(keys[0])).count()
    assert under_new == 200
    assert all(looked_at(name, keys=keys).content == card.content for name in names[::25])
    assert rewrap_scans(keys) == 100
    assert all(looked_at(name, keys=keys[:1]).content == card.content for name in names[::25])


def test_a_missing_key_stops_the_rotation_loudly(database: Database, card: CleanScan) -> None:
    name = kept(card, keys=(OTHER,))
    with pytest.raises(CannotOpen):
        rewrap_scans((NEW, OLD))
    assert looked_at(name, keys=(OTHER,)).content == card.content


def test_a_scan_is_destroyed_thirty_days_after_its_matter_closed(database: Database, card: CleanScan) -> None:
    """C-08, C27: picture and key are gone, the certificate says what, when and by which rule"""
    name = kept(card)
    looked_at(name)
    closed(name)

    assert destroy_scans(MONDAY + timedelta(days=30, seconds=-1)) == 0
    assert destroy_scans(MONDAY + timedelta(days=30)) == 1
    assert destroy_scans(MONDAY + timedelta(days=31)) == 0

    with pytest.raises(Destroyed, match="number 1"):
        looked_at(name)
    with db.reading() as session:
        certificate = session.scalars(select(Certificate)).one()
    assert (certificate.scan, certificate.kind, certificate.about, certificate.days) == (name, "identity", "P261123-TEST", 30)
    assert (certificate.views, certificate.closed_at) == (1, MONDAY)
    assert certificate.destroyed_at == MONDAY + timedelta(days=30)
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT sealed, wrapped_key FROM scan").fetchall() == [(None, None)]


def test_an_open_matter_keeps_its_scans(database: Database, card: CleanScan) -> None:
    kept(card)
    assert destroy_scans(MONDAY + timedelta(days=10_000)) == 0


def test_closing_a_second_time_does_not_prolong(database: Database, card: CleanScan) -> None:
    name = kept(card)
    closed(name, now=MONDAY)
    closed(name, now=MONDAY + timedelta(days=20))
    assert destroy_scans(MONDAY + timedelta(days=30)) == 1


def test_the_days_are_data(database: Database, card: CleanScan) -> None:
    """C-08: law and contract decide; a shorter rule counts for older scans too"""
    closed(kept(card))
    with psycopg.connect(database.url) as connection:
        connection.execute("UPDATE scan_retention SET days = 3 WHERE kind = 'identity'")
    assert destroy_scans(MONDAY + timedelta(days=3)) == 1


def test_a_signed_form_is_kept_longer_than_a_card(database: Database, card: CleanScan) -> None:
    closed(kept(card, kind="form"))
    assert destroy_scans(MONDAY + timedelta(days=3649)) == 0
    assert destroy_scans(MONDAY + timedelta(days=3650)) == 1


def test_nothing_is_destroyed_without_a_certificate(database: Database, card: CleanScan) -> None:
    """The database itself holds it: an empty row has a certificate, and a certificate cannot come too early"""
    kept(card)
    with pytest.raises(DBAPIError, match="sealed_or_destroyed"), db.transaction() as session:
        session.execute(text("UPDATE scan SET sealed = NULL, wrapped_key = NULL"))
    with pytest.raises(DBAPIError, match="permission denied"), db.transaction() as session:
        session.execute(text("DELETE FROM scan"))
    with db.reading() as session:
        assert session.scalars(select(Scan)).one().certificate is None

"""Files made in the background: for who asked and nobody else, whatever dies meanwhile (product.md §10, B15, C1)."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app import clock, db
from app.audit import AuditLine
from app.errors import Invalid, NotFound
from app.reports import make_file, run_exports
from app.reports.catalogue import Asker
from app.reports.model import Export
from app.reports.open_export import FileDestroyed, NoFile, NotReady, open_export
from app.reports.queries import find_export, list_exports
from app.reports.request_export import TooManyExports, cancel_export, request_export
from app.reports.verify_file import verify_file
from tests.conftest import Database
from tests.people import ScriptedBiller, Shop, open_shop
from tests.reports.conftest import EVER, KEY, count, owner_of
from tests.reports.readers import by_openpyxl, csv_rows


@pytest.fixture
def payments(shop: Shop, millenicom: ScriptedBiller) -> list[str]:
    return sorted(shop.pays(millenicom, millenicom.bill("120.50")).reference for _ in range(3))


def ask(asker: Asker, report: str = "payments", *, format: str = "xlsx", **given: str) -> str:
    with db.transaction() as session:
        return request_export(session, report, EVER | given, format=format, asker=asker, now=clock.now()).id


def work(*, later: timedelta = timedelta(0)) -> None:
    """The worker looks once, that much later."""
    with time_machine.travel(clock.now() + later):
        run_exports.run_exports(KEY, now=clock.now())


def read(id: str) -> Export:
    with db.reading() as session:
        return session.get_one(Export, id)


def content(id: str, asker: Asker) -> bytes:
    file = open_export(id, asker=asker, now=clock.now())
    whole = b"".join(file.pieces)
    assert len(whole) == file.size
    return whole


def saved(id: str, asker: Asker, folder: Path) -> Path:
    path = folder / open_export(id, asker=asker, now=clock.now()).name
    path.write_bytes(content(id, asker))
    return path


def test_a_file_is_asked_for_made_and_taken(payments: list[str], accountant: Asker, tmp_path: Path) -> None:
    id = ask(accountant)
    with pytest.raises(NotReady):
        open_export(id, asker=accountant, now=clock.now())

    work()

    export = read(id)
    assert (export.state, export.done, export.total, export.tries) == ("ready", 3, 3, 1)
    path = saved(id, accountant, tmp_path)
    assert path.name == f"payments-2020-01-01-2099-12-31-{id}.xlsx"
    assert [row[1] for row in by_openpyxl(path)[1:-1]] == payments
    assert verify_file(path, key=KEY) == export.facts
    with db.reading() as session:
        trail = session.scalars(select(AuditLine.event).where(AuditLine.about == id).order_by(AuditLine.id)).all()
    assert trail == ["export.asked", "export.taken", "export.taken"]


def test_the_same_id_gives_the_same_numbers_again(payments: list[str], shop: Shop, millenicom: ScriptedBiller, accountant: Asker) -> None:
    id = ask(accountant, format="csv")
    work()
    first = content(id, accountant)

    shop.pays(millenicom, millenicom.bill("1.00"))
    work()

    assert content(id, accountant) == first


def test_an_owner_gets_the_own_agent_s_rows_whatever_is_asked_for(
    payments: list[str], millenicom: ScriptedBiller, database: Database, tmp_path: Path
) -> None:
    """C1, product.md §1: never another agent's anything"""
    stranger = open_shop("1000002077", name="Moda Kırtasiye")
    stranger.topped_up("300.00")
    own = stranger.pays(millenicom, millenicom.bill("7.00"))
    owner = owner_of(stranger)

    with pytest.raises(Invalid) as refusal:
        ask(owner, agent="1000001042")
    id = ask(owner, format="csv")
    work()

    assert refusal.value.errors == {"agent": "There is no such agent."}
    assert [row[1] for row in csv_rows(saved(id, owner, tmp_path))[1:]] == [own.reference]


def test_somebody_else_s_file_is_not_found(payments: list[str], shop: Shop, accountant: Asker) -> None:
    """C1: not even a colleague's"""
    id = ask(owner_of(shop))
    work()

    for other in (accountant, owner_of(open_shop("1000002077")), replace(owner_of(shop), by="person:901")):
        with pytest.raises(NotFound):
            open_export(id, asker=other, now=clock.now())
        with pytest.raises(NotFound), db.transaction() as session:
            cancel_export(session, id, asker=other, now=clock.now())
        with db.reading() as session:
            assert list_exports(session, asker=other) == []
    with db.reading() as session:
        assert [export.id for export in list_exports(session, asker=owner_of(shop))] == [id]


def test_a_role_taken_away_counts_at_once(payments: list[str], accountant: Asker) -> None:
    """C2"""
    id = ask(accountant, "journal")
    work()

    with pytest.raises(NotFound):
        open_export(id, asker=replace(accountant, permissions=frozenset({"see-reports"})), now=clock.now())


def test_the_book_is_not_for_owners(shop: Shop) -> None:
    for report in ("journal", "trial-balance", "no-such-report"):
        with pytest.raises(NotFound):
            ask(owner_of(shop), report)


def test_a_worker_killed_over_a_file_loses_it_to_the_next(
    payments: list[str], accountant: Asker, database: Database, tmp_path: Path
) -> None:
    """B15: killed with -9 after its first piece; taken up a minute later, begun anew, whole"""
    id = ask(accountant)
    worker = subprocess.Popen(
        [sys.executable, "-c", HANGS_AFTER_A_PIECE], env=os.environ | {"GISE_ENV": "development", "GISE_DATABASE_URL": database.url}
    )
    deadline = time.monotonic() + 30
    while not count("export_chunk"):
        assert time.monotonic() < deadline, "the worker did not begin"
        time.sleep(0.02)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert read(id).state == "running"

    work(later=timedelta(seconds=30))
    assert read(id).state == "running"
    work(later=timedelta(seconds=61))

    assert (read(id).state, read(id).tries) == ("ready", 2)
    assert verify_file(saved(id, accountant, tmp_path), key=KEY) == read(id).facts


HANGS_AFTER_A_PIECE = """
import os, time
from app import clock, db
from app.config import Config
from app.reports import run_exports

class Hangs(run_exports.Pieces):
    def write(self, piece):
        super().write(piece)
        if self.number:
            time.sleep(60)

run_exports.PIECE, run_exports.Pieces = 1000, Hangs
db.connect(Config.from_environment(os.environ))
run_exports.run_exports(b"another key", now=clock.now())
"""


def test_a_worker_thought_dead_writes_no_more(payments: list[str], accountant: Asker) -> None:
    """It only slept: what it writes late would mix two files"""
    id = ask(accountant)
    slow = run_exports.claim(now=clock.now())
    assert slow is not None
    work(later=timedelta(seconds=61))

    pieces = run_exports.Pieces(slow)
    with pytest.raises(run_exports.TakenAway):
        pieces.write(b"x" * run_exports.PIECE)

    assert read(id).state == "ready"
    assert content(id, accountant).startswith(b"PK")


def test_two_workers_make_each_file_once(payments: list[str], accountant: Asker) -> None:
    """B15"""
    ids = [ask(accountant) for _ in range(4)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: run_exports.run_exports(KEY, now=clock.now()), range(2)))

    assert [(read(id).state, read(id).tries) for id in ids] == [("ready", 1)] * 4


def test_a_file_that_keeps_killing_its_worker_is_given_up(payments: list[str], accountant: Asker) -> None:
    id = ask(accountant)
    for minutes in (0, 2, 4):
        assert run_exports.claim(now=clock.now() + timedelta(minutes=minutes)) is not None

    work(later=timedelta(minutes=6))

    assert read(id).state == "failed"
    with pytest.raises(NoFile):
        open_export(id, asker=accountant, now=clock.now())


def test_a_fault_of_ours_is_loud_and_the_asker_is_told(payments: list[str], accountant: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ask(accountant), ask(accountant)
    monkeypatch.setattr(run_exports, "make_file", lambda *args, **kwargs: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        work()
    monkeypatch.undo()
    work()

    assert (read(first).state, read(first).error) == ("failed", run_exports.BROKEN)
    assert read(second).state == "ready"


def test_too_many_rows_are_refused_with_a_sentence(payments: list[str], accountant: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_file, "MOST_ROWS", 2)
    id = ask(accountant)

    work()

    assert read(id).error == "This report has 3 rows; a file holds 2. Choose fewer days, or one agent."


def test_nobody_queues_without_end(accountant: Asker, shop: Shop) -> None:
    ids = [ask(accountant) for _ in range(5)]

    with pytest.raises(TooManyExports):
        ask(accountant)
    ask(owner_of(shop))
    with db.transaction() as session:
        cancel_export(session, ids[0], asker=accountant, now=clock.now())

    ask(accountant)


def test_a_cancelled_file_is_not_made(payments: list[str], accountant: Asker) -> None:
    id = ask(accountant)
    with db.transaction() as session:
        cancel_export(session, id, asker=accountant, now=clock.now())

    work()

    assert (read(id).state, read(id).error, read(id).tries) == ("failed", "You cancelled this file.", 0)


def test_cancelling_stops_the_worker_at_its_next_piece(payments: list[str], accountant: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    id = ask(accountant)

    class Cancelled(run_exports.Pieces):
        def write(self, piece: bytes) -> None:
            super().write(piece)
            if self.number == 1:
                with db.transaction() as session:
                    cancel_export(session, id, asker=accountant, now=clock.now())

    monkeypatch.setattr(run_exports, "Pieces", Cancelled)
    monkeypatch.setattr(run_exports, "PIECE", 100)
    work()

    assert read(id).state == "failed"
    assert count("export_chunk") == 0


def test_after_a_day_the_file_is_destroyed_and_its_record_stays(payments: list[str], accountant: Asker) -> None:
    id = ask(accountant)
    work()
    tomorrow = clock.now() + timedelta(days=1, seconds=1)

    with pytest.raises(FileDestroyed):
        open_export(id, asker=accountant, now=tomorrow)
    work(later=timedelta(days=1, minutes=11))

    assert count("export_chunk") == 0
    assert read(id).destroyed_at is not None
    assert read(id).seal is not None


def test_progress_is_told_in_rows(payments: list[str], accountant: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows done of total while it runs"""
    id, seen = ask(accountant), []

    class Watched(run_exports.Pieces):
        def write(self, piece: bytes) -> None:
            super().write(piece)
            export = read(id)
            seen.append((export.state, export.done, export.total))

    monkeypatch.setattr(run_exports, "Pieces", Watched)
    monkeypatch.setattr(run_exports, "PIECE", 100)
    work()

    assert ("running", 3, 3) in seen
    assert seen[-1] == ("running", 3, 3)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_the_database_keeps_the_records_and_their_shape(payments: list[str], accountant: Asker) -> None:
    """The product's own role deletes no record; ready means sealed"""
    ask(accountant)

    with pytest.raises(ProgrammingError, match="permission denied"), db.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM export")
    with pytest.raises(IntegrityError, match="ready_is_sealed"), db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE export SET state = 'ready', ended_at = now()")


@pytest.mark.parametrize("format", ["pdf", "", "XLSX"])
def test_an_unknown_format_is_named(format: str, accountant: Asker) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(accountant, format=format)
    assert list(refusal.value.errors) == ["format"]


def test_a_name_is_not_to_be_guessed(accountant: Asker) -> None:
    """C1: one hundred random bits"""
    ids = {ask(replace(accountant, by=f"person:{number}")) for number in range(20)}
    assert len(ids) == 20
    with pytest.raises(NotFound), db.reading() as session:
        find_export(session, "X" + "0" * 20, asker=accountant)

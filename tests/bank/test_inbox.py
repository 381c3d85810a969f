"""The watched folder (contract.md §7)."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import pytest

from app import clock
from app.bank.incoming.inbox import watch_inbox
from tests.bank.bank import Paper, all_is_right, deposits, lira, phone, transfer
from tests.people import Shop


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "inbox"


def drop(folder: Path, name: str, raw: bytes, *, written: float = 60) -> Path:
    """A file that nobody has touched for that many seconds."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(raw)
    os.utime(path, (time.time() - written, time.time() - written))
    return path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_statement_is_imported_and_put_away(shop: Shop, folder: Path) -> None:
    drop(folder, "monday.sta", Paper().mt940([transfer("500.00", phone(shop))]))
    assert watch_inbox(folder, now=clock.now()) == 1
    assert files(folder) == ["done/monday.sta"]
    assert shop.balance == lira("500.00")


def test_one_that_does_not_add_up_has_its_reason_beside_it(shop: Shop, folder: Path) -> None:
    raw = Paper().mt940([transfer("500.00", phone(shop))])
    drop(folder, "monday.sta", raw + raw.replace(b"TRY1500,00", b"TRY1500,09"))
    watch_inbox(folder, now=clock.now())
    assert files(folder) == ["quarantined/monday.sta", "quarantined/monday.sta.txt"]
    reason = (folder / "quarantined/monday.sta.txt").read_text(encoding="utf-8")
    assert reason.startswith("Statement 2 of 2, account TR330006100519786457841326: Line ")
    assert "off by 0.09" in reason
    assert shop.balance == lira("500.00")


def test_what_is_no_statement_too(shop: Shop, folder: Path) -> None:
    drop(folder, "letter.txt", b"Dear customer")
    watch_inbox(folder, now=clock.now())
    assert files(folder) == ["quarantined/letter.txt", "quarantined/letter.txt.txt"]
    assert "neither XML nor SWIFT" in (folder / "quarantined/letter.txt.txt").read_text()


def test_dropped_again_under_any_name_it_changes_nothing(shop: Shop, folder: Path) -> None:
    """E11"""
    raw = Paper().camt053([transfer("500.00", phone(shop))])
    for name in ("a.xml", "a.xml", "b.xml"):
        drop(folder, name, raw)
        watch_inbox(folder, now=clock.now())
    assert files(folder) == ["done/a-2.xml", "done/a.xml", "done/b.xml"]
    assert len(deposits()) == 1
    assert all_is_right()


@pytest.mark.parametrize("name", [".hidden", "a.xml.part", "a.TMP", "a.xml.filepart"])
def test_unfinished_files_are_left(shop: Shop, folder: Path, name: str) -> None:
    drop(folder, name, Paper().camt053([transfer("500.00", phone(shop))]))
    assert watch_inbox(folder, now=clock.now()) == 0
    assert files(folder) == [name]


def test_a_half_written_file_is_left_until_it_stops_growing(shop: Shop, folder: Path) -> None:
    whole = Paper().camt053([transfer("500.00", phone(shop))])
    path = drop(folder, "a.xml", whole[:300], written=0)
    assert watch_inbox(folder, now=clock.now()) == 0
    assert deposits() == []
    drop(folder, "a.xml", whole)
    assert watch_inbox(folder, now=clock.now()) == 1
    assert not path.exists()
    assert shop.balance == lira("500.00")


def test_a_file_that_grows_while_it_is_read_is_left(shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, "a.xml", b"<half")
    opened = Path.open

    def still_written(path: Path, mode: str) -> IO[bytes]:
        with opened(path, "ab") as writer:
            writer.write(b" and more")
        return cast("IO[bytes]", opened(path, mode))

    monkeypatch.setattr(Path, "open", still_written)
    watch_inbox(folder, now=clock.now())
    assert files(folder) == ["a.xml"]


def test_links_and_folders_are_no_statements(shop: Shop, folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    secret = tmp_path / "secret"
    secret.write_bytes(b"x")
    (folder / "link").symlink_to(secret)
    (folder / "folder").mkdir()
    assert watch_inbox(folder, now=clock.now()) == 0
    assert secret.exists()


def test_without_a_folder_there_is_nothing_to_do(shop: Shop, folder: Path) -> None:
    assert watch_inbox(folder, now=clock.now()) == 0

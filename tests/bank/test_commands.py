"""``flask bank`` (contract.md §1): exit 0 done, 1 refused with one line and nothing changed, 2 wrong usage."""

from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from flask import Flask

from app import db
from app.bank.incoming.statement_queries import unreadable_files
from tests.bank.bank import FORMATS, IBAN, Paper, all_is_right, comes, deposits, lira, phone, transfer
from tests.conftest import Database
from tests.people import Shop, journal


def run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def written(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_is_imported_and_credited(app: Flask, shop: Shop, tmp_path: Path, format: str) -> None:
    path = written(tmp_path, "monday", Paper().write(format, [transfer("500.00", phone(shop)), transfer("1.00", "kira")]))
    result = run(app, "bank", "import", path)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        f"monday#1 {format} TR330006100519786457841326 imported: 2 bookings, 2 new, 0 known, 1 credited, 1 in suspense."
    )
    assert shop.balance == lira("500.00")


def test_the_second_time_nothing_is_new(app: Flask, shop: Shop, tmp_path: Path) -> None:
    """E11: the same file, and the same booking in another format"""
    paid = [transfer("500.00", phone(shop))]
    first, second = written(tmp_path, "a", Paper().mt940(paid)), written(tmp_path, "b", Paper().camt053(paid))
    result = run(app, "bank", "import", first, first, second)
    assert [line.partition(" TR33")[2].partition(": ")[2] for line in result.stdout.splitlines() if "#1" in line] == [
        "1 bookings, 1 new, 0 known, 1 credited, 0 in suspense.",
        "1 bookings, 0 new, 1 known, 0 credited, 0 in suspense.",
        "1 bookings, 0 new, 1 known, 0 credited, 0 in suspense.",
    ]
    assert len(deposits()) == 1
    assert all_is_right()


def test_one_file_that_cannot_be_read_stops_them_all(app: Flask, shop: Shop, tmp_path: Path) -> None:
    good, bad = written(tmp_path, "a", Paper().mt940([transfer("5.00", phone(shop))])), written(tmp_path, "letter.txt", b"Dear customer")
    result = run(app, "bank", "import", good, bad)
    assert result.exit_code == 1
    assert (
        result.stderr
        == "letter.txt: This file cannot be read as a bank statement: It is neither XML nor SWIFT text, nor a table with the headings of a bank.\n"
    )
    assert deposits() == []


def test_one_that_does_not_add_up_says_why(app: Flask, shop: Shop, tmp_path: Path) -> None:
    raw = Paper().mt940([transfer("500.00", phone(shop))]).replace(b"TRY1500,00", b"TRY1500,09")
    result = run(app, "bank", "import", written(tmp_path, "bozuk.sta", raw))
    assert result.exit_code == 0
    assert "quarantined: 1 bookings, 0 new, 0 known, 0 credited, 0 in suspense. Line " in result.stdout
    assert "off by 0.09" in result.stdout


def test_a_file_that_is_not_there_is_wrong_usage(app: Flask, tmp_path: Path) -> None:
    assert run(app, "bank", "import", tmp_path / "nowhere").exit_code == 2
    assert run(app, "bank", "import").exit_code == 2


def test_reading_everything_again_changes_nothing(app: Flask, shop: Shop) -> None:
    """E11"""
    paid = [transfer("500.00", phone(shop)), transfer("1.00", "kira")]
    for way, format in (("feed", "camt054"), ("inbox", "mt940"), ("upload", "camt053")):
        comes(Paper().write(format, paid), way=way)  # type: ignore[arg-type]
    for _ in range(2):
        assert run(app, "bank", "replay", "--look").stdout == "Nothing would come in.\n"
        result = run(app, "bank", "replay")
        assert result.exit_code == 0
        assert result.stdout.endswith("Nothing changed.\n")
    assert len(deposits()) == 2
    assert shop.balance == lira("500.00")
    assert all_is_right()


def test_what_we_learned_to_read_comes_in_when_read_again(app: Flask, shop: Shop, database: Database) -> None:
    """A file kept as unreadable by an older reader"""
    raw = Paper().mt940([transfer("500.00", phone(shop))])
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "INSERT INTO statement_file (sha256, raw, name, way, came_at, came_by, unreadable) "
            "VALUES (sha256(%s), %s, 'old.sta', 'inbox', now(), 'job:watch-inbox', %s)",
            [raw, raw, '{"say": "It is neither XML nor SWIFT text.", "facts": {}}'],
        )
    looked = run(app, "bank", "replay", "--look")
    assert f"old.sta#1 mt940 {IBAN} would be imported: 1 bookings, 1 new, 0 known; 1 credited to {shop.number}." in looked.stdout
    assert looked.stdout.endswith("1 statements would come in; nothing was changed.\n")
    assert (deposits(), journal()) == ([], [])
    with db.reading() as session:
        assert len(unreadable_files(session)) == 1
    result = run(app, "bank", "replay")
    assert "old.sta#1 mt940" in result.stdout
    assert result.stdout.endswith("1 statements were not there before.\n")
    assert shop.balance == lira("500.00")
    with db.reading() as session:
        assert unreadable_files(session) == []


def test_the_book_is_checked_with_the_deposits(app: Flask, shop: Shop, database: Database) -> None:
    """Registered at start: a deposit that is not where its postings say is named"""
    comes(Paper().camt054([transfer("5.00", phone(shop))]))
    assert run(app, "book", "check").exit_code == 0
    with psycopg.connect(database.url) as connection:
        connection.execute("UPDATE deposit SET amount = amount + 1")
    result = run(app, "book", "check")
    assert result.exit_code == 1
    assert deposits()[0].reference in result.stderr

"""Bank files packed together (B21): each is a file of its own, and nothing in a hostile archive does harm (C23)."""

import gzip
import io
import os
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.bank.incoming.bring_files import Brought, bring_files
from app.bank.incoming.inbox import watch_inbox
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.statement_queries import reports_on, unreadable_files
from app.bank.model import BankStatement, StatementFile
from app.bank.statement.archive import members_of
from app.bank.statement.statement import Unreadable
from app.errors import Invalid
from tests.bank.bank import IBAN, OTHER_IBAN, THROUGH, Paper, all_is_right, comes, lira, phone, states, transfer
from tests.people import Shop

SAMPLES = Path(__file__).parent / "samples"


def packed(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return out.getvalue()


def brings(raw: bytes, name: str = "days.zip", account: str = "") -> Brought:
    return bring_files(BankFile(raw, name, "upload", "person:1", account), now=clock.now())


def why_not(brought: Brought) -> list[tuple[str, str]]:
    return [(name, str(why)) for name, why in brought.unreadable]


def test_every_file_of_an_archive_is_a_file_of_its_own(shop: Shop) -> None:
    """B21: folders, several formats, and the same day twice"""
    first, second = transfer("500.00", phone(shop)), transfer("7.00", phone(shop))
    raw = packed({"kasım/01/a.sta": Paper().mt940([first]), "kasım/02/a.sta": Paper().camt053([second]), "a.csv": Paper().csv([first])})
    brought = brings(raw)
    with db.reading() as session:
        assert [(report.file, report.format, report.new) for report in reports_on(session, brought.imported)] == [
            ("days.zip/kasım/01/a.sta", "mt940", 1),
            ("days.zip/kasım/02/a.sta", "camt053", 1),
            ("days.zip/a.csv", "csv", 0),
        ]
    assert shop.balance == lira("507.00")
    assert all_is_right()


@pytest.mark.parametrize("format", [*THROUGH, "xlsx"])
def test_packed_or_not_it_is_the_same_file(shop: Shop, format: str) -> None:
    """E11: renamed, zipped, zipped again, gzipped"""
    raw = Paper().write(format, [transfer("500.00", phone(shop))])
    comes(raw, name="monday")
    for again, name in (
        (packed({"other name": raw}), "b.zip"),
        (packed({"x/y": raw}, method=zipfile.ZIP_STORED), "c.zip"),
        (gzip.compress(raw), "d.gz"),
    ):
        (imported,) = brings(again, name).imported
        assert imported.again
    with db.reading() as session:
        assert len(session.scalars(select(StatementFile.id)).all()) == 1
    assert shop.balance == lira("500.00")


def test_a_bad_file_holds_up_no_other(shop: Shop) -> None:
    """One that cannot be read, one that does not add up: the third is credited"""
    good = Paper().mt940([transfer("500.00", phone(shop))])
    brought = brings(packed({"letter.txt": b"Dear customer", "good.sta": good, "bad.sta": good.replace(b"TRY1500,00", b"TRY1500,09")}))
    assert [name for name, _ in why_not(brought)] == ["letter.txt"]
    with db.reading() as session:
        assert [report.state for report in reports_on(session, brought.imported)] == ["imported", "quarantined"]
        assert [file.name for file in unreadable_files(session)] == ["days.zip/letter.txt"]
    assert shop.balance == lira("500.00")


def test_what_desktops_put_beside_the_files_is_no_file(shop: Shop) -> None:
    raw = packed({"__MACOSX/._a.sta": b"x", ".DS_Store": b"x", "a.sta": Paper().mt940([transfer("5.00", phone(shop))])})
    assert why_not(brings(raw)) == []


def encrypted() -> bytes:
    """The mark that says so, in both places where a zip has it."""
    raw = bytearray(packed({"a.sta": b"secret"}))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = raw.find(magic) + offset
        raw[place : place + 2] = struct.pack("<H", struct.unpack("<H", raw[place : place + 2])[0] | 1)
    return bytes(raw)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (encrypted(), "protected with a password"),
        (packed({}), "no file in it"),
        (packed({f"{number}": b"" for number in range(501)}), "more than 500 files"),
        (packed({"bomb": b"0" * 60_000_000}), "grow more than 200 times"),
        (packed({"bomb1": b"0" * 200_000_000, "bomb2": b"0" * 200_000_000}), "larger than 256 MB"),
        (gzip.compress(b"0" * 100_000_000), "larger than 64 MB"),
        (gzip.compress(b"0" * 60_000_000), "grow more than 200 times"),
        (packed({"a.sta": b"x" * 1000})[:-40], "broken or cut off"),
        (gzip.compress(b"x" * 1000)[:-9], "broken or cut off"),
        (packed({"a.zip": packed({"b.sta": b"x"})}), "packed twice"),
        (packed({"a.sta": b"x"}, method=zipfile.ZIP_LZMA), "in a way that is not read here"),
        (packed({"a": b"x", "b": b"y"}), "None of the 2 files in it"),
    ],
    ids=["password", "empty", "many", "bomb", "sum", "gzip", "gzip bomb", "cut zip", "cut gzip", "nested", "lzma", "none"],
)  # fmt: skip
def test_an_archive_that_cannot_be_read_is_kept_and_refused(shop: Shop, raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        brings(raw)
    with db.reading() as session:
        assert unreadable_files(session)


def test_an_archive_that_lies_about_its_size() -> None:
    """Two bytes by its own word, ten millions in truth: no more is read than it said"""
    raw = bytearray(packed({"a": b"0" * 10_000_000}))
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = raw.find(magic) + offset
        raw[place : place + 4] = struct.pack("<I", 2)
    (member,) = members_of(bytes(raw), "a.zip")
    assert (member.raw, str(member.why)) == (b"", "It is packed, but broken or cut off.")


@pytest.mark.parametrize("pack", [gzip.compress, lambda raw: packed({"a.sta": raw})], ids=["gzip", "zip"])
def test_an_archive_cut_at_every_byte_is_refused(pack: Callable[[bytes], bytes]) -> None:
    """Never partly unpacked"""
    raw = pack(Paper().mt940([transfer("5.00", "kira")]))
    for length in range(3, len(raw)):
        with pytest.raises(Unreadable):
            list(members_of(raw[:length], "a"))


FILES = st.lists(st.tuples(st.text("aş./\\ ", min_size=1, max_size=8), st.binary(max_size=60)), min_size=1, max_size=5, unique_by=lambda file: file[0])  # fmt: skip


@given(FILES, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_every_file_comes_out_as_it_was_packed(files: list[tuple[str, bytes]], method: int) -> None:
    """Whatever its name; only what desktops put beside them is left out"""
    read = [(name, raw) for name, raw in files if not name.endswith("/") and not name.rpartition("/")[2].startswith(".")]
    try:
        members = list(members_of(packed(dict(files), method=method), "days.zip"))
    except Unreadable:
        assert read == []
        return
    assert [(member.name, member.raw, member.why) for member in members] == [(name, raw, None) for name, raw in read]


@given(FILES, st.sampled_from(["zip", "gz"]), st.data())
def test_a_damaged_archive_gives_no_other_bytes(files: list[tuple[str, bytes]], kind: str, data: st.DataObject) -> None:
    """A byte changed, anywhere: refused, or its members are what they were, or say that they cannot be read"""
    raw = packed(dict(files)) if kind == "zip" else gzip.compress(files[0][1])
    place = data.draw(st.integers(4, len(raw) - 1))
    changed = raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
    with suppress(Unreadable):
        for member in members_of(changed, "days"):
            assert member.why or member.raw in [content for _, content in files]


def test_an_archive_in_the_inbox(shop: Shop, tmp_path: Path) -> None:
    """Names in it are never used as paths"""
    raw = packed({"../../evil.sta": Paper().mt940([transfer("5.00", phone(shop))]), "letter.txt": b"Dear customer"})
    (tmp_path / "days.zip").write_bytes(raw)
    os.utime(tmp_path / "days.zip", (1, 1))
    watch_inbox(tmp_path, now=clock.now())
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["days.zip", "days.zip.txt"]
    assert (tmp_path / "quarantined" / "days.zip.txt").read_text().startswith("letter.txt: It is neither")
    assert not (tmp_path.parent / "evil.sta").exists()
    assert states() == ["credited"]


# The account that somebody chooses


def no_account(shop: Shop) -> bytes:
    return f"Tarih;Açıklama;Tutar;B/A\r\n01.11.2026;{phone(shop)};500,00;A\r\n".encode("cp1254")


def test_a_file_that_names_no_account_waits_for_somebody_who_knows_it(shop: Shop) -> None:
    """Refused first, and once it came with its account it is no longer unreadable; again it changes nothing"""
    with pytest.raises(Unreadable, match="Choose the account"):
        brings(no_account(shop), "a.csv")
    for again in (False, True):
        (imported,) = brings(no_account(shop), "a.csv", "TR33 0006 1005 1978 6457 8413 26").imported
        assert imported.again is again
    assert shop.balance == lira("500.00")
    with db.reading() as session:
        assert unreadable_files(session) == []
        assert [row.account for row in session.scalars(select(BankStatement))] == [IBAN]
    assert all_is_right()


def test_an_account_that_is_not_ours_cannot_be_chosen(shop: Shop) -> None:
    with pytest.raises(Invalid):
        brings(no_account(shop), "a.csv", OTHER_IBAN)
    with db.reading() as session:
        assert unreadable_files(session) == []

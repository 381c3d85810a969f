"""Bank files packed together: zip and gzip. Names in them are shown, never used as paths; nothing is unpacked to disk."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from app.bank.statement.statement import Unreadable
from app.bank.statement.workbook import PACKAGE, is_package
from app.errors import N_
from app.remarks import Remark

GZIP = b"\x1f\x8b\x08"
EMPTY_ZIP = b"PK\x05\x06"

MOST_MEMBERS = 500
LARGEST_MEMBER, LARGEST_INSIDE = 64 * 1024 * 1024, 256 * 1024 * 1024
MOST_TIMES, NEVER_A_BOMB = 200, 8 * 1024 * 1024  # statements shrink to a tenth or a thirtieth

BROKEN = N_("It is packed, but broken or cut off.")
EMPTY = N_("There is no file in it.")
ENCRYPTED = N_("It is protected with a password. Unpack it and bring what is in it.")
OTHER_PACKING = N_("It is packed in a way that is not read here. Unpack it and bring what is in it.")
TOO_MANY = N_("There are more than {members} files in it.")
LARGER = N_("What is packed in it is larger than {megabytes} MB.")
BOMB = N_("It would grow more than {times} times when unpacked, which no statement does.")


@dataclass(frozen=True, slots=True)
class Member:
    """:ivar why: it could not be unpacked; then ``raw`` is empty"""

    name: str
    raw: bytes
    why: Remark | None = None


def is_archive(raw: bytes) -> bool:
    """A new workbook is a zip too, but one file."""
    return raw.startswith((GZIP, EMPTY_ZIP)) or (raw.startswith(PACKAGE) and not is_package(raw))


def members_of(raw: bytes, name: str) -> Iterator[Member]:
    """
    One after the other; one that cannot be unpacked says so and holds up no other.

    :raises Unreadable: for the archive as a whole, before the first
    """
    if raw.startswith(GZIP):
        yield Member(name.removesuffix(".gz"), unzipped(raw))
        return
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            for member in worth_reading(archive):
                yield unpacked(archive, member)
    except Unreadable:
        raise
    except Exception as error:  # the library has no list of what it raises at broken archives
        raise Unreadable(why=Remark.of(BROKEN)) from error


def worth_reading(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Without folders, and without what desktops put beside the files. By its own word first: see :func:`unpacked` for the truth."""
    members = [member for member in archive.infolist() if not is_clutter(member.filename)]
    if not members:
        raise Unreadable(why=Remark.of(EMPTY))
    if len(members) > MOST_MEMBERS:
        raise Unreadable(why=Remark.of(TOO_MANY, members=MOST_MEMBERS))
    refuse_bombs(sum(member.file_size for member in members), sum(member.compress_size for member in members), LARGEST_INSIDE)
    return members


def is_clutter(name: str) -> bool:
    return (
        name.endswith("/")
        or name.startswith("__MACOSX/")
        or name.rpartition("/")[2].startswith(".")
        or name.rpartition("/")[2] == "Thumbs.db"
    )


def refuse_bombs(inside: int, packed: int, largest: int) -> None:
    if inside > largest:
        raise Unreadable(why=Remark.of(LARGER, megabytes=largest // 1024 // 1024))
    if inside > max(NEVER_A_BOMB, packed * MOST_TIMES):
        raise Unreadable(why=Remark.of(BOMB, times=MOST_TIMES))


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Member:
    """No more is read than it says it holds, and then its checksum has to be right: one that lies is broken."""
    why = None
    if member.flag_bits & 0x1:
        why = Remark.of(ENCRYPTED)
    elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        why = Remark.of(OTHER_PACKING)
    elif member.file_size > LARGEST_MEMBER:
        why = Remark.of(LARGER, megabytes=LARGEST_MEMBER // 1024 // 1024)
    if why:
        return Member(member.filename, b"", why)
    try:
        return Member(member.filename, archive.read(member))
    except Exception:  # as above
        return Member(member.filename, b"", Remark.of(BROKEN))


def unzipped(raw: bytes) -> bytes:
    """Of gzip, which may stand several times behind itself."""
    parts, left, size = [], raw, 0
    while left:
        stream = zlib.decompressobj(wbits=31)
        try:
            part = stream.decompress(left, LARGEST_MEMBER - size + 1)
        except zlib.error as error:
            raise Unreadable(why=Remark.of(BROKEN)) from error
        parts.append(part)
        size += len(part)
        refuse_bombs(size, len(raw), LARGEST_MEMBER)
        if not stream.eof:
            raise Unreadable(why=Remark.of(BROKEN))
        left = stream.unused_data.lstrip(b"\x00")
    return b"".join(parts)

"""From the bytes of a file to its statements. The content tells the format, never the name."""

import re

from app.bank.statement.camt import read_camt
from app.bank.statement.mt940 import read_mt940
from app.bank.statement.statement import Statement, Unreadable
from app.errors import N_
from app.remarks import Remark

LARGEST = 64 * 1024 * 1024
LARGEST_SUM = 10**18  # hundredths: more than all the money there is, and still a bigint
SWIFT = re.compile(r"^(\{1:.*\{4:)?:(20|25P?|61):", re.MULTILINE)


def read_statements(raw: bytes) -> list[Statement]:
    """
    Each statement of the file, in its order; one that is in trouble says so itself.

    :raises Unreadable: if this is no bank file at all, or holds no statement
    """
    if len(raw) > LARGEST:
        raise Unreadable(why=Remark.of(N_("It is larger than {megabytes} MB."), megabytes=LARGEST // 1024 // 1024))
    start = raw.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:100].replace(b"\x00", b"")
    if start.startswith(b"<"):
        statements = read_camt(raw)
    elif SWIFT.search(text := decoded(raw)):
        statements = read_mt940(text)
    else:
        raise Unreadable(why=Remark.of(N_("It is neither XML nor SWIFT text.")))
    if not statements:
        raise Unreadable(why=Remark.of(N_("There is no statement in it.")))
    if any(sum(booking.amount for booking in statement.bookings) >= LARGEST_SUM for statement in statements):
        raise Unreadable(why=Remark.of(N_("Its amounts are larger than any account.")))
    return statements


def decoded(raw: bytes) -> str:
    """UTF-8 when it is; else the Turkish Windows letters, which differ from the western ones in six."""
    try:
        text = raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1254", errors="replace")
    return text.replace("\x00", "")

"""From the bytes of a file to its statements. The content tells the format, never the name."""

import re
from collections.abc import Iterator

from app.bank.statement import workbook
from app.bank.statement.archive import is_archive
from app.bank.statement.camt import read_camt
from app.bank.statement.delimited import delimiter_of, has_no_end, read_rows
from app.bank.statement.details import IBAN
from app.bank.statement.encoding import plain
from app.bank.statement.export import OTHER_ACCOUNT, read_export
from app.bank.statement.mt940 import read_mt940
from app.bank.statement.numbers import Bad
from app.bank.statement.statement import Statement, Unreadable
from app.errors import N_
from app.remarks import Remark

LARGEST = 64 * 1024 * 1024
LARGEST_SUM = 10**18  # hundredths: more than all the money there is, and still a bigint
SWIFT = re.compile(rb"^(\{1:.*\{4:)?:(20|25P?|61):", re.MULTILINE)


def read_statements(raw: bytes, *, account: str = "") -> list[Statement]:
    """
    Each statement of the file, in its order; one that is in trouble says so itself.

    :param account: which one the file is about, if it does not say so itself
    :raises Unreadable: if this is no bank file at all, or holds no statement
    """
    if len(raw) > LARGEST:
        raise Unreadable(why=Remark.of(N_("It is larger than {megabytes} MB."), megabytes=LARGEST // 1024 // 1024))
    statements = [*of_its_kind(raw, account)]
    for statement in statements:
        if account and statement.account != account and IBAN.fullmatch(statement.account):
            raise Unreadable(why=Remark.of(OTHER_ACCOUNT, named=statement.account, chosen=account))
    if not statements:
        raise Unreadable(why=Remark.of(N_("There is no statement in it.")))
    if any(sum(booking.amount for booking in statement.bookings) >= LARGEST_SUM for statement in statements):
        raise Unreadable(why=Remark.of(N_("Its amounts are larger than any account.")))
    return statements


def of_its_kind(raw: bytes, account: str) -> Iterator[Statement]:
    start = raw.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:100].replace(b"\x00", b"")
    if raw.startswith(workbook.OLD) or workbook.is_package(raw):
        yield from of_workbook(raw, account)
    elif is_archive(raw):
        raise Unreadable(why=Remark.of(N_("It is packed twice. Unpack it once.")))
    elif start.startswith(b"<"):
        yield from read_camt(raw)
    elif SWIFT.search((text := plain(raw)).raw):
        yield from read_mt940(text)
    else:
        yield of_table(raw, account)


def of_workbook(raw: bytes, account: str) -> Iterator[Statement]:
    """Each sheet that has the headings of an account; others are notes of the bank."""
    format = "xls" if raw.startswith(workbook.OLD) else "xlsx"
    for rows in workbook.read_workbook(raw):
        if statement := read_export(rows, format=format, account=account):
            yield statement


def of_table(raw: bytes, account: str) -> Statement:
    try:
        rows = read_rows(raw, delimiter=delimiter_of(raw))
        statement = read_export(rows, format="csv", account=account, cut=has_no_end(raw) and not raw.rstrip().endswith(b'"'))
    except Bad as bad:
        raise Unreadable(why=bad.why) from bad
    if statement is None:
        raise Unreadable(why=Remark.of(N_("It is neither XML nor SWIFT text, nor a table with the headings of a bank.")))
    return statement

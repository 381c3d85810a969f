"""
What Turkish banks give when somebody downloads an account: a table in Excel or CSV, with headings somewhere near its top.

Each bank draws it in its own way, and changes it without notice. So nothing is taken on trust that the file can prove:
the running balance has to agree row by row, and what could be read in two ways is not read at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache

from app.bank.statement.export_frame import Frame
from app.bank.statement.export_line import Line, Unsure, read_line
from app.bank.statement.export_order import MIDNIGHT, Account, arranged
from app.bank.statement.figures import Style
from app.bank.statement.headings import FIRST_ROWS, Columns, Role, columns_of, named_twice
from app.bank.statement.numbers import Bad, noting
from app.bank.statement.sheet import Row, shown
from app.bank.statement.statement import Booking, Side, Statement, Unreadable, prove
from app.errors import N_
from app.markets import INSTITUTION, MARKETS
from app.remarks import Remark

NO_ACCOUNT = N_("It does not name the account that it is about. Choose the account when you bring it.")
OTHER_ACCOUNT = N_("It is about the account {named}, not about {chosen}.")
SEVERAL_ACCOUNTS = N_("It names several accounts: {accounts}. Choose the account when you bring it.")
TWICE = N_("Line {line}: the heading “{heading}” stands there twice.")
MIXED_SIGNS = N_("Line {line}: money out is written with a minus in some rows and without in others.")
CUT = N_("Line {line}: the last line has no end, so the file may have been cut off in it.")


@dataclass(slots=True)
class Table:
    """A table while it is read."""

    heading: Row
    columns: Columns
    frame: Frame
    style: Style = field(default_factory=Style)
    lines: list[Line] = field(default_factory=list)
    unsure: list[Unsure] = field(default_factory=list)
    troubles: list[Remark] = field(default_factory=list)
    whole: bool = True
    last_row: int = 0


def read_export(rows: Iterator[Row], *, format: str, account: str = "", cut: bool = False) -> Statement | None:
    """
    :param account: chosen by whoever brought it; needed only where the file names none
    :param cut: the file's last line has no end
    :returns: ``None`` if no row of the first thirty is a heading
    :raises Unreadable: if nobody knows which account it is about
    """
    table = read_table(rows)
    if table is None:
        return None
    name = account_of(table, account)
    currency = currency_of(table, name)
    return statement_of(table, proven(table, cut=cut), format=format, name=name, currency=currency)


def proven(table: Table, *, cut: bool) -> Account:
    """What is wrong becomes the table's trouble; its rows are shown all the same, as far as they could be read."""
    account = Account((), None, None)
    table.whole = not table.troubles
    with noting(table.troubles):
        for each in table.unsure:
            each.settle(table.style)
        account = Account(table.lines, None, None)
        check_signs(table)
        opening, closing = table.frame.balances(table.style)
        account = arranged(table.lines, opening=opening, closing=closing)
        table.frame.check_totals(account.lines, table.columns, table.style)
        if cut:
            check_end(table, account)
    table.whole = table.whole and len(account.lines) == len(table.lines)
    return account


def read_table(rows: Iterator[Row]) -> Table | None:
    above: list[Row] = []
    for row in rows:
        if row.line > FIRST_ROWS:
            return None
        if columns := columns_of(row):
            table = Table(row, columns, Frame(above))
            if role := named_twice(columns):
                heading = shown(row.cell(columns[role][0]))
                raise Unreadable(why=Remark.of(TWICE, line=row.line, heading=heading[:60]))
            read_rows(rows, table)
            return table
        above.append(row)
    return None


def read_rows(rows: Iterator[Row], table: Table) -> None:
    for row in rows:
        table.last_row = row.line
        try:
            again = row.cells == table.heading.cells  # as at the top of a printed page
            if not again and not table.frame.takes(row, table.columns):
                table.lines.append(read_line(row, table.columns, table.style, table.unsure))
        except Bad as bad:
            table.troubles.append(bad.at(row.line).why)


def account_of(table: Table, chosen: str) -> str:
    """An IBAN in the file is the account's; another name of it gives way to the chosen one."""
    ibans, names = table.frame.accounts()
    own = {line.account for line in table.lines}
    if not ibans and len(own) == 1 and "" not in own:
        (only,) = own
        ibans, names = ([only], names) if len(only) > 14 else (ibans, [only])
    if chosen:
        if ibans and chosen not in ibans:
            raise Unreadable(why=Remark.of(OTHER_ACCOUNT, named=ibans[0], chosen=chosen))
        return chosen
    found = ibans or names
    if not found:
        raise Unreadable(why=Remark.of(NO_ACCOUNT))
    if len(found) > 1:
        raise Unreadable(why=Remark.of(SEVERAL_ACCOUNTS, accounts=", ".join(found[:3])))
    return found[0]


def currency_of(table: Table, account: str) -> str:
    """As a row, a heading or a line above says it; else the one of the account's country."""
    said = table.frame.currency(table.heading)
    found = {line.currency for line in table.lines if line.currency}
    if said or len(found) != 1:
        return said or MARKETS.get(account[:2], INSTITUTION).currency
    return found.pop()


def check_signs(table: Table) -> None:
    """:raises Bad: if the column of money out has both"""
    if Role.AMOUNT in table.columns:
        return
    signs = {line.sign: line.line for line in table.lines if line.side is Side.DEBIT and line.amount}
    if "-" in signs and len(signs) > 1:
        raise Bad(MIXED_SIGNS, line=max(signs.values()))


def check_end(table: Table, account: Account) -> None:
    """
    A file may be cut anywhere. Where the last cell is a balance it has just been proven; in any other the end of a text
    or of a number may be missing.

    :raises Bad: …
    """
    last = max(table.lines, key=lambda line: line.line, default=None)
    if last is None or last.line != table.last_row:
        return
    proven = account.opening is not None and last.balance is not None and Role.BALANCE in table.columns
    if not proven or any(columns[-1] > table.columns[Role.BALANCE][0] for columns in table.columns.values()):
        raise Bad(CUT, line=last.line)


def statement_of(table: Table, account: Account, *, format: str, name: str, currency: str) -> Statement:
    days = [line.day for line in table.lines]
    with_times = any(line.time not in (None, MIDNIGHT) for line in table.lines)
    bookings = tuple(bookings_of(table, account, currency=currency, with_times=with_times))
    return prove(
        Statement(
            format=format,
            account=name,
            line=table.heading.line,
            currency=currency,
            first_day=min(days, default=None),
            last_day=max(days, default=None),
            opening=account.opening,
            closing=account.closing,
            bookings=bookings,
            notes=tuple(note for booking in bookings for note in booking.notes),
            trouble=table.troubles[0] if table.troubles else None,
            whole=not table.troubles or table.whole,
        )
    )


def bookings_of(table: Table, account: Account, *, currency: str, with_times: bool) -> Iterator[Booking]:
    """Each row is let go when its booking is made: a large file never lies in memory twice."""
    lines = list(reversed(account.lines))
    account.lines = ()
    table.lines.clear()
    while lines:
        yield booking_of(lines.pop(), currency=currency, with_times=with_times)


def booking_of(line: Line, *, currency: str, with_times: bool) -> Booking:
    """:param with_times: a midnight is a time only where other rows have one"""
    return Booking(
        line.line,
        line.side or Side.CREDIT,
        line.amount,
        line.currency or currency,
        line.day,
        line.value_date,
        line.text,
        line.reference,
        line.party_name,
        line.party_iban,
        line.day_is_sure,
        moment(line.day, line.time) if with_times and line.time is not None else None,
        line.reversal,
        line.status,
        line.hints,
        line.notes,
        None,
        (),
        line.source,
        line.place,
    )


@lru_cache(4096)
def moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)

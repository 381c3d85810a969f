"""One row of a bank's export: what it says about one booking, before anybody knows in which order the rows stand."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from app.bank.returned import begins_returned, looks_returned
from app.bank.statement.details import IBAN
from app.bank.statement.figures import Figure, Style, read_figure
from app.bank.statement.headings import Columns, Role, folded
from app.bank.statement.numbers import NO_DATE, Bad, at_line, possible_date
from app.bank.statement.sheet import Cell, Row, shown
from app.bank.statement.source import Source
from app.bank.statement.statement import LONGEST_RAW, LONGEST_TEXT, Side, Status, account_name, shared
from app.errors import N_
from app.remarks import Remark

NO_AMOUNT = N_("Line {line}: the row has no amount.")
NO_DAY = N_("Line {line}: the row has an amount, but no date.")
BOTH_SIDES = N_("Line {line}: the row has an amount on both sides.")
NO_SIDE_WORD = N_("Line {line}: “{text}” says neither in nor out.")
SIDES_DISAGREE = N_("Line {line}: the sign of the amount and the side “{text}” disagree.")

DAY = re.compile(r"(?P<day>[0-9]{1,2})[./-](?P<month>[0-9]{1,2})[./-](?P<year>[0-9]{4})|(?P<iso>[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2})")
CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})[:.](?P<minute>[0-9]{2})(?:[:.](?P<second>[0-9]{2})(?:[.,][0-9]{1,6})?)?")
BETWEEN = re.compile(r"\s*[-T,]?\s*")

SIDES = {
    **dict.fromkeys(("a", "alacak", "c", "cr", "credit", "giren", "gelen", "+"), Side.CREDIT),
    **dict.fromkeys(("b", "borc", "d", "dr", "dt", "debit", "cikan", "giden", "-"), Side.DEBIT),
}
STATUSES = {
    **dict.fromkeys(("", "gerceklesti", "tamamlandi", "basarili", "muhasebelesti", "booked", "completed", "posted"), Status.BOOKED),
    **dict.fromkeys(("bekliyor", "beklemede", "bekleyen", "provizyon", "provizyonda", "pending"), Status.PENDING),
}
CURRENCY = re.compile(r"[A-Z]{3}")
BREAKS, DIGIT = re.compile(r"[\r\n\t]+"), re.compile("[0-9]")
LIRA = {"TL": "TRY", "YTL": "TRY", "TRL": "TRY"}


@dataclass(slots=True)
class Line:
    """
    A file has hundreds of thousands, all of them in memory until their order is known: nothing stands in one twice.

    :ivar amount: in hundredths; :ivar sign: before it
    :ivar side: if the row says it, by its column, a letter or a sign, or if the balances do; else ``None``, which nearly all banks
        mean as money in
    :ivar balance: behind this booking, with its sign
    :ivar day: with ``time``, if there is one; ``day_is_sure`` is false where the file has only a value date
    """

    line: int
    day: date
    time: time | None
    day_is_sure: bool
    value_date: date
    amount: int
    sign: str
    side: Side | None
    balance: int | None
    currency: str
    text: str
    status: Status
    reversal: bool
    reference: str
    hints: tuple[str, ...]
    party_name: str
    party_iban: str
    account: str
    notes: tuple[Remark, ...]
    source: Source | str
    place: int

    @property
    def signed(self) -> int:
        return -self.amount if self.side is Side.DEBIT else self.amount

    @property
    def counts(self) -> bool:
        """Only what is booked stands in the balances (E27)."""
        return self.status is Status.BOOKED


@dataclass(frozen=True, slots=True)
class Unsure:
    """A line with a figure that can be read in two ways until the others are known; until then it has none there."""

    line: Line
    amount: Figure
    balance: Figure | None

    def settle(self, style: Style) -> None:
        """:raises Bad: if none of the others says how it is meant"""
        with at_line(self.line.line):
            self.line.balance = style.signed(self.balance) if self.balance else None
            self.line.amount = style.settle(self.amount.minor)


def read_line(row: Row, columns: Columns, style: Style, unsure: list[Unsure]) -> Line:
    """
    :param unsure: gets it if it is
    :raises Bad: …
    """
    amount, side = read_amount(row, columns, style)
    if amount is None:
        raise Bad(NO_AMOUNT)
    booked, value = (read_day(cell_of(row, columns, role)) for role in (Role.DATE, Role.VALUE))
    day = booked or value
    if day is None:
        raise Bad(NO_DAY)
    clock = day[1] if booked else None
    if time_cell := shown(cell_of(row, columns, Role.TIME)):
        clock = read_clock(time_cell)
    text = " ".join(texts_in(row, columns.get(Role.TEXT, ()), one_line))
    kind = one_line(text_of(row, columns, Role.KIND))
    status = text_of(row, columns, Role.STATUS)
    balance = read_figure(cell_of(row, columns, Role.BALANCE), style)
    reference, *others = texts_in(row, columns.get(Role.REFERENCE, ()), reference_in) or [""]
    line = Line(
        row.line,
        day[0],
        clock,
        booked is not None,
        (value or day)[0],
        amount.minor if isinstance(amount.minor, int) else 0,
        amount.sign,
        side,
        style.signed(balance) if balance and isinstance(balance.minor, int) else None,
        shared(currency_of(row, columns) or amount.currency),
        (text or kind)[:LONGEST_TEXT],
        STATUSES.get(folded(status), Status.INFORMATION) if status else Status.BOOKED,
        begins_returned(text) or (bool(kind) and looks_returned(kind)),
        reference,
        tuple(others),
        shared(one_line(text_of(row, columns, Role.PARTY_NAME))[:200]),
        shared(iban_in(text_of(row, columns, Role.PARTY_IBAN))),
        account_in(text_of(row, columns, Role.ACCOUNT)),
        tuple([found[2] for found in (booked, value) if found and found[2]]),
        row.source or " | ".join(filter(None, map(shown, row.cells)))[:LONGEST_RAW],
        row.place,
    )
    if isinstance(amount.minor, str) or (balance and isinstance(balance.minor, str)):
        unsure.append(Unsure(line, amount, balance))
    return line


def texts_in(row: Row, columns: tuple[int, ...], read: Callable[[str], str]) -> list[str]:
    """Of those that hold any."""
    return [text for column in columns if (text := read(row.text(column)))]


def cell_of(row: Row, columns: Columns, role: Role) -> Cell:
    places = columns.get(role)
    return row.cell(places[0]) if places else None


def text_of(row: Row, columns: Columns, role: Role) -> str:
    return shown(cell_of(row, columns, role))


def read_amount(row: Row, columns: Columns, style: Style) -> tuple[Figure | None, Side | None]:
    """By two columns, by a letter, or by a sign; else the side is still open."""
    if Role.AMOUNT not in columns:
        return of_two_columns(row, columns, style)
    amount = read_figure(cell_of(row, columns, Role.AMOUNT), style)
    if amount is None:
        return None, None
    word = text_of(row, columns, Role.SIDE)
    if Role.SIDE not in columns:
        return amount, {"+": Side.CREDIT, "-": Side.DEBIT}.get(amount.sign)
    side = SIDES.get(word if word in SIDES else folded(word))
    if side is None:
        raise Bad(NO_SIDE_WORD, text=word[:40])
    if amount.sign == ("-" if side is Side.CREDIT else "+"):
        raise Bad(SIDES_DISAGREE, text=word[:40])
    return amount, side


def of_two_columns(row: Row, columns: Columns, style: Style) -> tuple[Figure | None, Side | None]:
    """Money out is written with a minus by some banks and without by others; money in never has one."""
    went_out, came_in = (read_figure(cell_of(row, columns, role), style) for role in (Role.WENT_OUT, Role.CAME_IN))
    if went_out and came_in and went_out.minor != 0 and came_in.minor != 0:
        raise Bad(BOTH_SIDES)
    if came_in and (came_in.minor != 0 or not went_out or went_out.minor == 0):
        if came_in.sign == "-":
            raise Bad(SIDES_DISAGREE, text=shown(cell_of(row, columns, Role.CAME_IN))[:40])
        return came_in, Side.CREDIT
    return went_out, Side.DEBIT


def read_day(cell: Cell) -> tuple[date, time | None, Remark | None] | None:
    """Day, time and a note. :raises Bad: if something stands there that is no date"""
    if isinstance(cell, str):
        return read_day_text(cell.strip())
    match cell:
        case datetime():
            if not 1900 <= cell.year <= 2999:
                raise Bad(NO_DATE, text=shown(cell)[:40])
            return cell.date(), cell.time(), None
        case None:
            return None
        case _:
            raise Bad(NO_DATE, text=shown(cell)[:40])


@lru_cache(4096)
def read_day_text(text: str) -> tuple[date, time | None, Remark | None] | None:
    if not text:
        return None
    found = DAY.match(text)
    if not found:
        raise Bad(NO_DATE, text=text[:40])
    day, note = possible_date(*year_month_day(found), text=found[0])
    between = BETWEEN.match(text, found.end())
    rest = text[between.end() if between else found.end() :]
    return day, (read_clock(rest) if rest else None), note


def year_month_day(found: re.Match[str]) -> tuple[int, int, int]:
    """The day stands first, except where the year does."""
    year, month, day = re.split("[./-]", found["iso"]) if found["iso"] else (found["year"], found["month"], found["day"])
    return int(year), int(month), int(day)


@lru_cache(4096)
def read_clock(text: str) -> time:
    found = CLOCK.fullmatch(text.strip())
    if not found:
        raise Bad(NO_DATE, text=text[:40])
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise Bad(NO_DATE, text=text[:40])
    return time(hour, minute, second)


def currency_of(row: Row, columns: Columns) -> str:
    written = text_of(row, columns, Role.CURRENCY).upper()
    if not written:
        return ""
    return LIRA.get(written, written if CURRENCY.fullmatch(written) else "")


def reference_in(cell: str) -> str:
    """Words without a digit name nothing."""
    text = one_line(cell)
    return text[:100] if DIGIT.search(text) else ""


@lru_cache(4096)
def account_in(text: str) -> str:
    return account_name(text)


def iban_in(text: str) -> str:
    account = account_in(text)
    return account if IBAN.fullmatch(account) else ""


def one_line(text: str) -> str:
    return (BREAKS.sub(" ", text) if BREAKS.search(text) else text).strip()

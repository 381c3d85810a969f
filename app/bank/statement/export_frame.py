"""What stands around the rows of a bank's export: whose account, its balances, totals, and words that are only words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.bank.statement.export_line import CURRENCY, LIRA, Line, read_day
from app.bank.statement.figures import NOTHING, Style, read_figure
from app.bank.statement.headings import MONEY, Columns, Role, folded, labelled
from app.bank.statement.numbers import Bad, at_line
from app.bank.statement.sheet import Cell, Row, shown
from app.bank.statement.statement import Side, account_name
from app.bank.statement.statement import shown as amount_shown
from app.errors import N_

OTHER_SUM = N_("Line {line}: the file says a total of {said}, but its rows make {found}.")
OTHER_COUNT = N_("Line {line}: the file says {said} bookings, but it holds {found}.")
FRAGMENT = N_("Line {line}: “{text}” is no whole row.")

IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
ACCOUNTS = {
    "iban", "iban no", "iban numarasi", "hesap", "hesap no", "hesap numarasi", "hesap no iban", "hesap iban", "iban hesap no",
    "musteri hesap no", "account", "account no", "account number",
}  # fmt: skip
OPENINGS = {
    "devir", "devir bakiye", "devir bakiyesi", "devreden", "devreden bakiye", "acilis bakiyesi", "acilis bakiye", "donem basi bakiye",
    "donem basi bakiyesi", "baslangic bakiyesi", "onceki bakiye", "onceki donem bakiyesi", "opening balance", "previous balance",
}  # fmt: skip
CLOSINGS = {
    "kapanis bakiyesi", "kapanis bakiye", "donem sonu bakiye", "donem sonu bakiyesi", "bitis bakiyesi", "closing balance",
}  # fmt: skip
COUNTS = {
    "toplam kayit", "toplam kayit sayisi", "kayit sayisi", "islem sayisi", "toplam islem sayisi", "toplam islem adedi", "islem adedi",
    "hareket sayisi", "toplam adet", "number of transactions", "number of bookings",
}  # fmt: skip
TOTALS = {"toplam", "genel toplam", "toplamlar", "total", "totals"}
TOTALS_OF = {
    **dict.fromkeys(("toplam borc", "borc toplami", "toplam borc tutari", "total debit", "total debits"), Side.DEBIT),
    **dict.fromkeys(("toplam alacak", "alacak toplami", "toplam alacak tutari", "total credit", "total credits"), Side.CREDIT),
}
CURRENCY_LABELS = {"doviz", "doviz cinsi", "doviz kodu", "doviz turu", "para birimi", "para cinsi", "hesap doviz cinsi", "currency"}

Said = tuple[Cell, int]  # and the line where it stands


@dataclass(slots=True)
class Frame:
    """:ivar above: the rows before the heading; :ivar below: those behind it that are no bookings"""

    above: list[Row]
    below: list[Row] = field(default_factory=list)
    opening: Said | None = None
    closing: Said | None = None
    totals: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        for row in self.above:
            for label, value in labelled(row):
                self.notice_balance(label, value, row.line)

    def takes(self, row: Row, columns: Columns) -> bool:
        """
        Whether the row is no booking but a balance, a total or mere words.

        :raises Bad: if it looks like a piece of a booking
        """
        if has_day(row, columns):
            balance = row.cell(columns[Role.BALANCE][0]) if Role.BALANCE in columns else None
            if balance is None or moves_money(row, columns):
                return False
            return any(self.notice_balance(folded(cell), balance, row.line) for cell in row.cells if isinstance(cell, str))
        said = [self.notice_balance(label, value, row.line) for label, value in labelled(row)]
        if any(said):
            return True
        if any(word in TOTALS or word in TOTALS_OF or word in COUNTS for word, _ in labelled(row)):
            self.totals.append(row)
            return True
        if any(shown(row.cell(columns[role][0])) not in NOTHING for role in MONEY if role in columns):
            return False
        for role in (Role.DATE, Role.VALUE):
            if role in columns and re.match("[0-9]", text := row.text(columns[role][0])):
                raise Bad(FRAGMENT, text=text[:40])
        self.below.append(row)
        return True

    def notice_balance(self, label: str, value: Cell, line: int) -> bool:
        if label in OPENINGS:
            self.opening = self.opening or (value, line)
        elif label in CLOSINGS:
            self.closing = (value, line)
        return label in OPENINGS or label in CLOSINGS

    def balances(self, style: Style) -> tuple[int | None, int | None]:
        """:raises Bad: …"""
        return tuple(balance(said, style) for said in (self.opening, self.closing))  # type: ignore[return-value]

    def accounts(self) -> tuple[list[str], list[str]]:
        """IBANs, those with the word beside them first of all; and other names of accounts."""
        called, ibans, names = list[str](), list[str](), list[str]()
        for row in (*self.above, *self.below):
            for label, value in labelled(row):
                if label not in ACCOUNTS:
                    continue
                if found := IBAN.search(text := shown(value).upper()):
                    called.append(account_name(found[0]))
                elif re.search("[0-9]", text):
                    names.append(account_name(text))
            ibans += [account_name(found[0]) for cell in row.cells for found in IBAN.finditer(shown(cell).upper())]
        return list(dict.fromkeys(called or ibans)), list(dict.fromkeys(names))

    def currency(self, heading: Row) -> str:
        said = [shown(value).upper() for row in self.above for label, value in labelled(row) if label in CURRENCY_LABELS]
        said += re.findall(r"\(([A-Z]{2,3})\)", " ".join(map(shown, heading.cells)).upper())
        codes = [LIRA.get(word, word) for word in said]
        return next((code for code in codes if CURRENCY.fullmatch(code)), "")

    def check_totals(self, lines: Sequence[Line], columns: Columns, style: Style) -> None:
        """:raises Bad: if the file counts another number of rows or another sum"""
        for row in self.totals:
            with at_line(row.line):
                for label, value in labelled(row):
                    if label in COUNTS and (digits := re.sub("[^0-9]", "", shown(value))) != str(len(lines)):
                        raise Bad(OTHER_COUNT, said=digits, found=len(lines))
                    if label in TOTALS_OF:
                        agree(value, [sum_of(lines, TOTALS_OF[label])], style)
                if any(folded(cell) in TOTALS for cell in row.cells if isinstance(cell, str)):
                    check_total_row(row, lines, columns, style)


def has_day(row: Row, columns: Columns) -> bool:
    try:
        return any(read_day(row.cell(columns[role][0])) for role in (Role.DATE, Role.VALUE) if role in columns)
    except Bad:
        return False


def moves_money(row: Row, columns: Columns) -> bool:
    return any(shown(row.cell(columns[role][0])) not in NOTHING for role in MONEY[:-1] if role in columns)


def balance(said: Said | None, style: Style) -> int | None:
    if said is None:
        return None
    cell, line = said
    with at_line(line):
        figure = read_figure(cell, style)
        return None if figure is None else style.signed(figure)


def check_total_row(row: Row, lines: Sequence[Line], columns: Columns, style: Style) -> None:
    """Below the columns that it sums up."""
    came_in, went_out = sum_of(lines, Side.CREDIT), sum_of(lines, Side.DEBIT)
    for role, sums in (
        (Role.AMOUNT, [abs(came_in - went_out), came_in + went_out]),
        (Role.CAME_IN, [came_in]),
        (Role.WENT_OUT, [went_out]),
    ):
        if role in columns:
            agree(row.cell(columns[role][0]), sums, style)


def agree(cell: Cell, sums: Sequence[int], style: Style) -> None:
    figure = read_figure(cell, style)
    if figure is not None and style.settle(figure.minor) not in sums:
        raise Bad(OTHER_SUM, said=shown(cell)[:40], found=amount_shown(sums[0]))


def sum_of(lines: Sequence[Line], side: Side) -> int:
    return sum(line.amount for line in lines if (line.side or Side.CREDIT) is side and line.counts)

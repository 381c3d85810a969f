"""
The bank of the tests: what it books it shows in every format it has. ``transfer("500.00", "05321234567")`` is a credit.
"""

import csv
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from sqlalchemy import select

from app import clock, db
from app.bank.add_bank_account import add_bank_account
from app.bank.incoming.import_file import import_file
from app.bank.incoming.keep_file import BankFile, Way
from app.bank.incoming.statement_queries import StatementReport, reports_on
from app.bank.model import Deposit
from app.bank.self_check import CHECKS
from app.markets import MARKETS
from app.money import Money, read_amount
from tests.people import Shop, book_is_right

IBAN = "TR330006100519786457841326"
OTHER_IBAN = "TR760006200000012340000629"
BUDAPEST_IBAN = "HU42117730161111101800000000"
CUSTOMER_IBAN = "TR320010009999901234567890"
FORMATS = ("camt054", "camt053", "mt940", "csv")
THROUGH = ("mt940", "camt053", "csv")  # every E-rule: SWIFT, ISO 20022, and the export of a Turkish bank
_counter = itertools.count(1)


def today() -> date:
    return clock.now().astimezone(MARKETS["TR"].zone).date()


@dataclass(frozen=True)
class Transfer:
    """:ivar reference: the bank's own; :ivar parts: of a batch: amount and text of each"""

    amount: str
    text: str = ""
    reference: str = ""
    side: str = "credit"
    reversal: bool = False
    currency: str = "TRY"
    name: str = "AYSE YILMAZ"
    iban: str = CUSTOMER_IBAN
    day: date | None = None
    value: date | None = None
    at: datetime | None = None
    status: str = "BOOK"
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def minor(self) -> int:
        return read_amount(self.amount, "TRY").minor

    @property
    def signed(self) -> int:
        return self.minor if self.side == "credit" else -self.minor

    @property
    def booked_on(self) -> date:
        return self.day or today()

    @property
    def came_in(self) -> bool:
        return (self.side == "credit") != self.reversal

    def taken_back(self, **changes: object) -> "Transfer":
        """The bank's reversal of it: a booking of its own."""
        changed = {"side": "debit" if self.side == "credit" else "credit", "reversal": True, "reference": new_reference()} | changes
        return replace(self, **changed)  # type: ignore[arg-type]


def new_reference() -> str:
    return f"F{next(_counter):014d}"


def transfer(amount: str, text: str = "", **more: object) -> Transfer:
    return Transfer(amount, text, **({"reference": new_reference()} | more))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Paper:
    """How this bank writes: which account, and what it held before."""

    iban: str = IBAN
    currency: str = "TRY"
    opening: str = "1000.00"
    number: int = 1
    page: int = 1

    def write(self, format: str, transfers: Sequence[Transfer]) -> bytes:
        writers = {"mt940": self.mt940, "mt942": self.mt942, "camt053": self.camt053, "camt054": self.camt054, "camt052": self.camt052}
        return (writers | {"csv": self.csv, "xlsx": self.xlsx})[format](transfers)

    @property
    def opens_with(self) -> int:
        return read_amount(self.opening, "TRY").minor

    def closing(self, transfers: Sequence[Transfer]) -> int:
        return self.opens_with + sum(transfer.signed for transfer in transfers if transfer.status == "BOOK")

    def mt940(self, transfers: Sequence[Transfer]) -> bytes:
        days = [transfer.booked_on for transfer in transfers] or [today()]
        first, last = min(days), max(days)
        return self._swift(
            [
                f":60F:{swift_balance(self.opens_with, first, self.currency)}",
                *(line for transfer in transfers for line in swift_lines(transfer)),
                f":62F:{swift_balance(self.closing(transfers), last, self.currency)}",
            ]
        )

    def mt942(self, transfers: Sequence[Transfer]) -> bytes:
        lines = [f":34F:{self.currency}0,", f":13D:{today():%y%m%d}1200+0300"]
        lines += [line for transfer in transfers for line in swift_lines(transfer)]
        for tag, side in (("90D", "debit"), ("90C", "credit")):
            amounts = [transfer.minor for transfer in transfers if transfer.side == side]
            lines.append(f":{tag}:{len(amounts)}{self.currency}{swift_number(sum(amounts))}")
        return self._swift(lines)

    def _swift(self, lines: Sequence[str]) -> bytes:
        head = [f":20:{self.currency}{next(_counter)}", f":25:{self.iban}", f":28C:{self.number}/{self.page}"]
        return "".join(line + "\r\n" for line in [*head, *lines, "-"]).encode()

    def csv(self, transfers: Sequence[Transfer]) -> bytes:
        """A Turkish export in windows-1254: the account above, one column for each side, the closing balance below."""
        out = StringIO()
        csv.writer(out, delimiter=";").writerows(self.rows(transfers))
        return out.getvalue().encode("cp1254", errors="replace")

    def xlsx(self, transfers: Sequence[Transfer]) -> bytes:
        """The same table as a workbook."""
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in self.rows(transfers):
            sheet.append(row)
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    def rows(self, transfers: Sequence[Transfer]) -> list[list[str]]:
        rows = [
            ["HESAP HAREKETLERİ", f"Rapor {next(_counter)}"],
            ["IBAN", self.iban],
            ["Döviz Cinsi", self.currency],
            ["Devreden Bakiye", turkish(self.opens_with)],
        ]
        rows.append(
            ["İşlem Tarihi", "Valör", "Açıklama", "Borç", "Alacak", "Bakiye", "Dekont No", "Gönderen", "Karşı IBAN", "Döviz", "Durum"]
        )
        balance = self.opens_with
        for transfer in transfers:
            balance += transfer.signed if transfer.status == "BOOK" else 0
            rows.append(turkish_row(transfer, balance))
        return [*rows, ["Kapanış Bakiyesi", turkish(self.closing(transfers))]]

    def camt053(self, transfers: Sequence[Transfer]) -> bytes:
        balances = xml_balance("OPBD", self.opens_with, self.currency) + xml_balance("CLBD", self.closing(transfers), self.currency)
        return self._camt("053", "BkToCstmrStmt", "Stmt", balances, transfers)

    def camt054(self, transfers: Sequence[Transfer]) -> bytes:
        return self._camt("054", "BkToCstmrDbtCdtNtfctn", "Ntfctn", "", transfers)

    def camt052(self, transfers: Sequence[Transfer]) -> bytes:
        return self._camt("052", "BkToCstmrAcctRpt", "Rpt", xml_balance("ITBD", self.opens_with, self.currency), transfers)

    def _camt(self, number: str, message: str, kind: str, balances: str, transfers: Sequence[Transfer]) -> bytes:
        entries = "\n".join(xml_entry(transfer) for transfer in transfers)
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{number}.001.08"><{message}>
<GrpHdr><MsgId>M{next(_counter)}</MsgId><CreDtTm>{clock.now().isoformat()}</CreDtTm></GrpHdr>
<{kind}><Id>S{next(_counter)}</Id><ElctrncSeqNb>{self.number}</ElctrncSeqNb>
<Acct><Id><IBAN>{self.iban}</IBAN></Id><Ccy>{self.currency}</Ccy></Acct>
{balances}
{entries}
</{kind}></{message}></Document>
""".encode()


def turkish_row(transfer: Transfer, balance: int) -> list[str]:
    """What a bank that has no mark for a reversal does: it writes so."""
    booked = f"{transfer.at.astimezone(MARKETS['TR'].zone):%d.%m.%Y %H:%M:%S}" if transfer.at else f"{transfer.booked_on:%d.%m.%Y}"
    status = {"BOOK": "Gerçekleşti", "PDNG": "Beklemede", "FUTR": "Beklemede"}.get(transfer.status, "Bilgi")
    amount = turkish(transfer.minor)
    return [
        booked,
        f"{transfer.value or transfer.booked_on:%d.%m.%Y}",
        "İADE " * transfer.reversal + transfer.text,
        *((amount, "") if transfer.side == "debit" else ("", amount)),
        turkish(balance) if transfer.status == "BOOK" else "",
        transfer.reference,
        transfer.name,
        transfer.iban,
        transfer.currency,
        status,
    ]


def turkish(minor: int) -> str:
    return ("-" if minor < 0 else "") + f"{abs(minor) // 100:,}".replace(",", ".") + f",{abs(minor) % 100:02d}"


def swift_lines(transfer: Transfer) -> list[str]:
    mark = {("credit", False): "C", ("debit", False): "D", ("credit", True): "RD", ("debit", True): "RC"}[transfer.side, transfer.reversal]
    mark = mark if transfer.status == "BOOK" else f"E{mark}"  # only expected
    reference = f"//{transfer.reference[:16]}" if transfer.reference else ""
    lines = [
        f":61:{transfer.value or transfer.booked_on:%y%m%d}{transfer.booked_on:%m%d}{mark}{swift_number(transfer.minor)}NTRFNONREF{reference}"
    ]
    if len(transfer.reference) > 16:
        lines.append(f"/{transfer.reference}")
    party = "ORDP" if transfer.came_in else "BENM"
    details = f"/{party}//NAME/{transfer.name}/ACCT/{transfer.iban}/REMI/{transfer.text}"
    first, *rest = [details[start : start + 65] for start in range(0, min(len(details), 390), 65)]
    return [*lines, f":86:{first}", *rest]


def swift_balance(minor: int, day: date, currency: str) -> str:
    return f"{'D' if minor < 0 else 'C'}{day:%y%m%d}{currency}{swift_number(abs(minor))}"


def swift_number(minor: int) -> str:
    return f"{minor // 100},{minor % 100:02d}"


def xml_balance(code: str, minor: int, currency: str) -> str:
    side = "DBIT" if minor < 0 else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{abs(minor) // 100}.{abs(minor) % 100:02d}</Amt>"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{today()}</Dt></Dt></Bal>"
    )


def xml_entry(transfer: Transfer) -> str:
    side = "CRDT" if transfer.side == "credit" else "DBIT"
    booked = f"<DtTm>{transfer.at.isoformat()}</DtTm>" if transfer.at else f"<Dt>{transfer.booked_on}</Dt>"
    reference = f"<AcctSvcrRef>{transfer.reference}</AcctSvcrRef>" if transfer.reference else ""
    parts = transfer.parts or ((transfer.amount, transfer.text),)
    details = "".join(xml_details(transfer, amount, text) for amount, text in parts)
    return (
        f"<Ntry><Amt Ccy='{transfer.currency}'>{transfer.amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>"
        f"<RvslInd>{str(transfer.reversal).lower()}</RvslInd><Sts><Cd>{transfer.status}</Cd></Sts><BookgDt>{booked}</BookgDt>"
        f"<ValDt><Dt>{transfer.value or transfer.booked_on}</Dt></ValDt>{reference}<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def xml_details(transfer: Transfer, amount: str, text: str) -> str:
    role = "Dbtr" if transfer.came_in else "Cdtr"
    pieces = "".join(f"<Ustrd>{escape(text[start : start + 140])}</Ustrd>" for start in range(0, len(text), 140))
    return (
        f"<TxDtls><Amt Ccy='{transfer.currency}'>{amount}</Amt><RltdPties><{role}><Pty><Nm>{transfer.name}</Nm></Pty></{role}>"
        f"<{role}Acct><Id><IBAN>{transfer.iban}</IBAN></Id></{role}Acct></RltdPties><RmtInf>{pieces}</RmtInf></TxDtls>"
    )


def open_account(iban: str = IBAN, market: str = "TR", **more: object) -> None:
    with db.transaction() as session:
        add_bank_account(session, iban=iban, bank="Liman Bankası", market=market, by="test", now=clock.now(), **more)  # type: ignore[arg-type]


def comes(raw: bytes, *, way: Way = "inbox", name: str = "file", now: datetime | None = None) -> list[StatementReport]:
    """A file reaches us; what became of each of its statements."""
    kept = import_file(BankFile(raw, name, way, "job:test"), now=now or clock.now())
    with db.reading() as session:
        return reports_on(session, kept)


def books(*transfers: Transfer, format: str = "camt054", **paper: object) -> list[StatementReport]:
    return comes(Paper(**paper).write(format, transfers))  # type: ignore[arg-type]


def deposits() -> list[Deposit]:
    with db.reading() as session:
        return list(session.scalars(select(Deposit).order_by(Deposit.id)))


def deposit() -> Deposit:
    (only,) = deposits()
    return only


def states() -> list[str]:
    return [str(each.state) for each in deposits()]


def words(deposit: Deposit) -> str:
    """Its trace, as people read it."""
    return " ".join(str(remark["say"]).format_map(remark["facts"]) for remark in deposit.trace)  # type: ignore[arg-type]


def all_is_right() -> bool:
    with db.reading() as session:
        assert [sentence for check in CHECKS for sentence in check(session)] == []
    return book_is_right()


def phone(shop: Shop) -> str:
    """As its owner writes it: ``05321234567``."""
    return "0" + shop.owner.phone[3:]


def lira(text: str) -> Money:
    return read_amount(text, "TRY")


def days(number: int) -> timedelta:
    return timedelta(days=number)

"""Bank files of any length for the benchmarks: one account, honest balances, a phone in most texts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

IBAN = "TR330006100519786457841326"
LAST_DAY = date(2026, 11, 2)
OPENING = 100_000_000


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    minor: int
    text: str

    @property
    def sender(self) -> str:
        """Five thousand people send."""
        return f"TR{self.number % 5000:024d}"


def day_of(start: int, count: int) -> date:
    """Every file is about a day of its own."""
    return LAST_DAY - timedelta(days=start // count)


def rows(count: int, phones: Sequence[str], start: int) -> Iterator[Row]:
    """Every tenth names nobody."""
    for number in range(start, start + count):
        phone = phones[number % len(phones)] if number % 10 else "fatura"
        yield Row(number, 1000 + number % 90_000, f"BAKIYE YUKLEME {phone} AYSE YILMAZ*{number:09d}")


def mt940(count: int, phones: Sequence[str], start: int = 0) -> bytes:
    day = day_of(start, count)
    parts, total = [f":20:BENCH\r\n:25:{IBAN}\r\n:28C:1/1\r\n:60F:C{day:%y%m%d}TRY{OPENING // 100},00\r\n"], OPENING
    for row in rows(count, phones, start):
        total += row.minor
        parts.append(
            f":61:{day:%y%m%d}{day:%m%d}C{row.minor // 100},{row.minor % 100:02d}NTRFNONREF//F{row.number:014d}\r\n"
            f":86:/ORDP//NAME/AYSE YILMAZ/ACCT/{row.sender}/REMI/\r\n{row.text}\r\n"
        )
    parts.append(f":62F:C{day:%y%m%d}TRY{total // 100},{total % 100:02d}\r\n-\r\n")
    return "".join(parts).encode()


def camt053(count: int, phones: Sequence[str], start: int = 0) -> bytes:
    day = day_of(start, count)
    total = OPENING + sum(row.minor for row in rows(count, phones, start))
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>B</MsgId><CreDtTm>2026-11-02T23:59:00</CreDtTm></GrpHdr><Stmt><Id>S</Id>"
        f"<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>TRY</Ccy></Acct>{balance('OPBD', OPENING, day)}{balance('CLBD', total, day)}\n"
    ]
    parts += [
        f'<Ntry><Amt Ccy="TRY">{row.minor // 100}.{row.minor % 100:02d}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>F{row.number:014d}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"<RltdPties><Dbtr><Pty><Nm>AYSE YILMAZ</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{row.sender}</IBAN></Id></DbtrAcct>"
        f"</RltdPties><RmtInf><Ustrd>{row.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        for row in rows(count, phones, start)
    ]
    return ("".join(parts) + "</Stmt></BkToCstmrStmt></Document>\n").encode()


def balance(code: str, minor: int, day: date) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="TRY">{minor // 100}.{minor % 100:02d}</Amt>'
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def csv(count: int, phones: Sequence[str], start: int = 0) -> bytes:
    day = day_of(start, count)
    parts, total = [f"IBAN;{IBAN}\r\nTarih;Saat;Açıklama;Borç;Alacak;Bakiye;Dekont No;Gönderen;Karşı IBAN\r\n"], OPENING
    for row in rows(count, phones, start):
        total += row.minor
        parts.append(
            f"{day:%d.%m.%Y};10:{row.number // 60 % 60:02d}:{row.number % 60:02d};{row.text};;{turkish(row.minor)};{turkish(total)};"
            f"F{row.number:014d};AYŞE YILMAZ;{row.sender}\r\n"
        )
    return "".join(parts).encode("cp1254")


def turkish(minor: int) -> str:
    return f"{minor // 100:,}".replace(",", ".") + f",{minor % 100:02d}"


WRITERS: dict[str, Callable[..., bytes]] = {"mt940": mt940, "camt053": camt053, "csv": csv}


def of_size(format: str, megabytes: int, phones: Sequence[str]) -> bytes:
    """About so large, never larger."""
    small = WRITERS[format](1000, phones)
    return WRITERS[format](int(megabytes * 1_000_000 / len(small) * 1000 * 0.99), phones)

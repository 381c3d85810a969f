"""
One element of ISO 20022 and what stands in it, whatever version its namespace names.

    Element.texts   "BookgDt/Dt" → "2026-11-02"   the first of each path
    Element.parts   "NtryDtls/TxDtls" → elements  those of which there may be several
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from app.bank.statement.numbers import Bad, xml_amount, xml_date
from app.bank.statement.statement import Side
from app.errors import N_
from app.remarks import Remark

NO_AMOUNT = N_("Line {line}: an amount or its currency is missing.")
NO_SIDE = N_("Line {line}: “{text}” is neither CRDT nor DBIT.")

CURRENCY = "@Ccy"  # behind the path of an amount


@dataclass(slots=True)
class Element:
    """:ivar start: in bytes of the file; :ivar pieces: of the text that people wrote, as written"""

    line: int
    start: int
    texts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list["Element"]] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)

    def all(self, path: str) -> list["Element"]:
        return self.parts.get(path, [])


def text_of(element: Element, *paths: str) -> str:
    """Of the first path that has one."""
    texts = element.texts
    for path in paths:
        if text := texts.get(path):
            return text
    return ""


def amount_of(element: Element, path: str = "Amt") -> tuple[int, str]:
    """:raises Bad: …"""
    amount, currency = element.texts.get(path), element.texts.get(path + CURRENCY)
    if amount is None or not currency:
        raise Bad(NO_AMOUNT)
    return xml_amount(amount), currency.strip()[:3]


def side_of(element: Element, *, otherwise: Side | None = None) -> Side:
    """:raises Bad: …"""
    match element.texts.get("CdtDbtInd", ""):
        case "CRDT":
            return Side.CREDIT
        case "DBIT":
            return Side.DEBIT
        case "" if otherwise:
            return otherwise
        case text:
            raise Bad(NO_SIDE, text=text[:20])


def day_of(element: Element, path: str) -> tuple[date, Remark | None] | None:
    """Of a choice between ``Dt`` and ``DtTm``, as written."""
    text = text_of(element, f"{path}/Dt", f"{path}/DtTm", path)
    return xml_date(text) if text else None


def moment_of(element: Element, path: str) -> datetime | None:
    """The exact time, if there is one that exists."""
    for text in (text_of(element, f"{path}/DtTm"), text_of(element, f"{path}/Dt")):
        if "T" in text:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return None
            return moment if 1900 < moment.year < 2999 else None  # none that another zone could push out of the calendar
    return None

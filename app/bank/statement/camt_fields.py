"""Reading one element of ISO 20022, whatever version its namespace names."""

from datetime import date, datetime
from functools import cache
from typing import Any

from app.bank.statement.numbers import Bad, xml_amount, xml_date
from app.bank.statement.statement import Side
from app.errors import N_
from app.remarks import Remark

NO_AMOUNT = N_("Line {line}: an amount or its currency is missing.")
NO_SIDE = N_("Line {line}: “{text}” is neither CRDT nor DBIT.")


def name_of(element: Any) -> str:
    """Without its namespace; what is no valid name is one too."""
    return str(element.tag).rpartition("}")[2]


@cache
def in_any_version(path: str) -> str:
    return "/".join("{*}" + name for name in path.split("/"))


def find(element: Any, path: str) -> Any:
    return element.find(in_any_version(path))


def find_all(element: Any, path: str) -> list[Any]:
    return list(element.findall(in_any_version(path)))


def text_of(element: Any, *paths: str) -> str:
    """Of the first path that has one."""
    for path in paths:
        if text := (element.findtext(in_any_version(path)) or "").strip():
            return text
    return ""


def amount_of(element: Any, path: str = "Amt") -> tuple[int, str]:
    """:raises Bad: …"""
    amount = find(element, path)
    if amount is None or not amount.get("Ccy"):
        raise Bad(NO_AMOUNT)
    return xml_amount(amount.text or ""), amount.get("Ccy").strip()[:3]


def side_of(element: Any, *, otherwise: Side | None = None) -> Side:
    """:raises Bad: …"""
    match text_of(element, "CdtDbtInd"):
        case "CRDT":
            return Side.CREDIT
        case "DBIT":
            return Side.DEBIT
        case "" if otherwise:
            return otherwise
        case text:
            raise Bad(NO_SIDE, text=text[:20])


def day_of(element: Any, path: str) -> tuple[date, Remark | None] | None:
    """Of a choice between ``Dt`` and ``DtTm``, as written."""
    text = text_of(element, f"{path}/Dt", f"{path}/DtTm", path)
    return xml_date(text) if text else None


def moment_of(element: Any, path: str) -> datetime | None:
    """The exact time, if there is one that exists."""
    for text in (text_of(element, f"{path}/DtTm"), text_of(element, f"{path}/Dt")):
        if "T" in text:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return None
            return moment if 1900 < moment.year < 2999 else None  # none that another zone could push out of the calendar
    return None

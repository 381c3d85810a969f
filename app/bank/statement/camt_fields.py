"""Reading one element of ISO 20022, whatever version its namespace names."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from app.bank.statement.numbers import Bad, xml_amount, xml_date
from app.bank.statement.statement import Side
from app.errors import N_
from app.remarks import Remark

NO_AMOUNT = N_("Line {line}: an amount or its currency is missing.")
NO_SIDE = N_("Line {line}: “{text}” is neither CRDT nor DBIT.")


@dataclass(frozen=True, slots=True)
class Node:
    """An element without its namespace: asking lxml for each field by its path took most of the time."""

    text: str
    currency: str
    line: int
    children: dict[str, list["Node"]]


NOTHING: dict[str, list[Node]] = {}


def node_of(element: Any) -> Node:
    """Deep; the parser allows no more than some hundred levels. A leaf has the line of what it stands in."""
    line, children = element.sourceline or 1, dict[str, list[Node]]()
    for child in element:
        node = node_of(child) if len(child) else Node(child.text or "", child.get("Ccy", ""), line, NOTHING)
        name = without_namespace(child.tag)
        if name in children:
            children[name].append(node)
        else:
            children[name] = [node]
    return Node(element.text or "", element.get("Ccy", ""), line, children)


def name_of(element: Any) -> str:
    return without_namespace(element.tag)


@lru_cache(1024)
def without_namespace(tag: object) -> str:
    """What is no valid name is one too; so is the function that lxml has for the tag of an entity."""
    return str(tag).rpartition("}")[2]


@cache
def steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def find(node: Node, path: str) -> Node | None:
    return next(iter(find_all(node, path)), None)


def find_all(node: Node, path: str) -> list[Node]:
    found = [node]
    for name in steps(path):
        found = found[0].children.get(name, []) if len(found) == 1 else [child for each in found for child in each.children.get(name, ())]
        if not found:
            break
    return found


def text_of(node: Node, *paths: str) -> str:
    """Of the first path that has one."""
    for path in paths:
        if (found := find_all(node, path)) and (text := found[0].text.strip()):
            return text
    return ""


def amount_of(node: Node, path: str = "Amt") -> tuple[int, str]:
    """:raises Bad: …"""
    amount = find(node, path)
    if amount is None or not amount.currency:
        raise Bad(NO_AMOUNT)
    return xml_amount(amount.text), amount.currency.strip()[:3]


def side_of(node: Node, *, otherwise: Side | None = None) -> Side:
    """:raises Bad: …"""
    match text_of(node, "CdtDbtInd"):
        case "CRDT":
            return Side.CREDIT
        case "DBIT":
            return Side.DEBIT
        case "" if otherwise:
            return otherwise
        case text:
            raise Bad(NO_SIDE, text=text[:20])


def day_of(node: Node, path: str) -> tuple[date, Remark | None] | None:
    """Of a choice between ``Dt`` and ``DtTm``, as written."""
    text = text_of(node, f"{path}/Dt", f"{path}/DtTm", path)
    return xml_date(text) if text else None


def moment_of(node: Node, path: str) -> datetime | None:
    """The exact time, if there is one that exists."""
    for text in (text_of(node, f"{path}/DtTm"), text_of(node, f"{path}/Dt")):
        if "T" in text:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return None
            return moment if 1900 < moment.year < 2999 else None  # none that another zone could push out of the calendar
    return None

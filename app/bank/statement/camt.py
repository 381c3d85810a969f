"""ISO 20022: camt.052 (intraday), camt.053 (a day with its balances) and camt.054 (notifications), all versions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from lxml import etree

from app.bank.statement.camt_entry import read_entry
from app.bank.statement.camt_fields import name_of, node_of
from app.bank.statement.camt_head import finished, last_day
from app.bank.statement.numbers import at_line, noting
from app.bank.statement.statement import Booking, Statement, Unreadable
from app.errors import N_
from app.remarks import Remark

MESSAGES = {"BkToCstmrAcctRpt": "camt052", "BkToCstmrStmt": "camt053", "BkToCstmrDbtCdtNtfctn": "camt054"}
STATEMENTS = ("Rpt", "Stmt", "Ntfctn")


@dataclass(slots=True)
class Part:
    """
    A statement while its entries are read.

    :ivar otherwise: the day of entries that name none, if what stands before the first one tells it
    """

    bookings: list[Booking] = field(default_factory=list)
    troubles: list[Remark] = field(default_factory=list)
    otherwise: date | None = None
    started: bool = False


def read_camt(raw: bytes) -> list[Statement]:
    """:raises Unreadable: if it is no well-formed XML, brings a document type, or is another message"""
    try:
        return list(read_elements(raw))
    except etree.XMLSyntaxError as error:
        raise Unreadable(why=Remark.of(N_("Line {line}: it is no well-formed XML."), line=error.lineno or 1)) from error


def read_elements(raw: bytes) -> Iterator[Statement]:
    """Entry by entry: a large file never lies in memory as a tree."""
    part, found = Part(), False
    elements = etree.iterparse(
        BytesIO(raw),
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in ("Ntry", *STATEMENTS)],
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in elements:
        name, message = name_of(element), message_of(element)
        if event == "start" and name in STATEMENTS:
            part = Part()
        elif event == "end" and name == "Ntry" and element.getparent() is not None:
            add_entry(part, element)
        elif event == "end" and message:
            found = True
            yield finished(node_of(element), message, part.bookings, part.troubles)
            element.clear()
    refuse_other_documents(elements.root, found=found)


def message_of(statement: Any) -> str:
    """The kind of message that it stands in, whatever the version; empty for anything else."""
    parent = statement.getparent()
    return MESSAGES.get(re.sub(r"V[0-9]{2}$", "", name_of(parent)), "") if parent is not None else ""


def refuse_other_documents(root: Any, *, found: bool) -> None:
    """A document type's entities could pull files in or grow without bound, so they were not even read; no bank needs them."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(why=Remark.of(N_("It brings a document type, which no bank file needs.")))
    kinds = [name_of(element) for element in root.iter("{*}*")][:2]
    if not found and not any(re.sub(r"V[0-9]{2}$", "", kind) in MESSAGES for kind in kinds):
        raise Unreadable(why=Remark.of(N_("It is a {kind}, not a statement."), kind=kinds[-1][:60]))


def add_entry(part: Part, element: Any) -> None:
    statement = element.getparent()
    if not part.started:
        part.otherwise, part.started = last_day(node_of(statement)), True
    with noting(part.troubles), at_line(element.sourceline):
        raw = etree.tostring(element, encoding="unicode", with_tail=False)
        part.bookings.append(read_entry(node_of(element), otherwise=part.otherwise, raw=raw))
    before = element.getprevious()
    element.clear()
    if before is not None and name_of(before) == "Ntry":
        statement.remove(before)

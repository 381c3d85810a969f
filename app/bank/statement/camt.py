"""ISO 20022: camt.052 (intraday), camt.053 (a day with its balances) and camt.054 (notifications), all versions."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from xml.parsers import expat

from app.bank.statement.camt_entry import read_entry
from app.bank.statement.camt_fields import Element
from app.bank.statement.camt_head import finished, last_day
from app.bank.statement.camt_steps import MESSAGES, NOWHERE, PIECES, Step
from app.bank.statement.numbers import Bad
from app.bank.statement.source import Source, place
from app.bank.statement.statement import Booking, Statement, Unreadable
from app.errors import N_
from app.remarks import Remark

NOT_WELL_FORMED = N_("Line {line}: it is no well-formed XML.")
DOCUMENT_TYPE = N_("It brings a document type, which no bank file needs.")
DEEPEST = 256

DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
LETTERS = re.compile(r"utf-?8|utf-?16|us-ascii|ascii|iso-?8859-?[0-9]{1,2}|latin[0-9]|(?:windows-|cp)?125[0-9]")


Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


@dataclass(slots=True)
class Part:
    """
    A statement while its entries are read.

    :ivar otherwise: the day of entries that name none, if what stands before the first one tells it
    """

    head: Element
    bookings: list[Booking] = field(default_factory=list)
    troubles: list[Remark] = field(default_factory=list)
    otherwise: date | None = None
    started: bool = False


def read_camt(raw: bytes) -> list[Statement]:
    """:raises Unreadable: if it is no well-formed XML, brings a document type, or is another message"""
    reader = Reader(Source(raw, letters_of(raw)))
    try:
        reader.parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Unreadable(why=Remark.of(NOT_WELL_FORMED, line=error.lineno)) from error
    reader.refuse_other_messages()
    return reader.statements


def letters_of(raw: bytes) -> str:
    """
    As Python names the encoding.

    :raises Unreadable: if it is none in which one byte or two are one letter: there markup could hide
    """
    for mark, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"<\x00", "utf-16-le"),
        (b"\x00<", "utf-16-be"),
    ):
        if raw.startswith(mark):
            return encoding
    declared = DECLARED.match(raw.removeprefix(codecs.BOM_UTF8))
    encoding = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    if not LETTERS.fullmatch(encoding) or "16" in encoding.partition("8859")[0]:
        raise Unreadable(why=Remark.of(NOT_WELL_FORMED, line=1))
    return encoding


class Reader:
    """
    Entry by entry: a large file never lies in memory as a tree. The parser (expat) reads no other file and asks no network;
    what could make it grow needs a document type, and is refused where that begins.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.statements: list[Statement] = []
        self.names: list[str] = []  # of the first two elements
        self.part = Part(Element(1, 0))
        self.parser = parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text, parser.buffer_size = True, 64 * 1024
        parser.StartDoctypeDeclHandler = refuse_document_type
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self.handlers()

    def handlers(self) -> tuple[Start, End, Text]:
        """Three functions around the same few variables: half of the reading time is spent in them."""
        parser, texts, steps, elements = self.parser, list[str](), list[Step](), list[Element]()
        step, element, leaf = NOWHERE, self.part.head, False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal step, element, leaf
            if texts:  # of what stands around it
                if leaf and step.path and (text := "".join(texts).strip()):
                    element.texts.setdefault(step.path, text)
                texts.clear()
            steps.append(step)
            known = step.get(name)
            step = self.step_to(name, steps) if known is None else known
            if step.part:
                elements.append(element)
                element = Element(parser.CurrentLineNumber, parser.CurrentByteIndex)
                if step.kind == "statement":
                    self.part = Part(element)
            elif attributes and step.path not in element.texts:
                element.texts[step.currency] = attributes.get("Ccy", "")
            leaf = True

        def end(_name: str) -> None:
            nonlocal step, element, leaf
            if leaf:
                leaf = False
                if step.path == PIECES:
                    element.pieces.append("".join(texts))
                elif step.path and step.path not in element.texts:
                    element.texts[step.path] = texts[0].strip() if len(texts) == 1 else "".join(texts).strip()
            if texts:
                texts.clear()
            ended, step = step, steps.pop()
            if ended.part:
                inner, element = element, elements.pop()
                if ended.kind == "entry" and steps:
                    self.add_entry(inner)
                elif ended.kind == "statement":
                    self.add_statement(inner, step.kind)
                elif not ended.kind:
                    element.parts.setdefault(ended.path, []).append(inner)

        return start, end, texts.append

    def step_to(self, name: str, steps: list[Step]) -> Step:
        """Of a name that is new here, or that nobody asks for."""
        if len(steps) > DEEPEST:
            raise Unreadable(why=Remark.of(NOT_WELL_FORMED, line=self.parser.CurrentLineNumber))
        if len(self.names) < 2:
            self.names.append(name.rpartition("}")[2])
        return steps[-1].to(name)

    def add_entry(self, entry: Element) -> None:
        part = self.part
        if not part.started:
            part.otherwise, part.started = last_day(part.head), True
        try:
            end = self.source.raw.find(b">", self.parser.CurrentByteIndex) + (2 if self.source.encoding == "utf-16-le" else 1)
            there = place(entry.start, end)
            part.bookings.append(read_entry(entry, otherwise=part.otherwise, source=self.source, place=there))
        except Bad as bad:
            part.troubles.append(bad.at(entry.line).why)

    def add_statement(self, head: Element, message: str) -> None:
        if message in MESSAGES.values():
            self.statements.append(finished(head, message, self.part.bookings, self.part.troubles))

    def refuse_other_messages(self) -> None:
        if not self.statements and not any(re.sub(r"V[0-9]{2}$", "", name) in MESSAGES for name in self.names):
            raise Unreadable(why=Remark.of(N_("It is a {kind}, not a statement."), kind=self.names[-1][:60]))


def refuse_document_type(*_declared: object) -> None:
    """A document type's entities could pull files in or grow without bound; no bank needs them."""
    raise Unreadable(why=Remark.of(DOCUMENT_TYPE))

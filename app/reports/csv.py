"""
CSV as Excel opens it: ``;``, UTF-8 with BOM, the decimal mark of the language, texts in quotes.

A text that some program would read as a formula gets an apostrophe before it (C14); numbers never do. The last
lines begin with ``#`` and say what the parameter sheet of a workbook says.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func

from app import languages
from app.amounts import separators
from app.reports.facts import Plan
from app.reports.lines import FIELD
from app.reports.package import Sink
from app.reports.report import Kind
from app.reports.seal import Digest, Fact

BOM, END = b"\xef\xbb\xbf", b"\r\n"

APOSTROPHE = b"'"
# = + - @ and their full-width twins, after spaces too; and our own two marks, so that they stay ours
DANGEROUS = re.compile(rb"(?: |\xc2\xa0|\xe3\x80\x80)*(?:[=+\-@'#]|\xef\xbc[\x8b\x8d\x9d\xa0])")
PERHAPS_DANGEROUS = re.compile(rb"[\x1f\n][=+\-@'# \xc2\xe3\xef]")  # any field of a block, numbers too: is a closer look needed?


def without_apostrophe(text: str) -> str:
    """A text as it was before it was made harmless."""
    return text[1:] if text.startswith("'") and DANGEROUS.match(text[1:].encode()) else text


class CsvFile:
    """Takes blocks of lines as :class:`app.reports.workbook.ExcelFile` does."""

    media_type = "text/csv; charset=utf-8"

    def __init__(self, sink: Sink, plan: Plan, digest: Digest) -> None:
        columns = plan.report.columns
        self._sink, self._digest = sink, digest
        self._mark = separators(plan.language)[1]
        self._texts = [place for place, column in enumerate(columns) if column.kind is Kind.TEXT]
        self._row = b";".join(b'"%b"' if column.kind is Kind.TEXT else b"%b" for column in columns) + END
        titles = [languages.translate(column.title, plan.language).encode() for column in columns]
        digest.add(FIELD.join(titles))
        sink.write(BOM + b";".join(b'"%b"' % title for title in titles) + END)

    def money(self, amount: ColumnElement[Any]) -> ColumnElement[Any]:
        return amount if self._mark == "." else func.replace(cast(amount, Text), ".", self._mark)

    @staticmethod
    def moment(local: ColumnElement[Any]) -> ColumnElement[Any]:
        """``2026-10-31 14:05:09``, which every Excel reads as a time."""
        return func.date_trunc("second", local)

    @staticmethod
    def day(on: ColumnElement[Any]) -> ColumnElement[Any]:
        return on

    def write(self, block: bytes) -> None:
        lines = self._digest.add(block)
        if b'"' in block:
            lines = block.replace(b'"', b'""').split(b"\n")
        rows: Iterable[list[bytes]] = (line.split(FIELD) for line in lines)
        if PERHAPS_DANGEROUS.search(b"\n" + block):
            rows = (self._harmless(fields) for fields in rows)
        self._sink.write(b"".join([self._row % tuple(fields) for fields in rows]))

    def _harmless(self, fields: list[bytes]) -> list[bytes]:
        for place in self._texts:
            if DANGEROUS.match(fields[place]):
                fields[place] = APOSTROPHE + fields[place]
        return fields

    def end_rows(self) -> None:
        """There is no row of totals here."""

    def finish(self, facts: Mapping[str, Fact]) -> None:
        self._sink.write(b"".join(f'#{name};"{fact}"'.encode() + END for name, fact in facts.items()))

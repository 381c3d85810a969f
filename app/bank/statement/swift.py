"""SWIFT text: tagged fields one after the other, with or without the network's block headers around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from app.bank.statement.source import Source

# Only tags that statements have: a wrapped text line may begin with a time of day, ``:26:37``.
TAGS = {
    "20", "21", "25", "25P", "28", "28C", "60F", "60M", "61", "62F", "62M", "64", "65", "34F", "13", "13D", "90C", "90D", "86", "NS", "NSF",
}  # fmt: skip
LONGEST_TAG = 5  # with the space that some banks put behind it
TIME_OF_DAY = re.compile(r"[0-5][0-9]:[0-5][0-9]")
HIDDEN = "\x01\x02\x03\ufeff"  # what transports put before a line
BLANK = " " + "".join(map(chr, range(32)))
SPECIAL = frozenset(["", "-", "{", *HIDDEN, *BLANK])  # how a line begins that may be more than a field or a text


@dataclass(slots=True)
class Field:
    """
    :ivar start: of its tag in the file, in bytes; :ivar stop: of what belongs to it
    :ivar lines: the first begins behind the tag
    :ivar header: where a message begins, the block headers before it, which name the kind of message
    """

    tag: str
    line: int
    start: int
    stop: int
    lines: list[str]
    header: str | None = None

    @property
    def text(self) -> str:
        return self.lines[0].strip()


def fields(source: Source) -> Iterator[Field]:
    """
    A message begins with field 20. A lone dash ends it, unless more of its fields follow: then the dash was text.

    Three lines make a booking and a file may have a million: what is here in one loop is here for speed.
    """
    field, headers, left, number, at, encoding = None, list[str](), list[str](), 0, 0, source.encoding
    for raw in BytesIO(source.raw):
        number += 1
        start, at = at, at + len(raw)
        text = raw.decode(encoding, "replace").rstrip("\r\n")
        if (first := text[:1]) in SPECIAL:
            text, header = without_blocks(text)
            if header:
                headers.append(header)
            if text.strip(BLANK) == "-":
                if header and field:
                    yield field
                    field = None
                left.append(text)
                continue
            if header and not text.strip():
                continue
            first = text[:1]
        if first == ":":
            end = text.find(":", 1, LONGEST_TAG + 1)
            if (tag := text[1:end]) in TAGS or (tag := spaced(tag)):
                begun = Field(tag, number, start, at, [text[end + 1 :]])
                if tag == "20" and not TIME_OF_DAY.match(text, end + 1):
                    begun.header = "".join(headers)
                    headers.clear()
                elif left and field:
                    field.lines += left
                left.clear()
                if field:
                    yield field
                field = begun
                continue
        if left:
            left.append(text)
        elif field:
            field.lines.append(text)
            field.stop = at
    if field:
        yield field


def spaced(tag: str) -> str:
    """Without the space behind it; empty if the line is only text that begins with a colon."""
    return tag[:-1] if tag[:-1] in TAGS and tag[-1].isspace() else ""


def without_blocks(line: str) -> tuple[str, str]:
    """``{1:…}{2:O942…}{4:`` stands before a message or alone on its line, ``-}`` behind it."""
    line = line.lstrip(HIDDEN)
    start = line.find("{4:")
    if start >= 0 and line.startswith(("{", "-}")):
        return line[start + 3 :], line[:start]
    return ("-" if line.startswith("-}") else "", line) if line.startswith(("{", "-}")) else (line, "")

"""SWIFT text: messages of tagged fields, with or without the network's block headers around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Only tags that statements have: a wrapped text line may begin with a time of day, ``:26:37``.
TAG = re.compile(r":(20|21|25P?|28C?|60[FM]|61|62[FM]|64|65|34F|13D?|90[CD]|86|NSF?)\s?:(.*)", re.DOTALL)
TIME_OF_DAY = re.compile(r"[0-5][0-9]:[0-5][0-9]")


@dataclass(slots=True)
class Field:
    """:ivar lines: the first begins behind the tag"""

    tag: str
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return self.lines[0].strip()


@dataclass(slots=True)
class Message:
    """:ivar header: its block headers, which name the kind of message"""

    header: str = ""
    fields: list[Field] = field(default_factory=list)

    def all(self, *tags: str) -> list[Field]:
        return [field for field in self.fields if field.tag in tags]


def messages(text: str) -> Iterator[Message]:
    """
    A message begins with field 20. A lone dash ends it, unless more of its fields follow: then the dash was text.

    A field that stands outside any message begins one of its own: nothing is skipped silently.
    """
    current, header, ended = Message(), "", True
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        body, block = without_blocks(line)
        header += block
        match = TAG.fullmatch(body)
        if match and match[1] == "20" and not TIME_OF_DAY.match(match[2]):
            if current.fields:
                yield current
            current, header, ended = Message(header), "", False
        if match:
            current.fields.append(Field(match[1], number, [match[2]]))
            ended = False
        elif body.strip(" \x00-\x1f") in ("-", "-}"):
            ended = True
        elif current.fields and not ended and (body.strip() or not block):
            current.fields[-1].lines.append(body)
    if current.fields:
        yield current


def without_blocks(line: str) -> tuple[str, str]:
    """``{1:…}{2:O942…}{4:`` stands before a message or alone on its line, ``-}`` behind it."""
    line = line.lstrip("\x00\x01\x02\x03\ufeff")
    start = line.find("{4:")
    if start >= 0 and line.startswith(("{", "-}")):
        return line[start + 3 :], line[:start]
    return ("-" if line.startswith("-}") else "", line) if line.startswith(("{", "-}")) else (line, "")

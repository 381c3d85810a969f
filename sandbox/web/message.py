"""A request as the handlers see it, and a reply as they want it sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Request:
    """:ivar headers: names in lower case"""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path) if "?" in self.target or "%" in self.target else self.target

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """
    :ivar dropped: nothing is sent, the connection is closed
    :ivar drip: seconds over which the body trickles out; 0 sends head and body in one write
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False
    drip: float = 0


DROPPED = Reply(0, dropped=True)
ENCODER = json.JSONEncoder(ensure_ascii=False)


def json_reply(status: int, data: object) -> Reply:
    return Reply(status, ENCODER.encode(data).encode())


def xml_reply(element: ElementTree.Element, status: int = 200) -> Reply:
    return xml_text_reply(ElementTree.tostring(element, "unicode"), status)


def xml_text_reply(text: str, status: int = 200) -> Reply:
    """:param text: of the one element"""
    return Reply(status, f"<?xml version='1.0' encoding='utf-8'?>\n{text}".encode(), "application/xml; charset=utf-8")


def no_content() -> Reply:
    return Reply(204)

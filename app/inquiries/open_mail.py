"""A mail as it came over IMAP, read: pure. Whatever it holds, it is read or says why not, and nothing in it raises."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from imap_tools import MailMessage
from lxml import etree

from app.notifications.addresses import read_mail_address
from app.text import one_line

DRAWINGS = 20_000  # bytes: a smaller picture inside of a text is the sender's logo
WRAPPING = re.compile(r"application/(pgp-|pkcs7-|x-pkcs7-|ms-tnef).*|text/(calendar|x-vcard|vcard)|message/(delivery-status|partial)")
LONGEST_BODY, LONGEST_HTML = 100_000, 20_000  # characters
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")
MOST_THREAD = 10
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')  # in a header: whoever writes there says what he likes
DMARC = re.compile(r"(?:^|;)\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
NOBODY = re.compile(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounce[s+-]?.*)@.*", re.IGNORECASE)
BULK = ("bulk", "list", "junk", "auto_reply")


@dataclass(frozen=True)
class Letter:
    """
    :ivar source: names the mail for ever: its Message-ID and sender, or its place in the mailbox when it has none
    :ivar message_id: with its brackets, or empty; ``thread`` are those before it
    :ivar machine: why nobody wrote it (``auto-submitted`` …), or empty
    :ivar report: it is a delivery report
    :ivar attachments: as they came, without signatures and logos
    :ivar has_parts: it is of the kind that carries attachments; of one that is too long nothing else is known of them
    :ivar forged: nobody vouches that its sender is who it says: it names several, or our own mail server could not prove it (RFC 8601)
    """

    source: str
    sender: str
    recipient: str
    subject: str
    body: str
    message_id: str
    thread: str
    machine: str
    report: bool
    too_long: bool
    attachments: tuple[bytes, ...] = ()
    has_parts: bool = False
    forged: bool = False


def open_mail(mail: MailMessage, *, place: str, too_long: bool, ourselves: str) -> Letter:
    """:param place: of the mail in its mailbox; :param too_long: only the head was fetched; :param ourselves: the address we write from"""
    sender, ids = mail.from_.strip(), MESSAGE_ID.findall(first(mail.headers, "message-id"))
    message_id = ids[0] if ids else ""
    before = MESSAGE_ID.findall(first(mail.headers, "references"))[-MOST_THREAD:]
    return Letter(
        source=hashlib.sha256(f"{message_id}\n{sender.lower()}".encode()).hexdigest()[:40] if message_id else place,
        sender=read_mail_address(sender) or "",
        recipient=one_line(", ".join(mail.to)),
        subject=one_line(mail.subject),
        body="" if too_long else text_of(mail),
        message_id=message_id,
        thread=" ".join(dict.fromkeys([*before, *ids[:1]])),
        machine=machine(mail.headers, sender, ourselves),
        report="multipart/report" in first(mail.headers, "content-type").lower(),
        too_long=too_long,
        attachments=() if too_long else tuple(attachments_of(mail)),
        has_parts="multipart/mixed" in first(mail.headers, "content-type").lower(),
        forged=is_forged(mail.headers),
    )


def is_forged(headers: Mapping[str, Sequence[str]]) -> bool:
    """Two senders are a trick: one is proven to our mail server, and the other is read by us. A domain without DMARC proves nobody."""
    named = headers.get("from") or ("",)
    if len(named) > 1 or QUOTED.sub("", named[0]).count("@") > 1:
        return True
    found = DMARC.search(QUOTED.sub("", first(headers, "authentication-results")))
    return found is not None and found[1].lower() != "pass"


def attachments_of(mail: MailMessage) -> Iterator[bytes]:
    for part in mail.attachments:
        is_drawing = part.content_disposition != "attachment" and part.content_id and part.size < DRAWINGS
        if not is_drawing and not WRAPPING.fullmatch(part.content_type):
            yield part.payload


def first(headers: Mapping[str, Sequence[str]], name: str) -> str:
    return str((headers.get(name) or ("",))[0]).strip()


def machine(headers: Mapping[str, Sequence[str]], sender: str, ourselves: str) -> str:
    """Two machines that answer each other never stop (RFC 3834)."""
    if first(headers, "auto-submitted").split(";")[0].strip().lower() not in ("", "no"):
        return "auto-submitted"
    if first(headers, "precedence").lower() in BULK or any(name in headers for name in ("list-id", "list-unsubscribe", "list-post")):
        return "list"
    if "return-path" in headers and first(headers, "return-path") in ("<>", ""):
        return "return-path"
    if any(name in headers for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress")):
        return "auto-reply"
    if not read_mail_address(sender) or NOBODY.fullmatch(sender):
        return "nobody"
    return "ourselves" if sender.lower().endswith(ourselves[ourselves.index("@") :]) else ""


def text_of(mail: MailMessage) -> str:
    """Plain text, else what a reader of the HTML sees."""
    return mail.text[:LONGEST_BODY] if mail.text.strip() else as_text(mail.html)


def as_text(html: str) -> str:
    """Of the beginning, in a time that grows with its length only, whatever a stranger wrote there."""
    reader = Reader()
    parser = etree.HTMLParser(target=reader, encoding="utf-8", recover=True, no_network=True, huge_tree=False)  # type: ignore[call-overload]
    with suppress(etree.ParserError, etree.XMLSyntaxError):  # such as one without any element: what was read until there counts
        parser.feed(html[:LONGEST_HTML].replace("\0", " ").encode("utf-8", "replace"))
        parser.close()
    return "".join(reader.pieces)


class Reader:
    """Blocks stand on lines of their own, so that no numbers grow together; quoted mails, scripts and styles are not read."""

    INLINE = frozenset(("a", "b", "i", "u", "em", "strong", "span", "font", "small", "big", "sub", "sup", "mark", "wbr"))
    UNREAD = frozenset(("script", "style", "head", "title", "blockquote", "template"))

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.unread = 0  # how many of those are open

    def start(self, tag: str, attrs: Mapping[str, str]) -> None:  # noqa: ARG002 — the parser's own shape
        self.unread += tag in self.UNREAD
        self.end_block(tag)

    def end(self, tag: str) -> None:
        """The parser closes whatever was opened, in order."""
        self.unread -= tag in self.UNREAD
        self.end_block(tag)

    def data(self, data: str) -> None:
        if not self.unread:
            self.pieces.append(data)

    def close(self) -> None:
        """Part of what the parser asks of its reader."""

    def end_block(self, tag: str) -> None:
        if tag not in self.INLINE:
            self.pieces.append("\n")

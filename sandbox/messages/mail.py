"""Mail as it travels, and as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import format_datetime

from sandbox.messages import box


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    type: str
    content: bytes


def read(raw: bytes, *, sender: str, recipients: Sequence[str]) -> box.Message:
    """A mail the product handed to our SMTP server. :param sender: and ``recipients`` stood on the envelope"""
    parsed = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(parsed, EmailMessage)
    body = parsed.get_body(("plain", "html"))
    return box.Message(
        "mail",
        "out",
        sender=sender,
        recipient=", ".join(recipients),
        subject=whole(str(parsed.get("Subject", ""))),
        text=text_of(body) if body else "",
        attachments=tuple(described(part) for part in parsed.iter_attachments()),
        raw=raw,
    )


def text_of(part: Message) -> str:
    """However it was encoded; what cannot be read is marked, never an error: the raw mail is kept too."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace").replace("\r\n", "\n")
    except LookupError:
        return content.decode("ascii", "replace")


def described(part: Message) -> dict[str, object]:
    """A mail within a mail has no content of its own, and so no size."""
    content = part.get_payload(decode=True)
    size = len(content) if isinstance(content, bytes) else 0
    return {"name": whole(part.get_filename() or ""), "type": part.get_content_type(), "size": size}


def whole(header: str) -> str:
    """Headers may carry bytes that are no text."""
    return header.encode("utf-8", "replace").decode()


def write(*, sender: str, recipient: str, subject: str, text: str, attachments: Sequence[Attachment], now: datetime) -> box.Message:
    """A mail somebody sends to the product."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Date"] = format_datetime(now)
    mail.set_content(text)
    for attachment in attachments:
        maintype, _, subtype = attachment.type.partition("/")
        mail.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=attachment.name)
    described_all = tuple({"name": one.name, "type": one.type, "size": len(one.content)} for one in attachments)
    return box.Message("mail", "in", sender, recipient, text, subject, described_all, mail.as_bytes())

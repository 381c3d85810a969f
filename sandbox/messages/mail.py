"""Mail as it travels, and as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import format_datetime, make_msgid

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


def write(
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    attachments: Sequence[Attachment],
    now: datetime,
    html: str = "",
    headers: Sequence[tuple[str, str]] = (),
) -> box.Message:
    """
    A mail somebody sends to the product.

    :param html: the same in HTML; with an empty ``text`` there is nothing else
    :param headers: further ones, such as ``Auto-Submitted``; one that is there already is replaced
    """
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Date"], mail["Message-ID"] = format_datetime(now), make_msgid(domain="sandbox.example")
    for name, value in headers:
        del mail[name]
        mail[name] = value
    if text or not html:
        mail.set_content(text)
    if html:
        (mail.add_alternative if text else mail.set_content)(html, subtype="html")
    for attachment in attachments:
        maintype, _, subtype = attachment.type.partition("/")
        mail.add_attachment(attachment.content, maintype=maintype, subtype=subtype, filename=attachment.name)
    described_all = tuple({"name": one.name, "type": one.type, "size": len(one.content)} for one in attachments)
    return box.Message("mail", "in", sender, recipient, text, subject, described_all, mail.as_bytes())


def bounce(sent: bytes, *, recipient: str, now: datetime) -> box.Message:
    """
    What a mail server writes to the product when an address does not exist (RFC 3464).

    :param sent: the mail as the product sent it
    """
    original = BytesParser().parsebytes(sent)  # its headers as they travelled
    product = str(original["From"] or "")
    told = Message()
    told["Reporting-MTA"] = "dns; mail.example"
    what = Message()
    what["Final-Recipient"], what["Action"], what["Status"] = f"rfc822; {recipient}", "failed", "5.1.1"
    what["Diagnostic-Code"] = "smtp; 550 5.1.1 User unknown"
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([told, what])
    words = Message()
    words["Content-Type"] = 'text/plain; charset="utf-8"'
    words.set_payload(f"Your message could not be delivered to {recipient}: user unknown.\n")
    heads = Message()
    heads["Content-Type"] = "text/rfc822-headers"
    heads.set_payload("".join(f"{name}: {original[name]}\n" for name in ("From", "To", "Subject", "Message-ID") if original[name]))
    report = Message()
    report["Return-Path"], report["From"], report["To"] = "<>", "MAILER-DAEMON@mail.example", product
    report["Subject"], report["Date"] = "Undelivered Mail Returned to Sender", format_datetime(now)
    report["Message-ID"], report["Auto-Submitted"] = make_msgid(domain="mail.example"), "auto-replied"
    report["MIME-Version"] = "1.0"
    report["Content-Type"] = 'multipart/report; report-type="delivery-status"; boundary="=bounce="'
    report.set_payload([words, status, heads])
    return box.Message("mail", "in", "MAILER-DAEMON@mail.example", product, "user unknown", str(report["Subject"]), raw=report.as_bytes())

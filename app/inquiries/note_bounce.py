"""Mails that come back (RFC 3464): the address of an e-bill is marked, and asked for again at the counter."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import HeaderParser

import structlog
from imap_tools import MailMessage
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.inquiries.model import EBill
from app.notifications.addresses import masked
from app.notifications.queries import find_sent_mail

log = structlog.get_logger()

BY = "job:read-mailbox"
MOST_RECIPIENTS = 10


@dataclass(frozen=True)
class Bounce:
    """:ivar mail: the Message-ID of what came back"""

    mail: str
    recipient: str


def read_bounces(mail: MailMessage) -> list[Bounce]:
    """Who did not get which of our mails; a delay, or a success, is none."""
    returned = next(iter(returned_ids(mail.obj)), "")
    return [Bounce(returned, recipient) for recipient in failed_recipients(mail.obj)][:MOST_RECIPIENTS] if returned else []


def returned_ids(report: Message) -> Iterator[str]:
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            heads = HeaderParser().parsestr(content.decode("ascii", "replace") if isinstance(content, bytes) else "")
            yield str(heads.get("Message-ID", "")).strip()
        elif part.get_content_type() == "message/rfc822" and isinstance(inner := part.get_payload(), list) and inner:
            yield str(inner[0]["Message-ID"] or "").strip() if isinstance(inner[0], Message) else ""


def failed_recipients(report: Message) -> Iterator[str]:
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status" or not isinstance(blocks := part.get_payload(), list):
            continue
        for block in blocks:
            if isinstance(block, Message) and str(block.get("Action", "")).strip().lower() == "failed":
                yield str(block.get("Original-Recipient") or block.get("Final-Recipient") or "").rpartition(";")[2].strip()


def note_bounces(session: Session, bounces: Iterable[Bounce], *, now: datetime) -> None:
    """Only of a mail that we really sent to that very address: anybody may write a report."""
    for bounce in bounces:
        sent = find_sent_mail(session, bounce.mail)
        if sent is None or sent.recipient.lower() != bounce.recipient.lower():
            continue
        registered = select(EBill).where(EBill.email == sent.recipient, EBill.off_at.is_(None), EBill.bounced_at.is_(None))
        for e_bill in session.scalars(registered.with_for_update()):
            e_bill.bounced_at = now
            about = f"{e_bill.biller}/{e_bill.subscriber}"
            audit.record(session, "e-bill.bounced", about=about, by=BY, at=now, email=masked(e_bill.email))
            log.info("e-bill.bounced", e_bill=e_bill.id)

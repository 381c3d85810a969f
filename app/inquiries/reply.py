"""A reply that is ready: written into the outbox in the transaction that ends its inquiry."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.billers.hand_out_bill import HandOut, copy_for_mail
from app.billers.model import ASKED_BY_MAIL
from app.inquiries.model import Inquiry
from app.notifications.write_message import write_mail, write_sms


@dataclass(frozen=True)
class Reply:
    """
    :ivar subject: of a mail
    :ivar bills: the first goes with the text, each further one in a mail of its own
    """

    outcome: str
    text: str
    subject: str = ""
    bills: tuple[HandOut, ...] = field(default=())

    def write(self, session: Session, inquiry: Inquiry, *, now: datetime) -> None:
        if inquiry.channel == "sms":
            write_sms(session, key=key_of(inquiry), to=inquiry.sender, body=self.text, now=now)
            return
        for place, bill in enumerate(self.bills or (None,)):
            name, pdf = copy_for_mail(session, bill, how=ASKED_BY_MAIL, to=inquiry.sender, now=now) if bill else ("", None)
            write_mail(
                session, key=key_of(inquiry) + (f":{place}" if place else ""), to=inquiry.sender, subject=self.subject, body=self.text,
                now=now, attachment_name=name, attachment=pdf, is_reply=True, answers=inquiry.answers, thread=inquiry.thread,
            )  # fmt: skip


def key_of(inquiry: Inquiry) -> str:
    return f"inquiry:{inquiry.id}"

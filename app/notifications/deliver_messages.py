"""Send what waits in the outbox: at once, then after 30 s, 2, 10, 30 min, then hourly for a day."""

import json
import smtplib
import ssl
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import EmailPolicy
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy import case, select, update

from app import clock, db
from app.config import Config
from app.notifications.model import Message
from app.outside import NoAnswer, NothingSent, Peer

log = structlog.get_logger()

PAUSES = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)] + [timedelta(hours=1)] * 24
AT_ONCE = 50

WITHOUT_SECRET = case((Message.secret_until.is_not(None), ""), else_=Message.body)
SENT = {"next_try_at": None, "given_up_at": None, "last_error": "", "body": WITHOUT_SECRET}


class WholeNames(EmailPolicy):
    """The standard library would encode a long Message-ID as if it were words, and nobody could find the conversation."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name in ("In-Reply-To", "References"):
            return f"{name}: {f'{self.linesep} '.join(str(value).split())}{self.linesep}".encode()
        return super().fold_binary(name, value)


class NotSent(Exception):
    """Why a gateway did not take the message; never its text or recipient."""


class Messenger:
    """The SMS gateway and the mail server of the configuration."""

    def __init__(self, config: Config) -> None:
        self.sms = Peer(config.sms_url, places=2)
        self.smtp, self.ourselves = urlsplit(config.smtp_url), config.mail_from
        self.ways: dict[str, Callable[[Message], None]] = {"sms": self.send_sms, "mail": self.send_mail}

    def send_sms(self, message: Message) -> None:
        """:raises NotSent: …; the gateway knows the key and takes a message once"""
        body = json.dumps({"to": message.recipient, "text": message.body}).encode()
        try:
            reply = self.sms.call(
                "POST", "/messages", body=body, headers={"Content-Type": "application/json", "Idempotency-Key": message.key}
            )
        except (NothingSent, NoAnswer) as error:
            raise NotSent("the SMS gateway does not answer") from error
        if reply.status not in (200, 201, 202):
            raise NotSent(f"the SMS gateway answered {reply.status}")

    def send_mail(self, message: Message) -> None:
        """:raises NotSent: …"""
        mail = EmailMessage(policy=WholeNames())
        mail["From"], mail["To"], mail["Subject"] = self.ourselves, message.recipient, message.subject
        mail["Message-ID"] = message_id(message)
        mail["Auto-Submitted"] = "auto-replied" if message.is_reply else "auto-generated"
        if message.answers:
            mail["In-Reply-To"], mail["References"] = message.answers, message.thread or message.answers
        mail.set_content(message.body)
        if message.attachment:
            mail.add_attachment(message.attachment, maintype="application", subtype="pdf", filename=message.attachment_name)
        connect = smtplib.SMTP_SSL if self.smtp.scheme == "smtps" else smtplib.SMTP
        try:
            with connect(str(self.smtp.hostname), self.smtp.port or 0, timeout=8) as server:
                if self.smtp.username:
                    if self.smtp.scheme == "smtp":
                        server.starttls(context=ssl.create_default_context())
                    server.login(unquote(self.smtp.username), unquote(self.smtp.password or ""))
                server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"the mail server did not take it: {type(error).__name__}") from error


def message_id(message: Message) -> str:
    """
    By which a mail that comes back is known again, see :func:`app.notifications.queries.find_sent_mail`. Nobody guesses it who did
    not get the mail.
    """
    return f"<{message.id}.{message.token.hex}@gise.example>"


def deliver_messages(messenger: Messenger, *, now: datetime, channel: str | None = None) -> int:
    """
    :param channel: only ``sms`` or only ``mail``: a slow mail server keeps no SMS waiting
    :returns: how many were sent; a gateway that is down keeps its messages waiting and hinders nothing else, nor does a message
        that cannot be sent
    """
    sent = 0
    give_up_late_secrets(now)
    for message in claim(now, channel):
        try:
            messenger.ways[message.channel](message)
        except NotSent as error:
            log.warning("message.not-sent", message=message.id, channel=message.channel, reason=str(error))
            note_failure(message, str(error), now=clock.now())
        except Exception as error:  # such as an address that no mail can be built for; its words would be the customer's
            where = traceback.extract_tb(error.__traceback__)[-1]
            reason, place = type(error).__name__, f"{where.name}:{where.lineno}"
            log.error("message.cannot-be-sent", message=message.id, channel=message.channel, reason=reason, place=place)  # noqa: TRY400
            note_failure(message, f"it cannot be sent: {reason}", now=clock.now())
        else:
            note_success(message, now=clock.now())
            sent += 1
    return sent


def give_up_late_secrets(now: datetime) -> None:
    """A code that is not valid any more helps nobody, and does not stay here."""
    late = update(Message).where(Message.next_try_at.is_not(None), Message.secret_until <= now)
    with db.transaction() as session:
        session.execute(late.values(body="", given_up_at=now, next_try_at=None, last_error="it came too late"))


def claim(now: datetime, channel: str | None = None) -> list[Message]:
    """Each with its next try already set: whoever dies while sending, somebody tries again."""
    with db.transaction() as session:
        waiting = select(Message).where(Message.next_try_at <= now, Message.channel == (channel or Message.channel))
        waiting = waiting.order_by(Message.next_try_at).limit(AT_ONCE).with_for_update(skip_locked=True)
        messages = list(session.execute(waiting).scalars())
        for message in messages:
            message.next_try_at = now + PAUSES[min(message.tries, len(PAUSES) - 1)]
            message.tries += 1
        return messages


def note_success(message: Message, *, now: datetime) -> None:
    with db.transaction() as session:
        session.execute(update(Message).where(Message.id == message.id).values(SENT | {"sent_at": now}))


def note_failure(message: Message, reason: str, *, now: datetime) -> None:
    values: dict[str, object] = {"last_error": reason}
    if message.tries >= len(PAUSES):
        values |= {"given_up_at": now, "next_try_at": None, "body": WITHOUT_SECRET}
    with db.transaction() as session:
        session.execute(update(Message).where(Message.id == message.id).values(values))

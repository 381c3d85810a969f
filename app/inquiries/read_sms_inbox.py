"""SMS that people write to a biller's short number: each is kept once, asked at its biller, and answered within seconds."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select

from app import clock, db
from app.billers.bill_words import language_of
from app.billers.gateways import Gateways
from app.billers.model import Biller
from app.billers.queries import all_billers
from app.config import Config
from app.inquiries.answer_inquiries import OutsideIsAway, answer_inquiries
from app.inquiries.answer_sms import how_to_write
from app.inquiries.keep_inquiry import is_new, is_too_often, keep_inquiry, new_inquiry
from app.inquiries.model import IGNORED, TOO_MANY, UNREADABLE, Inquiry
from app.inquiries.numbers import find_subscribers
from app.inquiries.periods import without_periods
from app.inquiries.reply import Reply
from app.languages import SOURCE
from app.outside import NoAnswer, NothingSent, Peer

log = structlog.get_logger()

CHANNEL = "sms"
PERSON = re.compile(r"\+?[0-9]{7,15}")  # neither a short number nor a name: who answers those writes to machines
MOST_AT_ONCE = 500
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Arrived:
    """An SMS as the gateway gives it; :ivar number: its running number there"""

    number: int
    sender: str
    recipient: str
    text: str


class SmsInbox:
    """The inbound side of the SMS gateway of the configuration."""

    def __init__(self, config: Config) -> None:
        self.peer = Peer(config.sms_url, places=2)

    def after(self, number: int) -> list[Arrived]:
        """
        What arrived after that one, the oldest first.

        :raises OutsideIsAway: if the gateway does not answer, or not as promised
        """
        try:
            with self.peer.place():
                reply = self.peer.call("GET", f"/inbox?after={number}")
            if reply.status != 200:
                raise OutsideIsAway(f"the SMS gateway answered {reply.status}")
            return sorted((arrived(item) for item in json.loads(reply.body)["items"]), key=lambda one: one.number)
        except (NothingSent, NoAnswer) as error:
            raise OutsideIsAway("the SMS gateway does not answer") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OutsideIsAway("the SMS gateway's answer cannot be read") from error


def arrived(item: Mapping[str, object]) -> Arrived:
    number, *words = item["id"], item["from"], item["to"], item["text"]
    if type(number) is not int or not all(isinstance(word, str) for word in words):
        raise TypeError(number)
    sender, recipient, text = (str(word).replace("\0", " ") for word in words)
    return Arrived(number, re.sub(r"[ ()-]", "", sender)[:40], recipient.strip().removeprefix("+")[:40], text[:LONGEST_TEXT])


def read_sms_inbox(inbox: SmsInbox, gateways: Gateways, *, now: datetime) -> None:
    """
    A job.

    :raises OutsideIsAway: if the gateway cannot be read; what waits is answered first
    """
    del now  # what comes in while we answer is later
    answer_inquiries(gateways, CHANNEL, lambda: take_in(inbox))


def take_in(inbox: SmsInbox) -> None:
    billers = {biller.sms_code: biller for biller in all_billers() if biller.sms_code}
    for sms in inbox.after(newest())[:MOST_AT_ONCE]:
        keep(sms, billers.get(sms.recipient), now=clock.now())


def newest() -> int:
    with db.reading() as session:
        return session.scalar(select(func.max(Inquiry.position)).where(Inquiry.channel == CHANNEL)) or 0


def keep(sms: Arrived, biller: Biller | None, *, now: datetime) -> None:
    with db.transaction() as session:
        if not is_new(session, CHANNEL, str(sms.number)):
            return
        inquiry = understood(sms, biller, now=now)
        keep_inquiry(session, inquiry)
        if inquiry.outcome == UNREADABLE and biller:
            Reply(UNREADABLE, how_to_write(biller)).write(session, inquiry, now=now)
    log.info("inquiry.kept", inquiry=inquiry.id, channel=CHANNEL, biller=inquiry.biller, outcome=inquiry.outcome)


def understood(sms: Arrived, biller: Biller | None, *, now: datetime) -> Inquiry:
    outcome, subscriber = None, None
    if biller is None or not PERSON.fullmatch(sms.sender):
        outcome = IGNORED
    elif is_too_often(CHANNEL, sms.sender, now=now):
        outcome = TOO_MANY
    else:
        candidates = find_subscribers(without_periods(sms.text), [biller])
        subscriber = candidates[0].subscriber if len(candidates) == 1 else None
        outcome = None if subscriber else UNREADABLE
    return new_inquiry(
        CHANNEL, str(sms.number), sender=sms.sender, language=language_of(biller) if biller else SOURCE, now=now, outcome=outcome,
        position=sms.number, recipient=sms.recipient, biller=biller.code if biller else None, subscriber=subscriber,
    )  # fmt: skip

"""
The one mailbox: each mail is kept once, by the room it is for. Mails for a bill are ours, and are answered; what comes back
undelivered marks its address. Rooms above are asked first, see :class:`Room`.
"""

import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog
from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessage
from imap_tools.errors import ImapToolsError

from app import clock, db, throttle
from app.billers.gateways import Gateways
from app.billers.queries import all_billers
from app.config import Config
from app.errors import TooMany, TryAgain
from app.inquiries.answer_inquiries import OutsideIsAway, answer_inquiries
from app.inquiries.answer_mail import Gap, ask_for_missing, example_for
from app.inquiries.keep_inquiry import is_new, is_too_often, keep_inquiry, new_inquiry
from app.inquiries.model import BOUNCE, IGNORED, INCOMPLETE, TOO_MANY, Inquiry
from app.inquiries.note_bounce import Bounce, note_bounces, read_bounces
from app.inquiries.open_mail import Letter, open_mail
from app.inquiries.understand import Wish, understand

log = structlog.get_logger()

CHANNEL = "mail"
SEEN = "\\Seen"
LARGEST = 20 * 1024 * 1024  # bytes; of a larger one only the head is fetched
MOST_AT_ONCE = 50
LONGEST_HEAD, MOST_LINES, MOST_BOUNDARIES = 64 * 1024, 60_000, 200  # of a mail that is taken apart
MOST_OPENINGS, OPENINGS_WINDOW = 5, 86400  # of one mail, in a day
ANSWER_SECONDS = 8
A_LINE_OF_A_FILE = re.compile(rb"^[A-Za-z0-9+/=]{60,76}\r?$", re.MULTILINE)
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Place:
    """:ivar name: of a mail in its mailbox, for ever: UIDVALIDITY and UID"""

    uid: str
    name: str


@dataclass(frozen=True)
class Arrival:
    """
    A mail that was taken out of the box and is nobody's yet.

    :ivar at: when it arrived in our mailbox, as its server says
    :ivar asks_for_a_bill: a number and a month stand in it: what a bill needs
    """

    letter: Letter
    at: datetime
    asks_for_a_bill: bool


class Room(Protocol):
    """
    Where a mail is kept that is not for a bill, such as signed papers. It keeps it, opens its own transactions, and is asked again about
    the same mail by whoever dies in between.

    :returns: whether the mail is kept there
    :raises TryAgain: if it cannot be taken now; it stays in the box
    """

    def __call__(self, arrival: Arrival, *, now: datetime) -> bool: ...


class MadeToKeepUsBusy(Exception):
    """No person's program writes such a mail; taking it apart would take minutes."""


class BoundedMail(MailMessage):
    """Looked over before Python's parser, which is quadratic in places, takes it apart."""

    def __init__(self, fetch_data: list[object]) -> None:
        """:raises MadeToKeepUsBusy: …"""
        for raw in (part[1] for part in fetch_data if isinstance(part, tuple)):
            head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
            lines = raw.count(b"\n") - sum(1 for _ in A_LINE_OF_A_FILE.finditer(raw))
            if len(head) > LONGEST_HEAD or lines > MOST_LINES or raw.count(b"\n--") > MOST_BOUNDARIES:
                raise MadeToKeepUsBusy
        super().__init__(fetch_data)


class Mailbox:
    """The mailbox of the configuration: over TLS unless it is on this very machine."""

    def __init__(self, config: Config) -> None:
        self.url, self.ourselves = urlsplit(config.imap_url), config.mail_from

    @contextmanager
    def open(self) -> Iterator[BaseMailBox]:
        """:raises OutsideIsAway: if the server does not answer as it should"""
        try:
            with self.connect().login(unquote(self.url.username or "gise"), unquote(self.url.password or "")) as box:
                box.email_message_class = BoundedMail
                yield box
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
            raise OutsideIsAway(f"the mailbox cannot be read: {type(error).__name__}") from error

    def connect(self) -> BaseMailBox:
        host = str(self.url.hostname)
        if self.url.scheme == "imaps":
            return MailBox(host, self.url.port or 993, timeout=ANSWER_SECONDS)
        if host in THIS_MACHINE:
            return MailBoxUnencrypted(host, self.url.port or 143, timeout=ANSWER_SECONDS)
        return MailBoxStartTls(host, self.url.port or 143, timeout=ANSWER_SECONDS)


def read_mailbox(mailbox: Mailbox, gateways: Gateways, *, rooms: Sequence[Room] = (), now: datetime) -> None:
    """
    A job.

    :param rooms: are asked in their order whether a mail is theirs; the rest asks for a bill
    :raises OutsideIsAway: if the mailbox cannot be read; what waits is answered first
    """
    del now  # what comes in while we answer is later
    answer_inquiries(gateways, CHANNEL, lambda: take_in(mailbox, rooms))


def take_in(mailbox: Mailbox, rooms: Sequence[Room] = ()) -> None:
    """A mail is marked as seen when it is kept: whoever dies in between finds it again and knows it."""
    with mailbox.open() as box:
        validity = box.folder.status(options=["UIDVALIDITY"])["UIDVALIDITY"]
        for uid in box.uids(AND(seen=False))[:MOST_AT_ONCE]:
            try:
                keep(box, Place(uid, f"{validity}:{uid}"), rooms, ourselves=mailbox.ourselves, now=clock.now())
            except TryAgain:
                log.info("mail.left-for-later", place=uid)
            else:
                box.flag([uid], SEEN, True)


def keep(box: BaseMailBox, place: Place, rooms: Sequence[Room], *, ourselves: str, now: datetime) -> None:
    letter, bounces = unreadable(place)
    size, arrived_at = measure(box, place.uid, now=now)
    if not is_deadly(place, now=now):
        too_long = size > LARGEST
        try:
            mails = list(box.fetch(AND(uid=place.uid), mark_seen=False, headers_only=too_long))
        except MadeToKeepUsBusy:
            log.warning("mail.made-to-keep-us-busy", place=place.name)
        else:
            if not mails:
                return  # somebody else took it out of the box
            letter, bounces = opened(mails[0], place, too_long=too_long, ourselves=ourselves)
    wish = understand(letter.subject, letter.body, all_billers())
    arrival = Arrival(letter, arrived_at, asks_for_a_bill=not wish.missing)
    if not any(room(arrival, now=now) for room in rooms):
        keep_as_inquiry(letter, wish, bounces, now=now)


def keep_as_inquiry(letter: Letter, wish: Wish, bounces: list[Bounce], *, now: datetime) -> None:
    with db.transaction() as session:
        if not is_new(session, CHANNEL, letter.source):
            return
        inquiry = understood(letter, wish, now=now)
        keep_inquiry(session, inquiry)
        if inquiry.outcome == INCOMPLETE:
            ask_for_missing(inquiry, gap_of(wish), now=now).write(session, inquiry, now=now)
        note_bounces(session, bounces if inquiry.outcome == BOUNCE else [], now=now)
    log.info("inquiry.kept", inquiry=inquiry.id, channel=CHANNEL, biller=inquiry.biller, outcome=inquiry.outcome, why=letter.machine)


def is_deadly(place: Place, *, now: datetime) -> bool:
    """Counted before it is opened: a mail in which the process dies each time is put aside unopened in the end."""
    try:
        throttle.hit(f"mail-opened:{place.name}", most=MOST_OPENINGS, seconds=OPENINGS_WINDOW, now=now)
    except TooMany:
        log.warning("mail.put-aside-unopened", place=place.name)
        return True
    return False


def opened(mail: MailMessage, place: Place, *, too_long: bool, ourselves: str) -> tuple[Letter, list[Bounce]]:
    """A mail is what a stranger makes it: one that nobody can take apart is put aside, and the next does not wait behind it."""
    try:
        letter = open_mail(mail, place=place.name, too_long=too_long, ourselves=ourselves)
        return letter, read_bounces(mail) if letter.report else []
    except Exception as error:
        log.warning("mail.cannot-be-opened", place=place.name, error=type(error).__name__)
        return unreadable(place)


def unreadable(place: Place) -> tuple[Letter, list[Bounce]]:
    return Letter(place.name, "", "", "", "", "", "", machine="unreadable", report=False, too_long=False), []


def measure(box: BaseMailBox, uid: str, *, now: datetime) -> tuple[int, datetime]:
    """:returns: bytes, and when it arrived; a server that does not say when has it from now on"""
    _, answer = box.client.uid("fetch", uid, "(RFC822.SIZE INTERNALDATE)")
    said = b" ".join(part if isinstance(part, bytes) else b" ".join(part) for part in answer if part)
    size, at = re.search(rb"RFC822\.SIZE (\d+)", said), moment_in(said)
    return int(size[1]) if size else 0, at or now


def moment_in(said: bytes) -> datetime | None:
    found = re.search(rb'INTERNALDATE "([^"]{10,40})"', said)
    try:
        return datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z") if found else None
    except ValueError:
        return None


def understood(letter: Letter, wish: Wish, *, now: datetime) -> Inquiry:
    """What is kept of it."""
    common = {"sender": letter.sender, "recipient": letter.recipient, "now": now}
    outcome = IGNORED if letter.machine and not letter.report else BOUNCE if letter.report else None
    if outcome != IGNORED and is_too_often(CHANNEL, letter.sender, now=now):
        outcome = TOO_MANY
    if outcome:
        return new_inquiry(CHANNEL, letter.source, language="en", outcome=outcome, **common)  # type: ignore[arg-type]
    return new_inquiry(
        CHANNEL, letter.source, **common, language=wish.language, outcome=INCOMPLETE if wish.missing else None,  # type: ignore[arg-type]
        biller=wish.biller.code if wish.biller else None, subscriber=wish.subscriber, period=wish.period, by_paper=wish.by_paper,
        too_long=letter.too_long, subject=letter.subject, answers=letter.message_id, thread=letter.thread,
    )  # fmt: skip


def gap_of(wish: Wish) -> Gap:
    example = wish.subscriber or (wish.biller.subscriber_example if wish.biller else example_for(all_billers(), wish.language))
    return Gap(wish.missing, example, wish.biller)

"""A mail with papers, or about a request: kept once, its papers filed as far as that is certain, and answered (product.md §7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, db, throttle
from app.documents.keep_scan import keep_scan
from app.errors import TooMany
from app.inquiries.open_mail import Letter
from app.inquiries.read_mailbox import Arrival
from app.inquiries.tongue import guess_language
from app.intake.answer_mail import answer_mail
from app.intake.file_papers import SCAN_KIND, end, file_by_itself
from app.intake.find_request import Request, Sender, find_requests, find_sender, references_in_text
from app.intake.model import MAIL, Doubt, Intake, IntakePaper, Outcome
from app.intake.open_papers import Opened, open_papers
from app.languages import supported
from app.markets import INSTITUTION
from app.notifications.addresses import mailbox_of, masked
from app.text import one_line

log = structlog.get_logger()

BY = "job:read-mailbox"
LONGEST_LINE, MOST_LINES = 2000, 500
MOST_PER_SENDER, WINDOW = 60, 3600  # an hour; opening papers costs more than reading a line
MOST_OF_STRANGERS = 120  # an hour, of all of them together: a sender costs nothing to make up, and shops wait behind


@dataclass(frozen=True)
class Look:
    """
    What a mail is about, as far as it tells.

    :ivar requests: those that there are, by its words and the codes on its papers; the sender's own alone, if one of them is
    """

    sender: Sender
    requests: Sequence[Request]
    papers: Sequence[Opened]

    @property
    def request(self) -> Request | None:
        return self.requests[0] if len(self.requests) == 1 else None


@dataclass(frozen=True, repr=False)
class PaperDesk:
    """
    The room of the mailbox for papers and requests.

    :ivar keys: ``config.scan_keys``; :ivar override: ``config.cut_off``
    """

    keys: Sequence[bytes]
    override: time | None

    def __call__(self, arrival: Arrival, *, now: datetime) -> bool:
        """See :class:`app.inquiries.read_mailbox.Room`."""
        letter = arrival.letter
        with db.reading() as session:
            if is_known(session, letter.source):
                return True
            sender = find_sender(session, "" if letter.forged else letter.sender)
        named = references_in_text(letter.subject, letter.body)
        if not may_be_ours(arrival, sender, named):
            return False
        if is_too_often(letter, sender, now=now):
            self.put_aside(arrival, sender, now=now)
            return True
        look = look_at(letter, sender, named, now=now)
        if arrival.asks_for_a_bill and not look.requests and not sender.shops:
            return False  # somebody wants a bill, and sends the last one along
        with db.transaction() as session:
            self.take(session, arrival, look, now=now)
        return True

    def put_aside(self, arrival: Arrival, sender: Sender, *, now: datetime) -> None:
        with db.transaction() as session:
            intake = keep_intake(session, arrival, sender, now=now)
            if intake:
                end(session, intake, Outcome.TOO_MANY, by=BY, now=now)

    def take(self, session: Session, arrival: Arrival, look: Look, *, now: datetime) -> None:
        """One transaction: kept, filed and answered, or nothing of it."""
        intake = keep_intake(session, arrival, look.sender, now=now)
        if intake is None:
            return  # by another worker, meanwhile
        for place, paper in enumerate(look.papers, start=1):
            self.keep_paper(session, intake, place, paper, now=now)
        intake.reference = look.request.reference if look.request else ""
        doubt = doubt_about(arrival.letter, look)
        if look.request and doubt is None:
            file_by_itself(session, intake, look.request, by=BY, now=now)
        else:
            intake.doubt = doubt
        session.flush()
        if intake.may_answer:
            answer_mail(session, intake, override=self.override, now=now)
        log.info("intake.kept", intake=intake.id, papers=len(look.papers), doubt=intake.doubt, outcome=intake.outcome)

    def keep_paper(self, session: Session, intake: Intake, place: int, paper: Opened, *, now: datetime) -> None:
        about = f"intake:{intake.id}"
        scan = keep_scan(session, paper.scan, kind=SCAN_KIND, about=about, keys=self.keys, by=BY, now=now) if paper.scan else None
        session.add(IntakePaper(intake=intake.id, place=place, scan=scan.name if scan else None, codes=paper.codes, problem=paper.problem))
        session.flush()


def is_known(session: Session, source: str) -> bool:
    return session.scalars(select(Intake.id).filter_by(source=source)).first() is not None


def may_be_ours(arrival: Arrival, sender: Sender, named: Sequence[str]) -> bool:
    """Before anything of it is opened. Reports and machines are the inquiries' business, unless a machine sends a paper, as scanners do."""
    letter = arrival.letter
    if letter.report:
        return False
    has_papers = bool(letter.attachments) or (letter.too_long and letter.has_parts)
    if letter.machine and letter.machine != "unreadable":
        return has_papers and letter.machine != "ourselves"
    if letter.machine == "unreadable" or named:
        return True
    return (has_papers or bool(sender.shops)) and not (arrival.asks_for_a_bill and not letter.attachments)


def is_too_often(letter: Letter, sender: Sender, *, now: datetime) -> bool:
    """With papers or without: each is answered, and a false sender would be whom we write to."""
    try:
        throttle.hit(f"intake:{mailbox_of(letter.sender)}", most=MOST_PER_SENDER, seconds=WINDOW, now=now)
        if not sender.shops:
            throttle.hit("intake-of-strangers", most=MOST_OF_STRANGERS, seconds=WINDOW, now=now)
    except TooMany:
        log.warning("intake.too-many")
        return True
    return False


def look_at(letter: Letter, sender: Sender, named: Sequence[str], *, now: datetime) -> Look:
    """The papers are made anew once more, when their codes tell what they are for: that is drawn into them."""
    with db.reading() as session:
        told = Look(sender, requests_of(session, sender, named), ())
    papers = open_papers(letter.attachments, told.request, now=now)
    with db.reading() as session:
        codes = [code for paper in papers for code in paper.codes]
        look = Look(sender, requests_of(session, sender, [*named, *codes]), papers)
    if papers and look.request != told.request:
        return Look(sender, look.requests, open_papers(letter.attachments, look.request, now=now))
    return look


def requests_of(session: Session, sender: Sender, references: Sequence[str]) -> Sequence[Request]:
    """Whoever names another shop's request beside an own one does not learn from what becomes of the mail whether there is such a one."""
    found = find_requests(session, references)
    return [request for request in found if sender.may_bring(request)] or found


def keep_intake(session: Session, arrival: Arrival, sender: Sender, *, now: datetime) -> Intake | None:
    """``None`` if it is here already; whoever reads it at the same moment waits here."""
    letter = arrival.letter
    db.queue_for(session, f"intake:{letter.source}")
    if is_known(session, letter.source):
        return None
    language = sender.language or guess_language(f"{letter.subject}\n{letter.body}") or INSTITUTION.languages[0]
    intake = Intake(
        channel=MAIL,
        source=letter.source,
        sender=letter.sender,
        subject=letter.subject,
        body=lines_of(letter.body),
        answers=letter.message_id,
        thread=letter.thread,
        language=supported(language),
        may_answer=not letter.machine and bool(letter.sender),
        arrived_at=arrival.at,
        kept_at=now,
        agent=sender.shops[0] if len(sender.shops) == 1 else None,
        doubt=Doubt.NO_REFERENCE,
    )
    session.add(intake)
    session.flush()
    audit.record(session, "intake.kept", about=f"intake:{intake.id}", by=BY, at=now, sender=masked(letter.sender), agent=intake.agent)
    return intake


def lines_of(body: str) -> str:
    """As plain text that can be kept and shown: without control characters."""
    return "\n".join(one_line(line, longest=LONGEST_LINE) for line in body.strip().splitlines()[:MOST_LINES])


def doubt_about(letter: Letter, look: Look) -> Doubt | None:
    """``None`` when it may be filed: one request, and from whom it may come. A reference alone is no secret."""
    if letter.machine == "unreadable":
        return Doubt.UNREADABLE
    if letter.too_long:
        return Doubt.TOO_LARGE
    if len(look.requests) > 1:
        return Doubt.SEVERAL
    if look.request is None:
        return Doubt.REGISTERED if look.sender.shops else Doubt.NO_REFERENCE
    return None if look.sender.may_bring(look.request) else Doubt.STRANGER

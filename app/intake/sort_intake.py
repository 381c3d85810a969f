"""What an operator does with what could not find its place by itself. Each act is written down with its person."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.agents.queries import find_agent
from app.changes.catalogue import find_kind
from app.changes.draft import open_draft
from app.changes.kind import Subject
from app.changes.model import Change
from app.documents.keep_scan import OpenScan, read_scan
from app.errors import N_, Invalid, NotAllowed, NotFound
from app.intake.file_papers import end, file_by_itself, file_paper, lock, papers_of, settle
from app.intake.find_request import Request, find_request, find_sender
from app.intake.model import MAIL, Intake, IntakePaper, Outcome
from app.markets import MARKETS
from app.notifications.write_message import write_mail
from app.people.permissions import ASK_CANCELLATION, ASK_CHANGES
from app.people.second_person import must_have_the_right
from app.text import one_line

LONGEST_ANSWER = 4000
NO_REQUEST = N_("There is no request or payment with this reference.")


def confirm_request(session: Session, number: int, *, by: str, now: datetime) -> Intake:
    """
    It is theirs, although they are not known: filed as far as that is certain.

    :raises Ended: … :raises Invalid: if no one request was found
    """
    intake = lock(session, number)
    request = must_find(session, intake.reference)
    may_file(session, request, by)
    file_by_itself(session, intake, request, by=by, now=now)
    audit.record(session, "intake.confirmed", about=f"intake:{number}", by=by, at=now, reference=request.reference)
    return intake


def attach_paper(
    session: Session, number: int, place: int, *, reference: str, which: str, agent: str | None, by: str, now: datetime
) -> Intake:
    """
    One paper to its request.

    :param which: the paper's name in its kind, such as ``form``
    :param agent: whose requests the asker may see; ``None`` for the institution
    :raises Ended: … :raises FiledAlready: … :raises PaperThere: … :raises NotOpen: …
    :raises Invalid: if there is no such request, or it has no such paper
    :raises NotFound: if there is no such paper, or the request is another shop's
    """
    intake = lock_own(session, number, agent=agent)
    paper = session.get(IntakePaper, (number, place))
    if paper is None or paper.scan is None:
        raise NotFound
    request = must_find(session, reference)
    if agent is not None and not request.is_of(agent):
        raise Invalid(reference=NO_REQUEST)
    may_file(session, request, by)
    file_paper(session, intake, paper, request, which, by=by, now=now)
    settle(session, intake, request, by=by, now=now)
    return intake


def lock_own(session: Session, number: int, *, agent: str | None) -> Intake:
    """:raises NotFound: of a shop's person, for what the shop did not bring"""
    intake = session.get(Intake, number)  # before the lock, which tells who ended it
    if intake is None or (agent is not None and (intake.agent != agent or intake.channel == MAIL)):
        raise NotFound
    return lock(session, number)


def must_find(session: Session, reference: str) -> Request:
    request = find_request(session, reference) if reference else None
    if request is None:
        raise Invalid(reference=NO_REQUEST)
    return request


def may_file(session: Session, request: Request, by: str) -> None:
    """:raises NotAllowed: for who may not ask for such a thing"""
    must_have_the_right(session, by, ASK_CANCELLATION if request.is_payment else ASK_CHANGES)


def open_draft_of(session: Session, number: int, *, kind: str, agent: str, by: str, now: datetime) -> Change:
    """
    A draft of what they ask for; its papers wait here until each is named, and without any this is ended.

    :param agent: number of the shop
    :raises NotFound: if there is no such shop
    :raises NotAllowed: if the asker's role does not ask for this kind
    :raises Invalid: if it came from another shop's registered address or desk (C1), or shops do not ask for this
    """
    intake, wanted = lock(session, number), find_kind(kind)
    person = must_have_the_right(session, by, ASK_CHANGES)
    if person.role not in wanted.asked_by:
        raise NotAllowed
    if not wanted.is_for_shops:
        raise Invalid(kind=N_("Shops do not ask for this kind of change."))
    shop = find_agent(session, agent.strip())
    whose = (intake.agent,) if intake.agent else find_sender(session, intake.sender).shops
    if whose and shop.number not in whose:
        raise Invalid(agent=N_("It came from another shop, and its papers are that shop's. Answer the sender, and let the right shop ask."))
    source = "mail" if intake.channel == MAIL else "paper"
    change = open_draft(session, kind, subject=Subject(MARKETS[shop.market], shop), by=by, now=now, source=source)
    request = Request(change.reference, MARKETS[shop.market], shop.number, is_payment=False)
    intake.agent = intake.agent or shop.number
    file_by_itself(session, intake, request, by=by, now=now)
    if intake.outcome is None and not any(paper.scan for paper in papers_of(session, intake)):
        end(session, intake, Outcome.DRAFT, by=by, now=now)
    audit.record(session, "intake.drafted", about=f"intake:{number}", by=by, at=now, reference=change.reference, kind=kind)
    return change


def answer_and_close(session: Session, number: int, *, text: str, by: str, now: datetime) -> Intake:
    """
    In the operator's own words, to who wrote; of what was brought over a desk it only ends.

    :raises Invalid: without words, if there is somebody to answer
    """
    intake, body = lock(session, number), text.strip()
    if intake.may_answer:
        if not body or len(body) > LONGEST_ANSWER:
            raise Invalid(text=N_("Write an answer, of up to 4000 letters."))
        subject = one_line(intake.subject, longest=80)
        write_mail(
            session,
            key=f"intake:{number}:answer",
            to=intake.sender,
            subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
            body=body + "\n",
            now=now,
            is_reply=True,
            answers=intake.answers,
            thread=intake.thread,
        )
    end(session, intake, Outcome.ANSWERED, by=by, now=now)
    return intake


def put_away(session: Session, number: int, *, by: str, now: datetime) -> Intake:
    """Not ours: advertising, or meant for somebody else."""
    intake = lock(session, number)
    end(session, intake, Outcome.NOT_OURS, by=by, now=now)
    return intake


def see_paper(session: Session, number: int, place: int, *, reason: str, keys: Sequence[bytes], by: str, now: datetime) -> OpenScan:
    """
    As long as it waits for somebody who sorts it; afterwards it is for who decides about its request (C-08).

    :raises Ended: … :raises NotFound: …
    :raises Invalid: without a reason
    """
    intake = lock(session, number)
    paper = session.get(IntakePaper, (intake.id, place))
    if paper is None or paper.scan is None or (paper.filed_to and not paper.filed_to.startswith("P")):
        raise NotFound
    return read_scan(session, paper.scan, reason=reason, keys=keys, by=by, now=now)

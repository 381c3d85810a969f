"""What the sender of a mail reads, once: where each paper went, what is still missing, or that a person looks at it."""

from collections.abc import Iterator
from datetime import datetime, time

from sqlalchemy.orm import Session

from app.billers.model import Biller
from app.cancellations.cut_off import limits_of
from app.changes.catalogue import KINDS
from app.changes.kind import IDENTITY_CARD, SIGNED_FORM
from app.changes.model import Change, State
from app.changes.papers import missing_papers
from app.changes.queries import find_change
from app.collections.queries import find_payment
from app.errors import N_
from app.intake.file_papers import is_payment, papers_of
from app.intake.model import Doubt, Intake, IntakePaper
from app.languages import say
from app.markets import MARKETS
from app.notifications.write_message import write_mail
from app.text import without_links

LONGEST_SUBJECT = 80  # of a stranger's that we send back
GREETING = N_("Hello,")
CLOSING = N_("This mail was written automatically.")
SUBJECT = N_("Your papers")
A_PERSON = N_("We have your mail. A person looks at it and sees to it; its number with us is {number}.")
KEPT = N_("Attachments that we could open: {count}.")
FILED = N_("Filed to {reference}: {papers}.")
COMPLETE = N_("Nothing is missing any more. Another person decides it, and you are told.")
MISSING = N_("Still missing: {papers}.")
TO_COMPLETE = N_(
    "The cancellation of payment {payment} is NOT asked for yet. Complete it on the payment's page before {until}; it counts from then on."
)
TOO_LATE = N_(
    "The cancellation of payment {payment} could be asked for until {until} only. Print its dekont and send the customer to the biller."
)
TOO_LARGE = N_("Your mail was too large; only its subject was read. Please send the papers in smaller mails.")
PROBLEM = N_("Attachment {place}: {why}")


def answer_mail(session: Session, intake: Intake, *, override: time | None, now: datetime) -> None:
    """In the transaction that keeps it. Whoever is not known to belong to the request does not learn whether it exists."""
    language = intake.language
    text = [say(GREETING, language), *paragraphs(session, intake, override=override, now=now), say(CLOSING, language)]
    write_mail(
        session,
        key=f"intake:{intake.id}",
        to=intake.sender,
        subject=subject_of(intake),
        body="\n\n".join(text) + "\n",
        now=now,
        is_reply=True,
        answers=intake.answers,
        thread=intake.thread,
    )


def subject_of(intake: Intake) -> str:
    subject = without_links(intake.subject)[:LONGEST_SUBJECT].rstrip() or say(SUBJECT, intake.language)
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def paragraphs(session: Session, intake: Intake, *, override: time | None, now: datetime) -> Iterator[str]:
    papers, language = papers_of(session, intake), intake.language
    filed = [paper for paper in papers if paper.filed_to]
    if intake.doubt == Doubt.TOO_LARGE:
        yield say(TOO_LARGE, language)
    elif filed:
        yield say(FILED, language, reference=intake.reference, papers=names_of(session, filed, language))
        yield from how_it_stands(session, intake, override=override, now=now)
    if intake.outcome is None and intake.doubt != Doubt.CANCELLATION:
        yield say(A_PERSON, language, number=intake.id)
        if opened := sum(1 for paper in papers if paper.scan):
            yield say(KEPT, language, count=opened)
    for paper in papers:
        if paper.problem:
            yield say(PROBLEM, language, place=paper.place, why=say(paper.problem, language))


def names_of(session: Session, papers: list[IntakePaper], language: str) -> str:
    return ", ".join(label_of(session, paper, language) for paper in papers)


def label_of(session: Session, paper: IntakePaper, language: str) -> str:
    labels = {one.name: one.label for one in (SIGNED_FORM, IDENTITY_CARD)}
    if not is_payment(paper.filed_to):
        labels = {one.name: one.label for one in KINDS[find_change(session, paper.filed_to, agent=None).kind].papers}
    return say(labels[paper.filed_as], language)


def how_it_stands(session: Session, intake: Intake, *, override: time | None, now: datetime) -> Iterator[str]:
    language = intake.language
    if is_payment(intake.reference):
        payment = find_payment(session, intake.reference, agent=None)
        zone = MARKETS[session.get_one(Biller, payment.biller).market].zone
        limits = limits_of(session, payment, override=override)
        until = f"{limits.asked_until.astimezone(zone):%d.%m.%Y %H:%M}"
        yield say(TO_COMPLETE if limits.allow(now) else TOO_LATE, language, payment=payment.reference, until=until)
        return
    change: Change = find_change(session, intake.reference, agent=None)
    missing = missing_papers(session, change)
    if missing:
        yield say(MISSING, language, papers=", ".join(say(paper.label, language) for paper in missing))
    elif change.state != State.DRAFT:
        yield say(COMPLETE, language)

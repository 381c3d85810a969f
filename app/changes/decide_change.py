"""One person asks, another decides; where much hangs on it, two others (C-03, C18)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, db
from app.changes.apply_change import apply_if_due
from app.changes.catalogue import KINDS
from app.changes.model import TO_DECIDE, Approval, Change, State
from app.changes.papers import bringers, close_papers, missing_papers
from app.changes.queries import lock, name_of
from app.changes.references import read_reference
from app.changes.tell import tell_shop
from app.changes.versions import RecordChanged, mark, must_be_the_same, subject_of
from app.errors import N_, Invalid, NotAllowed, OwnRequest, Refusal
from app.people.permissions import DECIDE_CHANGES
from app.people.second_person import ProposalChanged, is_of_the_shop, is_the_asker, must_have_the_right, with_the_right
from app.remarks import Word
from app.text import one_line

LONGEST_REASON = 300


class Decided(Refusal):
    """For whoever comes second: one outcome, with a name and a time."""

    say = N_("{change} was {outcome} by {who} at {when}; that stands.")


class ApprovedByYou(Refusal):
    say = N_("You approved {change} at {when} already; another person has to approve it, too.")
    known_as = "decided"


class PapersMissing(Refusal):
    say = N_("{change} cannot be decided yet. Still missing: {papers}.")
    known_as = "incomplete"


# What somebody met who tried to decide and may not, or not any more: each try is written down.
ATTEMPTS = (OwnRequest, NotAllowed, ProposalChanged, RecordChanged, Decided, ApprovedByYou, PapersMissing)


def decide_change(
    reference: str, *, granted: bool, reason: str = "", seen: str | None = None, by: str, now: datetime, address: str = ""
) -> Change:
    """
    A journey of one transaction; a refused try is written down in another, which the refusal does not take along.

    :param reason: needed to deny; the shop reads it
    :param seen: :func:`app.changes.versions.mark` of what was on the screen; ``None`` from programs that showed nothing
    :returns: approved once, granted, applied, failed or denied
    :raises NotAllowed: for whoever has not the right at this moment
    :raises NotFound: …
    :raises Decided: if it is granted, denied, withdrawn or applied already
    :raises ApprovedByYou: …
    :raises PapersMissing: …
    :raises OwnRequest: for who asked, on whose behalf, whom it concerns, and everybody of that shop, in whatever login
    :raises ProposalChanged: if the screen showed another state of it
    :raises RecordChanged: if another value stands in the record by now; it can only be denied
    :raises Invalid: if it is denied without a reason
    """
    try:
        with db.transaction() as session:
            return decide(session, reference, granted=granted, reason=reason, seen=seen, by=by, now=now)
    except ATTEMPTS as refusal:
        note_attempt(reference, refusal, granted=granted, by=by, now=now, address=address)
        raise


def decide(session: Session, reference: str, *, granted: bool, reason: str = "", seen: str | None = None, by: str, now: datetime) -> Change:
    """What :func:`decide_change` does, in the caller's transaction."""
    must_have_the_right(session, by, DECIDE_CHANGES)
    reason = one_line(reason, longest=LONGEST_REASON)
    if not granted and not reason:
        raise Invalid(reason=N_("Say why it is denied; the shop reads it."))
    change = lock(session, reference, agent=None)
    must_be_open(session, change)
    if is_own(session, change, by, now=now):
        raise OwnRequest
    if seen is not None and seen != mark(change):
        raise ProposalChanged
    if granted:
        return approve(session, change, reason=reason, by=by, now=now)
    return deny(session, change, reason=reason, by=by, now=now)


def must_be_open(session: Session, change: Change) -> None:
    if change.state == State.INCOMPLETE:
        raise PapersMissing(
            change=change.reference, papers=tuple(Word(paper.name, paper.label) for paper in missing_papers(session, change))
        )
    if change.state == State.DRAFT:
        raise PapersMissing(change=change.reference, papers=(Word("request", N_("the request itself")),))
    if change.state not in TO_DECIDE:
        raise was_decided(session, change)


def was_decided(session: Session, change: Change) -> Decided:
    who, when, outcome = change.granted_by, change.granted_at, "granted"
    if change.withdrawn_at:
        who, when, outcome = change.withdrawn_by, change.withdrawn_at, "withdrawn"
    elif change.denied_at:
        who, when, outcome = change.denied_by, change.denied_at, "denied"
    return Decided(change=change.reference, outcome=outcome, who=name_of(session, who or ""), when=when, state=change.state)


def is_own(session: Session, change: Change, by: str, *, now: datetime) -> bool:
    """C18: everybody who stands on the asking side, in whatever login; so does who brought a paper that proves it."""
    asking = {change.asked_by, change.opened_by, change.on_behalf_of, change.concerns, *bringers(session, change)} - {"", None}
    if any(is_the_asker(session, str(one), by, now=now) for one in asking):
        return True
    return change.agent is not None and is_of_the_shop(session, change.agent, by)


def approve(session: Session, change: Change, *, reason: str, by: str, now: datetime) -> Change:
    """Rights count when it is decided: an approval whose giver has lost the right since is one less, and another person is needed (C2)."""
    if change.state == State.FAILED:  # decided again, from the beginning
        change.round, change.granted_at, change.granted_by, change.failed_at = change.round + 1, None, None, None
        session.flush()
        session.refresh(change)
    must_not_be_twice(session, change, by, now=now)
    must_be_the_same(session, change, subject_of(session, change))
    session.add(
        Approval(
            change=change.id,
            round=change.round,
            by=by,
            at=now,
            asked_by=change.asked_by,
            on_behalf_of=change.on_behalf_of,
            concerns=change.concerns,
        )
    )
    session.flush()
    session.refresh(change)  # the database has counted
    given = session.scalars(select(Approval.by).filter_by(change=change.id, round=change.round).order_by(Approval.at, Approval.by)).all()
    lost = [one for one in given if with_the_right(session, one, DECIDE_CHANGES) is None]
    is_enough = len(given) - len(lost) >= change.persons_needed
    event = "change.granted" if is_enough else "change.approved"
    counts_no_more = ", ".join(name_of(session, one) for one in lost)
    write_down(session, event, change, by=by, now=now, reason=reason, counts_no_more=counts_no_more)
    if is_enough:
        change.granted_at, change.granted_by = now, by
        session.flush()
        apply_if_due(session, change, by=by, now=now)
    return change


def must_not_be_twice(session: Session, change: Change, by: str, *, now: datetime) -> None:
    """The second approval is another person's, in whatever login."""
    if mine := session.get(Approval, (change.id, change.round, by)):
        raise ApprovedByYou(change=change.reference, when=mine.at)
    others = session.scalars(select(Approval.by).filter_by(change=change.id, round=change.round))
    if any(is_the_asker(session, other, by, now=now) for other in others):
        raise OwnRequest


def deny(session: Session, change: Change, *, reason: str, by: str, now: datetime) -> Change:
    change.denied_at, change.denied_by, change.denial_reason = now, by, reason
    session.flush()
    close_papers(session, change, now=now)
    write_down(session, "change.denied", change, by=by, now=now, reason=reason)
    tell_shop(session, change, now=now)
    return change


def write_down(session: Session, event: str, change: Change, *, by: str, now: datetime, reason: str, counts_no_more: str = "") -> None:
    """:param counts_no_more: who approved it before, and has lost the right since"""
    audit.record(
        session,
        event,
        about=change.reference,
        by=by,
        at=now,
        kind=change.kind,
        agent=change.agent,
        asked_by=name_of(session, change.asked_by or ""),
        decided_by=name_of(session, by),
        round=change.round,
        reason=reason or None,
        counts_no_more=counts_no_more or None,
    )


def note_attempt(reference: str, refusal: Refusal, *, granted: bool | None, by: str, now: datetime, address: str = "") -> None:
    """Who tried to decide what, and why not: with both names (C18)."""
    known = read_reference(reference)
    with db.transaction() as session:
        change = session.scalars(select(Change).filter_by(reference=known or "")).one_or_none()
        audit.record(
            session,
            "change.refused-attempt",
            about=change.reference if change else one_line(reference, longest=40),
            by=by,
            at=now,
            address=address,
            kind=KINDS[change.kind].name if change else None,
            asked_by=name_of(session, change.asked_by or "") if change else None,
            tried_by=name_of(session, by),
            granted=granted,
            refusal=refusal.name(),
        )

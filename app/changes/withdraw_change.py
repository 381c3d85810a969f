"""Whoever asked takes it back, as long as it is not done."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.changes.decide_change import was_decided
from app.changes.model import Change, State
from app.changes.papers import close_papers
from app.changes.queries import lock
from app.changes.tell import tell_shop
from app.errors import NotAllowed
from app.people.permissions import ASK_CHANGES
from app.people.second_person import must_have_the_right


def withdraw_change(session: Session, reference: str, *, by: str, now: datetime) -> Change:
    """
    A second press changes nothing. A shop's owner takes back whatever its shop asked for; the institution's people what they keyed
    in themselves, and drafts that nobody completed. What is granted for a later day is taken back like anything else, until its day.

    :raises NotAllowed: for others of the institution, and for who has no right to ask any more
    :raises NotFound: if there is none, or it is another shop's
    :raises Decided: with who and when
    """
    person = must_have_the_right(session, by, ASK_CHANGES)
    change = lock(session, reference, agent=person.agent)
    if person.agent is None and change.state != State.DRAFT and change.asked_by != by:
        raise NotAllowed
    if change.state == State.WITHDRAWN:
        return change
    if change.state in (State.APPLIED, State.DENIED):
        raise was_decided(session, change)
    change.withdrawn_at, change.withdrawn_by = now, by
    session.flush()
    close_papers(session, change, now=now)
    audit.record(
        session,
        "change.withdrawn",
        about=change.reference,
        by=by,
        at=now,
        kind=change.kind,
        agent=change.agent,
        granted_at=change.granted_at if change.was_taken_back else None,
    )
    if change.was_taken_back:
        tell_shop(session, change, now=now)  # it was told that it would happen
    return change

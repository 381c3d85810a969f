"""What was granted for a later day is called off by somebody who decides, before it happens (C-03)."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import db
from app.changes.decide_change import ATTEMPTS, LONGEST_REASON, is_own, note_attempt, was_decided, write_down
from app.changes.model import Change, State
from app.changes.papers import close_papers
from app.changes.queries import lock
from app.changes.tell import tell_shop
from app.changes.versions import mark
from app.errors import N_, Invalid, OwnRequest, Refusal
from app.people.permissions import DECIDE_CHANGES
from app.people.second_person import ProposalChanged, must_have_the_right
from app.text import one_line


class NotGranted(Refusal):
    say = N_("{change} is not granted, so there is nothing to revoke; it is {state}.")


def revoke_change(reference: str, *, reason: str, seen: str | None = None, by: str, now: datetime, address: str = "") -> Change:
    """
    A journey of one transaction, as :func:`app.changes.decide_change.decide_change`; a refused try is written down.

    :param reason: the shop reads it
    :param seen: :func:`app.changes.versions.mark` of what was on the screen
    :returns: denied, after all; one person is enough, for nothing happens by it
    :raises NotAllowed: … :raises NotFound: …
    :raises NotGranted: if nobody, or not everybody who is needed, has granted it yet
    :raises Decided: if it is denied, withdrawn or applied already
    :raises OwnRequest: for everybody on the asking side, who can withdraw it
    :raises ProposalChanged: …
    :raises Invalid: without a reason
    """
    try:
        with db.transaction() as session:
            return revoke(session, reference, reason=reason, seen=seen, by=by, now=now)
    except (*ATTEMPTS, NotGranted) as refusal:
        note_attempt(reference, refusal, granted=False, by=by, now=now, address=address)
        raise


def revoke(session: Session, reference: str, *, reason: str, seen: str | None = None, by: str, now: datetime) -> Change:
    """What :func:`revoke_change` does, in the caller's transaction."""
    must_have_the_right(session, by, DECIDE_CHANGES)
    reason = one_line(reason, longest=LONGEST_REASON)
    if not reason:
        raise Invalid(reason=N_("Say why it is revoked; the shop reads it."))
    change = lock(session, reference, agent=None)
    if change.state in (State.APPLIED, State.DENIED, State.WITHDRAWN):
        raise was_decided(session, change)
    if change.state != State.GRANTED:
        raise NotGranted(change=change.reference, state=change.state)
    if is_own(session, change, by, now=now):
        raise OwnRequest
    if seen is not None and seen != mark(change):
        raise ProposalChanged
    change.denied_at, change.denied_by, change.denial_reason = now, by, reason
    session.flush()
    close_papers(session, change, now=now)
    write_down(session, "change.revoked", change, by=by, now=now, reason=reason)
    tell_shop(session, change, now=now)
    return change

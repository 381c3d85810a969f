"""The shop takes its request back, as long as nobody has decided it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import audit
from app.cancellations.decide_cancellation import close, lock, was_decided
from app.cancellations.model import Cancellation, State
from app.errors import NotAllowed


def withdraw_cancellation(session: Session, number: int, *, agent: str | None, by: str, now: datetime) -> Cancellation:
    """
    A second press changes nothing. The institution's people take back only what they keyed in themselves; the rest they deny.

    :param agent: whose cancellations the asker may see; ``None`` for the institution
    :raises NotFound: if there is none, or it is another agent's
    :raises NotAllowed: for the institution's people, about somebody else's request
    :raises Decided: with who and when
    """
    cancellation = lock(session, number, agent=agent)
    if agent is None and cancellation.asked_by != by:
        raise NotAllowed
    if cancellation.state == State.WITHDRAWN:
        return cancellation
    if cancellation.state != State.ASKED:
        raise was_decided(session, cancellation)
    cancellation.withdrawn_at, cancellation.withdrawn_by = now, by
    session.flush()
    close(session, cancellation, now=now)
    audit.record(session, "cancellation.withdrawn", about=cancellation.payment, by=by, at=now, cancellation=number)
    return cancellation

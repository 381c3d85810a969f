"""A customer's form came by mail or over a desk: the shop, or an operator, adds what is missing and asks for the cancellation (C-02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session

from app import clock, db
from app.cancellations.model import Cancellation
from app.cancellations.request_cancellation import Wish, request_cancellation
from app.collections.queries import find_payment
from app.intake.file_papers import end, papers_for_payment, papers_of
from app.intake.model import Intake, Outcome


@dataclass(frozen=True)
class CameIn:
    """A paper that is there already. :ivar at: when it arrived; the request counts from when it is asked for (C-01)"""

    which: str
    at: datetime


def came_in(session: Session, payment: str) -> list[CameIn]:
    """What waits for somebody to ask for the cancellation of this payment."""
    papers = papers_for_payment(session, payment)
    return [CameIn(paper.filed_as, session.get_one(Intake, paper.intake).arrived_at) for paper in papers]


@dataclass(frozen=True, repr=False)
class Rest:
    """What is added to what came in. :ivar files: by ``form`` and ``identity``, those that are still missing"""

    payment: str
    agent: str | None
    by: str
    reason: str
    files: Mapping[str, bytes]
    dekont_at: str


def complete_cancellation(rest: Rest, *, keys: Sequence[bytes], override: time | None) -> Cancellation:
    """
    A journey. Raises what :func:`app.cancellations.request_cancellation.request_cancellation` does; what came in then waits on.

    :param keys: ``config.scan_keys``; :param override: ``config.cut_off``
    """
    with db.reading() as session:
        find_payment(session, rest.payment, agent=rest.agent)
        papers = papers_for_payment(session, rest.payment)
    wish = Wish(
        payment=rest.payment,
        agent=rest.agent,
        by=rest.by,
        reason=rest.reason,
        form=rest.files.get("form", b""),
        identity=rest.files.get("identity", b""),
        dekont_at=rest.dekont_at,
        kept={paper.filed_as: paper.scan for paper in papers if paper.scan},
    )
    cancellation = request_cancellation(wish, keys=keys, override=override)
    with db.transaction() as session:
        for number in sorted({paper.intake for paper in papers}):
            end_if_filed(session, number, by=rest.by, now=clock.now())
    return cancellation


def end_if_filed(session: Session, number: int, *, by: str, now: datetime) -> None:
    intake = session.get_one(Intake, number, with_for_update=True)
    if intake.outcome is None and all(paper.filed_to for paper in papers_of(session, intake) if paper.scan):
        end(session, intake, Outcome.FILED, by=by, now=now)

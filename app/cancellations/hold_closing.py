"""A shop is closed when nothing of it can be undone any more; ``create_app`` tells it to the termination."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cancellations.model import Cancellation, Case
from app.cancellations.queries import OPEN
from app.errors import N_, Refusal


class CancellationsOpen(Refusal):
    say = N_("Agent {agent} cannot be closed yet: cancellations {numbers} are not ended. They end first.")


def no_open_cancellations(session: Session, agent: str) -> None:
    """:raises CancellationsOpen: also for one whose end the biller contradicts and nobody has decided"""
    undecided = select(Case.cancellation).where(Case.decided_at.is_(None))
    question = select(Cancellation.id).filter_by(agent=agent).where(Cancellation.state.in_(OPEN) | Cancellation.id.in_(undecided))
    if numbers := session.scalars(question.order_by(Cancellation.id)).all():
        raise CancellationsOpen(agent=agent, numbers=", ".join(map(str, numbers)))

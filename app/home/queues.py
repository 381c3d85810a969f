"""Work queues: what waits for a person; the first page of staff counts it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.bank.desk_queries import proposals_queue
from app.bank.queries import unmatched_deposits
from app.bank.statement_queries import quarantine_queue
from app.cancellations.queries import to_decide
from app.errors import N_
from app.people.permissions import DECIDE_DEPOSITS, SEE_CANCELLATIONS, SEE_DEPOSITS, SEE_PRIVACY
from app.people.privacy_request import undecided_requests


@dataclass(frozen=True)
class Queue:
    """
    :ivar title: marked with ``N_``
    :ivar permission: who sees it
    :ivar count: how many wait and since when the oldest does
    :ivar endpoint: the page of the queue, with its ``arguments``
    """

    title: str
    permission: str
    count: Callable[[Session], tuple[int, datetime | None]]
    endpoint: str
    arguments: dict[str, Any] = field(default_factory=dict)


QUEUES = (
    Queue(N_("Cancellations to decide"), SEE_CANCELLATIONS, to_decide, "cancellation_queue.queue"),
    Queue(N_("Unmatched deposits"), SEE_DEPOSITS, unmatched_deposits, "deposits.deposits"),
    Queue(N_("Deposits for a second person"), DECIDE_DEPOSITS, proposals_queue, "deposits.deposits", {"state": "proposed"}),
    Queue(N_("Quarantined statements"), SEE_DEPOSITS, quarantine_queue, "statements.statements"),
    Queue(N_("Requests about personal data"), SEE_PRIVACY, undecided_requests, "privacy.requests"),
)

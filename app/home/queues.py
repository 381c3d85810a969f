"""Work queues: what waits for a person; the first page of staff counts it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.bank.desk_queries import proposals_queue
from app.bank.incoming.statement_queries import quarantine_queue
from app.bank.queries import unmatched_deposits
from app.cancellations.hours import open_proposals
from app.cancellations.queries import count_cases as cancellation_cases
from app.cancellations.queries import least_minutes_left, to_decide
from app.changes.queries import to_complete as changes_to_complete
from app.changes.queries import to_decide as changes_to_decide
from app.collections.queries import count_cases as payment_cases
from app.collections.queries import stuck_payments
from app.collections.settle_pending import ALARM_AFTER
from app.errors import N_
from app.intake.queries import to_sort
from app.notifications.queries import given_up
from app.people.permissions import (
    ASK_CHANGES,
    DECIDE_DEPOSITS,
    SEE_CANCELLATIONS,
    SEE_CHANGES,
    SEE_DEPOSITS,
    SEE_EXCEPTIONS,
    SEE_PRIVACY,
    SET_HOURS,
    SORT_INTAKE,
)
from app.people.privacy_request import undecided_requests


@dataclass(frozen=True)
class Queue:
    """
    :ivar title: marked with ``N_``
    :ivar permission: who sees it
    :ivar count: how many wait and since when the oldest does
    :ivar endpoint: the page of the queue, with its ``arguments``
    :ivar minutes_left: of the most urgent one, where there is a limit; ``None`` when none waits
    """

    title: str
    permission: str
    count: Callable[[Session], tuple[int, datetime | None]]
    endpoint: str
    arguments: dict[str, Any] = field(default_factory=dict)
    minutes_left: Callable[[Session, datetime], int | None] | None = None


def stuck(session: Session) -> tuple[int, datetime | None]:
    return stuck_payments(session, asked_before=clock.now() - ALARM_AFTER)


def hours_of_today(session: Session) -> tuple[int, datetime | None]:
    found = open_proposals(session, now=clock.now())
    return len(found), min((proposal.proposed_at for proposal in found), default=None)


def cases(session: Session) -> tuple[int, datetime | None]:
    """Of payments and of cancellations."""
    found = [payment_cases(session), cancellation_cases(session)]
    return sum(count for count, _since in found), min((since for _count, since in found if since), default=None)


QUEUES = (
    Queue(N_("Cancellations to decide"), SEE_CANCELLATIONS, to_decide, "cancellation_queue.queue", minutes_left=least_minutes_left),
    Queue(N_("Changes to decide"), SEE_CHANGES, changes_to_decide, "changes.queue"),
    Queue(N_("Mail and papers to sort"), SORT_INTAKE, to_sort, "intake.queue"),
    Queue(N_("Changes to complete"), ASK_CHANGES, changes_to_complete, "changes.queue"),
    Queue(N_("Unmatched deposits"), SEE_DEPOSITS, unmatched_deposits, "deposits.deposits"),
    Queue(N_("Deposits for a second person"), DECIDE_DEPOSITS, proposals_queue, "deposits.deposits", {"state": "proposed"}),
    Queue(N_("Quarantined statements"), SEE_DEPOSITS, quarantine_queue, "statements.statements"),
    Queue(N_("Payments without outcome for half an hour"), SEE_EXCEPTIONS, stuck, "exceptions.exceptions"),
    Queue(N_("Hours of today for a second approver"), SET_HOURS, hours_of_today, "cut_offs.cut_offs"),
    Queue(N_("Cases for two persons"), SEE_EXCEPTIONS, cases, "exceptions.exceptions"),
    Queue(N_("Messages that were given up"), SEE_EXCEPTIONS, given_up, "messages.given_up"),
    Queue(N_("Requests about personal data"), SEE_PRIVACY, undecided_requests, "privacy.requests"),
)

"""Work queues: slices register what waits for a person; the first page of staff counts it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Queue:
    """
    :ivar title: marked with ``N_``
    :ivar permission: who sees it
    :ivar count: how many wait and since when the oldest does
    :ivar endpoint: the page of the queue
    """

    title: str
    permission: str
    count: Callable[[Session], tuple[int, datetime | None]]
    endpoint: str


QUEUES: list[Queue] = []


def register(queue: Queue) -> None:
    """Once, however often the rooms are put together in one process."""
    if queue not in QUEUES:
        QUEUES.append(queue)

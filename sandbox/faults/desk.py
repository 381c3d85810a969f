"""Faults that are set, and which of them fires."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from random import Random

from sandbox.store import Store

OPERATIONS = ("inquiry", "pay", "status", "reverse")
MODES = (
    "delay",
    "drip",
    "timeout_before_apply",
    "timeout_after_apply",
    "drop_after_apply",
    "error_500",
    "garbage",
    "wrong_amount",
    "wrong_reference",
    "wrong_line",
    "already_paid",
    "refuse",
)


@dataclass(slots=True)
class Fault:
    """
    :ivar remaining: how often it still fires; ``None`` if ``probability`` decides, each time
    :ivar seconds: how long the slow modes take
    :ivar subscriber: only calls about this one; ``None`` is everybody
    :ivar fired: how often it has
    """

    id: int
    biller: str
    operation: str
    mode: str
    remaining: int | None
    probability: float | None
    seconds: float
    subscriber: str | None
    fired: int


class FaultDesk:
    """Kept in memory, because every call asks; each firing is in the store before it is felt."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._luck = Random()
        self._faults: dict[tuple[str, str], list[Fault]] = {}
        with store.reading() as connection:
            for row in connection.execute("SELECT * FROM faults ORDER BY id"):
                self._keep(as_fault(row))

    def fire(self, biller: str, operation: str, subscriber: Callable[[], str]) -> Fault | None:
        """
        The first fault, in the order they were set, that fits this call; used up by one.

        :param subscriber: whom the call is about; asked only if a fault is limited to one
        """
        if not (candidates := self._faults.get((biller, operation))):
            return None
        with self._lock:
            for fault in candidates:
                if self._fits(fault, subscriber):
                    return self._use_up(fault)
        return None

    def add(
        self,
        *,
        biller: str,
        operation: str,
        mode: str,
        times: int | None,
        probability: float | None,
        seconds: float,
        subscriber: str | None,
    ) -> dict[str, object]:
        """:param times: or ``probability``, never both"""
        values = (biller, operation, mode, times, probability, seconds, subscriber)
        with self._lock:
            with self._store.writing() as connection:
                rows = connection.execute(
                    "INSERT INTO faults (biller, operation, mode, remaining, probability, seconds, subscriber)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
                    values,
                ).fetchall()
            return asdict(self._keep(as_fault(rows[0])))

    def clear(self) -> None:
        with self._lock:
            with self._store.writing() as connection:
                connection.execute("DELETE FROM faults")
            self._faults = {}

    def all(self) -> list[dict[str, object]]:
        """In the order they were set; used-up ones too, with how often they fired."""
        with self._lock:
            every = [fault for faults in self._faults.values() for fault in faults]
            return [asdict(fault) for fault in sorted(every, key=lambda fault: fault.id)]

    def _keep(self, fault: Fault) -> Fault:
        self._faults.setdefault((fault.biller, fault.operation), []).append(fault)
        return fault

    def _fits(self, fault: Fault, subscriber: Callable[[], str]) -> bool:
        if fault.remaining == 0 or (fault.subscriber is not None and fault.subscriber != subscriber()):
            return False
        return fault.probability is None or self._luck.random() < fault.probability

    def _use_up(self, fault: Fault) -> Fault:
        fault.fired += 1
        fault.remaining = None if fault.remaining is None else fault.remaining - 1
        with self._store.writing() as connection:
            connection.execute("UPDATE faults SET remaining = ?, fired = ? WHERE id = ?", (fault.remaining, fault.fired, fault.id))
        return replace(fault)


def as_fault(row: sqlite3.Row) -> Fault:
    return Fault(*row)

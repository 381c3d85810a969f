"""Looks whether a carrier's day has begun: at each call, which costs next to nothing, and once a minute."""

import threading
from datetime import date, datetime

from sandbox import clock
from sandbox.billing_runs.run import run
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.store import Store

EVERY = 60  # seconds


class Watch:
    """:param stopping: ends the thread"""

    def __init__(self, store: Store, stopping: threading.Event) -> None:
        self._store, self._stopping = store, stopping
        self._done: dict[str, date] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """What is due now, and from now on each day as it comes."""
        self.catch_up()
        threading.Thread(target=self._look, name="billing runs", daemon=True).start()

    def catch_up(self) -> None:
        """After this every carrier has done what is due until now; whoever comes meanwhile waits."""
        now = clock.now()
        for carrier in CARRIERS.values():
            if self._done.get(carrier.code) != today_of(carrier, now):
                self._run(carrier)

    def _run(self, carrier: Carrier) -> None:
        with self._lock:
            today = today_of(carrier, clock.now())
            if self._done.get(carrier.code) != today:
                with self._store.writing() as connection:
                    run(connection, carrier, today=today)
                self._done[carrier.code] = today

    def _look(self) -> None:
        while not self._stopping.wait(EVERY):
            self.catch_up()


def today_of(carrier: Carrier, now: datetime) -> date:
    return now.astimezone(carrier.zone).date()

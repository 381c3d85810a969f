"""What every handler is given: the store, the fault desk, the billing runs, and the wish to stop."""

import threading
from dataclasses import dataclass, field

from sandbox.billers.shelf import Shelf
from sandbox.billing_runs.watch import Watch
from sandbox.faults.desk import FaultDesk
from sandbox.store import Store


@dataclass(frozen=True)
class World:
    """:ivar stopping: set when the program ends; whoever waits, waits on it"""

    store: Store
    faults: FaultDesk
    watch: Watch
    stopping: threading.Event
    shelf: Shelf = field(default_factory=Shelf)

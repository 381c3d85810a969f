"""What every handler is given: the store, the fault desk, and the wish to stop."""

import threading
from dataclasses import dataclass, field

from sandbox.faults.desk import FaultDesk
from sandbox.store import Store


@dataclass(frozen=True)
class World:
    """:ivar stopping: set when the program ends; whoever waits, waits on it"""

    store: Store
    faults: FaultDesk
    stopping: threading.Event = field(default_factory=threading.Event)

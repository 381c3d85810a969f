"""
The web application in a process that never outlives the server's main process.

When that is killed, its workers would go on holding the port; here they die with it (Linux).
"""

import ctypes
import os
import signal
import sys

SET_PARENT_DEATH_SIGNAL = 1

if sys.platform == "linux":
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)  # it died before we could ask

from wsgi import app  # noqa: E402 — not before this process is mortal

__all__ = ["app"]

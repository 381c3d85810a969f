"""
The web application in a process that never outlives the server's main process.

When that is killed, its workers would go on holding the port; here they die with it.
"""

import signal

from launch.mortal import die_with_parent

die_with_parent(signal.SIGKILL)

from wsgi import app  # noqa: E402 — not before this process is mortal

__all__ = ["app"]

"""The keeper of the processes: supervisor. What dies is started again, however often; stopping goes from web to PostgreSQL."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from launch.installation import HOME, Installation
from launch.mortal import die_with_parent

ORDER = {"postgres": 10, "sandbox": 20, "worker": 30, "web": 40}  # started in this order, stopped in the other
STOP_SIGNAL = {"postgres": "INT"}  # PostgreSQL's fast shutdown

HEAD = """
[supervisord]
nodaemon = true
logfile = {log}/supervisord.log
logfile_maxbytes = 5MB
pidfile = {run}/supervisord.pid
childlogdir = {log}
directory = {home}

[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """
[program:{name}]
command = {python} -m launch.hold {data} {name}
directory = {home}
environment = PYTHONPATH="{home}",PYTHONUNBUFFERED="1"
priority = {priority}
autostart = false
autorestart = true
startsecs = 0
stopsignal = {stop_signal}
stopwaitsecs = 30
stdout_logfile = {log}/{name}.log
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 3
redirect_stderr = true
"""


class Keeper:
    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def open(self, names: Iterable[str]) -> subprocess.Popen[bytes]:
        """
        Start the keeper itself; it starts nothing yet.

        :raises TimeoutError: if it does not answer within 10 s
        """
        file = self.installation.data / "run" / "supervisord.conf"
        file.write_text(configuration(self.installation, names))
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(file)]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )  # fmt: skip
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.ask("getState")
            except (OSError, HTTPException, Fault):
                time.sleep(0.05)
            else:
                return process
        process.kill()
        raise TimeoutError(f"the process keeper did not start; its log is {self.installation.data / 'log' / 'supervisord.log'}")

    def start(self, name: str) -> None:
        self.ask("startProcess", name, False)

    def ask(self, what: str, *arguments: object) -> object:
        """Over a connection of its own: one that failed cannot be used again."""
        transport = SupervisorTransport(None, None, f"unix://{self.installation.supervisor_socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as remote:
            return getattr(remote.supervisor, what)(*arguments)


def configuration(installation: Installation, names: Iterable[str]) -> str:
    places = {
        "data": escaped(installation.data),
        "log": escaped(installation.data / "log"),
        "run": escaped(installation.data / "run"),
        "home": escaped(HOME),
        "socket": escaped(installation.supervisor_socket),
        "python": escaped(Path(sys.executable)),
    }
    programs = (PROGRAM.format(name=name, priority=ORDER[name], stop_signal=STOP_SIGNAL.get(name, "TERM"), **places) for name in names)
    return HEAD.format(**places) + "".join(programs)


def escaped(path: Path) -> str:
    return str(path).replace("%", "%%")

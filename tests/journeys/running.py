"""``./gise run`` for a test: the whole product as a newcomer starts it, in a folder of its own."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from launch.installation import HOME
from tests.conftest import SERVER, administer, with_database
from tests.journeys.house import Till, free_port
from tests.sandbox_process import Controls

DEMO_PASSWORD = "gise-demo-2026"
STARTS_WITHIN = 120  # seconds, on a machine that is busy with other tests


@dataclass
class Gise:
    data: Path
    url: str
    sandbox_url: str
    process: subprocess.Popen[str]

    @property
    def control(self) -> Controls:
        return Controls(self.sandbox_url)

    @property
    def names(self) -> list[str]:
        """Of the processes that have a pid file."""
        return [name for name in ("web", "worker", "sandbox", "postgres") if (self.data / "run" / f"{name}.pid").exists()]

    def pid(self, name: str) -> int:
        return int((self.data / "run" / f"{name}.pid").read_text())

    def kill(self, name: str) -> int:
        """:returns: the number of the process that is dead now"""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def is_ready(self) -> bool:
        try:
            return urllib3.request("GET", f"{self.url}/readyz", retries=False, timeout=2).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def wait_until_ready(self, *, seconds: int = 30) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            assert time.monotonic() < deadline, (self.data / "log" / "web.log").read_text()[-3000:]
            time.sleep(0.1)

    def till(self, phone: str) -> Till:
        http = urllib3.PoolManager(maxsize=64, retries=False, timeout=30)
        reply = http.request("POST", f"{self.url}/api/v1/tokens", json={"phone": phone, "password": DEMO_PASSWORD})
        assert reply.status == 201, reply.data
        return Till(self.url, reply.json()["token"], http)

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "launch.flask", "--data", str(self.data), *arguments]
        return subprocess.run(command, cwd=HOME, env=environment(), capture_output=True, text=True, check=False)


def environment() -> dict[str, str]:
    """The caller's own settings do not reach the newcomer's machine."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GISE_")} | {"PYTHONPATH": str(HOME)}


def run_command(data: Path, *options: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "launch.run",
        "--data",
        str(data),
        "--port",
        str(free_port()),
        "--sandbox-port",
        str(free_port()),
        *options,
    ]


@contextmanager
def running_gise(data: Path, *options: str) -> Iterator[Gise]:
    """On the embedded PostgreSQL, or on a new database of the server that the tests were given."""
    given = os.environ.get("GISE_DATABASE_URL")
    database = f"gise_run_{secrets.token_hex(4)}"
    settings = environment()
    if given:
        administer(os.environ[SERVER], f"CREATE DATABASE {database}")
        settings["GISE_DATABASE_URL"] = with_database(given, database)
    command = run_command(data, *options)
    process = subprocess.Popen(command, cwd=HOME, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        welcome = wait_for_welcome(process)
        yield Gise(data, address(welcome, "Gişe is open at "), address(welcome, "the outside world: "), process)
    finally:
        process.terminate()
        process.communicate(timeout=120)
        shutil.rmtree((data / "postgres").resolve(), ignore_errors=True)
        if given:
            administer(os.environ[SERVER], f"DROP DATABASE {database} WITH (FORCE)")


def wait_for_welcome(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    deadline, said = time.monotonic() + STARTS_WITHIN, ""
    for line in process.stdout:
        said += line
        if "Stop with Ctrl-C" in line:
            return said
        assert time.monotonic() < deadline, said
    raise AssertionError(said)


def address(welcome: str, before: str) -> str:
    found = welcome.partition(before)[2].split()[0].rstrip(")")
    assert urlsplit(found).port, welcome
    return found

"""
The whole house for a test: real web processes, a real worker, a real sandbox, each by its own process,
on a database of this test. They can be killed and started again one by one.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from app import db
from app.billers.model import Biller
from app.config import Config
from launch.installation import HOME
from tests.people import PASSWORD, Shop
from tests.sandbox_process import Sandbox, running_sandbox

WEB_PROCESSES, THREADS = 2, 64


@dataclass
class Answer:
    status: int
    data: Any


@dataclass
class Till:
    """A point of sale with a token of its own, speaking the API."""

    url: str
    token: str
    http: urllib3.PoolManager

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        reply = (
            self.http.request(method, f"{self.url}/api/v1{path}", json=body, headers=sent)
            if body is not None
            else self.http.request(method, f"{self.url}/api/v1{path}", headers=sent)
        )
        return Answer(reply.status, reply.json() if reply.data else None)

    def look_up(self, biller: str, subscriber: str) -> list[dict[str, Any]]:
        answer = self.call("POST", "/inquiries", {"biller": biller, "subscriber": subscriber})
        assert answer.status == 200, answer
        bills: list[dict[str, Any]] = answer.data["bills"]
        return bills

    def pay(self, biller: str, subscriber: str, bill: dict[str, Any], *, key: str) -> Answer:
        body = {"biller": biller, "subscriber": subscriber, "bill": bill["ref"], "amount": bill["open"], "version": bill["version"]}
        return self.call("POST", "/payments", body, Idempotency_Key=key)


@dataclass
class House:
    database_url: str
    sandbox: Sandbox
    folder: Path
    more_settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "GISE_ENV": "development",
            "GISE_DATABASE_URL": self.database_url,
            "GISE_BILLERS_URL": self.sandbox.url,
            "GISE_BANK_URL": f"{self.sandbox.url}/bank",
            "GISE_SMS_URL": f"{self.sandbox.url}/sms",
            "GISE_SMTP_URL": f"smtp://127.0.0.1:{self.sandbox.smtp_port}",
            "GISE_IMAP_URL": self.sandbox.imap_url,
            "GISE_WEB_PROCESSES": str(WEB_PROCESSES),
            "PYTHONPATH": str(HOME),
        } | self.more_settings

    def start_web(self) -> None:
        self.port = self.port or free_port()
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--no-ws",
            "--http",
            "1",
        ]
        command += ["--workers", str(WEB_PROCESSES), "--blocking-threads", str(THREADS), "--respawn-failed-workers", "launch.served:app"]
        self.web = self.start(command, "web")
        self.wait_until_ready()

    def start_worker(self) -> None:
        self.worker = self.start([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], "worker")

    def start(self, command: list[str], name: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=HOME, env=os.environ | self.settings, stdout=log, stderr=log)

    def wait_until_ready(self, *, seconds: int = 30) -> None:
        http, deadline = urllib3.PoolManager(retries=False, timeout=2), time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if http.request("GET", f"{self.url}/readyz").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.1)
        raise AssertionError((self.folder / "web.log").read_text()[-3000:])

    def kill_web(self) -> None:
        kill(self.web)

    def kill_worker(self) -> None:
        kill(self.worker)

    def stop(self) -> None:
        for process in (self.web, self.worker):
            if process and process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    kill(process)

    def till(self, shop: Shop) -> Till:
        """Of the shop's owner."""
        http = urllib3.PoolManager(maxsize=256, retries=False, timeout=30)
        reply = http.request("POST", f"{self.url}/api/v1/tokens", json={"phone": shop.owner.phone, "password": PASSWORD})
        assert reply.status == 201, reply.data
        return Till(self.url, reply.json()["token"], http)


@contextmanager
def open_house(config: Config, folder: Path, **settings: str) -> Iterator[House]:
    """Sandbox and web are running; the worker is started when the test says so."""
    with running_sandbox(folder) as sandbox:
        open_billers()
        house = House(config.database_url, sandbox, folder, settings)
        try:
            house.start_web()
            yield house
        finally:
            house.stop()


DOORS = {"millenicom": ("TR", "bank"), "azercell": ("AZ", "direct"), "masmovil": ("ES", "direct"), "vodafone-hu": ("HU", "direct")}


def open_billers() -> None:
    """The four of the sandbox, each in its own market."""
    with db.transaction() as session:
        for code, (market, door) in DOORS.items():
            session.add(
                Biller(
                    code=code, market=market, name=code.capitalize(), category="telecom", phone="444 0 144", door=door, secret="sandbox",
                    subscriber_label="Abone no", subscriber_pattern="[0-9]{9,10}", subscriber_example="5301234567",
                    amount_rule="any" if code == "azercell" else "exact",
                )
            )  # fmt: skip


def at_once(act: Any, arguments: list[Any]) -> list[Any]:
    """All at the same time, each in a thread of its own."""
    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(act, arguments))


def kill(process: subprocess.Popen[bytes] | None) -> None:
    assert process
    process.send_signal(signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

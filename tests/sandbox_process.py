"""
The outside world for tests: start it, stop it, kill it, and work its controls.

    with running_sandbox(tmp_path) as sandbox:
        ref = sandbox.control.bill("millenicom", sandbox.control.plain_subscriber("millenicom"), 12050)
        sandbox.control.fault("millenicom", "pay", "drop_after_apply")
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

HOME = Path(__file__).resolve().parents[1]
PLAIN = 220  # so many subscribers, the first by number, have nothing odd about them
Json = dict[str, Any]


class Refused(AssertionError):
    """A control said no. :ivar status: and body: of its answer"""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


@dataclass
class Controls:
    """The controls of contract.md §8. Amounts are whole minor units; a control's *no* is raised as :class:`Refused`."""

    url: str
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(maxsize=64, retries=False, timeout=10))
    plain: dict[str, Iterator[str]] = field(default_factory=dict)

    def subscribers(self, biller: str) -> list[Json]:
        return self.items("GET", f"/control/subscribers?biller={biller}")

    def plain_subscriber(self, biller: str) -> str:
        """A number this client has not given out before, as long as there are any."""
        if biller not in self.plain:
            self.plain[biller] = cycle([str(one["number"]) for one in self.subscribers(biller)[:PLAIN]])
        return next(self.plain[biller])

    def bill(self, biller: str, subscriber: str, amount: int) -> str:
        """The new bill's ref."""
        return str(self.call("POST", "/control/bills", {"biller": biller, "subscriber": subscriber, "amount": amount})["ref"])

    def pause_billing(self, biller: str, paused: bool = True) -> None:
        self.call("POST", "/control/billing-runs", {"biller": biller, "paused": paused})

    def effects(self, biller: str, *, reference: str | None = None) -> list[Json]:
        """What the carrier really booked."""
        items = self.items("GET", f"/control/effects?biller={biller}")
        return [item for item in items if reference is None or item["reference"] == reference]

    def fault(
        self,
        biller: str,
        operation: str,
        mode: str,
        *,
        times: int | None = None,
        probability: float | None = None,
        seconds: float | None = None,
        subscriber: str | None = None,
    ) -> Json:
        """Once, if neither ``times`` nor ``probability`` is said."""
        optional = {"times": times, "probability": probability, "seconds": seconds, "subscriber": subscriber}
        said = {name: value for name, value in optional.items() if value is not None}
        return self.call("POST", "/control/faults", {"biller": biller, "operation": operation, "mode": mode} | said)

    def faults(self) -> list[Json]:
        return self.items("GET", "/control/faults")

    def clear_faults(self) -> None:
        self.call("DELETE", "/control/faults")

    def transfer(
        self,
        iban: str,
        amount: int,
        description: str,
        *,
        currency: str = "TRY",
        sender_name: str = "AYŞE YILMAZ",
        sender_iban: str = "TR760006200000012340000629",
        reference: str | None = None,
        booked_at: str | None = None,
        reversal_of: str | None = None,
        side: str | None = None,
        value_date: str | None = None,
    ) -> str:
        """The bank's reference."""
        optional = {"reference": reference, "booked_at": booked_at, "reversal_of": reversal_of, "side": side, "value_date": value_date}
        body: Json = {"iban": iban, "amount": amount, "currency": currency, "description": description}
        body |= {"sender_name": sender_name, "sender_iban": sender_iban}
        body |= {name: value for name, value in optional.items() if value is not None}
        return str(self.call("POST", "/control/transfers", body)["reference"])

    def messages(self, channel: str, *, to: str | None = None) -> list[Json]:
        """What the product sent, oldest first."""
        query = urlencode({"channel": channel} | ({"to": to} if to else {}))
        return self.items("GET", f"/control/messages?{query}")

    def sms(self, sender: str, to: str, text: str) -> int:
        """Somebody writes to the product."""
        return int(self.call("POST", "/control/sms", {"from": sender, "to": to, "text": text})["id"])

    def mail(
        self, sender: str, to: str, subject: str, text: str, attachments: list[Json] | None = None, *, html: str = "", **headers: str
    ) -> int:
        """Somebody writes to the product; an attachment is ``{name, type, content}``, the content in base64."""
        body: Json = {"from": sender, "to": to, "subject": subject, "text": text, "html": html, "attachments": attachments or []}
        body["headers"] = [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]
        return int(self.call("POST", "/control/mail", body)["id"])

    def bounce(self, message: int) -> int:
        """A mail that the product sent comes back: nobody lives there."""
        return int(self.call("POST", "/control/bounces", {"message": message})["id"])

    def charges(self, biller: str, *, subscriber: str | None = None) -> list[Json]:
        """What was charged to lines, such as the price of an SMS."""
        return [item for item in self.items("GET", f"/control/charges?biller={biller}") if subscriber in (None, item["subscriber"])]

    def items(self, method: str, address: str) -> list[Json]:
        found: list[Json] = self.call(method, address)["items"]
        return found

    def call(self, method: str, address: str, body: object = None) -> Json:
        """:raises Refused: for every status but 2xx"""
        sent = json.dumps(body).encode() if body is not None else None
        answer = self.http.request(method, self.url + address, body=sent)
        data: Json = answer.json() if answer.data else {}
        if not 200 <= answer.status < 300:
            raise Refused(answer.status, data)
        return data


@dataclass
class Sandbox:
    """
    One process of the outside world on a store of its own.

    :ivar clock: ``GISE_CLOCK``
    """

    store: Path
    clock: str | None = None
    seed: int = 1
    subscribers: int = 250
    process: subprocess.Popen[str] | None = None
    port: int = 0
    smtp_port: int = 0
    imap_port: int = 0
    control: Controls = field(init=False)

    def start(self) -> None:
        """On any free ports; after the first start always on the same ones."""
        command = [sys.executable, "-m", "sandbox", "--store", str(self.store), "--seed", str(self.seed)]
        command += ["--subscribers", str(self.subscribers), "--port", str(self.port)]
        command += ["--smtp-port", str(self.smtp_port), "--imap-port", str(self.imap_port)]
        environ = {name: value for name, value in os.environ.items() if name != "GISE_CLOCK"}
        environ |= {"GISE_CLOCK": self.clock} if self.clock else {}
        self.process = subprocess.Popen(command, cwd=HOME, env=environ, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        words = self.process.stdout.readline().split()
        assert len(words) == 4, "the sandbox did not start; its reason stands above"
        self.port, self.smtp_port, self.imap_port = (int(word.rpartition(":")[2]) for word in words[1:])
        self.control = Controls(self.url)

    def stop(self) -> int:
        """As a supervisor would. :returns: the exit code"""
        return self.end(signal.SIGTERM)

    def kill(self) -> int:
        return self.end(signal.SIGKILL)

    def end(self, by: signal.Signals) -> int:
        assert self.process and self.process.stdout
        self.process.send_signal(by)
        self.process.stdout.close()
        return self.process.wait(timeout=10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bank_url(self) -> str:
        return f"{self.url}/bank"

    @property
    def sms_url(self) -> str:
        return f"{self.url}/sms"

    @property
    def smtp_url(self) -> str:
        return f"smtp://127.0.0.1:{self.smtp_port}"

    @property
    def imap_url(self) -> str:
        return f"imap://gise:sandbox@127.0.0.1:{self.imap_port}"


@contextmanager
def running_sandbox(folder: Path, *, clock: str | None = None, seed: int = 1, subscribers: int = 250) -> Iterator[Sandbox]:
    """From a fresh or an old store in ``folder`` until the end of the ``with``."""
    sandbox = Sandbox(folder / "sandbox.sqlite3", clock, seed, subscribers)
    sandbox.start()
    try:
        yield sandbox
    finally:
        if sandbox.process and sandbox.process.poll() is None:
            sandbox.stop()

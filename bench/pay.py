"""
``./gise bench pay``: payments per second over HTTP (look-up excluded, biller answering at once, 16 clients)
beside the bare work, pgbench's TPC-B-like rate, one payment and hold+settle as SQL scripts. Rounds are interleaved;
only ratios of one run mean anything.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app import clock, db
from app.billers.model import Biller
from app.config import Config
from app.people import sessions
from bench.machine import FOLDER, keep, server, tps
from launch.hold import THREADS
from launch.installation import HOME
from launch.postgres import SUPERUSER, Cluster
from tests.people import open_shop

SQL = Path(__file__).parent
AGENTS, ROUNDS, SECONDS, CLIENT_PROCESSES = 200, 5, 5, 2
ENOUGH = 6000  # requests prepared for each client process and round


def main(_arguments: list[str]) -> None:
    with server() as cluster:
        prepare(cluster)
        ports = {"gise": free_port(), "bare": free_port(), "biller": free_port()}
        tokens = shops(cluster, ports["biller"])
        with processes(cluster, ports):
            rounds = [one_round(cluster, ports, tokens, number) for number in range(ROUNDS + 1)][1:]  # the first one warms up
        report(rounds)


def prepare(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(SUPERUSER)) as connection:
        connection.execute((SQL / "tables.sql").read_text().encode())


def shops(cluster: Cluster, biller_port: int) -> list[tuple[str, str]]:
    """:returns: (agent number, token) of each shop, all topped up"""
    db.connect(Config.from_environment(environment(cluster, biller_port)))
    with db.transaction() as session:
        session.add(
            Biller(
                code="instant", market="TR", name="Instant", category="test", phone="0", door="direct", secret="bench",
                subscriber_label="No", subscriber_pattern="[0-9]+", subscriber_example="1",
            )
        )  # fmt: skip
    made = []
    for _ in range(AGENTS):
        shop = open_shop()
        shop.topped_up("9000000.00")
        with db.transaction() as session:
            made.append((shop.number, sessions.begin(session, shop.owner, kind="api", address="", now=clock.now())[0]))
    return made


def quotes(cluster: Cluster, how_many: int) -> list[str]:
    """Bills that were looked up just now: a payment is what is measured, not the look-up."""
    marker = uuid.uuid4().hex[:12]
    with psycopg.connect(cluster.url(SUPERUSER)) as connection:
        connection.execute(
            """
            INSERT INTO quoted_bill (biller, subscriber, bill, version, currency, smallest, largest, step, facts, quoted_at)
            SELECT 'instant', %(marker)s || n, %(marker)s || n, 'v1', 'TRY', 100, 100, 1, '{"number": "1", "name": "A*** B***"}', now()
            FROM generate_series(1, %(count)s) n
            """,
            {"marker": marker, "count": how_many},
        )
    return [f"{marker}{number}" for number in range(1, how_many + 1)]


def one_round(cluster: Cluster, ports: dict[str, int], tokens: list[tuple[str, str]], number: int) -> dict[str, float]:
    found = {
        "tpcb": tps(cluster, "tpcb", clients=16, seconds=SECONDS),
        "pay1": tps(cluster, "gise", clients=16, seconds=SECONDS, script=SQL / "pay_one.sql"),
        "script": tps(cluster, "gise", clients=16, seconds=SECONDS, script=SQL / "hold_and_settle.sql"),
    }
    for name in ("bare", "gise") if number % 2 else ("gise", "bare"):
        found |= {f"{name}_{key}": value for key, value in load(cluster, ports[name], tokens).items()}
    print("  ".join(f"{key} {value:,.1f}" for key, value in found.items()), flush=True)
    return found


def load(cluster: Cluster, port: int, tokens: list[tuple[str, str]]) -> dict[str, float]:
    """Payments a second, and the median and 99th percentile in milliseconds."""
    bills = quotes(cluster, ENOUGH * CLIENT_PROCESSES)
    clients = []
    for process in range(CLIENT_PROCESSES):
        file = FOLDER / f"requests-{process}"
        share = bills[process::CLIENT_PROCESSES]
        file.write_text("\n".join(raw_request(bill, *tokens[index % len(tokens)]).hex() for index, bill in enumerate(share)))
        command = [sys.executable, "-m", "bench.clients", str(port), str(SECONDS), str(file)]
        clients.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOME))
    answers = [json.loads(client.communicate()[0]) for client in clients]
    for answer in answers:
        assert set(answer["statuses"]) == {"201"}, answer["statuses"]
    waits = sorted(wait for answer in answers for wait in answer["waits"])
    rate = sum(answer["per_second"] for answer in answers)
    return {"per_second": rate, "p50_ms": statistics.median(waits), "p99_ms": waits[int(len(waits) * 0.99)]}


def raw_request(bill: str, agent: str, token: str) -> bytes:
    body = json.dumps({"biller": "instant", "subscriber": bill, "bill": bill, "amount": 100, "version": "v1"}).encode()
    head = (
        f"POST /api/v1/payments HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nX-Agent: {agent}\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def processes(cluster: Cluster, ports: dict[str, int]) -> Iterator[None]:
    settings = os.environ | environment(cluster, ports["biller"])
    served = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--no-ws",
        "--http",
        "1",
        "--workers",
        "2",
        "--blocking-threads",
        str(THREADS),
    ]
    commands = [
        [sys.executable, "-m", "bench.instant_biller", str(ports["biller"])],
        [*served, "--port", str(ports["gise"]), "launch.served:app"],
        [*served, "--port", str(ports["bare"]), "bench.bare:app"],
    ]
    with (FOLDER / "web.log").open("wb") as log:
        running = [subprocess.Popen(command, cwd=HOME, env=settings, stdout=log, stderr=log) for command in commands]
    try:
        for port in ports.values():
            wait_for(port)
        yield
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=20)


def environment(cluster: Cluster, biller_port: int) -> dict[str, str]:
    return {
        "GISE_ENV": "development",
        "GISE_DATABASE_URL": cluster.url("gise"),
        "GISE_BILLERS_URL": f"http://127.0.0.1:{biller_port}",
        "GISE_WEB_PROCESSES": "2",
    }


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError((FOLDER / "web.log").read_text()[-2000:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def report(rounds: list[dict[str, float]]) -> None:
    """Medians of the rounds, and the ratios of each round's own figures."""

    def ratio(one: str, other: str) -> float:
        return statistics.median(round_[one] / round_[other] for round_ in rounds)

    def median(name: str) -> float:
        return statistics.median(round_[name] for round_ in rounds)

    def over_http(name: str) -> str:
        return f"{median(name + '_per_second'):8,.0f}/s   p50 {median(name + '_p50_ms'):.1f} ms   p99 {median(name + '_p99_ms'):.1f} ms"

    lines = [
        f"payments over HTTP, 16 clients      {over_http('gise')}",
        f"bare work over HTTP                 {over_http('bare')}",
        f"hold+settle SQL script              {median('script'):8,.0f}/s",
        f"one payment, one statement (pay1)   {median('pay1'):8,.0f}/s",
        f"pgbench TPC-B-like                  {median('tpcb'):8,.0f}/s",
        "",
        f"payment / bare work        {ratio('gise_per_second', 'bare_per_second'):.2f}   (goal: 0.70 or more)",
        f"payment / hold+settle      {ratio('gise_per_second', 'script'):.2f}",
        f"payment / pay1             {ratio('gise_per_second', 'pay1'):.2f}   (0.15 would be remarkable)",
        f"payment / TPC-B            {ratio('gise_per_second', 'tpcb'):.2f}   (0.20 would be remarkable)",
    ]
    keep("pay", "\n".join(lines))

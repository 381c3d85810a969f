"""``./gise run``: the main job on one machine. PostgreSQL, migrations, demo data, then sandbox, worker and, last, web."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from app import migrate
from launch.first_person import ask_for_first_person
from launch.installation import HOME, Installation
from launch.keeper import Keeper
from launch.postgres import APP, OWNER, Cluster

WEB_PROCESSES = 2


class CannotRun(Exception):
    """One plain sentence and a next step."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or a service manager said stop."""


def main() -> int:
    options = parse(sys.argv[1:])
    installation = Installation.at(options.data)
    lock = installation.lock()
    if lock is None:
        return refuse(
            "Gişe is already running on this data folder.", "Stop it with Ctrl-C where it runs, or choose another folder with --data."
        )
    try:
        return run(installation, options)
    except (CannotRun, TimeoutError, RuntimeError, psycopg.OperationalError) as error:
        return refuse(f"Gişe cannot start: {error}", f"Details are in {installation.data / 'log'}.")
    finally:
        lock.close()


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./gise run", description="Open the counter.")
    parser.add_argument("--port", type=int, default=8000, help="of the pages (8000)")
    parser.add_argument("--sandbox-port", type=int, default=8001, help="of the sandbox (8001)")
    parser.add_argument("--data", type=Path, default=HOME / "var", help="folder of everything that is kept (var)")
    parser.add_argument("--at", type=moment, help="where the clock starts, such as 2025-05-22T16:58:00+03:00")
    parser.add_argument("--no-demo", action="store_true", help="an empty database, no sandbox; asks for the first person")
    return parser.parse_args(arguments)


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError("give the offset too, such as 2025-05-22T16:58:00+03:00")
    return at


def run(installation: Installation, options: argparse.Namespace) -> int:
    for port in (options.port, *([] if options.no_demo else [options.sandbox_port])):
        if not is_free(port):
            raise CannotRun(f"port {port} is in use by another program; choose others with --port and --sandbox-port")
    external = os.environ.get("GISE_DATABASE_URL")
    cluster = None if external else Cluster.below(installation.data)
    names = [*([] if external else ["postgres"]), *([] if options.no_demo else ["sandbox"]), "worker", "web"]
    keeper = Keeper(installation)
    process = keeper.open(names)
    stop_at_signals()
    try:
        if cluster:
            keeper.start("postgres")
            cluster.wait_until_ready()
            cluster.make_roles_and_database()
        settings = make_settings(installation, options, cluster)
        migrate.upgrade(settings["GISE_OWNER_DATABASE_URL"])
        settings |= told_clock(options.at, settings["GISE_OWNER_DATABASE_URL"])
        installation.write_settings(settings)
        fill(keeper, settings, options)
        keeper.start("worker")
        keeper.start("web")
        wait_for(f"http://127.0.0.1:{options.port}/readyz", seconds=60)
        print(welcome(options), flush=True)
        process.wait()
        raise CannotRun(f"the process keeper ended with {process.returncode}")
    except Stopped:
        return 0
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=120)


def stop_at_signals() -> None:
    """The first one stops everything in order; a second one does not hurry past PostgreSQL."""

    def stop(*_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def make_settings(installation: Installation, options: argparse.Namespace, cluster: Cluster | None) -> dict[str, str]:
    """What the caller's environment says counts; the rest is this machine's."""
    sandbox = f"http://127.0.0.1:{options.sandbox_port}"
    smtp_port, imap_port = options.sandbox_port + 24, options.sandbox_port + 142
    settings = {
        "GISE_ENV": "development",
        "GISE_SECRET_KEY": installation.secret("secret-key", make="hex"),
        "GISE_SCAN_KEY": installation.secret("scan-key", make="base64"),
        "GISE_BILLERS_URL": sandbox,
        "GISE_BANK_URL": f"{sandbox}/bank",
        "GISE_SMS_URL": f"{sandbox}/sms",
        "GISE_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "GISE_IMAP_URL": f"imap://gise:sandbox@127.0.0.1:{imap_port}",
        "GISE_BANK_INBOX": str(installation.data / "inbox"),
        "GISE_WEB_PROCESSES": str(WEB_PROCESSES),
        "GISE_PORT": str(options.port),
        "GISE_SANDBOX_PORT": str(options.sandbox_port),
        "GISE_SMTP_PORT": str(smtp_port),
        "GISE_IMAP_PORT": str(imap_port),
        "GISE_SANDBOX_STORE": str(installation.data / "sandbox.sqlite"),
    }
    if cluster:
        settings |= {"GISE_DATABASE_URL": cluster.url(APP), "GISE_OWNER_DATABASE_URL": cluster.url(OWNER)}
    given = {name: value for name, value in os.environ.items() if name.startswith("GISE_")}
    settings |= given
    settings.setdefault("GISE_OWNER_DATABASE_URL", settings["GISE_DATABASE_URL"])
    return settings


def told_clock(at: datetime | None, owner_url: str) -> dict[str, str]:
    """
    The clock starts where ``--at`` says and runs on; on old data at the newest record if that is later, because time never goes back.

    It is anchored in real time, so that a process started again tells the same.
    """
    with psycopg.connect(owner_url) as connection:
        row = connection.execute("SELECT greatest((SELECT max(at) FROM posting), (SELECT max(at) FROM audit_line))").fetchone()
    newest = row[0] if row and row[0] else None
    real = datetime.now(UTC)
    start = max(moment for moment in (at or real, newest) if moment)
    return {} if start <= real and at is None else {"GISE_CLOCK": f"{start.isoformat()}@{int(real.timestamp())}"}


def fill(keeper: Keeper, settings: dict[str, str], options: argparse.Namespace) -> None:
    """Demo data on an empty database, through the doors of the sandbox; or the first person."""
    if options.no_demo:
        ask_for_first_person(settings)
        return
    keeper.start("sandbox")
    wait_for(f"http://127.0.0.1:{options.sandbox_port}/healthz", seconds=120)  # a new world, or a year to catch up with, on a busy machine
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo"]
    done = subprocess.run(command, env=os.environ | settings, cwd=HOME, capture_output=True, text=True)
    if done.returncode:
        raise CannotRun(f"the demo data could not be made: {(done.stderr or done.stdout).strip()[-600:]}")


def wait_for(address: str, *, seconds: int) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError) as error:
            if time.monotonic() > deadline:
                raise CannotRun(f"{address} did not answer within {seconds} s ({error})") from error
            time.sleep(0.1)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def welcome(options: argparse.Namespace) -> str:
    address = f"http://127.0.0.1:{options.port}"
    if options.no_demo:
        return f"\nGişe is open at {address}\nStop with Ctrl-C.\n"
    sandbox = f"http://127.0.0.1:{options.sandbox_port}"
    return f"""
Gişe is open at {address}   (the outside world: {sandbox})

  owner       05320001042      cashier     05320011042      second shop 05330002077
  approver    05340000001      approver 2  05340000002      operator    05340000003
  support     05340000004      accountant  05340000005      auditor     05340000006
  Bakı        +994502003015    Bilbo       +34600004021     Pest        +36200005033
  Password of all of them: gise-demo-2026

Three things to try
  1. Sign in as the cashier, type a subscriber number from {sandbox}/ and press Enter, F9, F9.
  2. Make a bank transfer with the text 05320001042 at {sandbox}/ and watch the shop's balance.
  3. Cancel a payment with form and identity copy, then decide it as the approver.

Stop with Ctrl-C.
"""


def refuse(problem: str, next_step: str) -> int:
    print(f"gise: {problem} {next_step}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""
The outside world, in the foreground until it is told to stop.

    python -m sandbox --store var/sandbox.sqlite3
"""

import argparse
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

from sandbox import clock, routes
from sandbox.billing_runs import begin
from sandbox.billing_runs.watch import Watch
from sandbox.faults.desk import FaultDesk
from sandbox.messages.imap import ImapServer
from sandbox.messages.smtp import SmtpServer
from sandbox.store import Store, Unusable
from sandbox.web.server import Server
from sandbox.world import World

FEWEST_SUBSCRIBERS, MOST_SUBSCRIBERS = 10, 100_000


def main() -> int:
    options = read_options()
    try:
        clock.start(os.environ.get("GISE_CLOCK"))
    except ValueError as error:
        return refuse(f"GISE_CLOCK cannot be read: {error}.")
    try:
        store = Store(options.store, partial(begin.populate, seed=options.seed, subscribers=options.subscribers, now=clock.now()))
    except (Unusable, OSError) as error:
        return refuse(str(error))
    stopping = threading.Event()
    world = World(store, FaultDesk(store), Watch(store, stopping), stopping)
    try:
        server = Server(options.host, options.port, partial(routes.respond, world), world.stopping)
        mail = SmtpServer(store, options.host, options.smtp_port)
        mailbox = ImapServer(store, options.host, options.imap_port)
    except OSError as error:
        ports = f"{options.port}, {options.smtp_port} or {options.imap_port}"
        return refuse(f"Port {ports} of {options.host} cannot be used: {error.strerror}.")
    return run(world, server, mail, mailbox)


def run(world: World, server: Server, mail: SmtpServer, mailbox: ImapServer) -> int:
    """Does what is due, says where it listens, in one line, and serves until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: world.stopping.set())
    world.watch.start()
    mail.start()
    mailbox.start()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="http", daemon=True).start()
    print(f"sandbox: http://{server.host}:{server.port} smtp://{server.host}:{mail.port} imap://{server.host}:{mailbox.port}", flush=True)
    world.stopping.wait()
    server.shutdown()
    server.server_close()
    mail.stop()
    mailbox.stop()
    world.store.close()
    return 0


def read_options() -> argparse.Namespace:
    about = "The outside world: four carriers, a bank, an SMS gateway, a mailbox, and faults on demand."
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=about)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="HTTP; 0 takes any free one (default 8001)")
    parser.add_argument("--smtp-port", type=int, default=8025, help="mail; 0 takes any free one (default 8025)")
    parser.add_argument("--imap-port", type=int, default=8143, help="the product's mailbox; 0 takes any free one (default 8143)")
    parser.add_argument("--store", type=Path, required=True, help="the SQLite file; made on first start")
    parser.add_argument("--seed", type=int, default=1, help="of a new store: the same seed makes the same people and bills")
    parser.add_argument("--subscribers", type=int, default=250, help="of each biller in a new store (default 250)")
    options = parser.parse_args()
    if not FEWEST_SUBSCRIBERS <= options.subscribers <= MOST_SUBSCRIBERS:
        parser.error(f"--subscribers is a number from {FEWEST_SUBSCRIBERS} to {MOST_SUBSCRIBERS}")
    if not all(0 <= port < 65536 for port in (options.port, options.smtp_port, options.imap_port)):
        parser.error("a port is a number from 0 to 65535")
    return options


def refuse(sentence: str) -> int:
    print(f"sandbox: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

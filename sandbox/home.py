"""The page a newcomer sees, and the one a supervisor asks."""

import sqlite3
from html import escape
from pathlib import Path
from string import Template

from sandbox.carriers.carrier import Carrier
from sandbox.carriers.directory import CARRIERS
from sandbox.web.message import Reply, Request, json_reply
from sandbox.world import World

PAGE = Template(Path(__file__).with_name("home.html").read_text())
SHOWN = 3
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}


def health(world: World, request: Request) -> Reply:
    """200 while the store answers."""
    with world.store.reading() as connection:
        connection.execute("SELECT at FROM made").fetchone()
    return json_reply(200, {"state": "ok"})


def page(world: World, request: Request) -> Reply:
    with world.store.reading() as connection:
        rows = "\n".join(row_of(connection, carrier) for carrier in CARRIERS.values())
    return Reply(200, PAGE.substitute(billers=rows).encode(), "text/html; charset=utf-8", headers=HEADERS)


def row_of(connection: sqlite3.Connection, carrier: Carrier) -> str:
    """A carrier with a few numbers that owe something."""
    plain = (
        "SELECT DISTINCT subscriber FROM bills WHERE biller = ? AND state = 'open' AND kind = 'bill' AND way IN ('', 'web')"
        " ORDER BY subscriber LIMIT ?"
    )
    numbers = connection.execute(plain, (carrier.code, SHOWN))
    cells = (carrier.name, carrier.code, carrier.country, carrier.door, carrier.pattern, ", ".join(number for (number,) in numbers))
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"

"""
``./gise bench bank [bookings]``: a day's statement imported, matched and credited, as MT940 and as camt.053, beside the
raw floors of the same work (speed.md). Rounds are interleaved; only ratios of one run mean anything.
"""

import io
import re
import statistics
import time
from collections.abc import Callable, Sequence

import psycopg
from lxml import etree

from app import clock, db
from app.bank.add_bank_account import add_bank_account
from app.bank.incoming.import_file import import_file
from app.bank.incoming.keep_file import BankFile
from app.bank.statement.read import read_statements
from app.config import Config
from bench.machine import keep, server
from bench.statements import IBAN, WRITERS, rows
from launch.postgres import SUPERUSER, Cluster
from tests.people import open_shop

BOOKINGS, WARM_UP, ROUNDS, AGENTS = 100_000, 2000, 2, 200
PHONE = re.compile(r"(?<![0-9])(?:\+?90|0)?(5[0-9]{9})(?![0-9])")
STAGING = """
    CREATE UNLOGGED TABLE staging (reference text, amount bigint, day date, text text);
    CREATE TABLE seen (reference text PRIMARY KEY, amount bigint, day date, text text);
    CREATE TABLE credited (agent text PRIMARY KEY, balance bigint);
"""
UPSERT = """
    WITH new AS (INSERT INTO seen SELECT * FROM staging ON CONFLICT DO NOTHING RETURNING amount, text)
    INSERT INTO credited SELECT substring(text FROM '05[0-9]{9}'), sum(amount) FROM new WHERE text ~ '05[0-9]{9}' GROUP BY 1
    ON CONFLICT (agent) DO UPDATE SET balance = credited.balance + excluded.balance
"""


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else BOOKINGS
    with server() as cluster:
        phones = prepare(cluster)
        one_round(cluster, phones, WARM_UP, 0)
        rounds = [one_round(cluster, phones, count, number) for number in range(1, ROUNDS + 1)]
    report(rounds, count)


def prepare(cluster: Cluster) -> list[str]:
    """:returns: the phones of the agents"""
    db.connect(Config.from_environment({"GISE_ENV": "development", "GISE_DATABASE_URL": cluster.url("gise")}))
    with db.transaction() as session:
        add_bank_account(session, iban=IBAN, bank="Bench", market="TR", by="bench", now=clock.now())
    with psycopg.connect(cluster.url(SUPERUSER)) as connection:
        connection.execute(STAGING)
    return ["0" + open_shop().owner.phone[3:] for _ in range(AGENTS)]


def one_round(cluster: Cluster, phones: Sequence[str], count: int, number: int) -> dict[str, float]:
    """Seconds of each; every round brings bookings that nobody has seen."""
    files = {format: WRITERS[format](count, phones, (2 * number + place) * count) for place, format in enumerate(("mt940", "camt053"))}
    texts = [row.text for row in rows(count, phones, 0)]
    work: dict[str, Callable[[], object]] = {
        "phone search": lambda: [PHONE.findall(text) for text in texts],
        "MT940 split": lambda: split(files["mt940"]),
        "camt iterparse": lambda: parse(files["camt053"]),
        "COPY and upsert": lambda: copy_and_upsert(cluster, phones, count, number),
        "MT940 read": lambda: read_statements(files["mt940"]),
        "camt read": lambda: read_statements(files["camt053"]),
        "MT940 whole": lambda: bring(files["mt940"]),
        "camt whole": lambda: bring(files["camt053"]),
    }
    found = {name: seconds(each) for name, each in work.items()}
    print("  ".join(f"{name} {took:.2f} s" for name, took in found.items()), flush=True)
    return found


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def split(raw: bytes) -> list[tuple[str, ...]]:
    """The least that a splitter does: amount, side and text of each line."""
    return [
        (entry[10:11], *entry[11:].partition("N")[::2], entry.partition(":86:")[2]) for entry in raw.decode().split("\r\n:61:")[1:]
    ]  # fmt: skip


def parse(raw: bytes) -> int:
    count = 0
    for _, entry in etree.iterparse(io.BytesIO(raw), tag="{*}Ntry"):
        count += 1
        entry.clear()
        while entry.getprevious() is not None:
            del entry.getparent()[0]  # type: ignore[union-attr]
    return count


def copy_and_upsert(cluster: Cluster, phones: Sequence[str], count: int, number: int) -> None:
    with psycopg.connect(cluster.url(SUPERUSER)) as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE staging")
        with cursor.copy("COPY staging FROM STDIN") as copy:
            for row in rows(count, phones, number * count):
                copy.write_row((f"F{row.number}", row.minor, "2026-11-02", row.text))
        cursor.execute(UPSERT)


def bring(raw: bytes) -> None:
    (imported,) = import_file(BankFile(raw, "bench", "inbox", "bench"), now=clock.now())
    assert not imported.again


def report(rounds: list[dict[str, float]], count: int) -> None:
    """Medians of the rounds, and the ratios of each round's own figures."""

    def ratio(one: str, other: str) -> float:
        return statistics.median(round_[one] / round_[other] for round_ in rounds)

    lines = [f"{count:,} bookings"]
    for name in rounds[0]:
        took = statistics.median(round_[name] for round_ in rounds)
        lines.append(f"{name:18} {took:8.2f} s {count / took:10,.0f}/s")
    lines += [
        "",
        f"MT940 read / split          {ratio('MT940 read', 'MT940 split'):6.1f} times",
        f"camt read / bare iterparse  {ratio('camt read', 'camt iterparse'):6.1f} times",
        f"MT940 whole / COPY + upsert {ratio('MT940 whole', 'COPY and upsert'):6.1f} times",
        f"camt whole / bare iterparse {ratio('camt whole', 'camt iterparse'):6.1f} times   (goal: 0.86)",
    ]
    keep("bank", "\n".join(lines))

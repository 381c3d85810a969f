"""The server of a benchmark: an embedded PostgreSQL that is as durable as production, and pgbench beside it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from app import migrate
from launch.installation import HOME
from launch.postgres import DATABASE, SUPERUSER, Cluster

FOLDER = HOME / "var" / "bench"
TPCB_SCALE = 20
RESULTS = HOME / "bench" / "results"


@contextmanager
def server() -> Iterator[Cluster]:
    """A fresh database of the product, and one for pgbench."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    cluster = Cluster.below(FOLDER)
    with cluster.running(FOLDER / "postgres.log"):
        with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            connection.execute("DROP DATABASE IF EXISTS tpcb WITH (FORCE)")
            connection.execute("CREATE DATABASE tpcb")
        cluster.make_roles_and_database()
        migrate.upgrade(cluster.url(SUPERUSER))
        pgbench(cluster, "tpcb", ["-i", "-q", "-s", str(TPCB_SCALE)])
        yield cluster


def pgbench(cluster: Cluster, database: str, arguments: list[str]) -> str:
    program = shutil.which("pgbench", path=str(cluster.programs))
    assert program
    done = subprocess.run([program, *arguments, cluster.url(SUPERUSER, database)], capture_output=True, text=True, check=True)
    return done.stdout


def tps(cluster: Cluster, database: str, *, clients: int, seconds: int, script: Path | None = None) -> float:
    """Transactions a second of a script (or TPC-B-like without one), prepared statements."""
    chosen = ["-f", str(script)] if script else []
    output = pgbench(cluster, database, ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), *chosen])
    match = re.search(r"tps = ([0-9.]+)", output)
    assert match, output
    return float(match[1])


def keep(name: str, text: str) -> None:
    """Print a result, and write it down with day and commit."""
    print("\n" + text)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=HOME, check=False).stdout.strip()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}-{datetime.now(UTC):%Y-%m-%d}-{commit or 'none'}.txt").write_text(text + "\n")

"""
``./gise bench audit [lines]``: a trail of many lines is sealed and proven, an altered one is found (goal: ten million lines proven
in under five minutes).
"""

import time
from collections.abc import Callable
from datetime import timedelta

import psycopg

from app import clock, db
from app.audit_chain import head_of, seal_audit, verify
from app.config import Config
from bench.machine import keep, server
from launch.postgres import SUPERUSER, Cluster

LINES, AT_ONCE = 2_000_000, 100_000
GOAL_LINES, GOAL = 10_000_000, timedelta(minutes=5)
FILL = """
    INSERT INTO audit_line (at, by, address, event, about, facts)
    SELECT timestamptz '2026-11-23 09:00+03' + n * interval '10 ms', 'person:' || n %% 5000, '10.0.' || n %% 250 || '.' || n %% 199,
           'cancellation.asked', 'P261123-' || lpad(to_hex(n), 12, '0'),
           jsonb_build_object('cancellation', n::text, 'reason', 'Müşteri vazgeçti, yanlış abone', 'agent', (1000000000 + n %% 9000)::text)
    FROM generate_series(%s::bigint, %s::bigint) n
"""


def main(arguments: list[str]) -> None:
    lines = int(arguments[0]) if arguments else LINES
    with server() as cluster:
        db.connect(Config.from_environment({"GISE_ENV": "development", "GISE_DATABASE_URL": cluster.url("gise")}))
        filled = seconds(lambda: fill(cluster, lines))
        sealed = seconds(lambda: seal_audit(now=clock.now()))
        proven = seconds(lambda: must_be([]))
        with psycopg.connect(cluster.url(SUPERUSER)) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("ALTER TABLE audit_line DISABLE TRIGGER audit_line_is_for_ever")
            connection.execute("UPDATE audit_line SET about = about || ' ' WHERE id = %s", [lines // 2])
            connection.execute("ALTER TABLE audit_line ENABLE ALWAYS TRIGGER audit_line_is_for_ever")
        named = seconds(lambda: must_be([lines // 2]))
        with db.reading() as session:
            head = head_of(session)
    keep(
        "audit",
        f"{lines:,} lines written in {filled:.1f} s, sealed in {sealed:.1f} s ({head.seals} seals), proven in {proven:.1f} s,"
        f" one altered line named in {named:.1f} s\n"
        f"at this pace {GOAL_LINES:,} lines are proven in {proven * GOAL_LINES / lines:.0f} s (goal: under {GOAL.seconds} s)",
    )


def fill(cluster: Cluster, lines: int) -> None:
    with psycopg.connect(cluster.url(SUPERUSER), autocommit=True) as connection:
        for first in range(1, lines + 1, AT_ONCE):
            connection.execute(FILL, [first, min(first + AT_ONCE - 1, lines)])
        connection.execute("VACUUM ANALYZE audit_line")


def must_be(altered: list[int]) -> None:
    with db.snapshot() as session:
        told = list(verify(session))
    assert [sentence.split()[2] for sentence in told] == [str(number) for number in altered], told


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

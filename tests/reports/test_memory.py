"""Memory stays flat however many rows there are (B30)."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Database

HOME = Path(__file__).resolve().parents[2]
ROWS = 200_000
MORE_THAN_AT_REST = 8_000  # kB; 600 were measured

PAYMENTS = """
    INSERT INTO payment (reference, agent, person_id, key, body_hash, biller, subscriber, bill, version, amount, fee, share, tax, currency,
        state, facts, receipt_code, asked_at, answered_at, settled_at, settled_by, biller_reference, balance_after)
    SELECT 'P261101-' || lpad(n::text, 12, '0'), '1000001042', 1, 'key-' || n, '', 'millenicom', (5300000000 + n)::text, 'B' || n, 'v1',
        100 + n %% 100000, 500, 300, 10, 'TRY', 'paid', jsonb_build_object('number', 'M-' || n), 'R' || n,
        timestamptz '2026-11-01 00:00+03' + n * interval '0.1 s', now(), timestamptz '2026-11-01 00:00:01+03' + n * interval '0.1 s',
        'person:1', 'MB-' || n, 0
    FROM generate_series(1, %s) n
"""

EXPORT = """
import os, sys
from datetime import date
from app import clock, db
from app.config import Config
from app.markets import INSTITUTION
from app.reports.catalogue import PAYMENTS
from app.reports.filters import Filter
from app.reports.make_file import Order, make_file

class Nowhere:
    def write(self, piece):
        pass

def peak():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1])

def export(first, last, format):
    wanted = Filter(first_day=first, last_day=last, zone=INSTITUTION.zone)
    order = Order(id="X", report=PAYMENTS, wanted=wanted, format=format, language="tr", by="test")
    with db.snapshot() as session:
        return make_file(session, order, Nowhere(), key=b"k", now=clock.now()).rows

db.connect(Config.from_environment({"GISE_ENV": "development", "GISE_DATABASE_URL": os.environ["URL"]}))
for format in ("xlsx", "csv"):
    export(date(2020, 1, 1), date(2020, 1, 1), format)
at_rest = peak()
print(*(export(date(2026, 1, 1), date(2026, 12, 31), format) for format in ("xlsx", "csv")), peak() - at_rest)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much memory a process had at most")
def test_two_hundred_thousand_rows_take_a_few_megabytes(database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        connection.execute(PAYMENTS, [ROWS])

    done = subprocess.run(
        [sys.executable, "-c", EXPORT], env=os.environ | {"URL": database.url}, cwd=HOME, stdout=subprocess.PIPE, check=True
    )

    *rows, kilobytes = map(int, done.stdout.split())
    assert rows == [ROWS, ROWS]
    assert kilobytes < MORE_THAN_AT_REST

"""``python -m bench.read_file PATH``: one bank file read by a program that does nothing else; what it took as JSON."""

import json
import re
import sys
import time
from pathlib import Path

from app.bank.statement.read import read_statements


def read(path: str) -> None:
    began, computed = time.perf_counter(), time.process_time()
    statements = read_statements(Path(path).read_bytes())
    assert all(statement.trouble is None for statement in statements), statements[0].trouble
    print(
        json.dumps(
            {
                "bookings": sum(len(statement.bookings) for statement in statements),
                "seconds": time.perf_counter() - began,
                "computing": time.process_time() - computed,
                "megabytes": peak(),
            }
        )
    )


def peak() -> float:
    """Of this program alone: what ``getrusage`` tells counts the one that started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"^VmHWM:\s*([0-9]+) kB$", status, re.MULTILINE)[0]) / 1024


if __name__ == "__main__":
    read(sys.argv[1])

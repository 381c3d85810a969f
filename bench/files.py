"""
``./gise bench files``: how long and how much memory a 50 MB bank file takes to be read, each in a process of its own
(trust.md: under 30 s and 300 MB).
"""

import json
import subprocess
import sys
from pathlib import Path

from bench.machine import FOLDER, keep
from bench.statements import WRITERS, of_size
from launch.installation import HOME

MEGABYTES, SECONDS, MEMORY = 50, 30, 300
PHONES = [f"0532{number:07d}" for number in range(1_000_000, 1_000_200)]


def main(_arguments: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [f"reading {MEGABYTES} MB (goal: under {SECONDS} s and {MEMORY} MB at the peak, the process itself included)"]
    for format in WRITERS:
        path = FOLDER / f"large.{format}"
        path.write_bytes(of_size(format, MEGABYTES, PHONES))
        lines.append(measured(format, path))
        path.unlink()
    keep("files", "\n".join(lines))


def measured(format: str, path: Path) -> str:
    command = [sys.executable, "-m", "bench.read_file", str(path)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, cwd=HOME, check=True).stdout)
    took = f"{found['seconds']:5.1f} s ({found['computing']:5.1f} s of one processor)"
    return f"{format:8} {found['bookings']:9,} bookings   {took}   {found['megabytes']:5.0f} MB"

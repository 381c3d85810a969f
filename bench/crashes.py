"""
``./gise bench crashes [kills [seed]]``: the long storm. 30 % of the sandbox's answers get lost, web workers, the web
server, the worker and PostgreSQL are killed at random points; afterwards the book, the payments and what the billers
really booked must agree.
"""

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.machine import keep
from tests.journeys.running import running_gise
from tests.journeys.storm import Storm, disagreements

KILLS, PAUSE, LOST = 60, 2.0, 0.3


def main(arguments: list[str]) -> None:
    kills = int(arguments[0]) if arguments else KILLS
    seed = int(arguments[1]) if len(arguments) > 1 else int(time.time())
    with tempfile.TemporaryDirectory(prefix="gise-storm-") as folder, running_gise(Path(folder) / "var") as gise:
        storm = Storm(gise, kills=kills, pause=PAUSE, lost=LOST, seed=seed)
        storm.blow()
        wrong = disagreements(gise)
    lines = [
        f"kills             {describe(storm.killed)}   (seed {seed}, one every {PAUSE:.0f} s)",
        f"answers lost      {LOST:.0%} of pay, status and reverse",
        f"payment requests  {describe(storm.answered)}   (status: times; none is no answer)",
        f"disagreements     {'; '.join(wrong) or 'none'}",
    ]
    keep("crashes", "\n".join(lines))
    if wrong:
        sys.exit(1)


def describe(counted: Mapping[Any, int]) -> str:
    return ", ".join(f"{name}: {times}" for name, times in sorted(counted.items()))

"""
``./gise bench transfers [transfers [seconds [seed]]]``: the whole of Gişe as ``./gise run`` starts it; transfers made at the
sandbox's bank at a steady pace while the shops pay bills. All that name an agent have to be on its balance within a
minute of the bank's booking; what is late, missing or with the wrong agent ends it with 1.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.machine import keep
from tests.journeys.running import running_gise
from tests.journeys.transfers import WITHIN, Outcome, Rush, percentile

COUNT, SECONDS, BEFORE, PAY_EVERY = 1000, 120.0, 30.0, 1.0
SHOWN = 20


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else COUNT
    seconds = float(arguments[1]) if len(arguments) > 1 else SECONDS
    seed = int(arguments[2]) if len(arguments) > 2 else int(time.time())
    with tempfile.TemporaryDirectory(prefix="gise-transfers-") as folder, running_gise(Path(folder) / "var") as gise:
        rush = Rush(gise, count=count, seconds=seconds, before=BEFORE, pay_every=PAY_EVERY, seed=seed)
        outcome = rush.run()
        book = gise.flask("book", "check")
    wrong = [*outcome.wrong, *([f"the book: {book.stderr.strip()}"] if book.returncode else [])]
    keep("transfers", "\n".join(report(rush, outcome, wrong)))
    if wrong:
        sys.exit(1)


def report(rush: Rush, outcome: Outcome, wrong: Sequence[str]) -> list[str]:
    rules = Counter(each.rule for each in rush.sent.values())
    late = sum(wait > WITHIN.total_seconds() for wait in outcome.waits)
    return [
        f"transfers          {len(rush.sent):,} in {rush.seconds:.0f} s over four markets   (seed {rush.seed})",
        f"                   {', '.join(f'{rule}: {times}' for rule, times in sorted(rules.items(), key=lambda each: int(each[0][1:])))}",
        f"credited           {len(outcome.waits):,} of {outcome.expected:,} that name an agent; {late} later than {WITHIN.seconds} s",
        f"wrong or missing   {len(wrong)}{''.join(f'{chr(10)}                   {each}' for each in wrong[:SHOWN])}",
        f"booked → credited  {spread(outcome.waits, (50, 95, 99))} s",
        f"payments before    {spread(rush.waits['before'], (50, 95))} ms   ({len(rush.waits['before'])} payments)",
        f"payments meanwhile {spread(rush.waits['while'], (50, 95))} ms   ({len(rush.waits['while'])} payments)",
        f"payments refused   {', '.join(f'{name}: {times}' for name, times in rush.refused.items()) or 'none'}",
    ]


def spread(values: Sequence[float], percents: Sequence[int]) -> str:
    if not values:
        return "none"
    return "   ".join([*(f"p{percent} {percentile(values, percent):.1f}" for percent in percents), f"max {max(values):.1f}"])

"""
``./gise bench fuzz [--seconds N] [--reader NAME]``: every reader of bank files against hostile ones, guided by coverage,
each in a process of its own. What breaks a reader is kept below ``var/bench/fuzz``.
"""

import argparse
import importlib.util
import re
import subprocess
import sys

from bench.machine import FOLDER, keep
from launch.installation import HOME

READERS = ("mt940", "camt", "csv", "archive", "workbook", "event", "any")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gise bench fuzz")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--reader", choices=READERS)
    chosen = parser.parse_args(arguments)
    if importlib.util.find_spec("atheris") is None:
        sys.exit("gise: The fuzzer atheris is not installed here. It is part of requirements-dev.txt: ./gise test installs it.")
    readers = [chosen.reader] if chosen.reader else READERS
    results = [fuzz(reader, chosen.seconds) for reader in readers]
    keep("fuzz", "\n".join([f"{chosen.seconds} s for each reader", *(line for line, _ in results)]))
    if not all(well for _, well in results):
        sys.exit(1)


def fuzz(reader: str, seconds: int) -> tuple[str, bool]:
    corpus = FOLDER / "fuzz" / reader
    corpus.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bench.fuzz_statements", reader, "--seconds", str(seconds), str(corpus)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HOME, errors="replace")
    stats = dict(re.findall(r"stat::(\w+):\s*(\d+)", done.stdout + done.stderr))
    files, peak = (int(stats.get(name, 0)) for name in ("number_of_executed_units", "peak_rss_mb"))
    line = f"{reader:9} {files:10,} files   peak {peak} MB   " + (
        "nothing found" if done.returncode == 0 else f"BROKEN with {done.returncode}, see var/bench/fuzz"
    )
    (corpus.parent / f"{reader}.log").write_text(done.stdout + done.stderr)
    print(line, flush=True)
    return line, done.returncode == 0


if __name__ == "__main__":
    main(sys.argv[1:])

"""``flask job`` and ``flask worker``: the timetable, one job now or all of it."""

import signal
import sys
from dataclasses import replace

import click

from app import jobs
from app.cli.door import config
from app.jobs import Worker
from app.timetable import timetable


@click.command("job")
@click.argument("name")
def job(name: str) -> None:
    """Run one job of the timetable now."""
    for entry in timetable(config()):
        if entry.name == name:
            jobs.run(replace(entry, verb=entry.by_hand or entry.verb))
            return
    click.echo(f"There is no job '{name}'. Jobs: {', '.join(entry.name for entry in timetable(config()))}", err=True)
    sys.exit(2)


@click.command("worker")
def worker() -> None:
    """Run the timetable until stopped."""
    settings = config()
    runner = Worker(timetable(settings), settings.database_url)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runner.stop())
    runner.work()

"""``flask doctor``: is everything well?"""

import sys

import click

from app.cli.door import config, says_why
from app.doctor import Finding, examine
from app.timetable import timetable


@click.command("doctor")
@says_why
def doctor() -> None:
    """One line for each thing that can be wrong; exit 1 when something needs a person."""
    settings, well = config(), True
    for finding in examine(settings, timetable(settings)):
        well &= finding.well
        click.echo(line_about(finding))
    if not well:
        sys.exit(1)


def line_about(finding: Finding) -> str:
    beginning = f"{'ok ' if finding.well else '!! '} {finding.name:<28} {finding.sentence}"
    return beginning if finding.well else f"{beginning} → {finding.next_step}"

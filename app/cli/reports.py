"""``flask report``: a report into a file, and whether a file is as we wrote it."""

import os
from functools import partial
from pathlib import Path

import click
from flask.cli import AppGroup

from app import clock, languages
from app.cli.door import config, says_why
from app.reports.catalogue import CATALOGUE, console
from app.reports.seal import seal_key
from app.reports.verify_file import verify_file
from app.reports.write_file import write_file

reports = AppGroup("report", help="Reports as files; each command but the last is a report.")


def in_a_folder(_context: click.Context, _option: click.Parameter, out: Path) -> Path:
    if not os.access(out.parent, os.W_OK):
        raise click.BadParameter(f"nothing can be written into the folder '{out.parent}'.")
    return out


@says_why
def write(report: str, first_day: str, last_day: str, agent: str, biller: str, state: str, language: str, out: Path) -> None:
    given = {"from": first_day, "to": last_day, "agent": agent, "biller": biller, "state": state}
    made = write_file(report, given, out, asker=console(language), key=seal_key(config()), now=clock.now())
    click.echo(f"{out}: {made.rows} rows, {made.facts['id']}, seal {made.seal}")


OPTIONS = (
    click.Option(["first_day", "--from"], required=True, help="The first day, such as 2026-10-01."),
    click.Option(["last_day", "--to"], required=True, help="The last day; it is in the file too."),
    click.Option(["--agent"], default="", help="Agent number."),
    click.Option(["--biller"], default="", help="The biller's code."),
    click.Option(["--state"], default="", help="Only what is in this state."),
    click.Option(["--language"], type=click.Choice(list(languages.NAMES)), default=languages.DEFAULT, help="Of titles and words."),
    click.Option(
        ["--out"], required=True, type=click.Path(dir_okay=False, path_type=Path), callback=in_a_folder, help="Ends in .xlsx or .csv."
    ),
)
for report in CATALOGUE.values():
    reports.add_command(click.Command(report.name, callback=partial(write, report.name), params=list(OPTIONS), help=f"{report.title}."))


@reports.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@says_why
def verify(file: Path) -> None:
    """Prove that a file is as we wrote it; names what was changed, exit 1."""
    facts = verify_file(file, key=seal_key(config()))
    click.echo(f"{file}: as we wrote it. {', '.join(f'{name} {text}' for name, text in facts.items())}")

"""``flask bank``: statement files by hand."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app import clock, db
from app.bank.import_file import import_file
from app.bank.keep_file import BankFile
from app.bank.replay import replay_files
from app.bank.statement.read import read_statements
from app.bank.statement.statement import Unreadable
from app.bank.statement_queries import StatementReport, reports_on
from app.cli.door import BY, says_why

bank = AppGroup("bank", help="Bank statements.")


@bank.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@says_why
def bank_import(files: tuple[Path, ...]) -> None:
    """Import bank files; each statement is one line of the answer. If one file cannot be read, none is imported."""
    for file in [readable(path) for path in files]:
        imported = import_file(file, now=clock.now())
        with db.reading() as session:
            reports = reports_on(session, imported)
        for report in reports:
            click.echo(line_about(report))


def readable(path: Path) -> BankFile:
    raw = path.read_bytes()
    try:
        read_statements(raw)
    except Unreadable as error:
        click.echo(f"{path.name}: {error}", err=True)
        sys.exit(1)
    return BankFile(raw, path.name, "upload", BY)


def line_about(report: StatementReport) -> str:
    words = [
        f"{report.file}#{report.position} {report.format} {report.account} {report.state}:",
        f"{report.bookings} bookings, {report.new} new, {report.known} known,",
        f"{report.credited} credited, {report.suspense} in suspense.",
        str(report.why or ""),
    ]
    return " ".join(words).rstrip()


@bank.command("replay")
@says_why
def bank_replay() -> None:
    """Read every kept bank file again. Says what was not there before; the second time nothing is."""
    changed = 0
    for report in replay_files(now=clock.now()):
        changed += 1
        click.echo(line_about(report))
    click.echo(f"{changed} statements were not there before." if changed else "Nothing changed.")

"""``flask bank``: statement files by hand."""

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from app import clock, db
from app.bank.bring_files import bring_files, our_account
from app.bank.keep_file import BankFile
from app.bank.replay import replay_files
from app.bank.statement.archive import is_archive, members_of
from app.bank.statement.read import read_statements
from app.bank.statement.statement import Unreadable
from app.bank.statement_queries import StatementReport, reports_on
from app.cli.door import BY, says_why

bank = AppGroup("bank", help="Bank statements.")


@bank.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--account", default="", help="Our account that they are about, for files that do not say it.")
@says_why
def bank_import(files: tuple[Path, ...], account: str) -> None:
    """Import bank files; each statement is one line of the answer. If one file cannot be read, none is imported."""
    for file in [readable(path, our_account(account)) for path in files]:
        brought = bring_files(file, now=clock.now())
        with db.reading() as session:
            reports = reports_on(session, brought.imported)
        for report in reports:
            click.echo(line_about(report))
        for name, why in brought.unreadable:
            click.echo(f"{file.name}/{name}: {why}", err=True)


def readable(path: Path, account: str) -> BankFile:
    """Of several packed together, one is enough: the others are named."""
    raw = path.read_bytes()
    try:
        if not is_archive(raw):
            read_statements(raw, account=account)
        else:
            any_readable(raw, path.name, account)
    except Unreadable as error:
        click.echo(f"{path.name}: {error}", err=True)
        sys.exit(1)
    return BankFile(raw, path.name, "upload", BY, account)


def any_readable(raw: bytes, name: str, account: str) -> None:
    """:raises Unreadable: if there is no statement in any of its files"""
    last: Unreadable | None = None
    for member in members_of(raw, name):
        try:
            if member.why:
                raise Unreadable(why=member.why)
            read_statements(member.raw, account=account)
        except Unreadable as error:
            last = error
        else:
            return
    if last:
        raise last


def line_about(report: StatementReport) -> str:
    words = [
        f"{report.file}#{report.position} {report.format} {report.account} {report.state}:",
        f"{report.bookings} bookings, {report.new} new, {report.known} known,",
        f"{report.credited} credited, {report.suspense} in suspense.",
        str(report.reason or ""),
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

"""``flask bank``: statement files by hand."""

import sys
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app import clock, db
from app.bank.desk_limit import desk_limits, set_desk_limit
from app.bank.incoming.bring_files import bring_files, our_account
from app.bank.incoming.keep_file import BankFile
from app.bank.incoming.push_secret import new_secret
from app.bank.incoming.statement_queries import StatementReport, reports_on
from app.bank.look_ahead import Ahead, look_ahead
from app.bank.replay import replay_files
from app.bank.replay_rules import replay_rules
from app.bank.statement.archive import is_archive, members_of
from app.bank.statement.read import read_statements
from app.bank.statement.statement import Unreadable
from app.cli.door import BY, says_why
from app.config import Config
from app.errors import Invalid
from app.markets import MARKETS
from app.money import Money, NotAnAmount, read_amount
from app.web.parts import part

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
        str(report.why or ""),
    ]
    return " ".join(words).rstrip()


@bank.command("replay")
@click.option("--look", is_flag=True, help="Only say what would come in and what would be judged differently; nothing is changed.")
@says_why
def bank_replay(look: bool) -> None:
    """
    Read every kept bank file again: what was not there before comes in. Then judge every past deposit by today's rules
    and only say what would differ. With --look the first part only says what it would do, too.
    """
    changed = 0
    if look:
        for ahead in look_ahead(now=clock.now()):
            changed += 1
            click.echo(line_ahead(ahead))
    else:
        for report in replay_files(now=clock.now()):
            changed += 1
            click.echo(line_about(report))
    differences = 0
    for difference in replay_rules(now=clock.now()):
        differences += 1
        click.echo(f"{difference.deposit}: then {difference.then}; now it would be {difference.now}. {difference.why}")
    if differences:
        click.echo(f"{differences} deposits would be judged differently today; none was changed.")
    if look:
        click.echo(f"{changed} statements would come in; nothing was changed." if changed else "Nothing would come in.")
    else:
        click.echo(f"{changed} statements were not there before." if changed else "Nothing changed.")


def line_ahead(ahead: Ahead) -> str:
    report = ahead.report
    becomes = ", ".join(f"{count} {what}" for what, count in sorted(ahead.becomes.items())) or "no deposit"
    words = [
        f"{report.file}#{report.position} {report.format} {report.account} would be {report.state}:",
        f"{report.bookings} bookings, {report.new} new, {report.known} known; {becomes}.",
        str(report.why or ""),
    ]
    return " ".join(words).rstrip()


@bank.command("secret")
@click.argument("iban")
@says_why
def bank_secret(iban: str) -> None:
    """Make the secret by which the bank signs what it pushes about this account. Printed once; the one before ends."""
    with db.transaction() as session:
        secret = new_secret(session, iban.replace(" ", "").upper(), config=part(Config), by=BY, now=clock.now())
    click.echo(secret)


@bank.command("limit")
@click.argument("market")
@click.argument("amount", required=False)
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="The first day; today if left out.")
@click.option("--uploads-count", is_flag=True, help="Credits that only uploaded files show count at once, whatever their sum.")
@says_why
def bank_limit(market: str, amount: str | None, valid_from: datetime | None, uploads_count: bool) -> None:
    """Say up to which sum one person alone decides about a deposit, or show it: flask bank limit TR 10000.00"""
    if amount is not None:
        with db.transaction() as session:
            limit = in_its_currency(market, amount)
            day = valid_from.date() if valid_from else None
            set_desk_limit(session, market=market, amount=limit, valid_from=day, uploads_wait=not uploads_count, by=BY, now=clock.now())
    with db.reading() as session:
        limits = desk_limits(session, now=clock.now())
    if market not in limits:
        raise Invalid(market="The market is one of TR, AZ, ES, HU.")
    click.echo(f"{market} {limits[market]}")


def in_its_currency(market: str, amount: str) -> Money:
    try:
        return read_amount(amount, MARKETS[market].currency if market in MARKETS else "TRY")
    except NotAnAmount as error:
        raise Invalid(amount="This is no amount; write it like 10000.00.") from error

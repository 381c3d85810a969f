"""Flask's commands for the operators of the servers. Exit 0 done, 1 refused (one line says why, nothing changed), 2 wrong usage."""

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from flask import Flask
from flask.cli import AppGroup

from app import clock, db, jobs, migrate
from app.agents.add_agent import add_agent
from app.agents.model import Agent
from app.agents.suspend_agent import suspend_agent
from app.config import BadSetting, Config
from app.demo import make_demo
from app.doctor import examine
from app.errors import Invalid, Refusal
from app.jobs import Worker
from app.ledger.self_check import self_check
from app.markets import MARKETS
from app.people.add_person import add_person
from app.people.permissions import ROLES
from app.timetable import timetable

P = ParamSpec("P")
BY = "operator:console"

database = AppGroup("db", help="The schema.")
agents = AppGroup("agent", help="Shops.")
persons = AppGroup("person", help="Logins.")
book = AppGroup("book", help="The ledger.")


def install(app: Flask) -> None:
    for command in (database, agents, persons, book, demo, doctor, job, worker):
        app.cli.add_command(command)


def says_why(command: Callable[P, None]) -> Callable[P, None]:
    """A refusal is one line and exit 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Refusal as refusal:
            details = (
                "; ".join(f"{field}: {sentence}" for field, sentence in refusal.errors.items())
                if isinstance(refusal, Invalid)
                else str(refusal)
            )
            click.echo(details, err=True)
            sys.exit(1)

    return wrapped


def config() -> Config:
    try:
        return Config.from_environment(os.environ)
    except BadSetting as error:
        click.echo(str(error), err=True)
        sys.exit(2)


@database.command("upgrade")
def upgrade() -> None:
    """Bring the schema to the newest migration, with the owner's role."""
    migrate.upgrade(config().owner_url)


@database.command("check")
def check() -> None:
    """Name the migrations that are missing; exit 1 if there are any."""
    missing = migrate.pending(config().owner_url)
    if missing:
        click.echo(f"missing: {', '.join(missing)}", err=True)
        sys.exit(1)


@agents.command("add")
@click.argument("number")
@click.argument("name")
@click.option("--market", type=click.Choice(list(MARKETS)), default="TR")
@says_why
def agent_add(number: str, name: str, market: str) -> None:
    """Take a shop on."""
    with db.transaction() as session:
        add_agent(session, number=number, market=market, name=name, by=BY, now=clock.now())


@agents.command("suspend")
@click.argument("number")
@click.option("--reason", required=True)
@says_why
def agent_suspend(number: str, reason: str) -> None:
    """Stop a shop from paying; its reports stay open to it."""
    with db.transaction() as session:
        suspend_agent(session, number, reason=reason, by=BY, now=clock.now())


@persons.command("add")
@click.argument("phone")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.option("--agent", default=None, help="Agent number, for cashiers and owners.")
@click.password_option()
@says_why
def person_add(phone: str, name: str, role: str, agent: str | None, password: str) -> None:
    """Give somebody a login."""
    with db.transaction() as session:
        shop = session.get(Agent, agent) if agent else None
        add_person(session, agent=shop, role=role, name=name, phone=phone, password=password, by=BY, now=clock.now())


@book.command("check")
def book_check() -> None:
    """Prove every balance, move and payment against the postings; names what is wrong, exit 1."""
    with db.snapshot() as session:
        wrong = self_check(session)
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        sys.exit(1)
    click.echo("The book is right.")


@click.command("demo")
@says_why
def demo() -> None:
    """Fill an empty database with the demo's shops, people and billers, through the sandbox."""
    settings = config()
    if settings.is_production:
        click.echo("The demo is for development only.", err=True)
        sys.exit(1)
    if not make_demo(settings, now=clock.now()):
        click.echo("This database has agents of its own and stays as it is.")


@click.command("doctor")
@says_why
def doctor() -> None:
    """Is everything well? Exit 1 when something needs a person."""
    settings, well = config(), True
    for finding in examine(settings, timetable(settings)):
        well &= finding.well
        click.echo(
            f"{'ok ' if finding.well else '!! '} {finding.name:<28} {finding.sentence}{'' if finding.well else ' → ' + finding.next_step}"
        )
    if not well:
        sys.exit(1)


@click.command("job")
@click.argument("name")
def job(name: str) -> None:
    """Run one job of the timetable now."""
    for entry in timetable(config()):
        if entry.name == name:
            jobs.run(entry)
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

"""``flask person``: logins."""

from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from app import clock, db
from app.agents.model import Agent
from app.cli.door import BY, says_why
from app.config import Config
from app.markets import MARKETS
from app.people.add_person import add_person
from app.people.codes import Keys
from app.people.cooling_time import cooling_hours, set_cooling_time
from app.people.enrol_second_factor import rewrap_second_factors
from app.people.issue_token import issue_token
from app.people.permissions import ROLES
from app.web.parts import part

persons = AppGroup("person", help="Logins.")


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


@persons.command("token")
@click.argument("phone")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it lasts.")
@says_why
def person_token(phone: str, days: int) -> None:
    """Print a bearer token of this person for a program; it is shown this once."""
    with db.transaction() as session:
        token, _row = issue_token(session, phone, lasts=timedelta(days=days), by=BY, now=clock.now())
    click.echo(token)


@persons.command("cooling-time")
@click.argument("market", type=click.Choice(list(MARKETS)))
@click.argument("hours", type=click.IntRange(1, 720), required=False)
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="The first day; today if left out.")
@says_why
def person_cooling_time(market: str, hours: int | None, valid_from: datetime | None) -> None:
    """Say how many hours a reset of a login waits in a market, or show it: flask person cooling-time TR 24"""
    if hours is not None:
        day = valid_from.date() if valid_from else None
        with db.transaction() as session:
            set_cooling_time(session, market=market, hours=hours, valid_from=day, by=BY, now=clock.now())
    with db.reading() as session:
        click.echo(f"{market} {cooling_hours(session, market, now=clock.now())}")


@persons.command("rewrap")
@says_why
def person_rewrap() -> None:
    """After a new key came first in GISE_SCAN_KEY: wrap the secrets of all second factors with it."""
    click.echo(rewrap_second_factors(Keys.of(part(Config))))

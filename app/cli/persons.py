"""``flask person``: logins."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from app import clock, db
from app.agents.model import Agent
from app.cli.door import BY, says_why
from app.people.add_person import add_person
from app.people.issue_token import issue_token
from app.people.permissions import ROLES

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

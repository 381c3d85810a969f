"""``flask person``: logins."""

import click
from flask.cli import AppGroup

from app import clock, db
from app.agents.model import Agent
from app.cli.door import BY, says_why
from app.people.add_person import add_person
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

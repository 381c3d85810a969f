"""``flask agent``: shops."""

import click
from flask.cli import AppGroup

from app import clock, db
from app.agents.add_agent import add_agent
from app.agents.suspend_agent import resume_agent, suspend_agent
from app.cli.door import BY, says_why
from app.markets import MARKETS

agents = AppGroup("agent", help="Shops.")


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


@agents.command("resume")
@click.argument("number")
@click.option("--reason", required=True)
@says_why
def agent_resume(number: str, reason: str) -> None:
    """Let a suspended shop pay again."""
    with db.transaction() as session:
        resume_agent(session, number, reason=reason, by=BY, now=clock.now())

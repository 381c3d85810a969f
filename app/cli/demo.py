"""``flask demo``: something to try."""

import sys

import click

from app import clock
from app.cli.door import config, says_why
from app.demo import make_demo


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

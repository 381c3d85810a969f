"""``flask db``: the schema."""

import sys

import click
from flask.cli import AppGroup

from app import migrate
from app.cli.door import config

database = AppGroup("db", help="The schema.")


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

"""``flask book``: the ledger."""

import sys

import click
from flask.cli import AppGroup

from app import db
from app.ledger.self_check import self_check

book = AppGroup("book", help="The ledger.")


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

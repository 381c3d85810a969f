"""``flask book``: the ledger."""

import sys

import click
from flask.cli import AppGroup

from app import db
from app.audit_chain import head_of, verify
from app.ledger.self_check import self_check

book = AppGroup("book", help="The ledger.")


@book.command("check")
def book_check() -> None:
    """Prove every balance, move and payment against the postings, and the audit trail by its seals; names what is wrong, exit 1."""
    with db.snapshot() as session:
        wrong = self_check(session)
        wrong += verify(session)
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        sys.exit(1)
    click.echo("The book is right.")


@book.command("audit-head")
def book_audit_head() -> None:
    """Where the audit trail's chain stands: seals, lines under them, the last seal's digest. To be kept elsewhere."""
    with db.reading() as session:
        head = head_of(session)
    click.echo(f"{head.seals} seals over {head.lines} lines, the last {head.digest or '-'}")

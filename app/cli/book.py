"""``flask book``: the ledger."""

import sys

import click
from flask.cli import AppGroup

from app import db
from app.audit_chain import Head, head_of, read_head, verify, wrong_head
from app.config import Config
from app.ledger.self_check import self_check
from app.web.parts import part

book = AppGroup("book", help="The ledger.")


@book.command("check")
@click.option("--audit-head", type=(int, str), metavar="SEALS DIGEST", help="As an earlier audit-head, or the worker's log, told them.")
def book_check(audit_head: tuple[int, str] | None) -> None:
    """
    Prove every balance, move and payment against the postings, and the audit trail by its seals; names what is wrong, exit 1.

    Whether seals were cut off the end of the trail is told by the file GISE_AUDIT_HEAD, or by --audit-head.
    """
    heads = [read_head(part(Config).audit_head), Head(audit_head[0], 0, audit_head[1]) if audit_head else None]
    with db.snapshot() as session:
        wrong = self_check(session)
        wrong += verify(session, known=heads[0])
        wrong += wrong_head(session, heads[1])
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

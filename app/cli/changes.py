"""Commands about changes of shops and persons."""

from datetime import datetime

import click
from flask.cli import AppGroup

from app import clock, db
from app.changes.catalogue import KINDS
from app.changes.limits import most_alone, set_limit
from app.cli.door import BY, says_why
from app.markets import MARKETS

changes = AppGroup("change", help="Changes of shops and persons.")


@changes.command("limit")
@click.argument("market", type=click.Choice(list(MARKETS)))
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("most", type=click.IntRange(0), required=False)
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="The first day; today if left out.")
@says_why
def change_limit(market: str, kind: str, most: int | None, valid_from: datetime | None) -> None:
    """
    Say up to which weight one person alone decides, or show it: flask change limit TR credit-limit 5000000

    The weight of a credit limit is the new one in minor units; of the shop's information and of a termination, how many delicate
    fields change.
    """
    if most is not None:
        day = valid_from.date() if valid_from else None
        with db.transaction() as session:
            set_limit(session, market=market, kind=kind, most=most, valid_from=day, by=BY, now=clock.now())
    with db.reading() as session:
        click.echo(f"{market} {kind} {most_alone(session, market=market, kind=kind, now=clock.now())}")

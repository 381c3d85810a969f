"""``flask scans``: the keys of sealed scans."""

import click
from flask.cli import AppGroup

from app.cli.door import config, says_why
from app.documents.rewrap_scans import rewrap_scans
from app.documents.seal import CannotOpen, key_id
from app.errors import Refusal

scans = AppGroup("scans", help="Sealed scans.")


class KeyMissing(Refusal):
    say = "{why}. Add that key to GISE_SCAN_KEY behind the new one and try again; nothing is lost."


@scans.command("rewrap")
@says_why
def scans_rewrap() -> None:
    """
    Wrap the key of every scan with the first key of GISE_SCAN_KEY, so that the old ones can be taken away.

    May be stopped and started again; scans stay readable meanwhile.
    """
    keys = config().scan_keys
    try:
        done = rewrap_scans(keys)
    except CannotOpen as error:
        raise KeyMissing(why=error) from error
    click.echo(f"{done} scans were wrapped anew; all are under key {key_id(keys[0])}.")

"""What every command does at its door: read the settings, and turn a refusal into one line."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from app.config import BadSetting, Config
from app.errors import Invalid, Refusal

P = ParamSpec("P")
BY = "operator:console"


def says_why(command: Callable[P, None]) -> Callable[P, None]:
    """A refusal is one line and exit 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except Refusal as refusal:
            details = (
                "; ".join(f"{field}: {sentence}" for field, sentence in refusal.errors.items())
                if isinstance(refusal, Invalid)
                else str(refusal)
            )
            click.echo(details, err=True)
            sys.exit(1)

    return wrapped


def config() -> Config:
    try:
        return Config.from_environment(os.environ)
    except BadSetting as error:
        click.echo(str(error), err=True)
        sys.exit(2)

"""What ``create_app`` makes once and doors use: the settings, the way to the billers."""

from typing import TypeVar

from flask import Flask, current_app

T = TypeVar("T")
PLACE = "gise"


def install(app: Flask, *parts: object) -> None:
    app.extensions[PLACE] = {type(part): part for part in parts}


def part(kind: type[T], *, app: Flask | None = None) -> T:
    """:param app: the one that answers now, unless told otherwise"""
    made: T = (app or current_app).extensions[PLACE][kind]
    return made

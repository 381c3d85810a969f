"""The configuration, for views."""

from flask import current_app

from app.config import Config


def settings() -> Config:
    made: Config = current_app.extensions["gise"]
    return made

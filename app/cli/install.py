"""Hangs the commands into the application."""

from flask import Flask

from app.cli.agents import agents
from app.cli.bank import bank
from app.cli.book import book
from app.cli.changes import changes
from app.cli.database import database
from app.cli.demo import demo
from app.cli.doctor import doctor
from app.cli.jobs import job, worker
from app.cli.persons import persons
from app.cli.reports import reports
from app.cli.scans import scans

GROUPS = (database, agents, persons, changes, bank, book, reports, scans, demo, doctor, job, worker)


def install(app: Flask) -> None:
    for command in GROUPS:
        app.cli.add_command(command)

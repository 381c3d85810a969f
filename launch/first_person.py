"""The first login of an empty installation, asked for on the terminal."""

import getpass
import os
import subprocess
import sys

import psycopg

from launch.installation import HOME


def ask_for_first_person(settings: dict[str, str]) -> None:
    """
    An approver of the institution; nothing is asked when there is a person already.

    :raises RuntimeError: if nobody is there to answer, or the answers are refused
    """
    with psycopg.connect(settings["GISE_OWNER_DATABASE_URL"]) as connection:
        if connection.execute("SELECT 1 FROM person LIMIT 1").fetchone():
            return
    if not sys.stdin.isatty():
        raise RuntimeError("there is no login yet; make the first one with: ./gise flask person add PHONE NAME --role approver")
    print("There is no login yet. This one will be an approver; add others with: ./gise flask person add")
    phone, name = input("Mobile phone: "), input("Name: ")
    password = getpass.getpass("Password (at least 10 characters): ")
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "person", "add", phone, name, "--role", "approver"]
    done = subprocess.run(command, env=os.environ | settings, cwd=HOME, input=f"{password}\n{password}\n", capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())

"""
One process of an installation, as its keeper starts it: settings into the environment, its own pid into
``<data>/run/<name>.pid``, then it becomes the program itself.

    python -m launch.hold <data> postgres|sandbox|worker|web
"""

import os
import pwd
import signal
import sys
from pathlib import Path

from launch.installation import HOME, Installation
from launch.mortal import die_with_parent
from launch.postgres import Cluster

THREADS = 64  # of each web process: a biller that hangs may keep some of them waiting


def main(data: str, name: str) -> None:
    installation = Installation.at(Path(data))
    settings = installation.read_settings()
    os.chdir(HOME)
    os.environ.update(settings)
    # A kept number is the living process: this one, for exec keeps it.
    pid_file = installation.pid_file(name)
    draft = pid_file.with_suffix(".new")
    draft.write_text(str(os.getpid()))
    draft.rename(pid_file)
    if name == "postgres":
        become_postgres(Cluster.below(installation.data))
    command = commands(settings)[name]
    die_with_parent(signal.SIGTERM)
    os.execv(command[0], command)


def commands(settings: dict[str, str]) -> dict[str, list[str]]:
    python = sys.executable
    web = [python, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", settings["GISE_PORT"], "--no-ws", "--http", "1"]
    web += [
        "--workers",
        settings["GISE_WEB_PROCESSES"],
        "--blocking-threads",
        str(THREADS),
        "--respawn-failed-workers",
        "launch.served:app",
    ]
    sandbox = [python, "-m", "sandbox", "--port", settings["GISE_SANDBOX_PORT"], "--smtp-port", settings["GISE_SMTP_PORT"]]
    sandbox += ["--imap-port", settings["GISE_IMAP_PORT"], "--store", settings["GISE_SANDBOX_STORE"]]
    return {"web": web, "worker": [python, "-m", "flask", "--app", "wsgi", "worker"], "sandbox": sandbox}


def become_postgres(cluster: Cluster) -> None:
    cluster.before_start()
    if cluster.account:
        account = pwd.getpwnam(cluster.account)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    os.chdir(cluster.home)
    command = cluster.command()
    die_with_parent(signal.SIGINT)
    os.execve(command[0], command, {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

"""``./gise doctor``: the processes of this installation, then what the product knows about itself (``flask doctor``)."""

import os
import subprocess
import sys
from pathlib import Path

from launch.installation import HOME, Installation
from launch.keeper import ORDER


def main(arguments: list[str]) -> int:
    data = Path(arguments[1]) if arguments[:1] == ["--data"] and len(arguments) > 1 else HOME / "var"
    installation = Installation(data.resolve())
    dead = [] if "GISE_DATABASE_URL" in os.environ else look_at_processes(installation)
    command = [sys.executable, "-m", "launch.flask", "--data", str(installation.data), "doctor"]
    return subprocess.call(command, cwd=HOME) or (1 if dead else 0)


def look_at_processes(installation: Installation) -> list[str]:
    """:returns: the names of those that should live and do not"""
    dead = []
    for name in ORDER:
        file = installation.pid_file(name)
        if not file.exists():
            continue
        lives = is_alive(int(file.read_text()))
        dead += [] if lives else [name]
        print(f"{'ok ' if lives else '!! '} {name:<28} {'process ' + file.read_text() if lives else 'does not run → ./gise run'}")
    return dead


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

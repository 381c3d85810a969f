"""``./gise flask …``: any Flask command, in the environment of the installation that runs here."""

import os
import sys
from pathlib import Path

from launch.installation import HOME, Installation


def main(arguments: list[str]) -> int:
    data = HOME / "var"
    if arguments[:1] == ["--data"] and len(arguments) > 1:
        data, arguments = Path(arguments[1]), arguments[2:]
    if "GISE_DATABASE_URL" not in os.environ:
        settings = Installation(data.resolve()).read_settings()
        if not settings:
            print("gise: No database is known here. Start one with ./gise run, or set GISE_DATABASE_URL.", file=sys.stderr)
            return 2
        os.environ.update(settings)
    os.chdir(HOME)
    return os.execv(sys.executable, [sys.executable, "-m", "flask", "--app", "wsgi", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

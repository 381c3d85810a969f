"""``./gise test``: every test, on a throw-away database. What a test needs of the machine is named, and on Debian as root installed."""

import os
import shutil
import subprocess
import sys

from launch.installation import HOME

# program -> (Debian package, what cannot be proven without it)
NEEDED = {
    "chromium": ("chromium", "the journeys in a real browser"),
    "soffice": ("libreoffice-calc-nogui", "that workbooks open in LibreOffice"),
    "pdftoppm": ("poppler-utils", "that papers can be drawn"),
}


def main(arguments: list[str]) -> int:
    missing = {program: facts for program, facts in NEEDED.items() if not shutil.which(program)}
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install([package for package, _ in missing.values()])
        missing = {program: facts for program, facts in missing.items() if not shutil.which(program)}
    for program, (package, loss) in missing.items():
        print(f"gise: {program} is not installed, so {loss} will be skipped. Install it: apt-get install {package}", file=sys.stderr)
    os.chdir(HOME)
    alone = any(argument.startswith(("-n", "-x", "--pdb")) for argument in arguments)
    parallel = [] if alone else ["-n", str(min(4, os.cpu_count() or 2)), "--dist", "loadgroup"]
    return subprocess.call([sys.executable, "-m", "pytest", *parallel, *arguments])


def install(packages: list[str]) -> None:
    print(f"gise: installing {', '.join(packages)} …", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

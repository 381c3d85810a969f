"""``./gise check``: style, types, floors, templates and house rules. Says every step that fails, not only the first."""

import subprocess
import sys
from pathlib import Path

from launch.installation import HOME

PROGRAMS = Path(sys.executable).parent
STEPS: dict[str, list[str | Path]] = {
    "style": [PROGRAMS / "ruff", "check", "."],
    "format": [PROGRAMS / "ruff", "format", "--check", "--quiet", "."],
    "types": [PROGRAMS / "mypy"],
    "floors": [PROGRAMS / "lint-imports", "--no-logo"],
    "templates": [PROGRAMS / "djlint", "app", "--lint", "--quiet"],
    "house rules": [sys.executable, "-m", "pytest", "-q", "tests/test_house_rules.py"],
}


def main() -> int:
    failed = []
    for name, command in STEPS.items():
        print(f"── {name}", flush=True)
        if subprocess.call(command, cwd=HOME):
            failed.append(name)
    if failed:
        print(f"gise: these checks failed: {', '.join(failed)}. The lines above say where.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""
Refresh what the pages borrow: htmx, Tabler's style sheet and some of Tabler's icons.

    .venv/bin/python -m launch.assets

Needs npm and its registry; a checkout never does, because the files are committed and their
hashes stand in ``app/static/vendor/lock.json`` (held by ``tests/test_house_rules.py``).
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "app" / "static"
VENDOR = STATIC / "vendor"
PACKAGES = {"htmx.org": "2.0.11", "@tabler/core": "1.6.1", "@tabler/icons": "3.51.0"}
FILES = {
    "htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "tabler.min.css": ("@tabler/core", "dist/css/tabler.min.css"),
    "htmx.LICENSE": ("htmx.org", "LICENSE"),
    "tabler.LICENSE": ("@tabler/icons", "LICENSE"),
}
ICONS = (
    "alert-triangle",
    "arrow-back-up",
    "building-bank",
    "building-store",
    "cash",
    "checks",
    "chevron-right",
    "circle-check",
    "circle-x",
    "clock",
    "coin",
    "copy",
    "credit-card-refund",
    "download",
    "eye",
    "file-spreadsheet",
    "help",
    "history",
    "home",
    "id",
    "keyboard",
    "language",
    "list-check",
    "logout",
    "printer",
    "receipt",
    "refresh",
    "report-money",
    "search",
    "shield-check",
    "upload",
    "user",
    "users",
    "wallet",
    "x",
)


def main() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    lock: dict[str, dict[str, str]] = {}
    for name, (package, path) in FILES.items():
        keep(name, read(package, path), package, lock)
    keep("icons.svg", sprite(), "@tabler/icons", lock)
    (VENDOR / "lock.json").write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n")


def keep(name: str, content: bytes, package: str, lock: dict[str, dict[str, str]]) -> None:
    # A style sheet's map would be asked for and is not there.
    content = re.sub(rb"\n?/\*# sourceMappingURL=.*?\*/\s*$", b"\n", content)
    (VENDOR / name).write_bytes(content)
    lock[name] = {"package": package, "version": PACKAGES[package], "sha256": hashlib.sha256(content).hexdigest()}


def sprite() -> bytes:
    """One file of symbols: ``<use href="…/icons.svg#receipt">``."""
    symbols = []
    for icon in sorted(ICONS):
        drawing = read("@tabler/icons", f"icons/outline/{icon}.svg").decode()
        inner = re.sub(r"^.*?<svg[^>]*>|</svg>.*$", "", drawing, flags=re.DOTALL)
        inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
        symbols.append(f'<symbol id="{icon}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


_archives: dict[str, bytes] = {}


def read(package: str, path: str) -> bytes:
    if package not in _archives:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["npm", "pack", "--silent", f"{package}@{PACKAGES[package]}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            _archives[package] = next(Path(folder).glob("*.tgz")).read_bytes()
    with tarfile.open(fileobj=BytesIO(_archives[package])) as archive:
        member = archive.extractfile(f"package/{path}")
        assert member is not None
        return member.read()


if __name__ == "__main__":
    main()

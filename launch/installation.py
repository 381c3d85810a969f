"""
One installation on one machine: a data folder with its secrets, logs, pid files and settings.

Whoever wants to talk to a running one (``./gise flask``, ``./gise doctor``) reads its settings from here.
"""

import base64
import fcntl
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launch.postgres import LONGEST_SOCKET_FOLDER

HOME = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Installation:
    data: Path

    @classmethod
    def at(cls, data: Path) -> "Installation":
        installation = cls(data.resolve())
        for folder in ("run", "log", "secrets", "inbox"):
            (installation.data / folder).mkdir(parents=True, exist_ok=True)
        (installation.data / "secrets").chmod(0o700)
        return installation

    @property
    def settings_file(self) -> Path:
        return self.data / "run" / "environment"

    @property
    def supervisor_socket(self) -> Path:
        if len(str(self.data)) < LONGEST_SOCKET_FOLDER:
            return self.data / "run" / "supervisor.sock"
        name = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"gise-{os.geteuid()}-{name}.sock"

    def lock(self) -> IO[str] | None:
        """Held for as long as the file stays open; ``None`` when another ``run`` has it."""
        file = (self.data / "run" / "lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def secret(self, name: str, *, make: str) -> str:
        """A secret of this installation, made once. ``make`` is ``hex`` or ``base64`` of 32 bytes."""
        file = self.data / "secrets" / name
        if not file.exists():
            value = secrets.token_hex(32) if make == "hex" else base64.b64encode(secrets.token_bytes(32)).decode()
            write_private(file, value)
        return file.read_text()

    def write_settings(self, settings: dict[str, str]) -> None:
        write_private(self.settings_file, "".join(f"{name}={value}\n" for name, value in sorted(settings.items())))

    def read_settings(self) -> dict[str, str]:
        """Empty when nothing runs here and nothing ever ran."""
        if not self.settings_file.exists():
            return {}
        return dict(line.split("=", 1) for line in self.settings_file.read_text().splitlines() if "=" in line)

    def pid_file(self, name: str) -> Path:
        return self.data / "run" / f"{name}.pid"


def write_private(file: Path, text: str) -> None:
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.rename(file)

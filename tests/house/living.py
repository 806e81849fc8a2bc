"""A house under test: real processes on cloned databases and a virtual host of its own, to be asked, heard and hurt."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import time
import urllib.request
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from chassis.actor import Actor, sign
from chassis.calls import Calls, Context
from contracts.language import Rpc
from local import CHECKOUT, SERVICES
from local.forking import Forked, Nursery
from local.house import APART, TOGETHER, House, environment, process_name
from local.ports import LOOPBACK, free_port
from local.postgres import PostgreSQL
from local.processes import Process
from local.rabbitmq import RabbitMQ
from tests.house.hearing import Subscriber
from tests.house.keeper import Servers, nursery_of, prepare
from tests.house.web import Api

OWNER = {"email": "owner@rapport.example", "password": "correct horse battery", "name": "Olive Owner"}
SESSION_SECONDS = 300.0
"""A third of the time that a token is good for: to sign in anew for each test costs more than many of them."""
_numbers = itertools.count(1)
FIGURES_SECONDS = 1.5
"""The broker's figures are up to a second old, and some more where it is busy."""


class LivingHouse:
    """Some services as processes, each with a handle by name (`billing`, or `billing-rpc` where roles are apart).

    Handles are `local.processes.Process`: `kill()` is kill -9, `signal(SIGSTOP)`, `stop()` is SIGTERM and waiting.
    Nothing is started again by itself: `start_again(name)` does. `broker` and `database_server` are private servers
    (`a_broker` of tests/faults, the fixture `a_database_server`) in place of the run's. Services are forked from the
    worker's nursery, or from a `nursery` of their own; with None each is started by itself, as in production, which
    takes seconds.
    `version` is the tree of another version of Rapport: its databases are made by it, and its processes run it.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        services: Iterable[str] = SERVICES,
        apart: bool = False,
        roles: Mapping[str, Iterable[str]] | None = None,
        gateway: bool = False,
        settings: Mapping[str, str] | None = None,
        broker: RabbitMQ | None = None,
        database_server: PostgreSQL | None = None,
        nursery: Nursery | Literal["shared"] | None = "shared",
        version: Path = CHECKOUT,
    ) -> None:
        self.servers = servers
        self.name = f"h{os.getpid()}_{next(_numbers)}"
        self.services = tuple(services)
        self.folder = Path(servers.folder) / self.name
        self.folder.mkdir()
        self.version = version
        self._own_nursery: Nursery | None = None
        given = roles or (APART if apart else TOGETHER)
        self.broker, self.database_server = broker, database_server
        self.env = environment(
            database_url=database_server.url if database_server else servers.database(self.name),
            amqp_uri=broker.uri if broker else servers.virtual_host(self.name),
            secret=servers.secret,
            storage=str(self.folder / "storage"),
            rate_limits="off",
            mail_from="Rapport <hello@rapport.example>",
        ) | dict(settings or {})
        if version != CHECKOUT:
            self.env["PYTHONPATH"] = str(version)
            nursery = self._own_nursery = Nursery(self.folder, self.env, version)
        port = free_port()
        self.env.setdefault("RAPPORT_PUBLIC_URL", f"http://{LOOPBACK}:{port}")
        self.house = House(
            self.folder,
            self.env,
            roles={service: given[service] for service in self.services},
            gateway_port=port if gateway else None,
            nursery=nursery_of(servers) if nursery == "shared" else nursery,
            checkout=version,
        )
        self._gateway_port = port
        self.secret = servers.secret
        self.calls = Calls(self.env["RAPPORT_AMQP_URI"])
        self._engines: dict[str, sa.Engine] = {}
        self._owners_token, self._signed_in_until = "", 0.0
        self.owner: dict[str, Any] = {"id": "00000000-0000-7000-8000-000000000001", "role": "owner", **OWNER}

    def open(self, seconds: float = 90) -> LivingHouse:
        """Clone the databases, make the virtual host, start the processes and wait until they work."""
        self.make_databases()
        if self.broker is None:
            make_virtual_host(self.servers, self.name)
        self.prepare("chassis.migrate", *self.services)
        self.house.start()
        self.house.wait(seconds)
        if "contacts" in self.services:
            self._let_the_owner_in()
        return self

    def make_databases(self) -> None:
        """Clone what the run's servers keep ready; what is not there afterwards, migrating makes."""
        if self.database_server is None and self.version == CHECKOUT:
            clone_databases(self.servers, self.name, self.services)

    def prepare(self, module: str, *arguments: str) -> None:
        """Bring the databases to the newest form and declare the queues."""
        if self.house.nursery is None:
            prepare(self.env, module, *arguments)
            return
        preparing = Forked("prepare", arguments, self.folder, env=self.env, nursery=self.house.nursery, module=module)
        if not preparing.start().gone(60) or preparing.exit_code:
            raise RuntimeError(f"{module} failed:\n{preparing.tail(50)}")

    def _let_the_owner_in(self) -> None:
        from contracts.contacts import team

        told = {name: OWNER[name] for name in ("email", "password", "name")}
        answer = self.ask(team.ensure_owner, actor=Actor("service:tests", "service", "tests"), **told)
        self.owner |= {"id": answer["team_member"]["id"]}

    def process(self, name: str) -> Process:
        """The handle of a process: a service's name is enough where it has one process."""
        return self.house.processes[self._full(name)]

    def _full(self, name: str) -> str:
        return name if name in self.house.processes or name == "gateway" else process_name(name, "all")

    def start_again(self, name: str, seconds: float = 30) -> Process:
        """Start a process that has left, and wait until it works."""
        process = self.house.start_one(self._full(name))
        self.house.wait(seconds, [self._full(name)])
        return process

    def upgrade(self) -> None:
        """Let this version's migrations run beside the processes of another; what is started from now on is this."""
        self.env["PYTHONPATH"] = self.house.env["PYTHONPATH"] = environment()["PYTHONPATH"]
        self.house.nursery, self.house.checkout = nursery_of(self.servers), CHECKOUT
        self.prepare("chassis.migrate", *self.services)

    def go_back(self) -> None:
        """Start the version of before from now on, on the databases as they are by now."""
        self.env["PYTHONPATH"] = self.house.env["PYTHONPATH"] = str(self.version)
        self.house.nursery, self.house.checkout = self._own_nursery, self.version

    def replace(self, name: str, seconds: float = 90, *, before: Callable[[], object] = lambda: None) -> Process:
        """Start a process beside the one of that name, and when it works (and `before` is done) let that one leave."""
        leaving = self.house.start_beside(name)
        self.house.wait(seconds, [name])
        self.house.front = None
        before()
        leaving.stop()
        return leaving

    def let_time_pass(self, service: str, *statements: str) -> None:
        """Do to what a service has kept what time would do to it, while it is away; then all its timers are due."""
        self.process(service).kill()
        with self.database(service).begin() as connection:
            for statement in (*statements, "DELETE FROM timers"):
                connection.exec_driver_sql(statement)
        self.start_again(service)

    def wait(self, seconds: float = 30, names: Iterable[str] | None = None) -> None:
        """Wait until all processes, or those, are ready."""
        self.house.wait(seconds, [self._full(name) for name in names] if names is not None else None)

    def log(self, name: str) -> list[dict[str, Any]]:
        """What a process wrote, line by line; what is not JSON stands under `text`."""
        lines = self.process(name).log.read_text(errors="replace").splitlines()
        return [_log_line(line) for line in lines]

    def token(self, actor: Actor | str | None = None) -> str | None:
        """A service token of the owner, of an actor, or of somebody with that role; NOBODY has none."""
        if isinstance(actor, Actor) and actor.id is None:
            return None
        if isinstance(actor, Actor):
            return sign(self.secret, id=str(actor.id), role=str(actor.role), name=actor.name, **_own_claims(actor))
        if isinstance(actor, str):
            return sign(self.secret, id="00000000-0000-7000-8000-000000000002", role=actor, name=actor.title())
        return sign(self.secret, id=self.owner["id"], role="owner", name=self.owner["name"])

    def ask(
        self,
        rpc: Rpc,
        *,
        actor: Actor | str | None = None,
        key: str | None = None,
        expected_version: int | None = None,
        deadline: float | None = None,
        **request: Any,
    ) -> Any:
        """Call an Rpc over the broker as the owner (or an actor, or a role); answer with what it gives, or raise."""
        context = Context(token=self.token(actor), key=key, expected_version=expected_version, deadline=deadline)
        return self.calls.ask(rpc, request, context)

    def subscriber(self, exchange: str, pattern: str = "#") -> Subscriber:
        """An outside subscriber, listening from now on; to be closed."""
        return Subscriber(self.env["RAPPORT_AMQP_URI"], exchange, pattern)

    def database(self, service: str) -> sa.Engine:
        """An engine on the service's database, for looking at what is really there."""
        if service not in self._engines:
            own = self.env.get(f"RAPPORT_{service.upper()}_DATABASE_URL")
            url = own or f"{self.env['RAPPORT_DATABASE_URL']}_{service}"
            self._engines[service] = sa.create_engine(url, pool_size=2, pool_pre_ping=True)
        return self._engines[service]

    def forget_connections(self) -> None:
        """Let go of our own connections to a database that was hurt."""
        for engine in self._engines.values():
            engine.dispose()

    def start_gateway(self, seconds: float = 30) -> None:
        """Start the gateway if it does not run yet."""
        if self.house.gateway_port is None:
            self.house.gateway_port = self._gateway_port
            self.house.start_one("gateway")
            self.house.wait(seconds, ["gateway"])

    def api(self) -> Api:
        """A client of the gateway, signed in as the owner; some minutes long the same session serves them all."""
        self.start_gateway()
        if time.monotonic() > self._signed_in_until:
            authorization = Api(self.house.url).sign_in(OWNER["email"], OWNER["password"]).session.headers
            self._owners_token = str(authorization["Authorization"]).removeprefix("Bearer ")
            self._signed_in_until = time.monotonic() + SESSION_SECONDS
        return Api(self.house.url, self._owners_token)

    def queues(self) -> dict[str, dict[str, Any]]:
        """What RabbitMQ tells of the virtual host's queues, by name; its figures are up to a second old."""
        where, host = (self.broker, "rapport") if self.broker else (self.servers, self.name)
        return {queue["name"]: queue for queue in manage(where, "GET", f"queues/{host}")}

    def redelivered(self) -> Counter[str]:
        """How often each queue has delivered something again, once the figures of it stand still."""
        figures, since = self._redeliveries(), time.monotonic()
        while time.monotonic() - since < FIGURES_SECONDS:
            time.sleep(0.25)
            if (news := self._redeliveries()) != figures:
                figures, since = news, time.monotonic()
        return figures

    def _redeliveries(self) -> Counter[str]:
        told = {name: queue.get("message_stats", {}).get("redeliver", 0) for name, queue in self.queues().items()}
        return +Counter(told)

    def close(self) -> None:
        """Take everything down at once, and forget the databases and the virtual host."""
        for process in self.house.processes.values():
            process.signal(signal.SIGKILL)
        for process in self.house.processes.values():
            process.gone(10)
        if self._own_nursery is not None:
            self._own_nursery.kill()
        self.calls.close()
        for engine in self._engines.values():
            engine.dispose()
        if self.database_server is None:
            drop_databases(self.servers, self.name, self.services)
        if self.broker is None:
            manage(self.servers, "DELETE", f"vhosts/{self.name}")
        if "RAPPORT_KEEP_LOGS" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)


def _own_claims(actor: Actor) -> dict[str, Any]:
    known = {"iss", "aud", "sub", "role", "name", "iat", "exp", "jti"}
    own = {name: value for name, value in actor.claims.items() if name not in known}
    return own | ({"scope": " ".join(actor.scopes)} if actor.scopes else {})


def _log_line(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {"text": line}
    return told if isinstance(told, dict) else {"text": line}


def clone_databases(servers: Servers, name: str, services: Iterable[str]) -> None:
    """Make `<name>_<service>` of the migrated templates."""
    with superuser(servers) as connection:
        for service in services:
            made_of = (
                f'TEMPLATE "template_{service}" STRATEGY FILE_COPY'  # cheaper than by its log, to make and to drop
            )
            connection.exec_driver_sql(f'CREATE DATABASE "{name}_{service}" {made_of}')


def drop_databases(servers: Servers, name: str, services: Iterable[str]) -> None:
    """Forget a house's databases, whoever is connected."""
    with superuser(servers) as connection:
        for service in services:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}_{service}" WITH (FORCE)')


def superuser(servers: Servers) -> Any:
    """A connection that may do everything, each statement on its own."""
    engine = sa.create_engine(servers.database("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    return engine.connect()


def make_virtual_host(servers: Servers, name: str) -> None:
    """Make a virtual host and let our user into it."""
    user = unquote(urlsplit(servers.management_url).username or "")
    manage(servers, "PUT", f"vhosts/{name}")
    manage(servers, "PUT", f"permissions/{name}/{user}", {"configure": ".*", "write": ".*", "read": ".*"})


def make_quorum_host(servers: Servers | RabbitMQ, name: str) -> None:
    """Make a virtual host as clusters have it, where a queue that names no type is a quorum queue."""
    quorum = {"name": name, "default_queue_type": "quorum", "metadata": {"default_queue_type": "quorum"}}
    manage(servers, "POST", "definitions", {"vhosts": [quorum]})


def manage(servers: Servers | RabbitMQ, method: str, path: str, body: Any = None) -> Any:
    """Ask RabbitMQ's management API."""
    parts = urlsplit(servers.management_url)
    login = b64encode(f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()).decode()
    request = urllib.request.Request(
        f"http://{parts.hostname}:{parts.port}{parts.path}/{path}",
        method=method,
        data=json.dumps(body if body is not None else {}).encode() if method != "GET" else None,
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else {}

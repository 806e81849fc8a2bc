"""The roles and users of docker-compose.yml at real servers, and a migration that was there before either."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import amqp
import psycopg2
import pytest

from chassis.broker import connect, discard
from chassis.relay import declare_exchange
from chassis.wire import RPC_EXCHANGE
from local import CHECKOUT, SERVICES
from local.images.composed import composed
from local.ports import LOOPBACK, free_port
from local.postgres import PostgreSQL, binaries
from local.rabbitmq import RabbitMQ
from tests.builders.images import TOLD

pytestmark = [pytest.mark.requirement("O01"), pytest.mark.timeout(400)]
SECONDS = 170


@dataclass
class Servers:
    postgresql: PostgreSQL
    rabbitmq: RabbitMQ
    told_while_waiting: list[str]
    ended_with: int | None = None

    def make_databases(self) -> None:
        """Run deploy/databases.sql as the compose file does."""
        environment = composed(TOLD)["services"]["databases"]["environment"]
        where = [f"--host={LOOPBACK}", f"--port={self.postgresql.port}", "--username=rapport", "--dbname=postgres"]
        file = f"--file={CHECKOUT / 'deploy' / 'databases.sql'}"
        told = {**environment, "PGPASSWORD": self.postgresql._password()}
        subprocess.run([binaries() / "psql", "--no-psqlrc", "--quiet", *where, file], env=told, check=True)

    def log_in(self, role: str, database: str) -> None:
        password = TOLD[f"{role.upper()}_PASSWORD"]
        where = {"host": LOOPBACK, "port": self.postgresql.port, "user": role, "password": password}
        psycopg2.connect(**where, dbname=database).close()

    def uri_of(self, user: str) -> str:
        return f"pyamqp://{user}:{TOLD[f'{user.upper()}_PASSWORD']}@{LOOPBACK}:{self.rabbitmq.port}/rapport"

    def migrate(self, service: str) -> subprocess.Popen[str]:
        password = TOLD[f"{service.upper()}_PASSWORD"]
        told = {
            "RAPPORT_SECRET": TOLD["RAPPORT_SECRET"],
            "RAPPORT_AMQP_URI": self.uri_of(service),
            "RAPPORT_DATABASE_URL": f"postgresql://{service}:{password}@{LOOPBACK}:{self.postgresql.port}/rapport",
        }
        command = [sys.executable, "-m", "chassis.migrate", service]
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **told}
        return subprocess.Popen(command, cwd=CHECKOUT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Billing's migration is begun while neither server is there; they come one after the other."""
    folder = tmp_path_factory.mktemp("servers")
    users = folder / "users.json"
    users.write_text(composed(TOLD)["configs"]["users"]["content"])
    made = Servers(PostgreSQL(folder), RabbitMQ(folder, settings=f"load_definitions = {users}"), [])
    made.postgresql.prepare()
    try:
        made.postgresql.start()
        made.postgresql.wait()
        made.make_databases()
        made.postgresql.stop()
        made.rabbitmq.port = free_port()
        begin_too_early(made)
        yield made
    finally:
        made.postgresql.kill()
        made.rabbitmq.kill()
        if made.rabbitmq.epmd:
            made.rabbitmq.epmd.stop()


def begin_too_early(servers: Servers) -> None:
    """Migrate, and start each server when the migration says that it waits for it."""
    migration = servers.migrate("billing")
    said: queue.Queue[str] = queue.Queue()
    assert migration.stderr is not None
    lines = migration.stderr
    threading.Thread(target=lambda: [said.put(line) for line in lines], daemon=True).start()
    try:
        for missing, server in (("database", servers.postgresql), ("broker", servers.rabbitmq)):
            while f"no {missing} yet" not in (line := said.get(timeout=SECONDS)):
                """A try that began before the one server came may tell of it when that is there already."""
            servers.told_while_waiting.append(line)
            server.start_again()
        servers.ended_with = migration.wait(SECONDS)
    finally:
        migration.kill()
        migration.wait()


def test_a_migration_waits_for_servers_that_come_late(servers):
    first, second = servers.told_while_waiting
    assert first.startswith("billing: no database yet (OperationalError")
    assert second.startswith("billing: no broker yet (")
    assert servers.ended_with == 0
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        servers.log_in("billing", "nowhere")
    servers.log_in("billing", "rapport_billing")


def test_making_the_databases_again_keeps_what_is_in_them(servers):
    servers.make_databases()
    password = TOLD["BILLING_PASSWORD"]
    where = {"host": LOOPBACK, "port": servers.postgresql.port, "user": "billing", "password": password}
    connection = psycopg2.connect(**where, dbname="rapport_billing")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'billing'")
        assert cursor.fetchone()[0] > 20
    connection.close()


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_reaches_its_own_database_alone(servers, service):
    servers.log_in(service, f"rapport_{service}")
    for other in [f"rapport_{name}" for name in SERVICES if name != service] + ["postgres", "template1"]:
        with pytest.raises(psycopg2.OperationalError, match=f'permission denied for database "{other}"'):
            servers.log_in(service, other)


REACHES = {
    "announce": lambda channel, _: channel.basic_publish_confirm(
        amqp.Message("{}"), "billing.events", "invoice.issued"
    ),
    "make its exchange": lambda channel, _: declare_exchange(channel, "billing"),
    "take its exchange away": lambda channel, _: channel.exchange_delete("billing.events", if_unused=True),
    "read what it parked": lambda channel, _: channel.basic_get("billing.parked"),
    "hear its calls": lambda channel, own: channel.queue_bind(own, RPC_EXCHANGE, "billing.*"),
}
OWN = {"contacts": "contacts.parked", "gateway": "gateway-notices-of-mine", "billing": "billing.parked"}


@pytest.mark.parametrize("user", ["contacts", "gateway"])
@pytest.mark.parametrize("reach", REACHES)
def test_what_is_billings_is_billings_alone(servers, user, reach):
    with ExitStack() as stack:
        reach_for(servers, "billing", reach, stack)
        with pytest.raises(amqp.AccessRefused):
            reach_for(servers, user, reach, stack)


def reach_for(servers: Servers, user: str, reach: str, stack: ExitStack) -> None:
    raw = connect(servers.uri_of(user))
    stack.callback(discard, raw)
    channel = raw.channel()
    channel.queue_declare(OWN[user], durable=True, auto_delete=False)
    REACHES[reach](channel, OWN[user])

"""Create and migrate the databases and declare every queue, before any service starts.

`python -m chassis.migrate [service …]`; without names, all services. Safe to run at once from several places, and
beside running services.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from amqp.exceptions import AccessRefused, NotAllowed
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from chassis import topology
from chassis.broker import BROKEN, connect, discard
from chassis.config import SERVICES, settings
from chassis.events import Hearing
from chassis.telemetry import described

LOCK = 7_110_002
LOCK_TIMEOUT = "4s"
PATIENCE_SECONDS = 60
SERVERS_SECONDS = 180
"""A broker that starts on a busy machine takes more than a minute."""
_REFUSAL = re.compile("authentication failed|no password supplied|does not exist|not permitted|no pg_hba.conf entry")
_one_at_a_time = threading.Lock()
"""alembic's `op` is one for the whole process: two migrations at once would write into each other's database."""


def create_database(url: str) -> None:
    """Create the database unless it is there; who may not must find it there, and needs to reach no other."""
    target = make_url(url)
    if _answers(target):
        return
    engine = sa.create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            there = connection.scalar(
                sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": target.database}
            )
            if not there:
                connection.exec_driver_sql(f'CREATE DATABASE "{target.database}"')
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) != "42P04":  # another migrator was faster
            raise
    finally:
        engine.dispose()


def _answers(url: sa.URL) -> bool:
    engine = sa.create_engine(url)
    try:
        engine.connect().close()
    except OperationalError:  # psycopg2 does not tell a database that is missing from a server that is
        return False
    finally:
        engine.dispose()
    return True


def migrate(service: str, url: str, versions: Path | None = None) -> list[str]:
    """Bring one database to the head; the numbers of the migrations that ran.

    A migration waits four seconds for a lock and is then tried again, so that it never holds up the old version.
    """
    script = script_of(service, versions)
    # A role that is told to give up after a minute may still take its time over an index.
    options = f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    engine = sa.create_engine(url, connect_args={"options": options})
    ends = time.monotonic() + PATIENCE_SECONDS
    try:
        while True:
            try:
                return _upgrade(engine, script)
            except DBAPIError as error:
                if getattr(error.orig, "pgcode", None) != "55P03" or time.monotonic() > ends:
                    raise
                time.sleep(1)
    finally:
        engine.dispose()


def script_of(service: str, versions: Path | None = None) -> ScriptDirectory:
    """The migrations of a service, as alembic knows them."""
    config = Config()
    folder = versions or Path(str(files(f"services.{service}"))) / "migrations" / "versions"
    config.set_main_option("script_location", str(folder.parent))
    config.set_main_option("version_locations", str(folder))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _upgrade(engine: sa.Engine, script: ScriptDirectory) -> list[str]:
    ran: list[str] = []
    with _one_at_a_time, engine.connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(LOCK)))
        connection.commit()
        try:
            context = EnvironmentContext(Config(), script)

            # What `alembic upgrade head` runs; its annotation knows one head, its code a tuple of them.
            def steps(current: tuple[str, ...], _: MigrationContext) -> list:
                planned = script._upgrade_revs("head", current)  # type: ignore[arg-type]
                ran.extend(step.revision.revision for step in planned)
                return planned

            context.configure(connection=connection, fn=steps, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(sa.select(sa.func.pg_advisory_unlock(LOCK)))
            connection.commit()
    return ran


def declare_queues(service: str, cls: type | None = None) -> None:
    """Declare all that a service listens to, so that no event is told before somebody can hear it."""
    cls = cls or service_class(service)
    raw = connect(settings().amqp_uri)
    try:
        channel = raw.channel()
        topology.declare_service(channel, service, settings().retry_delays)
        for name, door in listeners_of(cls).items():
            topology.declare_listener(channel, service, name, door.told)
    finally:
        discard(raw)


def service_class(service: str) -> type:
    """The sum of a service's rooms."""
    return getattr(importlib.import_module(f"services.{service}.service"), service.title())


def listeners_of(cls: type) -> dict[str, Hearing]:
    """The doors of a service that hear events, by name."""
    doors = inspect.getmembers(cls, inspect.isfunction)
    told = ((name, entrypoint) for name, door in doors for entrypoint in getattr(door, "nameko_entrypoints", ()))
    return {name: entrypoint for name, entrypoint in told if isinstance(entrypoint, Hearing)}


def prepare(service: str) -> str:
    """Do all of it for one service, and say what was done; servers that come late are waited for."""
    url = settings().database_url_of(service)
    patiently(lambda: create_database(url), f"{service}: no database yet")
    ran = migrate(service, url)
    patiently(lambda: declare_queues(service), f"{service}: no broker yet")
    return f"{service}: {', '.join(ran) if ran else 'up to date'}"


def patiently(do: Callable[[], None], waiting: str) -> None:
    """Do it again each second while a server cannot be reached, and say so; after three minutes it is raised.

    A server that is there and refuses who asks is not waited for.
    """
    ends = time.monotonic() + SERVERS_SECONDS
    while True:
        try:
            return do()
        except (OperationalError, *BROKEN) as error:
            if _refused(error) or time.monotonic() > ends:
                raise
            print(f"{waiting} ({described(error)})", file=sys.stderr)
            time.sleep(1)


def _refused(error: Exception) -> bool:
    """Whether the server was reached and does not know us; psycopg2 tells it by the words alone."""
    return isinstance(error, AccessRefused | NotAllowed) or (
        isinstance(error, OperationalError) and _REFUSAL.search(str(error.orig)) is not None
    )


def main(names: list[str]) -> int:
    """Prepare the services named, or all."""
    if unknown := set(names) - set(SERVICES):
        print(f"No such service: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = names or list(SERVICES)
    for service in chosen:
        importlib.import_module(f"services.{service}.service")
    with ThreadPoolExecutor(len(chosen)) as pool:
        for line in pool.map(prepare, chosen):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
